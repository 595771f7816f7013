"""Two look at a courtyard by themselves; what they find becomes a grade, time to make good, or a third look."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from xinzhi.kernel.events.models import PublishedEvent
from xinzhi.kernel.foundation.errors import DomainError, NotFound
from xinzhi.kernel.notices.models import Message
from xinzhi.kernel.rules.queries import NoVersionInForce
from xinzhi.kernel.workflow.errors import OwnHousehold, StateHasMoved
from xinzhi.kernel.workflow.models import Task
from xinzhi.scenes.courtyards.models import Courtyard, Visit
from xinzhi.scenes.courtyards.queries import rounds as queries
from xinzhi.scenes.courtyards.queries.agreement import pairs_of_scores
from xinzhi.scenes.courtyards.services import grading, rounds, sheets, visits
from xinzhi.scenes.courtyards.sheet import TEMPLATE, agreed_tenths
from xinzhi.scenes.courtyards.tests.conftest import NOON, TODAY, clean, household_of, opened

OBSERVED, WITHDRAWN = "rules.deed_observed.v1", "rules.deed_withdrawn.v1"


def facts(name=OBSERVED):
    return [row.payload for row in PublishedEvent.objects.filter(name=name).order_by("pk")]


def test_the_sheet_is_the_hundred_points_of_the_source():
    items = [i for i in TEMPLATE if i.part == "item"]
    assert [i.most for i in items] == [20, 15, 15, 12, 10, 8, 8, 5, 5, 2]
    assert sum(i.most for i in items) == 100
    assert next(i for i in TEMPLATE if i.part == "bonus").most == 5
    assert {i.title for i in TEMPLATE if i.part == "veto"} == {"新增违建", "露天焚烧", "污水直排溪沟"}


@pytest.mark.parametrize(
    ("first", "second", "state", "result", "grade"),
    [
        ({}, {}, "graded", 1000, "A"),
        ({"Y01": 10}, {"Y01": 10}, "graded", 900, "A"),  # exactly 90
        ({"Y01": 10}, {"Y01": 10, "Y08": 5}, "graded", 875, "B"),
        ({"Y01": 20}, {"Y01": 20}, "graded", 800, "B"),  # exactly 80
        ({"Y01": 20, "Y02": 9}, {"Y01": 20, "Y02": 12}, "graded", None, "D"),
        ({"Y01": 20, "Y05": 10}, {"Y01": 20, "Y05": 10}, "graded", 700, "C"),  # exactly 70
        ({}, {"Y02": 15}, "graded", 925, "A"),  # exactly 15 apart is not more than 15
        ({}, {"Y01": 16}, "third", None, ""),
    ],
)  # fmt: skip
def test_two_scores_come_to_a_grade(place, first, second, state, result, grade):
    place.visit(place.inspector, marks=clean(**first))
    assert place.yard().state == "open"
    place.visit(place.council, marks=clean(**second))

    yard = place.yard()
    if grade == "D":
        assert (yard.state, yard.result_tenths, yard.grade) == ("rectifying", 695, "")
    else:
        assert (yard.state, yard.result_tenths, yard.grade) == (state, result, grade)


def test_two_scores_of_a_yard_are_a_pair_for_the_fairness_report(place):
    place.visit(place.inspector, marks=clean())
    assert pairs_of_scores([place.village.pk], TODAY, TODAY) == []
    place.visit(place.council, marks=clean(Y01=6))
    assert pairs_of_scores([place.village.pk], TODAY, TODAY) == [(100, 94)]
    assert pairs_of_scores([place.other_village.pk], TODAY, TODAY) == []


def test_a_third_decides_by_the_median(place):
    place.visit(place.inspector)
    place.visit(place.council, marks=clean(Y01=16))
    assert Task.objects.get(lifecycle="courtyards.yard", subject_id=place.yard().pk).waiting is False

    place.visit(place.third, marks=clean(Y01=4))

    assert (place.yard().state, place.yard().result_tenths, place.yard().grade) == ("graded", 960, "A")
    assert agreed_tenths([1000, 840, 960]) == 960


def test_a_grade_is_told_to_the_charter_once_with_who_confirmed_it(place):
    place.visit(place.inspector)
    assert facts() == []
    place.visit(place.council)

    (fact,) = facts()
    assert fact["act_code"] == "courtyards.graded"
    assert fact["grade_code"] == "A"
    assert fact["subject_code"] == place.yard().reference
    assert fact["confirmed_by_code"] == place.council.person_key
    assert (fact["household_id"], fact["done_on"]) == (place.household.pk, TODAY.isoformat())


def test_not_at_home_and_declined_are_no_score(place):
    place.visit(place.inspector, outcome="not_at_home", photos=0, consent="", consented_at=None, marks={})
    place.visit(place.inspector, outcome="declined", photos=0, consent="", consented_at=None, marks={})
    assert list(Visit.objects.values_list("total_tenths", "turn")) == [(None, 0), (None, 0)]
    rounds.close_round(actor=place.clerk, round_id=place.round.pk, at=NOON)
    assert (place.yard().state, place.yard().result_tenths, place.yard().grade) == ("unscored", None, "")
    assert facts() == []


def test_below_seventy_there_are_seven_days_and_a_second_look(place):
    low = clean(Y01=20, Y02=15)
    place.visit(place.inspector, marks=low)
    place.visit(place.council, marks=low)
    yard = place.yard()
    assert (yard.state, yard.first_tenths) == ("rectifying", 650)
    task = Task.objects.get(lifecycle="courtyards.yard", subject_id=yard.pk)
    assert task.due_at == NOON.replace(hour=16) + timedelta(
        days=7
    )  # midnight in Shanghai after the seventh day
    assert {m.params["until"] for m in Message.objects.filter(template="courtyards.rectify")} == {
        "2026-11-30"
    }
    assert facts() == []

    place.visit(place.third, at=NOON + timedelta(days=3), marks=clean(Y01=10))

    yard = place.yard()
    assert (yard.state, yard.first_tenths, yard.result_tenths, yard.grade) == ("graded", 650, 900, "A")
    story = queries.yard_story(actor=place.villager, yard_id=yard.pk)
    assert story.pair is not None
    assert [m.item.code for m in story.looks[0].missed] == ["Y01", "Y02"]
    assert len(facts()) == 1


def test_what_was_seen_before_time_was_given_is_no_second_look(place):
    for rater in (place.inspector, place.council):
        place.visit(rater, at=NOON + timedelta(hours=1), marks=clean(Y01=20, Y02=15))
    with pytest.raises(visits.NoMoreRatersNeeded):
        place.visit(place.third, at=NOON + timedelta(hours=2), scored_at=NOON, consented_at=NOON)
    assert place.yard().state == "rectifying"


def test_nobody_looked_again_so_the_first_score_stands(place):
    for rater in (place.inspector, place.council):
        place.visit(rater, marks=clean(Y01=20, Y02=15))
    key = uuid4()
    for _again in range(2):
        grading.let_stand(actor=place.clerk, yard_id=place.yard().pk, at=NOON, request_key=key)
    assert (place.yard().state, place.yard().grade) == ("graded", "D")
    assert facts() == []


@pytest.mark.parametrize(("seen", "state", "grade"), [((1, 1), "graded", "V"), ((0, 1), "third", "")])
def test_a_veto_voids_the_title_when_most_saw_it(place, seen, state, grade):
    for rater, saw in zip((place.inspector, place.council), seen, strict=True):
        place.visit(rater, vetoes=["V01"] * saw)
    assert (place.yard().state, place.yard().grade) == (state, grade)
    assert facts() == []


def test_a_grade_set_aside_takes_the_deed_back(place):
    for rater in (place.inspector, place.council):
        place.visit(rater)
    key = uuid4()
    for _again in range(2):
        grading.set_aside(
            actor=place.clerk, yard_id=place.yard().pk, reason_code="not_as_scored", at=NOON, request_key=key
        )
    assert place.yard().state == "set_aside"
    assert [f["occurrence"] for f in facts(WITHDRAWN)] == [f["occurrence"] for f in facts()]
    with pytest.raises(StateHasMoved):
        grading.set_aside(
            actor=place.clerk, yard_id=place.yard().pk, reason_code="no_consent", at=NOON, request_key=uuid4()
        )


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"consent": ""}, visits.ConsentNeeded),
        ({"consented_at": None}, visits.ConsentNeeded),
        ({"consented_at": NOON + timedelta(minutes=1)}, visits.ConsentAfterwards),
        ({"consent": "lane"}, visits.LaneOnlyWhereEmpty),
        ({"outcome": "asleep"}, visits.OutcomeUnknown),
        ({"photos": 0}, visits.VisitPhotoNeeded),
        ({"photos": 7}, visits.TooManyPhotos),
        ({"vetoes": ["V99"]}, visits.VetoUnknown),
        ({"marks": {}}, DomainError),
        ({"marks": clean() | {"Y01": 19}}, DomainError),
        ({"marks": clean() | {"Y06": 8}}, DomainError),  # the rooms were not opened by consent to the yard
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_is_refused_and_nothing_is_kept(place, changes, refusal):
    with pytest.raises(refusal):
        place.visit(place.inspector, **changes)
    assert not Visit.objects.exists()
    assert place.yard().state == "open"


def test_rooms_are_scored_only_with_the_consent_for_them(place):
    visit = place.visit(place.inspector, consent="rooms", marks=clean() | {"Y06": 6})
    assert visit.total_tenths == 980


def test_two_raters_never_overwrite_each_other_and_a_second_time_is_told(place):
    first = place.visit(place.inspector, marks=clean(Y01=2))
    with pytest.raises(visits.ScoredAlready) as told:
        place.visit(place.inspector, marks=clean(Y01=8))
    assert "98" in told.value.message
    place.visit(place.council)
    with pytest.raises(visits.NoMoreRatersNeeded):
        place.visit(place.third)
    first.refresh_from_db()
    assert first.total_tenths == 980
    assert Visit.objects.count() == 2


def test_a_batch_counts_once_answers_for_each_and_holds_nobody_up(place):
    good, bad, other = (
        place.record(),
        place.record(consent=""),
        place.record(place.neighbour, outcome="not_at_home"),
    )
    photos = {r.record_key: [visits.Photo(uuid4(), b"no picture")] for r in (bad,)}
    from xinzhi.scenes.courtyards.tests.conftest import jpeg

    photos[good.record_key] = [visits.Photo(uuid4(), jpeg())]
    for _again in range(2):
        answers = visits.sync_visits(
            actor=place.inspector, records=[good, bad, other], photos=photos, at=NOON + timedelta(hours=5)
        )
        assert [type(a.refusal) for a in answers] == [type(None), visits.ConsentNeeded, type(None)]
    assert Visit.objects.count() == 2


def test_a_phone_whose_clock_is_wrong_is_set_right(place):
    record = replace(place.record(outcome="not_at_home"), scored_at=NOON + timedelta(days=400))
    (answer,) = visits.sync_visits(
        actor=place.inspector, records=[record], photos={}, sent_at=NOON + timedelta(days=400, hours=2),
        at=NOON + timedelta(hours=3),
    )  # fmt: skip
    assert answer.visit is not None
    assert answer.visit.visited_at == NOON + timedelta(hours=1)


def test_a_record_of_somebody_else_is_not_taken_for_mine(place):
    visit = place.visit(place.inspector)
    for changes in ({"record_key": visit.record_key}, {"rater_id": place.inspector.user_id}):
        with pytest.raises(visits.RecordOfAnother):
            place.visit(place.council, **changes)


def test_who_has_no_business_there_finds_nothing(place):
    with pytest.raises(NotFound):
        place.visit(place.other_clerk)
    with pytest.raises(NotFound):
        place.visit(place.villager)
    with pytest.raises(NotFound):
        rounds.close_round(actor=place.other_clerk, round_id=place.round.pk, at=NOON)
    with pytest.raises(NotFound):
        queries.round_for(actor=place.other_clerk, round_id=place.round.pk)


def test_nobody_scores_his_own_household(place):
    own = replace(place.inspector, household_ids=(place.household.pk,))
    with pytest.raises(OwnHousehold):
        place.visit(own)


def test_scores_are_not_seen_before_they_can_sway_nobody(place):
    place.visit(place.inspector, marks=clean(Y01=4))
    for reader in (place.clerk, place.council, place.villager):
        assert queries.yard_story(actor=reader, yard_id=place.yard().pk).looks == ()
    (walk,) = queries.walkable(actor=place.council, permission="courtyards.yard.score")
    assert all(y["mine_tenths"] is None for y in walk["yards"])
    (walk,) = queries.walkable(actor=place.inspector, permission="courtyards.yard.score")
    assert [y["mine_tenths"] for y in walk["yards"]] == [960, None]


def test_a_round_needs_a_sheet_a_roster_and_is_one_a_quarter(place):
    with pytest.raises(NoVersionInForce):
        rounds.open_round(
            actor=place.other_clerk,
            request_key=uuid4(),
            village_id=place.other_village.pk,
            last_day=TODAY,
            at=NOON,
        )
    with pytest.raises(rounds.NobodyOnRoute):
        opened(place.other_clerk, place.other_village)
    with pytest.raises(rounds.RoundThere):
        rounds.open_round(
            actor=place.clerk, request_key=uuid4(), village_id=place.village.pk, last_day=TODAY, at=NOON
        )
    again = rounds.open_round(
        actor=place.clerk,
        request_key=place.round.request_key,
        village_id=place.village.pk,
        last_day=TODAY,
        at=NOON,
    )
    assert again.pk == place.round.pk
    with pytest.raises(sheets.RatersOutOfRange):
        opened(place.clerk, place.village, raters=3)
    with pytest.raises(rounds.RoundDaysOutOfRange):
        rounds.open_round(
            actor=place.clerk,
            request_key=uuid4(),
            village_id=place.village.pk,
            last_day=date(2028, 1, 1),
            at=NOON,
        )


def test_the_route_keeps_its_order_and_takes_newcomers_at_its_end(place):
    household_of(place.village, "DL0003", "周测验")
    rounds.lay_route(actor=place.clerk, village_id=place.village.pk, at=NOON)
    rounds.change_courtyard(
        actor=place.clerk,
        village_id=place.village.pk,
        household_no="DL0003",
        yard_class="homestay",
        after_no="",
        at=NOON,
    )
    assert [c.household.household_no for c in queries.route(place.village.pk)] == [
        "DL0003",
        "DL0001",
        "DL0002",
    ]
    rounds.change_courtyard(
        actor=place.clerk,
        village_id=place.village.pk,
        household_no="DL0003",
        yard_class="homestay",
        after_no="DL0001",
        at=NOON,
    )
    assert [c.household.household_no for c in queries.route(place.village.pk)] == [
        "DL0001",
        "DL0003",
        "DL0002",
    ]
    assert Courtyard.objects.get(household__household_no="DL0003").yard_class == "homestay"
    for changes, refusal in (
        ({"yard_class": "castle"}, rounds.ClassUnknown),
        ({"household_no": "XX"}, rounds.NotOnRoute),
        ({"after_no": "DL0003"}, rounds.AfterItself),
    ):
        given = {"household_no": "DL0003", "yard_class": "empty", "after_no": None} | changes
        with pytest.raises(refusal):
            rounds.change_courtyard(actor=place.clerk, village_id=place.village.pk, at=NOON, **given)


def test_like_is_ranked_with_like(place):
    rounds_of = {place.household: clean(), place.neighbour: clean(Y01=4)}
    for household, marks in rounds_of.items():
        for rater in (place.inspector, place.council):
            place.visit(rater, household, marks=marks)
    ((label, rows),) = queries.by_class(queries.yard_rows(place.round))
    assert label
    assert [(r.household_no, r.rank, r.result_tenths) for r in rows] == [
        ("DL0001", 1, 1000),
        ("DL0002", 2, 960),
    ]
    done = queries.progress(place.round)
    assert (done.total, done.graded, done.percent) == (2, 2, 100)


def test_after_the_round_is_closed_nothing_comes_in_any_more(place):
    for _again in range(2):
        rounds.close_round(actor=place.clerk, round_id=place.round.pk, at=NOON)
    with pytest.raises(rounds.RoundClosed):
        place.visit(place.inspector, at=NOON + timedelta(days=1))
