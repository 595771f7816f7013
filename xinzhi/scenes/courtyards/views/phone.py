"""The household's pages: its courtyards and what was seen in each; the office sees the same page of one courtyard."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.web.decorators import page
from xinzhi.scenes.courtyards.lifecycle import KEEP, SET_ASIDE, SET_ASIDE_REASONS, TOLD_STATES
from xinzhi.scenes.courtyards.queries import rounds as queries


def _own_household_id(request: HttpRequest) -> int:
    """The household somebody acts for: the one chosen, or his first. Raises NotFound when he has none."""
    actor = reader(request)
    if actor.proxy_for_household_id is not None:
        return int(actor.proxy_for_household_id)
    if not actor.household_ids:
        raise NotFound()
    chosen = request.session.get("household_id")
    return int(chosen) if chosen in actor.household_ids else int(actor.household_ids[0])


@require_GET
@page(permission=queries.VIEW)
def mine(request: HttpRequest) -> HttpResponse:
    """My courtyard, round by round; the newest with all that was seen."""
    actor = reader(request)
    yards = queries.yards_of_household(actor=actor, household_id=_own_household_id(request))
    told = next((y for y in yards if y.state in TOLD_STATES), None)
    context = {
        "yards": [queries.brief(y) for y in yards],
        "story": queries.yard_story(actor=actor, yard_id=told.pk) if told else None,
    }
    return render(request, "courtyards/mine.html", context)


@require_GET
@page(permission=queries.VIEW)
def yard(request: HttpRequest, yard_id: int) -> HttpResponse:
    """One courtyard in one round. Who looks from outside is on record."""
    actor = reader(request)
    story = queries.yard_story(actor=actor, yard_id=yard_id)
    household_id, path = story.yard.household_id, story.yard.village.scope_path
    own = household_id in actor.household_ids
    if not own:
        audit.record_view(
            actor=actor, page="courtyards.yard", household_id=household_id, at=clock.now(),
            fields=("marks", "photos", "name"), region_id=story.yard.village_id,
        )  # fmt: skip
    context = {
        "story": story, "yard": story.yard, "own": own,
        "head": residents.head_names([household_id], masked=False).get(household_id, ""),
        "base": "web/phone.html" if own else "web/workbench.html",
        "may_let_stand": story.yard.state == "rectifying" and not own and actor.may(KEEP, scope_path=path),
        "may_set_aside": story.yard.state == "graded" and not own and actor.may(SET_ASIDE, scope_path=path),
        "reasons": SET_ASIDE_REASONS,
    }  # fmt: skip
    return render(request, "courtyards/yard.html", context)
