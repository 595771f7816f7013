"""Deductions: the household is told with evidence, may answer and may make good before anything is taken.

Wendeng measures art. 32: the person is told when a violation can be corrected. A deduction confirmed after the hearing
goes the same way as a deed: council, publication (neighbours see only how many there are), ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import services as assembly
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.foundation.errors import Invalid, NotFound
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.workflow import queries as open_work
from xinzhi.kernel.workflow import services as workflow
from xinzhi.kernel.workflow.deadlines import last_day
from xinzhi.scenes.governance_points.lifecycle import ANSWER, DEED, ENTER
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries.charter import charter_on
from xinzhi.scenes.governance_points.queries.deeds import visible_deeds
from xinzhi.scenes.governance_points.scoring_many import ToScore, score_many
from xinzhi.scenes.governance_points.services.claims import (
    HouseholdClosed,
    RuleNotInForce,
    check_day,
    lock_households,
)
from xinzhi.scenes.governance_points.services.correction import take_back
from xinzhi.scenes.governance_points.services.measuring import measured

#: How many replies that are over are moved in one transaction.
CHUNK = 500


class NotADeductionRule(Invalid):
    code = "governance_points.not_a_deduction_rule"
    sentence = _("“%(rule)s” gives points. Enter it as a deed.")


class DescriptionNeeded(Invalid):
    code = "governance_points.description_needed"
    sentence = _("Say in a sentence what was seen and what would make it good: the household reads it.")


class EvidenceNeeded(Invalid):
    code = "governance_points.evidence_needed"
    sentence = _("A deduction needs evidence. Add a photo or a document of what was seen.")


class AnswerNeeded(Invalid):
    code = "governance_points.answer_needed"
    sentence = _("Write or say your answer first, or add a photo.")


class RepairNeedsPhoto(Invalid):
    code = "governance_points.repair_needs_photo"
    sentence = _("Add a photo that shows how it looks now.")


#: A description shorter than this tells a household nothing.
SHORTEST_DESCRIPTION = 4


@transaction.atomic
def notify_deduction(
    *,
    actor: Actor,
    request_key: UUID,
    household_id: int,
    rule_code: str,
    done_on: date,
    description: str,
    evidence_ids: Sequence[UUID] = (),
    quantity_tenths: int | None = None,
    grade: str = "",
    at: datetime,
) -> Deed:
    """Tell a household what was seen, which rule takes how many points, and that it may answer or make good.

    Nothing is taken by this. The same request key again returns the first. Raises NotFound, HouseholdClosed, RuleNotInForce,
    NotADeductionRule, DescriptionNeeded, EvidenceNeeded (unless the rule asks for a record of the village only),
    DeedInTheFuture, DeedTooLate and what scoring raises.
    """
    household = _household_for(actor, household_id)
    lock_households([household.pk])
    if earlier := Deed.objects.filter(request_key=request_key).first():
        if earlier.household_id != household.pk:
            raise NotFound()
        return earlier
    charter = charter_on(household.village_id, done_on)
    check_day(charter, done_on, at)
    line = charter.line(rule_code)
    if line is None:
        raise RuleNotInForce(field="rule", rule=rule_code[:32], day=done_on)
    rule = line.rule
    if not rule.is_deduction:
        raise NotADeductionRule(field="rule", rule=rule.title)
    if len(description.strip()) < SHORTEST_DESCRIPTION:
        raise DescriptionNeeded(field="description")
    if not evidence_ids and rule.evidence not in ("record", "none"):
        raise EvidenceNeeded(field="photo")
    quantity_tenths = measured(rule, household.pk, done_on, quantity_tenths)
    scored = score_many([ToScore(0, household.pk, rule, done_on, quantity_tenths, grade, charter.terms)])[0]
    deed = Deed(
        village_id=household.village_id,
        household=household,
        rule_id=line.id,
        rule_code=rule.code,
        verifier_role=rule.verifier,
        done_on=done_on,
        quantity_tenths=quantity_tenths,
        grade=grade if rule.points_kind == "by_grade" else "",
        raw_tenths=scored.raw_tenths,
        points_tenths=scored.points_tenths,
        steps=list(scored.steps),
        claimant="office",
        channel=actor.channel,
        entered_by_key=actor.person_key,
        claimed_at=at,
        evidence_count=len(evidence_ids),
        source=f"deduction:{request_key}",
        request_key=request_key,
    )
    workflow.start(deed, lifecycle=DEED, action="notified", actor=actor, at=at, note=description)
    if evidence_ids:
        evidence.attach(ids=evidence_ids, subject=deed.reference, actor=actor, at=at)
    due = open_work.due_of(DEED, [deed.pk])[deed.pk]
    _tell(deed, "governance_points.deduction_noticed", at, until=str(last_day(due)))
    return deed


def _household_for(actor: Actor, household_id: int) -> Household:
    household = Household.objects.filter(pk=household_id).select_related("village").first()
    if household is None or not actor.may(ENTER, scope_path=household.village.scope_path):
        raise NotFound()
    if household.status != "active":
        raise HouseholdClosed(household=household.household_no)
    assembly.require_enabled("governance_points", region_id=household.village_id)
    return household


def _tell(deed: Deed, template: str, at: datetime, **params: str) -> None:
    """A message to every member of the household: the day and what comes next, nothing about persons."""
    notices.send_message(
        person_ids=[m.person_id for m in residents.members(deed.household_id)],
        template=template,
        params={"day": deed.done_on.isoformat(), **params},
        household_id=deed.household_id,
        subject=deed.reference,
        source_key=f"{template}:{deed.pk}:{deed.state_since:%Y%m%d%H%M%S}",
        at=at,
    )


def _locked(actor: Actor, deed_id: int) -> Deed:
    """A deduction the actor may see, locked after its household: one lock order everywhere."""
    seen = (
        visible_deeds(actor)
        .filter(pk=deed_id, raw_tenths__lt=0)
        .values_list("household_id", flat=True)
        .first()
    )
    if seen is None:
        raise NotFound()
    locked = lock_households([seen])[seen]
    assembly.require_enabled("governance_points", region_id=locked.village_id)
    return Deed.objects.select_for_update(of=("self",)).select_related("village").get(pk=deed_id)


@transaction.atomic
def answer_deduction(
    *,
    actor: Actor,
    deed_id: int,
    note: str = "",
    evidence_ids: Sequence[UUID] = (),
    request_key: UUID,
    at: datetime,
) -> Deed:
    """The household answers in writing, by voice or with a photo; or the office enters what it answered on paper.

    It may answer again until somebody has decided. Raises AnswerNeeded, StateHasMoved, NotFound.
    """
    deed = _locked(actor, deed_id)
    if not note.strip() and not evidence_ids:
        raise AnswerNeeded(field="note")
    own = actor.may(ANSWER, household_id=deed.household_id)
    workflow.advance(
        deed, "reply" if own else "reply_on_paper", actor=actor, at=at, note=note, request_key=request_key
    )
    _attach(deed, evidence_ids, actor, at)
    return deed


@transaction.atomic
def claim_repair(
    *,
    actor: Actor,
    deed_id: int,
    evidence_ids: Sequence[UUID],
    note: str = "",
    request_key: UUID,
    at: datetime,
) -> Deed:
    """The household says that it has made good, with a photo: before the decision, or after the points were taken.

    Seen and accepted before, nothing is taken; afterwards the points come back. Raises RepairNeedsPhoto, StateHasMoved, NotFound.
    """
    deed = _locked(actor, deed_id)
    if not evidence_ids:
        raise RepairNeedsPhoto(field="photo")
    action = "make_good_later" if deed.state in ("posted", "repair_claimed") else "make_good"
    workflow.advance(deed, action, actor=actor, at=at, note=note, request_key=request_key)
    _attach(deed, evidence_ids, actor, at)
    return deed


def _attach(deed: Deed, evidence_ids: Sequence[UUID], actor: Actor, at: datetime) -> None:
    if evidence_ids:
        attached = evidence.attach(ids=evidence_ids, subject=deed.reference, actor=actor, at=at)
        Deed.objects.filter(pk=deed.pk).update(evidence_count=deed.evidence_count + len(attached))


@transaction.atomic
def accept_repair(
    *, actor: Actor, deed_id: int, note: str = "", request_key: UUID | None = None, at: datetime
) -> Deed:
    """Somebody saw that it is made good: nothing is taken, or what was taken comes back by a contra entry.

    Raises NotFound, StateHasMoved, OwnHousehold, Forbidden.
    """
    deed = _locked(actor, deed_id)
    was = deed.state
    workflow.advance(deed, "accept_repair", actor=actor, at=at, note=note, request_key=request_key)
    if was == "repaired":  # the same request again
        return deed
    if was == "repair_claimed":
        take_back(deed, request_key=deed.request_key, reason_code="made_good", actor=actor, at=at)
    _tell(deed, "governance_points.deduction_repaired", at)
    return deed


def end_reply_times(at: datetime) -> int:
    """Let every hearing whose time to answer is over go on to the decision. Returns how many; safe to run twice at once."""
    ended = 0
    while ids := open_work.due_subjects(DEED, "noticed", at, limit=CHUNK):
        ended += len(workflow.advance_many(DEED, ids, "end_reply_time", actor=SYSTEM, at=at).advanced)
    return ended
