"""The pages of the points council: call a meeting, print its pack, enter what was decided, file the minutes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.web.decorators import page
from xinzhi.kernel.workflow import queries as workflow
from xinzhi.scenes.governance_points.lifecycle import COUNCIL_REASONS, KEEP_MEETINGS, MEETING
from xinzhi.scenes.governance_points.queries import charter as charters
from xinzhi.scenes.governance_points.queries import council as queries
from xinzhi.scenes.governance_points.queries.deeds import waiting_for_council
from xinzhi.scenes.governance_points.services import council
from xinzhi.scenes.governance_points.views.desk import choose_village
from xinzhi.scenes.governance_points.views.reading import (
    TimeNotUnderstood,
    read_day,
    read_ids,
    read_int,
    read_request_key,
    said_at,
)

#: Deeds of one rule are voted on together unless somebody wants one apart; deductions always stand alone.
GROUP = "group"


@require_http_methods(["GET", "POST"])
@page(permission=queries.VIEW)
def meetings(request: HttpRequest) -> HttpResponse:
    """The meetings of a village, and the form that calls the next one."""
    actor = reader(request)
    village, villages = choose_village(request, queries.VIEW)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            meeting = council.call_meeting(
                actor=actor, request_key=read_request_key(request.POST), village_id=village.pk,
                meets_at=_read_moment(request.POST), place=request.POST.get("place", ""), at=clock.now(),
            )  # fmt: skip
            return redirect("governance_points:desk-meeting", meeting.pk)
        except DomainError as refusal:
            errors = said_at(refusal, "meets_on", "meets_time", "place")
    found = queries.meetings(actor=actor, village_id=village.pk)
    charter = charters.charter_or_none(village.pk, clock.today())
    context = {
        "village": village, "villages": villages, "errors": errors, "typed": request.POST,
        "meetings": [(m, MEETING.label_of(m.state)) for m in found],
        "called": next((m for m in found if m.state == "prepared"), None),
        "waiting": waiting_for_council(village.pk, charter).count() if charter else 0,
        "charter": charter, "today_iso": clock.today().isoformat(),
        "may_keep": actor.may(KEEP_MEETINGS, scope_path=village.scope_path),
        "last_place": found[0].place if found else "",
    }  # fmt: skip
    return render(request, "governance_points/council/meetings.html", context, status=422 if errors else 200)


def _read_moment(data: QueryDict) -> datetime:
    day = read_day(data, "meets_on")
    try:
        at = time.fromisoformat((data.get("meets_time") or "").strip())
    except ValueError:
        raise TimeNotUnderstood(field="meets_time", found=(data.get("meets_time") or "")[:10]) from None
    return datetime.combine(day, at.replace(tzinfo=None), clock.SHANGHAI)


@require_GET
@page(permission=queries.VIEW)
def meeting(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """A meeting: its agenda with the form for the decisions, or what was decided."""
    return _meeting_page(request, meeting_id, {})


def _meeting_page(request: HttpRequest, meeting_id: int, errors: dict[str, str]) -> HttpResponse:
    actor = reader(request)
    view = queries.meeting_view(actor=actor, meeting_id=meeting_id)
    typed = request.POST if request.method == "POST" else request.GET
    apart = set(read_ids(typed, "apart"))
    alone = [i for i in view.items if i.item.pk in apart or i.deed.raw_tenths < 0]
    together = [i for i in view.items if i.item.pk not in apart and i.deed.raw_tenths >= 0]
    context = {
        "view": view, "meeting": view.meeting, "errors": errors, "typed": typed, "alone": alone,
        "groups": [(items[0].deed.rule_code, items[0].deed.rule, items) for items in _by_rule(together)],
        "present": set(read_ids(typed, "present")) if request.method == "POST" else {m.user_id for m in view.members},
        "reasons": COUNCIL_REASONS,
        "may_keep": actor.may(KEEP_MEETINGS, scope_path=view.meeting.village.scope_path),
    }  # fmt: skip
    return render(request, "governance_points/council/meeting.html", context, status=422 if errors else 200)


def _by_rule(items: Sequence[queries.AgendaItem]) -> list[list[queries.AgendaItem]]:
    """Items under one rule together; what came on the agenda later stands with its like."""
    in_order = sorted(items, key=lambda i: (i.deed.rule_code, i.item.position))
    return [list(rows) for _code, rows in groupby(in_order, key=lambda i: i.deed.rule_code)]


@require_POST
@page(permission=KEEP_MEETINGS)
def refresh(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Put on the agenda what was verified since."""
    count = council.refresh_agenda(actor=reader(request), meeting_id=meeting_id, at=clock.now())
    messages.success(request, _("%(count)s deeds are on the agenda.") % {"count": count})
    return redirect("governance_points:desk-meeting", meeting_id)


@require_POST
@page(permission=KEEP_MEETINGS)
def call_off(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """The meeting does not take place."""
    council.call_off(
        actor=reader(request),
        meeting_id=meeting_id,
        request_key=read_request_key(request.POST),
        at=clock.now(),
    )
    messages.success(request, _("Called off. What was on its agenda waits for the next meeting."))
    return redirect("governance_points:desk-council")


@require_POST
@page(permission=KEEP_MEETINGS)
def hold(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Enter attendance and decisions; every deed takes its step."""
    actor = reader(request)
    view = queries.meeting_view(actor=actor, meeting_id=meeting_id)
    try:
        council.hold_meeting(
            actor=actor, meeting_id=meeting_id, present=read_ids(request.POST, "present"),
            votes=_votes(request.POST, view), note=request.POST.get("note", ""),
            request_key=read_request_key(request.POST), at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        if refusal.status in (403, 404):
            raise
        return _meeting_page(request, meeting_id, said_at(refusal))
    messages.success(request, _("Entered. Print the minutes, let them be signed, and attach them below."))
    return redirect("governance_points:desk-meeting", meeting_id)


def _votes(data: QueryDict, view: queries.MeetingView) -> list[council.Vote]:
    """One vote an item: its own, where it was voted on apart, or that of the deeds under the same rule."""
    apart = set(read_ids(data, "apart"))
    votes = []
    for entry in view.items:
        alone = entry.item.pk in apart or entry.deed.raw_tenths < 0
        name = str(entry.item.pk) if alone else f"{GROUP}-{entry.deed.rule_code}"
        if f"listed-{name}" not in data:
            continue  # verified and put on the agenda after the page was drawn: nobody voted on it
        votes.append(
            council.Vote(
                item_id=entry.item.pk,
                against=read_int(data, f"against-{name}") or 0,
                abstaining=read_int(data, f"abstaining-{name}") or 0,
                recused=frozenset(read_ids(data, f"recused-{name}")),
                is_postponed=data.get(f"postponed-{name}") == "1",
                reason_code=data.get(f"reason-{name}", ""),
            )
        )
    return votes


@require_POST
@page(permission=KEEP_MEETINGS)
def file_minutes(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Attach the scan of the signed minutes."""
    actor = reader(request)
    found = queries.meeting_for(actor=actor, meeting_id=meeting_id)
    try:
        kept = [
            evidence.store(
                actor=actor, data=upload, filename=upload.name or "", village_id=found.village_id, at=clock.now(),
                request_key=None,
            )
            for upload in request.FILES.getlist("scan")
        ]  # fmt: skip
        council.file_minutes(
            actor=actor, meeting_id=meeting_id, evidence_ids=[e.pk for e in kept],
            request_key=read_request_key(request.POST), at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        if refusal.status in (403, 404):
            raise
        return _meeting_page(request, meeting_id, said_at(refusal, "scan"))
    messages.success(request, _("The signed minutes are filed."))
    return redirect("governance_points:desk-meeting", meeting_id)


@require_GET
@page(permission=queries.VIEW)
def pack(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """The pack for the table: agenda, every deed with its photos, a column for the votes. For paper."""
    return _paper(request, meeting_id, "governance_points/council/pack.html")


@require_GET
@page(permission=queries.VIEW)
def minutes(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """The minutes as the meeting's records say, with lines for the signatures. For paper."""
    return _paper(request, meeting_id, "governance_points/council/minutes.html")


def _paper(request: HttpRequest, meeting_id: int, template: str) -> HttpResponse:
    actor = reader(request)
    view = queries.meeting_view(actor=actor, meeting_id=meeting_id)
    audit.record(
        actor=actor, action="governance_points.print_meeting", subject=view.meeting.reference, at=clock.now(),
        region_id=view.meeting.village_id, count=len(view.items), fields=("name",),
    )  # fmt: skip
    context: dict[str, Any] = {
        "view": view,
        "meeting": view.meeting,
        "groups": [(items[0].deed.rule, items) for items in _by_rule(view.items)],
        "said": workflow.notes_of(MEETING, [meeting_id], actions=("hold",)).get(meeting_id, ()),
        "printed_at": clock.now(),
    }
    return render(request, template, context)
