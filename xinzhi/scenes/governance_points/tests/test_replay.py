"""A year scored again comes to what the ledger says, to the tenth; what was changed behind its back is named."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.db import connection

from xinzhi.kernel.foundation.clock import start_of_day
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.charter import CharterRule
from xinzhi.scenes.governance_points.charter_terms import Terms
from xinzhi.scenes.governance_points.commands import group
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.overview import sums
from xinzhi.scenes.governance_points.queries.charter import versions_of
from xinzhi.scenes.governance_points.replaying import replay
from xinzhi.scenes.governance_points.services import correction, publishing, verification
from xinzhi.scenes.governance_points.tests import semantics as s
from xinzhi.scenes.governance_points.tests.conftest import Place
from xinzhi.scenes.governance_points.tests.test_semantics import ALL, TERMS

END = datetime.fromisoformat("2027-01-20T04:00:00+00:00")


def live_a_year(place: Place, seed: int, months: int = 4) -> None:
    """Months of deeds, late ones among them, verified in bulk and alone, some returned, struck or taken back, two versions."""
    s.adopt(place, rules=ALL, terms=TERMS)
    dice = random.Random(seed)
    homes = [place.household.pk, place.neighbour.pk]
    for month in range(12 - months + 1, 13):
        at = start_of_day(date(2026, month, 27)) + timedelta(hours=9)
        if month == 12:
            s.adopt(place, rules=ALL, terms=Terms(), active_from=date(2026, 12, 1))
        made = []
        for n in range(7):
            rule = dice.choice([r for r in ALL if not r.is_deduction])
            day = date(2026, month, dice.randint(1, 26)) - timedelta(days=dice.choice([0, 0, 30]))
            made.append(
                place.claim(
                    rule.code, actor=place.clerk, household_id=dice.choice(homes), done_on=day, at=at,
                    quantity_tenths=dice.choice([5, 20, 60, 200]) if rule.is_measured else None,
                    grade=dice.choice("优良") if rule.grades else "",
                ).pk
            )  # fmt: skip
            if n == 3:
                s.deduct(
                    place,
                    dice.choice(["L01", "L02", "Y02"]),
                    done_on=day,
                    at=at,
                    household_id=dice.choice(homes),
                )
        verification.verify_deeds(actor=place.clerk2, deed_ids=made[:4], at=at + timedelta(hours=1))
        for n, pk in enumerate(reversed(made[4:])):
            verification.verify_deed(actor=place.clerk2, deed_id=pk, at=at + timedelta(hours=2 + n))
        publication = publishing.publish_deeds(
            actor=place.clerk, request_key=uuid4(), village_id=place.village.pk, at=at + timedelta(days=10)
        )
        workflow.advance(Deed.objects.get(pk=made[0]), "strike", actor=s.SYSTEM, at=at + timedelta(days=11))
        notices.close_lines_of(publication_id=publication.pk, at=at + timedelta(days=30))
        posted = Deed.objects.filter(pk__in=made, state="posted", points_tenths__gt=0).first()
        if posted is not None:
            try:
                correction.reverse_deed(
                    actor=place.clerk, request_key=uuid4(), deed_id=posted.pk, reason_code="duplicate", at=at + timedelta(days=31)
                )  # fmt: skip
            except Exception as refusal:
                assert "Not" in type(refusal).__name__


@pytest.mark.parametrize("seed", [1, 2])
def test_a_year_scored_again_is_the_ledger_to_the_tenth(place: Place, seed: int) -> None:
    live_a_year(place, seed)
    found = replay(village_id=place.village.pk, year=2026)
    assert found.differences == []
    assert found.replayed_tenths == found.kept_tenths != 0
    assert found.deeds == Deed.objects.filter(state="posted", done_on__year=2026).count() > 10
    given = sum(d.points_tenths for d in Deed.objects.filter(state="posted", points_tenths__gt=0))
    assert given > 0 and sums.differences() == []


def test_what_was_changed_behind_its_back_is_named(place: Place) -> None:
    live_a_year(place, 3, months=2)
    deed = Deed.objects.filter(state="posted", points_tenths__gt=10).first()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_points_deed SET points_tenths = points_tenths - 1 WHERE id = %s", [deed.pk]
        )
    found = replay(village_id=place.village.pk, year=2026)
    named = {(d.what, d.expected_tenths - d.found_tenths) for d in found.differences if d.deed_id == deed.pk}
    assert named == {("points", 1), ("ledger", -1)}
    ran = CliRunner().invoke(group, ["replay", "--village", "330523206203", "--year", "2026"])
    assert ran.exit_code == 1 and f"deed {deed.pk}:" in ran.output


def test_another_version_says_what_the_year_would_have_come_to(place: Place) -> None:
    live_a_year(place, 4, months=2)
    doubled = tuple(
        CharterRule(r.code, r.category, r.title, "fixed", points_tenths=160) if r.code == "D01" else r for r in ALL if r.code != "D02"
    )  # fmt: skip
    s.adopt(place, rules=doubled, active_from=date(2027, 1, 1))
    found = replay(village_id=place.village.pk, year=2026, version=versions_of(place.village.pk)[0])
    assert found.kept_tenths != found.replayed_tenths
    codes = dict(Deed.objects.values_list("pk", "rule_code"))
    assert {d.what for d in found.differences if codes[d.deed_id] == "D02"} <= {"missing"}
    number = versions_of(place.village.pk)[0].number
    asked = ["replay", "--village", "330523206203", "--year", "2026", "--version", str(number)]
    assert f"version {number}" in CliRunner().invoke(group, asked).output


@pytest.mark.parametrize(
    ("village", "version", "word"), [("330523206203", "99", "no version"), ("1", "1", "")]
)
def test_a_command_that_asks_for_what_is_not_there_says_so(
    place: Place, village: str, version: str, word: str
) -> None:
    ran = CliRunner().invoke(group, ["replay", "--village", village, "--year", "2026", "--version", version])
    assert ran.exit_code == 1 and word in ran.output and "Traceback" not in ran.output


def test_an_ordinary_year_without_deeds_is_empty(place: Place) -> None:
    found = replay(village_id=place.village.pk, year=2025)
    assert (found.deeds, found.differences) == (0, [])
