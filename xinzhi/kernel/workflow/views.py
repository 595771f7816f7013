"""The inbox, one case beside it, and the buttons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.identity import queries as identity
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.web.decorators import page
from xinzhi.kernel.workflow import queries, registry, services
from xinzhi.kernel.workflow.checks import permissions_in
from xinzhi.kernel.workflow.errors import NothingChosen, UnknownAction
from xinzhi.kernel.workflow.queries.inbox import InboxFilters, InboxItem, owner_permissions
from xinzhi.kernel.workflow.services.deciding import refusals_counted
from xinzhi.kernel.workflow.services.moving import Moved

_BIGGEST = 2**62
FILTERS = ("lifecycle", "village", "overdue", "actionable")


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _number(written: str) -> int | None:
    # The length first: Python refuses to read thousands of digits.
    is_number = written.isascii() and written.isdigit() and len(written) < 20
    return int(written) if is_number and int(written) < _BIGGEST else None


def _request_key(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("request_key", ""))
    except ValueError:
        return None


def filters_of(request: HttpRequest) -> InboxFilters:
    asked = request.GET
    known = registry.lifecycles()
    return InboxFilters(
        lifecycle=asked.get("lifecycle", "") if asked.get("lifecycle", "") in known else "",
        village_id=_number(asked.get("village", "")),
        overdue=asked.get("overdue") == "1",
        actionable=asked.get("actionable") == "1",
    )


@never_cache
@require_safe
@page()
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for me, until when. The first case is shown beside the list; J and K walk, A approves, R returns."""
    actor, at = _actor(request), clock.now()
    filters = filters_of(request)
    found = queries.inbox(actor, at=at, cursor=request.GET.get("cursor"), limit=50, filters=filters)
    asked = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    context = {
        "items": found.items,
        "next_url": f"?{urlencode(asked | {'cursor': found.next_cursor})}" if found.next_cursor else "",
        "here": f"{request.path}?{urlencode(asked)}" if asked else request.path,
        "filters": filters,
        "is_filtered": bool(asked),
        "lifecycles": _lifecycles_for(actor),
        "villages": _villages_for(actor),
        "village_names": regions.names({item.village_id for item in found.items}),
        "bulk_actions": _bulk_actions(found.items),
        "standing_in": identity.standing_in(actor, at=at),
        "now": at,
    }
    return render(request, "workflow/inbox.html", context)


def _lifecycles_for(actor: Actor) -> list[tuple[str, str]]:
    """Kinds of cases that can wait for this actor, for the filter."""
    mine = {p for p in owner_permissions() if actor.may(p)}
    return [
        (name, str(lifecycle.label))
        for name, lifecycle in sorted(registry.lifecycles().items())
        if mine & permissions_in(lifecycle)
    ]


def _villages_for(actor: Actor) -> list[tuple[int, str]]:
    """The villages of the actor, when they are more than one and not too many to choose from."""
    paths = {path for p in owner_permissions() for path in actor.scope_paths(p)}
    ids = regions.village_ids_within(paths) if paths else []
    return sorted(regions.names(ids).items()) if 1 < len(ids) <= 60 else []


def _bulk_actions(items: Sequence[InboxItem]) -> list[tuple[str, str]]:
    """Buttons of the bulk bar: what can be done without a reason to at least one case on the page."""
    found: dict[str, str] = {}
    for item in items:
        if item.level or item.barred:
            continue
        for transition in registry.lifecycle(item.lifecycle).from_state(item.state):
            if transition.button and transition.bulk and not transition.needs_reason:
                found[f"{item.lifecycle}/{transition.action}"] = str(transition.label)
    return sorted(found.items())


@never_cache
@require_safe
@page()
def case(request: HttpRequest, lifecycle: str, subject_id: int) -> HttpResponse:
    """One case with its evidence: beside the list (htmx) or on a page of its own (phone, link)."""
    return _render_case(request, lifecycle, subject_id)


def _render_case(
    request: HttpRequest, lifecycle: str, subject_id: int, *, refusal: DomainError | None = None
) -> HttpResponse:
    view = queries.case_view(
        actor=_actor(request), lifecycle_name=lifecycle, subject_id=min(subject_id, _BIGGEST), at=clock.now()
    )
    back = _back(request)
    context = {
        **view.context,
        "case": view,
        "back": back,
        "refusal": refusal,
        "typed_note": request.POST.get("note", "") if refusal else "",
        "typed_reason": request.POST.get("reason_code", "") if refusal else "",
    }
    beside = request.headers.get("HX-Request") == "true" and refusal is None
    template = "workflow/_case.html" if beside else "workflow/case.html"
    return render(request, template, context, status=refusal.status if refusal else 200)


def _back(request: HttpRequest) -> str:
    """The inbox as it was filtered; never another address."""
    wanted = request.POST.get("back") or request.GET.get("back") or ""
    inbox_path = reverse("workflow:inbox")
    return wanted if wanted == inbox_path or wanted.startswith(f"{inbox_path}?") else inbox_path


@never_cache
@require_POST
@page()
def decide(request: HttpRequest, lifecycle: str, subject_id: int, action: str) -> HttpResponse:
    """A button was pressed. A refusal comes back on the case with what was typed."""
    actor = _actor(request)
    try:
        step = services.decide(
            actor=actor,
            lifecycle_name=lifecycle,
            subject_id=min(subject_id, _BIGGEST),
            action=action,
            reason_code=request.POST.get("reason_code", ""),
            note=request.POST.get("note", ""),
            request_key=_request_key(request),
            at=clock.now(),
        )
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        return _render_case(request, lifecycle, subject_id, refusal=refusal)
    declared = registry.lifecycle(lifecycle)
    shown = queries.case_view(actor=actor, lifecycle_name=lifecycle, subject_id=subject_id, at=clock.now())
    said = {
        "title": shown.title,
        "word": declared.word_for(step.action),
        "state": declared.label_of(step.to_state),
    }
    messages.success(request, _t("%(title)s: %(word)s. Now: %(state)s.") % said)
    return redirect(_back(request))


@never_cache
@require_POST
@page()
def decide_many(request: HttpRequest) -> HttpResponse:
    """The bulk bar: the same button for every marked case; what was refused is said with its reason."""
    lifecycle, _slash, action = request.POST.get("act", "").partition("/")
    chosen: dict[str, list[int]] = defaultdict(list)
    for marked in request.POST.getlist("case")[:1000]:
        name, _colon, written = marked.rpartition(":")
        subject_id = _number(written)
        if subject_id is not None:
            chosen[name].append(subject_id)
    try:
        if not chosen:
            raise NothingChosen()
        if not chosen.get(lifecycle):
            raise UnknownAction(action=action[:40], lifecycle=lifecycle[:40], known="")
        moved = services.decide_many(
            actor=_actor(request),
            lifecycle_name=lifecycle,
            subject_ids=chosen[lifecycle],
            action=action,
            request_key=_request_key(request),
            at=clock.now(),
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(_back(request))
    _say(request, moved)
    return redirect(_back(request))


def _say(request: HttpRequest, moved: Moved) -> None:
    if moved.advanced:
        count = len(moved.advanced)
        messages.success(
            request, ngettext("%(count)s case done.", "%(count)s cases done.", count) % {"count": count}
        )
    for sentence, count in refusals_counted(moved):
        words = ngettext("%(count)s case not: %(why)s", "%(count)s cases not: %(why)s", count)
        messages.warning(request, words % {"count": count, "why": sentence})


__all__ = ["case", "decide", "decide_many", "inbox"]
