"""What charter drafts bring to the kernel's ports: the inbox, and who may see their signed minutes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _g

from xinzhi.kernel.evidence import ports as evidence
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.workflow import ports as workflow
from xinzhi.kernel.workflow.lifecycle import Act, Presented

PREFIX = "governance_points.charter_draft:"


def connect() -> None:
    """Called once when the apps are ready."""
    from xinzhi.scenes.governance_points.charter_lifecycle import CHARTER_DRAFT

    workflow.register(
        CHARTER_DRAFT.name,
        workflow.Port(
            present_many=_present,
            detail_template="governance_points/drafts/_inbox_detail.html",
            detail_context=_detail_context,
            acts={"accept": _accept, "order_correction": _order_correction},
        ),
    )
    evidence.register_access(PREFIX, _visible)


def _present(ids: Sequence[int], *, actor: Actor) -> dict[int, Presented]:
    from xinzhi.scenes.governance_points.queries.charter_drafts import visible_drafts

    return {
        d.pk: Presented(
            title=_g("Points charter, %(number)s") % {"number": d.number},
            subtitle=d.village.name,
            detail_url=reverse("governance_points:desk-draft", args=[d.pk]),
        )
        for d in visible_drafts(actor).filter(pk__in=ids).select_related("village")
    }


def _detail_context(subject_id: int, *, actor: Actor, at: datetime) -> dict[str, Any]:
    from xinzhi.scenes.governance_points.queries.charter_drafts import draft_view

    view = draft_view(actor=actor, draft_id=subject_id, at=at)
    return {"view": view, "draft": view.draft}


def _accept(act: Act) -> Any:
    from xinzhi.scenes.governance_points.services import charter_life

    return charter_life.accept_filing(
        actor=act.actor, draft_id=act.subject_id, note=act.note, request_key=act.request_key, at=act.at
    )


def _order_correction(act: Act) -> Any:
    from xinzhi.scenes.governance_points.services import charter_life

    return charter_life.order_correction(
        actor=act.actor,
        draft_id=act.subject_id,
        reason_code=act.reason_code,
        note=act.note,
        request_key=act.request_key,
        at=act.at,
    )


def _visible(actor: Actor, subjects: Iterable[str]) -> set[str]:
    from xinzhi.scenes.governance_points.queries.charter_drafts import visible_drafts

    found = {s.removeprefix(PREFIX) for s in subjects}
    ids = {int(n) for n in found if n.isascii() and n.isdigit() and len(n) < 19}
    return {f"{PREFIX}{pk}" for pk in visible_drafts(actor).filter(pk__in=ids).values_list("pk", flat=True)}
