"""Claim a deed: by the household itself, by a proxy with the card, or entered by a clerk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import services as assembly
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import Conflict, Invalid, NotFound
from xinzhi.kernel.identity import scope
from xinzhi.kernel.residents.models import Household, Membership
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.charter import CharterRule
from xinzhi.scenes.governance_points.lifecycle import DEED
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries.charter import Charter, charter_on
from xinzhi.scenes.governance_points.queries.deeds import VIEW
from xinzhi.scenes.governance_points.scoring import Scored
from xinzhi.scenes.governance_points.scoring_many import ToScore, score_many
from xinzhi.scenes.governance_points.services.measuring import measured

CLAIM = "governance_points.deed.claim"
ENTER = "governance_points.deed.enter"


class DeedInTheFuture(Invalid):
    code = "governance_points.deed_in_the_future"
    sentence = _("The day %(found)s has not come yet. Choose today (%(today)s) or an earlier day.")


class DeedTooLate(Invalid):
    code = "governance_points.deed_too_late"
    sentence = _(
        "Deeds are claimed within %(days)s days; %(found)s is longer ago. Ask the village clerk if there was a reason."
    )


class RuleNotInForce(Invalid):
    code = "governance_points.rule_not_in_force"
    sentence = _("The rule %(rule)s was not in force on %(day)s. Choose a rule of the charter of that day.")


class DeductionNeedsHearing(Conflict):
    code = "governance_points.deduction_needs_hearing"
    sentence = _(
        "“%(rule)s” takes points away. A household must first be told and heard: use “Deductions” on the workbench."
    )


class PhotoNeeded(Invalid):
    code = "governance_points.photo_needed"
    sentence = _("This rule needs a photo. Take one or choose one from the phone.")


class HouseholdClosed(Conflict):
    code = "governance_points.household_closed"
    sentence = _(
        "Household %(household)s is closed since it moved away or was merged; nothing can be entered for it."
    )


class PersonNotInHousehold(Invalid):
    code = "governance_points.person_not_in_household"
    sentence = _("This person does not belong to the household. Choose a member of the household.")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a deed would be worth now, and why."""

    rule: CharterRule
    charter: Charter
    scored: Scored


def lock_households(household_ids: Sequence[int]) -> dict[int, Household]:
    """Lock households in the order of their ids: caps are judged under this lock.

    One lock order everywhere: households, then deeds, then accounts.
    """
    rows = (
        Household.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=set(household_ids))
        .order_by("pk")
    )
    return {h.pk: h for h in rows.select_related("village")}


def check_day(charter: Charter, done_on: date, at: datetime) -> None:
    """Raise DeedInTheFuture or DeedTooLate."""
    today = local_date(at)
    if done_on > today:
        raise DeedInTheFuture(field="done_on", found=done_on, today=today)
    if done_on < today - timedelta(days=charter.late_entry_days):
        raise DeedTooLate(field="done_on", days=charter.late_entry_days, found=done_on)


def rule_on(charter: Charter, rule_code: str, done_on: date) -> tuple[int, CharterRule]:
    """The row id and the rule of that number in the charter. Raises RuleNotInForce, DeductionNeedsHearing."""
    line = charter.line(rule_code)
    if line is None:
        raise RuleNotInForce(field="rule", rule=rule_code[:32], day=done_on)
    if line.rule.is_deduction:
        raise DeductionNeedsHearing(field="rule", rule=line.rule.title)
    return line.id, line.rule


def preview_deed(
    *,
    actor: Actor,
    household_id: int,
    rule_code: str,
    done_on: date,
    quantity_tenths: int | None,
    grade: str,
    at: datetime,
) -> Preview:
    """What a deed would be worth and why; writes nothing. Raises what `claim_deed` raises."""
    household = _household_for(actor, household_id)
    charter = charter_on(household.village_id, done_on)
    check_day(charter, done_on, at)
    _rule_id, rule = rule_on(charter, rule_code, done_on)
    quantity_tenths = measured(rule, household.pk, done_on, quantity_tenths)
    scored = score_many([ToScore(0, household.pk, rule, done_on, quantity_tenths, grade, charter.terms)])[0]
    return Preview(rule, charter, scored)


def _household_for(actor: Actor, household_id: int, *, lock: bool = False) -> Household:
    if lock:
        household = lock_households([household_id]).get(household_id)
    else:
        household = Household.objects.filter(pk=household_id).select_related("village").first()
    if household is None:
        raise NotFound()
    scope_path = household.village.scope_path
    if not (actor.may(CLAIM, household_id=household.pk) or actor.may(ENTER, scope_path=scope_path)):
        raise NotFound()
    if household.status != "active":
        raise HouseholdClosed(household=household.household_no)
    assembly.require_enabled("governance_points", region_id=household.village_id)
    return household


@transaction.atomic
def claim_deed(
    *,
    actor: Actor,
    request_key: UUID,
    household_id: int,
    rule_code: str,
    done_on: date,
    quantity_tenths: int | None = None,
    grade: str = "",
    person_id: int | None = None,
    evidence_ids: Sequence[UUID] = (),
    at: datetime,
) -> Deed:
    """Claim a deed for a household (申报善行). The same request key again returns the first deed.

    A member or proxy claims; a clerk may enter for anybody in his village, and then may not verify it.
    Raises DeedInTheFuture, DeedTooLate, RuleNotInForce, DeductionNeedsHearing, PhotoNeeded, HouseholdClosed,
    PersonNotInHousehold, NoVersionInForce and what scoring raises; then nothing has changed.
    """
    household = _household_for(actor, household_id, lock=True)
    if earlier := Deed.objects.filter(request_key=request_key).first():
        if earlier.household_id != household.pk:
            raise NotFound()
        return earlier
    charter = charter_on(household.village_id, done_on)
    check_day(charter, done_on, at)
    rule_id, rule = rule_on(charter, rule_code, done_on)
    if rule.needs_photo and not evidence_ids:
        raise PhotoNeeded(field="photo")
    if (
        person_id is not None
        and not Membership.objects.filter(household=household, person_id=person_id).exists()
    ):
        raise PersonNotInHousehold(field="person")
    quantity_tenths = measured(rule, household.pk, done_on, quantity_tenths)
    scored = score_many(
        [ToScore(0, household.pk, rule, done_on, quantity_tenths, grade, charter.terms, person_id)]
    )[0]
    by_household = actor.may(CLAIM, household_id=household.pk)

    deed = Deed(
        village_id=household.village_id,
        household=household,
        person_id=person_id,
        rule_id=rule_id,
        rule_code=rule.code,
        verifier_role=rule.verifier,
        done_on=done_on,
        quantity_tenths=quantity_tenths,
        grade=grade if rule.points_kind == "by_grade" else "",
        raw_tenths=scored.raw_tenths,
        points_tenths=scored.points_tenths,
        steps=list(scored.steps),
        claimant="household" if by_household else "office",
        channel=actor.channel,
        entered_by_key=actor.person_key,
        claimed_at=at,
        evidence_count=len(evidence_ids),
        source=f"claim:{request_key}",
        request_key=request_key,
    )
    workflow.start(deed, lifecycle=DEED, action="claimed" if by_household else "entered", actor=actor, at=at)
    if evidence_ids:
        evidence.attach(ids=evidence_ids, subject=deed.reference, actor=actor, at=at)
    return deed


@transaction.atomic
def resubmit_deed(
    *,
    actor: Actor,
    request_key: UUID,
    deed_id: int,
    done_on: date,
    quantity_tenths: int | None = None,
    grade: str = "",
    evidence_ids: Sequence[UUID] = (),
    note: str = "",
    at: datetime,
) -> Deed:
    """Complete a returned claim and submit it again (补正). Photos are added to those it has; the rule stays.

    By the household for its own claim, by the office for what it entered. The same request key again changes nothing.
    Raises NotFound, StateHasMoved, DeedInTheFuture, DeedTooLate, PhotoNeeded and what scoring raises.
    """
    found = scope.visible(Deed.objects.all(), actor, VIEW).filter(pk=deed_id).first()
    if found is None:
        raise NotFound()
    household = lock_households([found.household_id])[found.household_id]
    assembly.require_enabled("governance_points", region_id=household.village_id)
    deed = Deed.objects.select_for_update(of=("self",)).get(pk=deed_id)
    if deed.state == "returned":
        charter = charter_on(deed.village_id, done_on)
        check_day(charter, done_on, at)
        rule_id, rule = rule_on(charter, deed.rule_code, done_on)
        if rule.needs_photo and not evidence_ids and not deed.evidence_count:
            raise PhotoNeeded(field="photo")
        quantity_tenths = measured(rule, deed.household_id, done_on, quantity_tenths)
        to_score = ToScore(
            0, deed.household_id, rule, done_on, quantity_tenths, grade, charter.terms, deed.person_id
        )
        scored = score_many([to_score])[0]
        deed.rule_id, deed.verifier_role, deed.done_on = rule_id, rule.verifier, done_on
        deed.quantity_tenths = quantity_tenths
        deed.grade = grade if rule.points_kind == "by_grade" else ""
        deed.raw_tenths, deed.points_tenths = scored.raw_tenths, scored.points_tenths
        deed.steps, deed.evidence_count = list(scored.steps), deed.evidence_count + len(evidence_ids)
        deed.save(
            update_fields=[
                "rule_id", "verifier_role", "done_on", "quantity_tenths", "grade", "raw_tenths", "points_tenths", "steps",
                "evidence_count",
            ]
        )  # fmt: skip
    workflow.advance(deed, "resubmit", actor=actor, at=at, note=note, request_key=request_key)
    if evidence_ids:
        evidence.attach(ids=evidence_ids, subject=deed.reference, actor=actor, at=at)
    return deed
