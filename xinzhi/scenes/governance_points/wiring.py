"""What the scene brings to the kernel's ports: the inbox, publications, evidence, households that split."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.channels.port import CODES
from xinzhi.kernel.evidence import ports as evidence
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.notices import ports as notices
from xinzhi.kernel.notices.wording import OUTSIDE, Going
from xinzhi.kernel.workflow import ports as workflow
from xinzhi.kernel.workflow import services as workflow_services
from xinzhi.kernel.workflow.lifecycle import Act, Presented

SUBJECT_PREFIX = "governance_points.deed:"
MEETING_PREFIX = "governance_points.meeting:"
#: What households are told. Days and points only; the story of the deed says the rest.
MESSAGES = {
    "governance_points.deduction_noticed": _(
        "Something of %(day)s was noted for your household. Nothing has been taken: you may answer or make it good until %(until)s."
    ),
    "governance_points.deduction_repaired": _(
        "It was seen that you made good what was noted on %(day)s. Thank you."
    ),
    "governance_points.points_expire": _(
        "%(points)s points of your household expire on %(day)s. Use them before."
    ),
}

#: What leaves the house too. Who is to be heard must be told, whatever he has switched off (ADR 5; Wendeng's measures, art. 32).
GOING = {
    "governance_points.deduction_noticed": Going(channels=CODES, must=True),
    "governance_points.points_expire": OUTSIDE,
}


def connect() -> None:
    """Called once when the apps are ready."""
    from xinzhi.kernel.notices import wording
    from xinzhi.kernel.residents import everything
    from xinzhi.kernel.residents import ports as residents
    from xinzhi.scenes.governance_points import charter_wiring, holdings
    from xinzhi.scenes.governance_points.charter import PUBLICATION_DAYS_DEFAULT, PUBLICATION_DAYS_RANGE
    from xinzhi.scenes.governance_points.lifecycle import DEED, MEETING
    from xinzhi.scenes.governance_points.services import publishing
    from xinzhi.scenes.governance_points.services.following import PointsFollow

    workflow.register(
        DEED.name,
        workflow.Port(
            present_many=_present_many,
            detail_template="governance_points/_inbox_detail.html",
            detail_context=_detail_context,
            acts={"verify": _verify, "confirm": _confirm, "accept_repair": _accept_repair},
            acts_many={"verify": _verify_many},
        ),
    )
    workflow.register(MEETING.name, workflow.Port(present_many=_present_meetings))
    for template, text in MESSAGES.items():
        wording.register(template, text, going=GOING.get(template, wording.IN_APP))
    wording.register_page(DEED.name, "governance_points:deed")
    least, most = PUBLICATION_DAYS_RANGE
    notices.register(
        publishing.KIND,
        notices.Handler(
            label=_("Deeds and their points"),
            close_lines=publishing.close_lines,
            line_removed=publishing.strike_line,
            line_revoked=publishing.revoke_line,
            days_default=PUBLICATION_DAYS_DEFAULT,
            days_least=least,
            days_most=most,
        ),
    )
    evidence.register_access(SUBJECT_PREFIX, _visible_subjects)
    evidence.register_access(MEETING_PREFIX, _visible_meetings)
    everything.register("deeds", _("Deeds"), holdings.deeds)
    everything.register("movements", _("Statement"), holdings.movements)
    residents.register_follower("governance_points", PointsFollow())
    charter_wiring.connect()


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


def _confirm(act: Act) -> Any:
    from xinzhi.scenes.governance_points.services.verification import confirm_deduction

    return confirm_deduction(
        actor=act.actor, deed_id=act.subject_id, note=act.note, request_key=act.request_key, at=act.at
    )


def _accept_repair(act: Act) -> Any:
    from xinzhi.scenes.governance_points.services.hearing import accept_repair

    return accept_repair(
        actor=act.actor, deed_id=act.subject_id, note=act.note, request_key=act.request_key, at=act.at
    )


def _present_meetings(ids: Sequence[int], *, actor: Actor) -> dict[int, Presented]:
    from xinzhi.scenes.governance_points.queries.council import visible_meetings

    return {
        m.pk: Presented(
            title=_g("Council meeting %(number)s") % {"number": m.number},
            subtitle=f"{local_date(m.meets_at):%m-%d} {m.place}",
            detail_url=reverse("governance_points:desk-meeting", args=[m.pk]),
        )
        for m in visible_meetings(actor).filter(pk__in=ids)
    }


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


def _numbers(subjects: Iterable[str], prefix: str) -> set[int]:
    found = {s.removeprefix(prefix) for s in subjects}
    return {int(n) for n in found if n.isascii() and n.isdigit() and len(n) < 19}  # "²" is a digit, too


def _visible_subjects(actor: Actor, subjects: Iterable[str]) -> set[str]:
    from xinzhi.scenes.governance_points.queries.deeds import visible_deeds

    found = visible_deeds(actor).filter(pk__in=_numbers(subjects, SUBJECT_PREFIX))
    return {f"{SUBJECT_PREFIX}{pk}" for pk in found.values_list("pk", flat=True)}


def _visible_meetings(actor: Actor, subjects: Iterable[str]) -> set[str]:
    from xinzhi.scenes.governance_points.queries.council import visible_meetings

    found = visible_meetings(actor).filter(pk__in=_numbers(subjects, MEETING_PREFIX))
    return {f"{MEETING_PREFIX}{pk}" for pk in found.values_list("pk", flat=True)}
