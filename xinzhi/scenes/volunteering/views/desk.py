"""The office: plan an activity, run it, show its code, note who was there, confirm hours, put them right."""

from __future__ import annotations

import re
from typing import Any

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import DomainError, NotFound
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.web.decorators import page
from xinzhi.kernel.web.forms import read_ids, read_int, read_request_key, said_at
from xinzhi.kernel.workflow import queries as workflow
from xinzhi.kernel.workflow.services.deciding import refusals_counted
from xinzhi.scenes.volunteering import counting
from xinzhi.scenes.volunteering.codes import ON_SCREEN, CodeExpired, code_of
from xinzhi.scenes.volunteering.lifecycle import ACTIVITY, CALL_OFF_REASONS, CONFIRM, RUN, VIEW
from xinzhi.scenes.volunteering.models import Hours
from xinzhi.scenes.volunteering.queries import activities as queries
from xinzhi.scenes.volunteering.services import activities, presence
from xinzhi.scenes.volunteering.services import hours as services
from xinzhi.scenes.volunteering.services.activities import said
from xinzhi.scenes.volunteering.views.reading import choose_village, read_moment

#: Roles are written one after the other, however people part them.
_BETWEEN = re.compile(r"[,，、;；\s]+")


@require_GET
@page(permission=VIEW)
def desk(request: HttpRequest) -> HttpResponse:
    """The activities of a village, and the form to plan one."""
    return _desk(request)


def _desk(request: HttpRequest, errors: dict[str, str] | None = None, status: int = 200) -> HttpResponse:
    actor = reader(request)
    village, villages = choose_village(request, VIEW)
    found = queries.activities(actor=actor, village_id=village.pk, cursor=request.GET.get("cursor"), limit=20)
    context = {
        "village": village, "villages": villages, "next_cursor": found.next_cursor,
        "rows": [(a, queries.state_label(a)) for a in found.items],
        "may_run": actor.may(RUN, scope_path=village.scope_path), "typed": request.POST, "errors": errors or {},
    }  # fmt: skip
    return render(request, "volunteering/desk.html", context, status=status)


@require_POST
@page(permission=RUN)
def plan(request: HttpRequest) -> HttpResponse:
    """Plan an activity."""
    village, _villages = choose_village(request, RUN)
    data = request.POST
    try:
        planned = activities.plan_activity(
            actor=reader(request), request_key=read_request_key(data), village_id=village.pk, title=data.get("title", ""),
            place=data.get("place", ""), starts_at=read_moment(data, "starts"), ends_at=read_moment(data, "ends"),
            places=read_int(data, "places") or 0, roles=_BETWEEN.split(data.get("roles", "")),
            insurance=data.get("insurance", ""), at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        errors = said_at(refusal, "title", "place", "starts", "ends", "places", "roles", "insurance")
        return _desk(request, errors, refusal.status)
    messages.success(
        request, _("“%(title)s” is planned. Open it when people may sign up.") % {"title": planned.title}
    )
    return redirect("volunteering:run", planned.pk)


@require_GET
@page(permission=VIEW)
def run(request: HttpRequest, activity_id: int) -> HttpResponse:
    """One activity: who comes, who is there, whose hours wait."""
    return _run(request, activity_id)


def _run(
    request: HttpRequest, activity_id: int, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    actor, at = reader(request), clock.now()
    found = queries.activity_for(actor=actor, activity_id=activity_id)
    path = found.village.scope_path
    if not actor.may(VIEW, scope_path=path):
        raise NotFound()
    people = queries.volunteers(found)
    audit.record_many(  # whoever has names before him looks at each household
        audit.Entry(
            actor=actor, action="audit.view", subject=f"household:{pk}", at=at, region_id=found.village_id, household_id=pk,
            fields=("name",), page="volunteering.people",
        )
        for pk in sorted({p.sign_up.household_id for p in people})
    )  # fmt: skip
    may_run = actor.may(RUN, scope_path=path)
    may_confirm = may_run or actor.may(CONFIRM, scope_path=path)
    steps = [t for t in ACTIVITY.from_state(found.state) if t.action != "call_off" and t.action != "finish"]
    context = {
        "activity": found, "state_label": queries.state_label(found), "people": people, "rule": counting.RULE,
        "taken": [p for p in people if p.sign_up.status == "taken"],
        "line": [p for p in people if p.sign_up.status == "waiting"],
        "may_run": may_run, "may_confirm": may_confirm, "steps": steps if may_run else [],
        "may_finish": may_run and found.state in ("open", "running") and at >= found.starts_at,
        "may_call_off": may_run and found.state in ("draft", "open"), "reasons": CALL_OFF_REASONS,
        "shows_code": may_run and found.state in ("open", "running") and at <= found.ends_at + counting.AFTER,
        "to_tick": [p for p in people if p.sign_up.status == "taken" and p.hours is None]
        if may_run and found.state in ("open", "running", "done") and at >= found.ends_at else [],
        "to_confirm": may_confirm and any(p.hours and p.hours.state in ("recorded", "once") for p in people),
        "timeline": workflow.timeline(found, actor=actor), "errors": errors or {},
    }  # fmt: skip
    return render(request, "volunteering/run.html", context, status=status)


@require_POST
@page(permission=RUN)
def move(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Open, begin, finish or call off."""
    data = request.POST
    found = activities.move_activity(
        actor=reader(request), activity_id=activity_id, action=data.get("action", ""), reason_code=data.get("reason_code", ""),
        request_key=read_request_key(data), at=clock.now(),
    )  # fmt: skip
    messages.success(
        request,
        _("“%(title)s” is now: %(state)s.") % {"title": found.title, "state": queries.state_label(found)},
    )
    return redirect("volunteering:run", activity_id)


@require_GET
@page(permission=RUN)
def code(request: HttpRequest, activity_id: int) -> HttpResponse:
    """The code to scan: on the screen a new one every few minutes, on paper one for the whole activity."""
    actor, at = reader(request), clock.now()
    found = queries.activity_for(actor=actor, activity_id=activity_id)
    if not actor.may(RUN, scope_path=found.village.scope_path):
        raise NotFound()
    if at > found.ends_at + counting.AFTER:
        raise CodeExpired(until=said(found.ends_at + counting.AFTER))
    on_paper = request.GET.get("paper") == "1"
    token, until = code_of(found, at=at, on_paper=on_paper)
    address = request.build_absolute_uri(reverse("volunteering:check", args=[token]))
    context = {
        "activity": found, "until": until, "on_paper": on_paper, "address": address,
        "qr": segno.make(address, error="q").svg_data_uri(scale=6, border=2),
        "again_seconds": int(ON_SCREEN.total_seconds()) // 2,
    }  # fmt: skip
    return render(request, "volunteering/code.html", context)


@require_POST
@page(permission=RUN)
def tick(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Note who was there from the beginning to the end."""
    try:
        rows = presence.tick(
            actor=reader(request), request_key=read_request_key(request.POST), activity_id=activity_id,
            person_ids=read_ids(request.POST, "person"), at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        if refusal.status == NotFound.status:
            raise
        return _run(request, activity_id, said_at(refusal, "person"), refusal.status)
    messages.success(
        request,
        ngettext("%(count)s person is noted.", "%(count)s people are noted.", len(rows))
        % {"count": len(rows)},
    )
    return redirect("volunteering:run", activity_id)


@require_POST
@page(permission=VIEW)
def confirm(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Confirm the chosen records of an activity, each as first or second person."""
    actor = reader(request)
    found = queries.activity_for(actor=actor, activity_id=activity_id)
    path = found.village.scope_path
    if not (actor.may(RUN, scope_path=path) or actor.may(CONFIRM, scope_path=path)):
        raise NotFound()
    ids = list(
        Hours.objects.filter(activity=found, pk__in=read_ids(request.POST, "hours")).values_list(
            "pk", flat=True
        )
    )
    moved = services.confirm(ids, actor=actor, at=clock.now(), request_key=read_request_key(request.POST))
    if moved.advanced:
        count = len(moved.advanced)
        messages.success(
            request,
            ngettext("%(count)s record is confirmed.", "%(count)s records are confirmed.", count)
            % {"count": count},
        )
    for sentence, count in refusals_counted(moved):
        messages.warning(request, f"{sentence} ({count})")
    if not ids:
        messages.warning(request, _("Nothing was chosen. Tick the records you want to confirm."))
    return redirect("volunteering:run", activity_id)


@require_POST
@page(permission=RUN)
def correct(request: HttpRequest, hours_id: int) -> HttpResponse:
    """Put the times of a record right."""
    data = request.POST

    def act() -> Hours:
        return services.correct_hours(
            actor=reader(request), hours_id=hours_id, came_at=read_moment(data, "came"), left_at=read_moment(data, "left"),
            reason_code=data.get("reason_code", ""), request_key=read_request_key(data), at=clock.now(),
        )  # fmt: skip

    return _put_right(request, hours_id, act, _("The times are corrected. Two persons confirm them anew."))


@require_POST
@page(permission=RUN)
def withdraw(request: HttpRequest, hours_id: int) -> HttpResponse:
    """A record did not hold."""
    data = request.POST

    def act() -> Hours:
        return services.withdraw_hours(
            actor=reader(request), hours_id=hours_id, reason_code=data.get("reason_code", ""),
            request_key=read_request_key(data), at=clock.now(),
        )  # fmt: skip

    return _put_right(request, hours_id, act, _("The record is withdrawn; what it brought is taken back."))


def _put_right(request: HttpRequest, hours_id: int, act: Any, done: str) -> HttpResponse:
    from xinzhi.scenes.volunteering.views.phone import record_page

    try:
        act()
    except DomainError as refusal:
        if refusal.status == NotFound.status:
            raise
        return record_page(request, hours_id, said_at(refusal, "came", "left", "reason_code"), refusal.status)
    messages.success(request, done)
    return redirect("volunteering:hours-record", hours_id)
