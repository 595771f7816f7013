"""T4 to T7 of the sources with their own numbers, and what else a charter may say; each explained in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.ledger import queries as ledger
from xinzhi.kernel.residents import queries as residents
from xinzhi.scenes.governance_points import charter_sheet
from xinzhi.scenes.governance_points.charter import Cap, CharterRule
from xinzhi.scenes.governance_points.charter_terms import Terms, Validity
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.overview.budget import budgets
from xinzhi.scenes.governance_points.queries import earnable, statement, story
from xinzhi.scenes.governance_points.scoring import Counted, explain, score
from xinzhi.scenes.governance_points.scoring_many import ToScore, score_all
from xinzhi.scenes.governance_points.services import claims, resetting, verification
from xinzhi.scenes.governance_points.templatetags.story_words import plain_words
from xinzhi.scenes.governance_points.tests import semantics as s
from xinzhi.scenes.governance_points.tests.conftest import NOON, RULES, TODAY, Place

DAY = date(2026, 11, 23)
LITTER = CharterRule(
    "L01", "负面清单", "乱倒垃圾", "fixed", points_tenths=-50, evidence="record", legal_basis="村规民约", repeat_months=12, group="垃圾"
)  # fmt: skip
BURNING = CharterRule(
    "L02",
    "负面清单",
    "焚烧垃圾",
    "fixed",
    points_tenths=-200,
    evidence="record",
    legal_basis="村规民约",
    group="垃圾",
)
#: Wendeng: volunteering by cumulative hours (village.md 1.3 c).
HOURS = CharterRule(
    "H01", "志愿服务", "志愿服务时长", "ladder", unit="小时", evidence="record",
    ladder=((40, 10), (100, 20), (200, 50), (500, 100), (800, 150), (1_000, 200), (1_500, 250), (2_000, 300), (2_500, 400), (3_000, 500)),
)  # fmt: skip
TRAINING = CharterRule(
    "T01",
    "培训",
    "参加培训",
    "fixed",
    points_tenths=10,
    evidence="record",
    caps=(Cap("year", points_tenths=30),),
)
HELP = CharterRule(
    "N01",
    "互帮互助",
    "邻里互助",
    "fixed",
    points_tenths=10,
    evidence="record",
    caps=(Cap("month", points_tenths=20),),
)
YARD = CharterRule(
    "Y01",
    "美丽庭院",
    "示范户",
    "per_member",
    points_tenths=10,
    evidence="record",
    caps=(Cap("quarter", times=1),),
)
FAILED = CharterRule(
    "Y02", "美丽庭院", "五净四无不达标", "per_member", points_tenths=-10, evidence="record", legal_basis="村规民约", caps=(Cap("quarter", times=1),)
)  # fmt: skip
SORTING = CharterRule(
    "W01",
    "垃圾分类",
    "易腐垃圾",
    "by_grade",
    grades={"优": 100, "良": 80, "一般": 60, "差": 0},
    evidence="record",
)
LABOUR = CharterRule(
    "D01", "公共参与", "公益劳动", "fixed", points_tenths=80, evidence="record", group="劳动"
)
CLEANING = CharterRule(
    "D02", "公共参与", "清洁行动", "fixed", points_tenths=50, evidence="record", group="劳动"
)
ALL = (LITTER, BURNING, HOURS, TRAINING, HELP, YARD, FAILED, SORTING, LABOUR, CLEANING)


def one(
    rule: CharterRule,
    counted=(),
    *,
    on: date = DAY,
    quantity=None,
    grade="",
    terms: Terms | None = None,
    person=None,
):
    return score(
        rule,
        done_on=on,
        quantity_tenths=quantity,
        grade=grade,
        counted=counted,
        terms=terms or Terms(),
        person_id=person,
    )


def test_t4_a_repeated_offence_counts_double_within_its_validity_and_not_beyond() -> None:
    before = [Counted(date(2025, 11, 23), -50, "L01", is_deduction=True)]
    again = one(LITTER, before)
    assert (again.raw_tenths, again.points_tenths) == (-100, -100)
    assert "12" in explain(again.steps)[1]
    assert one(LITTER, [Counted(date(2025, 11, 22), -50, "L01")]).points_tenths == -50
    assert one(LITTER, [Counted(DAY, -50, "L02", group="其他")]).points_tenths == -50
    assert one(LITTER).points_tenths == -50


@pytest.mark.parametrize(("first", "second", "total"), [(LITTER, BURNING, -200), (BURNING, LITTER, -200), (LABOUR, CLEANING, 80), (CLEANING, LABOUR, 80)])  # fmt: skip
def test_t4_of_one_act_under_several_rules_only_the_highest_counts(first, second, total) -> None:
    given_first = one(first).points_tenths
    rest = one(
        second, [Counted(DAY, given_first, first.code, group=first.group, is_deduction=first.is_deduction)]
    )
    assert given_first + rest.points_tenths == total
    assert (
        one(
            second, [Counted(DAY - timedelta(days=1), given_first, first.code, group=first.group)]
        ).points_tenths
        == one(second).points_tenths
    )


def test_t4_two_persons_do_two_acts_and_whoever_is_not_named_may_be_the_same() -> None:
    earlier = [Counted(DAY, 80, "D01", group="劳动", person_id=1)]
    assert one(CLEANING, earlier, person=2).points_tenths == 50
    assert one(CLEANING, earlier, person=1).points_tenths == one(CLEANING, earlier).points_tenths == 0


def test_t5_training_gives_at_most_three_a_year_and_neighbour_help_two_a_month() -> None:
    trained = [Counted(date(2026, m, 1), 10, "T01") for m in (1, 5, 9)]
    assert one(TRAINING, trained).points_tenths == 0
    assert one(TRAINING, trained, on=date(2027, 1, 2)).points_tenths == 10
    helped = [Counted(date(2026, 11, d), 10, "N01") for d in (1, 30)]
    assert one(HELP, helped).points_tenths == 0
    assert (
        one(HELP, helped, on=date(2026, 10, 31)).points_tenths
        == one(HELP, helped, on=date(2026, 12, 1)).points_tenths
        == 10
    )


def test_t6_volunteering_hours_climb_the_ladder_of_the_source() -> None:
    hours = (4, 10, 20, 50, 80, 100, 150, 200, 250, 300)
    points = (1, 2, 5, 10, 15, 20, 25, 30, 40, 50)
    done, counted, total = 0, [], 0
    for at, worth in zip(hours, points, strict=True):
        for step in (at - 0.5 - done, 0.5):  # half an hour short gives nothing yet
            scored = one(HOURS, counted, quantity=round(step * 10))
            counted.append(Counted(DAY, scored.points_tenths, "H01", quantity_tenths=round(step * 10)))
            done, total = done + step, total + scored.points_tenths
            assert total == 10 * (
                worth
                if done == at
                else max([0, *(p for h, p in zip(hours, points, strict=True) if h <= done)])
            )
    assert one(HOURS, counted, quantity=1_000).points_tenths == 0
    assert one(HOURS, counted, on=date(2027, 1, 1), quantity=40).points_tenths == 10
    assert one(HOURS, quantity=3_000).points_tenths == 500  # all at once comes to the same


def test_t7_kitchen_waste_grades_are_ten_eight_six_and_nothing() -> None:
    assert [one(SORTING, grade=g).points_tenths for g in ("优", "良", "一般", "差")] == [100, 80, 60, 0]
    read = charter_sheet.read_charter(
        s.sheet(
            {
                "code": "W01",
                "category": "垃圾分类",
                "title": "易腐垃圾",
                "points_kind": "按等级",
                "points": "优:10;良:8;一般:6;差:0",
            }
        )
    )
    assert not read.problems and read.rules[0].grades == SORTING.grades


def test_the_household_and_the_category_have_their_caps() -> None:
    month = Terms(household_caps=(Cap("month", points_tenths=600),))
    earlier = [Counted(date(2026, 11, d), 100, f"X{d}", "甲") for d in range(1, 7)]
    assert one(HELP, earlier, terms=month).points_tenths == 0
    assert one(HELP, earlier[1:], terms=month).points_tenths == 10
    assert one(FAILED, earlier, quantity=20, terms=month).points_tenths == -20
    half = Terms(category_percent={"": 50, "培训": 20}, share_from_tenths=100)
    assert one(LABOUR, [], terms=half).points_tenths == 80
    assert one(LABOUR, [Counted(DAY, 80, "D09", "公共参与")], terms=half).points_tenths == 20
    # 300 of others and 80 of its own: half of the year is reached at 300 of 600.
    other = [Counted(DAY, 300, "X1", "甲"), Counted(DAY, 80, "D09", "公共参与")]
    assert one(LABOUR, other, terms=half).points_tenths == 80
    assert one(LABOUR, [*other, Counted(DAY, 200, "D08", "公共参与")], terms=half).points_tenths == 20


facts = st.tuples(
    st.sampled_from(range(len(ALL))), st.dates(date(2026, 1, 1), date(2026, 3, 31)), st.integers(1, 60), st.sampled_from(["优", "良", "差"]),
    st.sampled_from([None, 1, 2]),
)  # fmt: skip
TERMS = Terms(
    household_caps=(Cap("day", times=2), Cap("month", points_tenths=300)),
    category_percent={"": 50},
    share_from_tenths=100,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(deeds=st.lists(facts, max_size=12), bound=st.booleans())
def test_one_by_one_and_all_at_once_come_to_the_same(deeds, bound) -> None:
    terms = TERMS if bound else Terms()
    to_score = [
        ToScore(
            n,
            1,
            ALL[r],
            on,
            quantity if ALL[r].is_measured or ALL[r].points_kind == "per_member" else None,
            grade,
            terms,
            person,
        )
        for n, (r, on, quantity, grade, person) in enumerate(deeds)
    ]
    at_once = score_all(to_score, {})
    counted: list[Counted] = []
    for d in sorted(to_score, key=lambda d: (d.done_on, d.key)):
        alone = one(
            d.rule,
            counted,
            on=d.done_on,
            quantity=d.quantity_tenths,
            grade=d.grade,
            terms=terms,
            person=d.person_id,
        )
        assert alone == at_once[d.key]
        assert len(explain(alone.steps)) == len(alone.steps)
        assert abs(alone.points_tenths) <= abs(alone.raw_tenths)
        counted.append(
            Counted(d.done_on, alone.points_tenths, d.rule.code, d.rule.category, d.rule.group, d.person_id,
                    (d.quantity_tenths or 0) if d.rule.ladder else 0, alone.raw_tenths < 0)
        )  # fmt: skip
    gained = [c for c in counted if c.points_tenths > 0]
    total = sum(c.points_tenths for c in gained)
    for category in {c.category for c in gained} if bound else ():
        assert sum(c.points_tenths for c in gained if c.category == category) <= max(100, total / 2)


def test_rules_with_everything_are_read_back_from_their_sheet() -> None:
    rules = (
        *ALL,
        s.VETO,
        CharterRule("Z1", "荣誉", "国家级", "fixed", points_tenths=1_000, validity_months=60),
    )
    _headers, rows = charter_sheet.charter_rows(rules)
    keys = [c.key for c in charter_sheet.COLUMNS]
    read = charter_sheet.read_charter(s.sheet(*(dict(zip(keys, row, strict=True)) for row in rows)))
    assert (read.rules, read.problems) == (rules, ())


@pytest.mark.parametrize(
    "cells",
    [{"points_kind": "按累计", "points": "10:2;4:1", "unit": "小时"}, {"points_kind": "按累计", "points": "4:1"}, {"points_kind": "按累计", "points": "4"},
     {"repeat": "12"}, {"vetoes": "是"}, {"vetoes": "也许"}, {"validity": "61"}, {"repeat": "x"}, {"group": "长" * 21}],
)  # fmt: skip
def test_what_a_rule_can_not_say_is_refused_in_its_cell(cells: dict[str, str]) -> None:
    good = {"code": "A1", "category": "x", "title": "y", "points_kind": "固定", "points": "5"}
    read = charter_sheet.read_charter(s.sheet({**good, **cells}))
    assert read.problems and not read.rules


def test_members_are_counted_by_the_house_and_a_quarter_once(place: Place) -> None:
    s.adopt(place, rules=ALL)
    members = len(residents.members(place.household.pk))
    deed = s.verify(place, place.claim("Y01", actor=place.clerk, quantity_tenths=990))
    assert (members, deed.points_tenths, deed.quantity_tenths) == (2, 20, 20)
    again = s.verify(place, place.claim("Y01", actor=place.clerk, done_on=TODAY - timedelta(days=30)))
    assert again.points_tenths == 0
    told = story.story(actor=place.villager, deed_id=deed.pk)
    assert any("2" in line for line in told.why) and plain_words(told)
    failed = s.deduct(place, "Y02")
    assert failed.points_tenths == -20


def test_bulk_and_single_verification_write_the_same(place: Place) -> None:
    s.adopt(place, rules=ALL, terms=TERMS)
    codes = ["H01", "D01", "D02", "T01", "N01", "H01", "W01"]
    made = {}
    for home in (place.household, place.neighbour):
        made[home.pk] = [
            place.claim(
                code, actor=place.clerk, household_id=home.pk, done_on=TODAY - timedelta(days=9 - n // 2),
                quantity_tenths=30 if code == "H01" else None, grade="良" if code == "W01" else "",
            ).pk
            for n, code in enumerate(codes)
        ]  # fmt: skip
    for pk in made[place.household.pk]:
        verification.verify_deed(actor=place.clerk2, deed_id=pk, at=NOON)
    verification.verify_deeds(actor=place.clerk2, deed_ids=made[place.neighbour.pk], at=NOON)
    single, bulk = (
        list(
            Deed.objects.filter(pk__in=ids).order_by("pk").values_list("raw_tenths", "points_tenths", "steps")
        )
        for ids in made.values()
    )
    assert single == bulk
    assert sum(p for _raw, p, _steps in single) > 0


def test_late_entry_and_validity_are_the_charters(place: Place) -> None:
    s.adopt(place, rules=ALL, terms=Terms(late_entry_days=30, validity=Validity("year", 0)))
    with pytest.raises(claims.DeedTooLate):
        place.claim("D01", done_on=TODAY - timedelta(days=31))
    deed = s.verify(place, place.claim("D01", done_on=TODAY - timedelta(days=30)))
    s.publish(place)
    assert [e.on for e in statement.expiries(actor=SYSTEM, household_id=place.household.pk)] == [
        date(2027, 1, 1)
    ]
    assert story.story(actor=place.villager, deed_id=deed.pk).last_day == date(2026, 12, 31)


def test_a_deduction_of_nothing_left_is_hidden_from_neighbours(place: Place) -> None:
    s.adopt(place, rules=ALL)
    for code in ("L02", "L01"):
        s.deduct(place, code)
    s.publish(place, NOON + timedelta(days=10))
    assert list(Deed.objects.order_by("pk").values_list("points_tenths", flat=True)) == [-200, 0]
    from xinzhi.kernel.notices.models import PublicationLine

    assert all(line.is_deduction for line in PublicationLine.objects.all())


def test_on_its_day_the_points_of_earlier_years_end_once_with_an_entry_each(place: Place) -> None:
    s.adopt(place, rules=ALL, terms=Terms(reset_on=(1, 10)))
    s.verify(place, place.claim("D01"))
    s.verify(place, place.claim("D01", actor=place.neighbours, household_id=place.neighbour.pk))
    s.publish(place)
    tenth = datetime(2027, 1, 9, 16, 4, tzinfo=UTC)  # the tenth of January, four past midnight
    with pytest.raises(resetting.ResetNotDue):
        resetting.reset_year(
            actor=SYSTEM, village_id=place.village.pk, year=2027, at=tenth - timedelta(hours=1)
        )
    assert resetting.reset_years(tenth - timedelta(hours=1)) == 0
    assert resetting.reset_years(tenth) == 2
    assert resetting.reset_years(tenth) == resetting.reset_years(tenth + timedelta(days=40)) == 0
    line = statement.statement(actor=SYSTEM, household_id=place.household.pk).items[0]
    assert (line.amount_tenths, line.balance_after_tenths) == (-80, 0) and line.title
    found = statement.balances(actor=SYSTEM, household_id=place.household.pk)
    assert (found.spendable_tenths, found.honour_tenths) == (0, 80)
    assert not list(ledger.verify())
    [figures] = budgets({place.village.pk: "x"}, as_of=date(2027, 1, 10), now=tenth) or []
    assert (figures.outstanding_tenths, figures.expired_tenths) == (0, 160)


def test_without_a_day_nothing_is_reset(place: Place) -> None:
    with pytest.raises(resetting.NoYearlyReset):
        resetting.reset_year(actor=SYSTEM, village_id=place.village.pk, year=2026, at=NOON)
    assert resetting.reset_years(NOON) == 0


def test_what_can_still_be_earned_knows_the_households_cap(place: Place) -> None:
    s.adopt(place, rules=ALL, terms=Terms(household_caps=(Cap("month", points_tenths=80),)))
    s.verify(place, place.claim("D01"))
    with clock.fixed(NOON):
        found = earnable.earnable(actor=place.villager, household_id=place.household.pk, on=TODAY)
    assert all(e.is_used_up for entries in found.values() for e in entries)


def test_a_program_and_the_sheet_adopt_what_was_declared(place: Place) -> None:
    from xinzhi.scenes.governance_points.services import charter

    _headers, rows = charter_sheet.charter_rows(RULES, TERMS)
    keys = [c.key for c in charter_sheet.COLUMNS]
    report = charter.import_charter(
        actor=SYSTEM, village_id=place.village.pk, table=s.sheet(*(dict(zip(keys, r, strict=True)) for r in rows)),
        resolution="决议9号", active_from=date(2026, 2, 1), dry_run=False, at=NOON,
    )  # fmt: skip
    assert report.version is not None
    from xinzhi.scenes.governance_points.queries.charter import charter_on

    assert charter_on(place.village.pk, TODAY).terms == TERMS
