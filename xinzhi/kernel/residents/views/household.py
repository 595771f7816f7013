"""A household for the office: its members, what happened to it, and what can be entered."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.residents import history, queries
from xinzhi.kernel.residents.services.households import EDIT
from xinzhi.kernel.residents.views.acts import ACTS
from xinzhi.kernel.web.decorators import page


@require_GET
@page(permission=queries.VIEW)
def household(request: HttpRequest, household_id: int) -> HttpResponse:
    """Members now and before, history, and the acts; a look from outside is logged and the household sees it."""
    actor = reader(request)
    row = queries.household(actor, household_id)
    context = {
        "household": row, "people": queries.people(actor, household_id), "happened": history.happened(actor, household_id),
        "former": history.former_members(actor, household_id),
        "may_edit": row.status == "active" and actor.may(EDIT, scope_path=regions.path_of(row.village_id)),
        "acts": ACTS,
    }  # fmt: skip
    if household_id not in actor.household_ids:
        audit.record_view(
            actor=actor, page="residents.household", household_id=household_id, region_id=row.village_id, at=clock.now(),
            fields=queries.PEOPLE_FIELDS,
        )  # fmt: skip
    return render(request, "residents/household.html", context)
