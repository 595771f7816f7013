"""What another scene saw and confirmed becomes a deed, where the charter of its day has a rule that names the act."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from xinzhi.kernel.evidence.models import Evidence
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.rules.events import DeedObserved, DeedWithdrawn
from xinzhi.kernel.rules.ports import act_of
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.charter import CharterRule
from xinzhi.scenes.governance_points.lifecycle import DEED
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.observed import grade_in
from xinzhi.scenes.governance_points.queries.charter import charter_or_none
from xinzhi.scenes.governance_points.scoring_many import ToScore, score_many
from xinzhi.scenes.governance_points.services.claims import lock_households
from xinzhi.scenes.governance_points.services.publishing import unsay_posted

#: A line on a list that is out stays there until the list ends; then it is posted and taken back at once.
BEFORE_THE_LIST = ("submitted", "returned", "verified", "rechecking", "approved")


@transaction.atomic
def enter_observed(event: DeedObserved, *, at: datetime) -> Deed | None:
    """Enter what a scene observed as a deed that waits to be verified, by somebody else than who confirmed it.

    None where the charter names the act in no rule, gives nothing for the grade, or the household has closed. The same occurrence
    again returns the first deed. The day is the day it was done, however late the fact arrives.
    """
    household = lock_households([event.household_id]).get(event.household_id)
    if household is None or household.status != "active":
        return None
    if earlier := Deed.objects.filter(source=_source(event)).first():
        return earlier
    charter = charter_or_none(household.village_id, event.done_on)
    line = next((x for x in charter.lines if x.rule.act == event.act_code), None) if charter else None
    if line is None or line.rule.is_deduction:  # points are taken only after a hearing (ADR 5)
        return None
    rule = line.rule
    grade = grade_in(rule.grades, act_of(event.act_code), event.grade_code)
    if not _fits(rule, grade, event.quantity_tenths):
        return None
    quantity = _quantity(rule, event.quantity_tenths)
    scored = score_many([ToScore(0, household.pk, rule, event.done_on, quantity, grade)])[0]
    deed = Deed(
        village_id=household.village_id,
        household=household,
        person_id=event.person_id,
        rule_id=line.id,
        rule_code=rule.code,
        verifier_role=rule.verifier,
        done_on=event.done_on,
        quantity_tenths=quantity,
        grade=grade if rule.points_kind == "by_grade" else "",
        raw_tenths=scored.raw_tenths,
        points_tenths=scored.points_tenths,
        steps=list(scored.steps),
        claimant="office",
        channel="system",
        entered_by_key=event.confirmed_by_code,
        claimed_at=at,
        evidence_subject=event.subject_code,
        evidence_count=Evidence.objects.filter(subject=event.subject_code, erased_at=None).count(),
        source=_source(event),
        request_key=event.occurrence,
    )
    workflow.start(deed, lifecycle=DEED, action="observed", actor=_confirmer(event.confirmed_by_code), at=at)
    return deed


@transaction.atomic
def take_back_observed(event: DeedWithdrawn, *, at: datetime) -> Deed | None:
    """Take the deed of an occurrence back: withdrawn before a list names it, reversed when it is posted. Again changes nothing."""
    deed = (
        Deed.objects.select_for_update(of=("self",))
        .select_related("rule")
        .filter(source=_source(event))
        .first()
    )
    if deed is None:
        return None
    if deed.state in BEFORE_THE_LIST:
        workflow.advance(deed, "unsay", actor=SYSTEM, at=at)
    elif deed.state == "posted":
        unsay_posted(deed, actor=SYSTEM, at=at)
    elif deed.state == "published":
        Deed.objects.filter(pk=deed.pk).update(is_unsaid=True)
    return deed


def _source(event: DeedObserved | DeedWithdrawn) -> str:
    return f"observed:{event.occurrence}"


def _fits(rule: CharterRule, grade: str, quantity_tenths: int | None) -> bool:
    if rule.points_kind == "by_grade":
        return bool(grade)
    return rule.points_kind == "fixed" or (quantity_tenths or 0) > 0


def _quantity(rule: CharterRule, quantity_tenths: int | None) -> int | None:
    """At most what the rule counts at a time: the scene knows nothing of it."""
    if rule.points_kind != "per_unit" or quantity_tenths is None:
        return None
    return min(quantity_tenths, rule.max_quantity_tenths or quantity_tenths)


def _confirmer(key: str) -> Actor:
    """Who confirmed it, as far as four eyes are concerned."""
    kind, _colon, number = key.partition(":")
    known = int(number) if number.isdigit() else None
    if kind == "person":
        return Actor(person_id=known, channel="system")
    if kind == "user":
        return Actor(user_id=known, channel="system")
    return Actor(api_key_id=known, channel="system") if kind == "key" else SYSTEM
