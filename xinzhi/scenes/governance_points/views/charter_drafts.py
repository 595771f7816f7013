"""The workbench pages of a charter's life: write the draft, put it to the vote, enter the vote, publish, file, bring into force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import zip_longest
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.amounts import parse_points
from xinzhi.kernel.foundation.errors import DomainError, NotFound
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.sheets import Table, read_table, write_xlsx
from xinzhi.kernel.sheets.cleaning import clean
from xinzhi.kernel.web.decorators import page
from xinzhi.kernel.workflow import queries as workflow
from xinzhi.scenes.governance_points import charter_sheet
from xinzhi.scenes.governance_points.charter_lifecycle import (
    CHARTER_DRAFT,
    CORRECTION_REASONS,
    MANAGE,
    REVIEW,
    VIEW_DRAFTS,
)
from xinzhi.scenes.governance_points.queries import charter as charters
from xinzhi.scenes.governance_points.queries import charter_drafts as queries
from xinzhi.scenes.governance_points.services import charter_life as life
from xinzhi.scenes.governance_points.services.charter_life.drafting import MOST_BUDGET_TENTHS, Cells, Settings
from xinzhi.scenes.governance_points.services.charter_life.publishing import DAYS_DEFAULT
from xinzhi.scenes.governance_points.services.charter_life.refusals import BudgetOutOfRange
from xinzhi.scenes.governance_points.views.desk import attachment, choose_village
from xinzhi.scenes.governance_points.views.reading import (
    FileNeeded,
    read_day,
    read_int,
    read_request_key,
    said_at,
)

#: Rows offered beyond those of the draft.
EMPTY_ROWS = 5
SETTING_FIELDS = ("wanted_from", "publication_days", "budget")
VOTE_FIELDS = (
    "basis", "notice_on", "held_on", "place", "resolution", "entitled", "present", "votes_for", "votes_against", "votes_abstaining",
)  # fmt: skip


@require_http_methods(["GET", "POST"])
@page(permission=VIEW_DRAFTS)
def drafts(request: HttpRequest) -> HttpResponse:
    """The drafts of a village, and the form that begins one: from the charter in force, an Excel sheet, or empty."""
    actor = reader(request)
    village, villages = choose_village(request, VIEW_DRAFTS)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            draft = life.start_draft(
                actor=actor, request_key=read_request_key(request.POST), village_id=village.pk,
                cells=_first_cells(request, village.pk), settings=_first_settings(village.pk), at=clock.now(),
            )  # fmt: skip
            return redirect("governance_points:desk-draft", draft.pk)
        except DomainError as refusal:
            if refusal.status in (403, 404):
                raise
            errors = said_at(refusal, "sheet")
    found = queries.drafts(actor=actor, village_id=village.pk)
    context = {
        "village": village, "villages": villages, "errors": errors, "typed": request.POST,
        "drafts": [(d, CHARTER_DRAFT.label_of(d.state)) for d in found],
        "open": next((d for d in found if d.state not in ("in_force", "withdrawn")), None),
        "charter": charters.charter_or_none(village.pk, clock.today()),
        "may_manage": actor.may(MANAGE, scope_path=village.scope_path),
    }  # fmt: skip
    return render(request, "governance_points/drafts/drafts.html", context, status=422 if errors else 200)


def _first_cells(request: HttpRequest, village_id: int) -> Cells:
    source = request.POST.get("source", "present")
    if source == "sheet":
        return _cells_of_sheet(request)
    charter = charters.charter_or_none(village_id, clock.today())
    if source == "empty" or charter is None:
        return []
    _headers, rows = charter_sheet.charter_rows(line.rule for line in charter.lines)
    return [dict(zip(queries.COLUMN_KEYS, row, strict=True)) for row in rows]


def _cells_of_sheet(request: HttpRequest) -> Cells:
    upload = request.FILES.get("sheet")
    if upload is None:
        raise FileNeeded(field="sheet")
    table: Table = read_table(upload, upload.name or "", columns=charter_sheet.COLUMNS)
    return [{key: str(row.cells.get(key) or "") for key in queries.COLUMN_KEYS} for row in table.rows]


def _first_settings(village_id: int) -> Settings:
    """As the charter in force has it, from the first day of the month after next: notice, vote and filing take their time."""
    charter = charters.charter_or_none(village_id, clock.today())
    today = clock.today()
    month = today.month + 2
    wanted = date(today.year + (month > 12), (month - 1) % 12 + 1, 1)
    if charter is None:
        return Settings(wanted_from=wanted)
    return Settings(wanted, charter.publication_days, charter.council_deliberates)


@require_http_methods(["GET", "POST"])
@page(permission=VIEW_DRAFTS)
def draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """One draft where it stands. A POST saves what was typed."""
    if request.method == "GET":
        return _draft_page(request, draft_id)
    queries.draft_for(actor=reader(request), draft_id=draft_id)
    cells = _typed_cells(request.POST)
    try:
        life.save_draft(
            actor=reader(request), draft_id=draft_id, revision=read_int(request.POST, "revision") or 0, cells=cells,
            settings=_typed_settings(request.POST), at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        if refusal.status in (403, 404):
            raise
        return _draft_page(request, draft_id, said_at(refusal, *SETTING_FIELDS), cells)
    if request.POST.get("then") == "vote":  # what was typed is kept, also when the vote has to wait
        said = _("Put to the vote. Everybody in the village can read the draft from now on.")
        return _step(request, draft_id, life.put_to_vote, said)
    messages.success(request, _("The draft is saved."))
    return redirect("governance_points:desk-draft", draft_id)


def _typed_cells(data: QueryDict) -> list[dict[str, str]]:
    lists = [data.getlist(key) for key in queries.COLUMN_KEYS]
    rows = zip_longest(*lists, fillvalue="")
    return [dict(zip(queries.COLUMN_KEYS, row, strict=True)) for row in rows]


def _typed_settings(data: QueryDict) -> Settings:
    budget = clean(data.get("budget") or "")
    return Settings(
        wanted_from=read_day(data, "wanted_from"),
        publication_days=read_int(data, "publication_days") or 0,
        council_deliberates=data.get("council_deliberates") == "1",
        budget_tenths=_budget(budget) if budget else None,
    )


def _budget(written: str) -> int:
    try:
        tenths = parse_points(written)
    except DomainError:
        tenths = 0
    if not 0 < tenths <= MOST_BUDGET_TENTHS:
        raise BudgetOutOfRange(field="budget", found=written[:20])
    return tenths


def _draft_page(
    request: HttpRequest,
    draft_id: int,
    errors: dict[str, str] | None = None,
    cells: list[dict[str, str]] | None = None,
) -> HttpResponse:
    actor, at = reader(request), clock.now()
    view = queries.draft_view(actor=actor, draft_id=draft_id, at=at)
    shown, village, today = view.draft, view.draft.village, clock.today()
    rows = list(view.looked.rows)
    if (
        cells is not None
    ):  # what was typed stands there again, with what is known about the rows that are saved
        known = {row.number: row for row in rows}
        rows = [
            queries.DraftRow(
                n, row, known[n].problems if n in known else (), known[n].findings if n in known else ()
            )
            for n, row in enumerate(cells, start=1)
        ]
    else:
        rows += [queries.DraftRow(len(rows) + n, {}) for n in range(1, EMPTY_ROWS + 1)]
    # What is saved stands there as it was saved; only what was refused stands as it was typed.
    typed = request.POST if errors and (cells is not None or shown.state != "draft") else {}
    waits = shown.state == "filed" and shown.correction_until is not None and today <= shown.correction_until
    hangs = shown.published_until is not None and today <= shown.published_until
    context: dict[str, Any] = {
        "view": view, "draft": shown, "village": village, "rows": rows, "columns": charter_sheet.COLUMNS,
        "errors": errors or {}, "typed": typed, "today_iso": today.isoformat(),
        "may_manage": actor.may(MANAGE, scope_path=village.scope_path),
        "may_review": actor.may(REVIEW, scope_path=village.scope_path), "reasons": CORRECTION_REASONS,
        "roll": queries.households_on_roll(village.pk) if shown.state == "checked" else 0,
        "days_default": DAYS_DEFAULT, "waits": waits, "hangs": hangs,
        "may_begin": shown.state in ("filed", "accepted") and not waits and not hangs,
        "begin_iso": max(shown.wanted_from, today).isoformat(),
        "late_days": (shown.filed_on - view.file_by).days if shown.filed_on and view.file_by else 0,
        "timeline": workflow.timeline(shown, actor=actor),
    }  # fmt: skip
    return render(request, "governance_points/drafts/draft.html", context, status=422 if errors else 200)


@require_POST
@page(permission=MANAGE)
def bring_sheet(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Put the rows of an Excel sheet in the place of the draft's."""
    actor = reader(request)
    found = queries.draft_for(actor=actor, draft_id=draft_id)
    settings = Settings(
        found.wanted_from, found.publication_days, found.council_deliberates, found.budget_tenths
    )
    try:
        kept = life.save_draft(
            actor=actor, draft_id=draft_id, revision=read_int(request.POST, "revision") or 0,
            cells=_cells_of_sheet(request), settings=settings, at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        if refusal.status in (403, 404):
            raise
        return _draft_page(request, draft_id, said_at(refusal, "sheet"))
    messages.success(request, _("%(count)s rows came in from the sheet.") % {"count": len(kept.cells)})
    return redirect("governance_points:desk-draft", draft_id)


@require_GET
@page(permission=VIEW_DRAFTS)
def download(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The draft as an Excel sheet, the way it is brought in."""
    found = queries.draft_for(actor=reader(request), draft_id=draft_id)
    rows = [[row.get(key, "") for key in queries.COLUMN_KEYS] for row in found.cells]
    return attachment(write_xlsx([c.names[0] for c in charter_sheet.COLUMNS], rows), "charter-draft.xlsx")


def _step(
    request: HttpRequest, draft_id: int, service: Callable[..., Any], said: str, **more: Any
) -> HttpResponse:
    """Take one step, then the page again: with what happened, or with why not."""
    try:
        service(
            actor=reader(request), draft_id=draft_id, request_key=read_request_key(request.POST), at=clock.now(),
            **{name: value() if callable(value) else value for name, value in more.items()},
        )  # fmt: skip
    except DomainError as refusal:
        if refusal.status in (403, 404):
            raise
        return _draft_page(
            request, draft_id, said_at(refusal, *VOTE_FIELDS, "days", "scan", "active_from", "reason_code")
        )
    messages.success(request, said)
    return redirect("governance_points:desk-draft", draft_id)


#: Steps that need nothing but a click: the service and what is said afterwards.
PLAIN_STEPS: dict[str, tuple[Callable[..., Any], Callable[[], str]]] = {
    "check": (
        life.put_to_vote,
        lambda: _("Put to the vote. Everybody in the village can read the draft from now on."),
    ),
    "reopen": (life.reopen, lambda: _("The draft can be changed again.")),
    "file": (life.file_with_township, lambda: _("Filed with the township.")),
    "accept": (life.accept_filing, lambda: _("Taken on file. The village can bring the charter into force.")),
    "mend": (life.mend, lambda: _("The draft can be changed again.")),
    "withdraw": (life.withdraw, lambda: _("The draft is withdrawn.")),
}


@require_POST
@page(permission=VIEW_DRAFTS)
def plain_step(request: HttpRequest, draft_id: int, step: str) -> HttpResponse:
    """A step that needs nothing but a click."""
    queries.draft_for(actor=reader(request), draft_id=draft_id)
    if step not in PLAIN_STEPS:
        raise NotFound()
    service, said = PLAIN_STEPS[step]
    return _step(request, draft_id, service, said())


@require_POST
@page(permission=MANAGE)
def acknowledge(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The ticked warnings were read, and the rules are meant so."""
    queries.draft_for(actor=reader(request), draft_id=draft_id)
    try:
        life.acknowledge(
            actor=reader(request),
            draft_id=draft_id,
            keys=request.POST.getlist("warning")[:500],
            at=clock.now(),
        )
    except DomainError as refusal:
        if refusal.status in (403, 404):
            raise
        return _draft_page(request, draft_id, said_at(refusal))
    messages.success(request, _("The warnings are acknowledged."))
    return redirect("governance_points:desk-draft", draft_id)


@require_POST
@page(permission=MANAGE)
def vote(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Enter what the villagers' meeting decided."""
    queries.draft_for(actor=reader(request), draft_id=draft_id)
    return _step(
        request,
        draft_id,
        life.enter_vote,
        _("The vote is entered."),
        tally=lambda: _typed_tally(request.POST),
    )


def _typed_tally(data: QueryDict) -> life.Tally:
    numbers = ("entitled", "present", "votes_for", "votes_against", "votes_abstaining")
    return life.Tally(
        basis=data.get("basis", ""), notice_on=read_day(data, "notice_on"), held_on=read_day(data, "held_on"),
        place=data.get("place", "").replace("\x00", ""), resolution=data.get("resolution", "").replace("\x00", ""),
        **{name: read_int(data, name) or 0 for name in numbers},
    )  # fmt: skip


@require_POST
@page(permission=MANAGE)
def file_minutes(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Attach the scan of the signed minutes."""
    found = queries.draft_for(actor=reader(request), draft_id=draft_id)

    def kept() -> list[Any]:
        uploads = request.FILES.getlist("scan")
        return [
            evidence.store(
                actor=reader(request),
                data=u,
                filename=u.name or "",
                village_id=found.village_id,
                at=clock.now(),
                request_key=None,
            ).pk
            for u in uploads
        ]

    return _step(request, draft_id, life.file_minutes, _("The signed minutes are filed."), evidence_ids=kept)


@require_POST
@page(permission=MANAGE)
def publish(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Hang the charter out."""
    queries.draft_for(actor=reader(request), draft_id=draft_id)
    return _step(
        request, draft_id, life.publish_draft, _("Published. File it with the township in time."),
        days=lambda: read_int(request.POST, "days") or 0,
    )  # fmt: skip


@require_POST
@page(permission=REVIEW)
def order_correction(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The township orders a correction."""
    queries.draft_for(actor=reader(request), draft_id=draft_id)
    return _step(
        request, draft_id, life.order_correction, _("The correction is ordered; the village has it in its inbox."),
        reason_code=request.POST.get("reason_code", "")[:40], note=request.POST.get("note", ""),
    )  # fmt: skip


@require_POST
@page(permission=MANAGE)
def bring_into_force(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Let the charter hold from a day."""
    queries.draft_for(actor=reader(request), draft_id=draft_id)
    return _step(
        request, draft_id, life.bring_into_force, _("The charter is adopted and holds from the day you chose."),
        active_from=lambda: read_day(request.POST, "active_from"),
    )  # fmt: skip


@require_GET
@page(permission=MANAGE)
def roll(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The roll of households with lines to sign, for the meeting. For paper; reading it is recorded."""
    actor, at = reader(request), clock.now()
    view = queries.draft_view(actor=actor, draft_id=draft_id, at=at)
    found = queries.roll_of(view.draft.village_id)
    audit.record(
        actor=actor, action="governance_points.print_roll", subject=view.draft.reference, at=at, region_id=view.draft.village_id,
        count=len(found), fields=("name",),
    )  # fmt: skip
    return render(
        request,
        "governance_points/drafts/roll.html",
        {"view": view, "draft": view.draft, "households": found},
    )


@require_GET
@page(permission=VIEW_DRAFTS)
def minutes(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The minutes as the entered vote says, with lines for the signatures. For paper."""
    view = queries.draft_view(actor=reader(request), draft_id=draft_id, at=clock.now())
    return render(request, "governance_points/drafts/minutes.html", {"view": view, "draft": view.draft})
