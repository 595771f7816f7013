"""What the scene brings to the kernel's ports: the inbox, publications, evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.evidence import ports as evidence
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.notices import ports as notices
from xinzhi.kernel.workflow import ports as workflow
from xinzhi.kernel.workflow import services as workflow_services
from xinzhi.kernel.workflow.lifecycle import Act, Presented

SUBJECT_PREFIX = "governance_points.deed:"


def connect() -> None:
    """Called once when the apps are ready."""
    from xinzhi.scenes.governance_points.charter import PUBLICATION_DAYS_DEFAULT, PUBLICATION_DAYS_RANGE
    from xinzhi.scenes.governance_points.lifecycle import DEED
    from xinzhi.scenes.governance_points.services import publishing

    workflow.register(
        DEED.name,
        workflow.Port(
            present_many=_present_many,
            detail_template="governance_points/_inbox_detail.html",
            detail_context=_detail_context,
            acts={"verify": _verify},
            acts_many={"verify": _verify_many},
        ),
    )
    least, most = PUBLICATION_DAYS_RANGE
    notices.register(
        publishing.KIND,
        notices.Handler(
            label=_("Deeds and their points"),
            close_lines=publishing.close_lines,
            line_removed=publishing.strike_line,
            days_default=PUBLICATION_DAYS_DEFAULT,
            days_least=least,
            days_most=most,
        ),
    )
    evidence.register_access(SUBJECT_PREFIX, _visible_subjects)


def _present_many(ids: Sequence[int], *, actor: Actor) -> dict[int, Presented]:
    from xinzhi.kernel.foundation.amounts import format_points
    from xinzhi.kernel.residents import queries as residents
    from xinzhi.scenes.governance_points.queries.deeds import visible_deeds

    found = list(visible_deeds(actor).filter(pk__in=ids).select_related("rule", "household"))
    heads = residents.head_names({d.household_id for d in found}, masked=False)
    return {
        d.pk: Presented(
            title=f"{d.rule.title} {format_points(d.points_tenths, sign=True)}",
            subtitle=f"{d.household.household_no} {heads.get(d.household_id, '')} · {d.done_on:%m-%d}",
            detail_url=reverse("governance_points:desk-deed", args=[d.pk]),
        )
        for d in found
    }


def _detail_context(subject_id: int, *, actor: Actor, at: datetime) -> dict[str, Any]:
    from xinzhi.kernel.audit import services as audit
    from xinzhi.scenes.governance_points.queries.story import story

    told = story(actor=actor, deed_id=subject_id)
    if told.deed.household_id not in actor.household_ids:
        audit.record_view(
            actor=actor,
            page="governance_points.deed",
            household_id=told.deed.household_id,
            at=at,
            fields=("deed", "evidence"),
        )
    return {"story": told, "deed": told.deed}


def _verify(act: Act) -> Any:
    from xinzhi.scenes.governance_points.services.verification import verify_deed

    return verify_deed(
        actor=act.actor, deed_id=act.subject_id, note=act.note, request_key=act.request_key, at=act.at
    )


def _verify_many(
    ids: Sequence[int],
    *,
    actor: Actor,
    at: datetime,
    reason_code: str = "",
    note: str = "",
    request_key: UUID | None = None,
) -> workflow_services.Moved:
    from xinzhi.scenes.governance_points.services.verification import verify_deeds

    del reason_code  # verifying gives no reason
    with transaction.atomic():
        return verify_deeds(actor=actor, deed_ids=ids, note=note, request_key=request_key, at=at)


def _visible_subjects(actor: Actor, subjects: Iterable[str]) -> set[str]:
    from xinzhi.scenes.governance_points.queries.deeds import visible_deeds

    ids = {int(s.removeprefix(SUBJECT_PREFIX)) for s in subjects if s.removeprefix(SUBJECT_PREFIX).isdigit()}
    return {
        f"{SUBJECT_PREFIX}{pk}" for pk in visible_deeds(actor).filter(pk__in=ids).values_list("pk", flat=True)
    }
