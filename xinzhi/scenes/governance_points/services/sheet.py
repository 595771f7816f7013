"""Enter a month's score sheet for all households at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.sheets import RowProblem, Table
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.lifecycle import DEED
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries.charter import charter_on
from xinzhi.scenes.governance_points.score_sheet import SheetDeed, day_of_month, read_sheet
from xinzhi.scenes.governance_points.scoring_many import ToScore, score_many
from xinzhi.scenes.governance_points.services.charter import village_for
from xinzhi.scenes.governance_points.services.claims import ENTER, check_day, lock_households
from xinzhi.scenes.governance_points.services.measuring import member_tenths

SHEET = UUID("0b8a54a1-9a38-4ce6-8ea1-2b5f3f7c9c02")


class MonthNotBegun(Invalid):
    code = "governance_points.month_not_begun"
    sentence = _("The month %(found)s has not begun yet. Choose this month or an earlier one.")


@dataclass(frozen=True, slots=True)
class SheetReport:
    """What a sheet holds and what was done. `points_tenths` is after caps."""

    households: int
    deeds_new: int
    deeds_known: int
    points_tenths: int
    problems: tuple[RowProblem, ...]
    entered: bool


@transaction.atomic
def import_score_sheet(
    *, actor: Actor, village_id: int, month: date, table: Table, dry_run: bool, at: datetime
) -> SheetReport:
    """Enter the deeds of a score sheet; they wait to be verified by somebody else.

    A sheet with a wrong cell enters nothing. The same sheet again, or one that only adds to it, enters what
    is new: each cell stands for the same deeds every time.
    Raises MonthNotBegun, NoRuleColumns, DeedTooLate, NoVersionInForce.
    """
    village = village_for(actor=actor, village_id=village_id, permission=ENTER)
    today = local_date(at)
    first = month.replace(day=1)
    if first > today:
        raise MonthNotBegun(found=first.strftime("%Y-%m"))
    done_on = day_of_month(first, today)
    charter = charter_on(village.pk, done_on)
    check_day(charter, done_on, at)
    households = dict(
        Household.objects.filter(village=village, status="active").values_list("household_no", "pk")
    )
    read = read_sheet(table, charter, households)

    keys = [
        uuid5(SHEET, f"{village.pk}:{first:%Y-%m}:{d.household_id}:{d.rule.code}:{d.grade}:{d.nth}")
        for d in read.deeds
    ]
    if not dry_run and not read.problems:
        lock_households([d.household_id for d in read.deeds])
    known = set(Deed.objects.filter(request_key__in=keys).values_list("request_key", flat=True))
    fresh = [(key, d) for key, d in zip(keys, read.deeds, strict=True) if key not in known]
    quantities = _quantities([d for _key, d in fresh], done_on)
    scores = score_many(
        [
            ToScore(i, d.household_id, d.rule, done_on, quantities[i], d.grade, charter.terms)
            for i, (_key, d) in enumerate(fresh)
        ]
    )
    points = sum(s.points_tenths for s in scores.values())
    report = SheetReport(read.households, len(fresh), len(known), points, read.problems, entered=False)
    if dry_run or read.problems or not fresh:
        return report

    workflow.start_many(
        [
            Deed(
                village_id=village.pk,
                household_id=d.household_id,
                rule_id=d.rule_id,
                rule_code=d.rule.code,
                verifier_role=d.rule.verifier,
                done_on=done_on,
                quantity_tenths=quantities[i],
                grade=d.grade,
                raw_tenths=scores[i].raw_tenths,
                points_tenths=scores[i].points_tenths,
                steps=list(scores[i].steps),
                claimant="office",
                channel="import",
                entered_by_key=actor.person_key,
                claimed_at=at,
                source=f"sheet:{key}",
                request_key=key,
            )
            for i, (key, d) in enumerate(fresh)
        ],
        lifecycle=DEED,
        action="entered",
        actor=actor,
        at=at,
    )
    return SheetReport(read.households, len(fresh), len(known), points, (), entered=True)


def _quantities(deeds: Sequence[SheetDeed], done_on: date) -> list[int | None]:
    """What the cells say, and the members of the households where the rule counts by member."""
    homes = {d.household_id for d in deeds if d.rule.points_kind == "per_member"}
    members = member_tenths(homes, done_on) if homes else {}
    return [
        members[d.household_id] if d.rule.points_kind == "per_member" else d.quantity_tenths for d in deeds
    ]
