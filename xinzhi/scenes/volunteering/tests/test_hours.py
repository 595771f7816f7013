"""In by code, out by code, confirmed by two, told to the charter; put right with a reason."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from xinzhi.kernel.events.models import PublishedEvent
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.workflow import queries as workflow
from xinzhi.kernel.workflow.errors import FourEyes, OwnHousehold
from xinzhi.scenes.volunteering.codes import CodeExpired, CodeNotValid, activity_id_of, code_of
from xinzhi.scenes.volunteering.counting import counted_tenths
from xinzhi.scenes.volunteering.lifecycle import NothingCounted
from xinzhi.scenes.volunteering.models import Hours
from xinzhi.scenes.volunteering.queries import hours as queries
from xinzhi.scenes.volunteering.services import certificates, presence
from xinzhi.scenes.volunteering.services import hours as services
from xinzhi.scenes.volunteering.services.activities import move_activity
from xinzhi.scenes.volunteering.tests.conftest import END, NOON, START, TODAY, hired

OBSERVED, WITHDRAWN = "rules.deed_observed.v1", "rules.deed_withdrawn.v1"


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def facts(name=OBSERVED):
    return [row.payload for row in PublishedEvent.objects.filter(name=name).order_by("pk")]


@pytest.mark.parametrize(
    ("came", "left", "tenths"),
    [
        (0, 180, 30),
        (-60, 240, 30),  # early and late count nothing
        (0, 29, 0),
        (0, 30, 5),
        (1, 120, 15),  # 1 h 59 min
        (0, 179, 25),
        (200, 240, 0),
    ],
)
def test_full_half_hours_within_the_planned_times_count(came, left, tenths):
    found = counted_tenths(START + minutes(came), START + minutes(left), starts_at=START, ends_at=END)
    assert found == tenths


def test_a_code_is_of_one_activity_and_holds_for_minutes_or_on_paper_until_an_hour_after_the_end(place):
    activity = place.plan()
    token, until = code_of(activity, at=START)
    assert until == START + minutes(10)
    assert activity_id_of(token, at=until) == activity.pk
    with pytest.raises(CodeExpired):
        activity_id_of(token, at=until + timedelta(seconds=1))
    paper, until = code_of(activity, at=NOON, on_paper=True)
    assert until == END + minutes(60)
    for spoilt in (paper[:-1] + ("A" if paper[-1] != "A" else "Q"), paper[1:], "", "文化礼堂", "A" * 60):
        with pytest.raises(CodeNotValid):
            activity_id_of(spoilt, at=NOON)


def test_in_and_out_by_code_become_hours_once(place):
    activity = place.plan()
    place.sign_up(activity)
    came = place.check("in", activity, START + minutes(5))
    assert place.check("in", activity, START + minutes(6)).pk == came.pk
    left = place.check("out", activity, START + minutes(130))
    again = place.check("out", activity, START + minutes(170))

    assert (left.pk, again.hours_tenths, left.state) == (came.pk, 20, "recorded")
    assert Hours.objects.count() == 1


def test_who_has_no_place_or_comes_at_another_time_is_refused(place):
    activity = place.plan()
    with pytest.raises(presence.NotSignedUp):
        place.check("in", activity, START)
    place.sign_up(activity)
    with pytest.raises(presence.NotNow):
        place.check("in", activity, START - minutes(61))
    with pytest.raises(presence.NotCheckedIn):
        place.check("out", activity, START)
    with pytest.raises(NotFound):
        place.check("in", activity, START, actor=place.volunteers[1])
    assert not Hours.objects.exists()


def test_nobody_is_at_two_places_at_once(place):
    first, second = place.plan(), place.plan(title="敬老")
    place.sign_up(first)
    place.sign_up(second)
    place.check("in", first, START)
    with pytest.raises(presence.ElsewhereNow) as refusal:
        place.check("in", second, START)
    assert "清理河道" in refusal.value.message


def test_the_end_closes_who_forgot_to_check_out(place):
    activity = place.plan()
    place.sign_up(activity)
    place.check("in", activity, START)
    move_activity(
        actor=place.clerk, activity_id=activity.pk, action="finish", request_key=uuid4(), at=END + minutes(20)
    )
    hours = Hours.objects.get()
    assert (hours.state, hours.hours_tenths, hours.closed_by_end, hours.left_at) == (
        "recorded",
        30,
        True,
        END,
    )


def test_the_organiser_notes_by_hand_after_the_end_who_has_a_place(place):
    activity = place.plan()
    place.sign_up(activity, 0)
    key, people = uuid4(), [place.person(0)]
    with pytest.raises(presence.TickNotBefore):
        presence.tick(
            actor=place.clerk, request_key=key, activity_id=activity.pk, person_ids=people, at=START
        )
    with pytest.raises(presence.NobodyTicked):
        presence.tick(
            actor=place.clerk, request_key=key, activity_id=activity.pk, person_ids=[*people, place.person(1)], at=END
        )  # fmt: skip
    with pytest.raises(NotFound):
        presence.tick(
            actor=place.other_clerk, request_key=key, activity_id=activity.pk, person_ids=people, at=END
        )
    for _again in range(2):
        rows = presence.tick(
            actor=place.clerk, request_key=key, activity_id=activity.pk, person_ids=people, at=END
        )
    assert [(h.state, h.hours_tenths, h.source) for h in rows] == [("recorded", 30, "ticked")]
    assert Hours.objects.count() == 1


def test_two_different_persons_confirm_and_then_the_charter_is_told_once(place):
    hours = place.served()
    key, other = uuid4(), uuid4()
    for _double_click in range(2):
        assert services.confirm([hours.pk], actor=place.clerk, at=END, request_key=key).advanced == [hours.pk]
    moved = place.confirm(place.clerk, hours)
    assert isinstance(moved.refused[hours.pk], FourEyes)
    assert facts() == []
    for _double_click in range(2):
        assert services.confirm([hours.pk], actor=place.council, at=END, request_key=other).advanced == [
            hours.pk
        ]

    hours.refresh_from_db()
    (fact,) = facts()
    assert (hours.state, hours.deed_told) == ("confirmed", True)
    assert (fact["act_code"], fact["quantity_tenths"]) == ("volunteering.hours_served", 30)
    assert (fact["household_id"], fact["person_id"]) == (place.households[0].pk, place.person(0))
    assert (fact["done_on"], fact["confirmed_by_code"]) == (TODAY.isoformat(), place.council.person_key)


def test_nobody_confirms_his_own_household(place):
    from xinzhi.kernel.foundation.actors import SYSTEM
    from xinzhi.kernel.identity import services as identity
    from xinzhi.kernel.identity.actors import actor_of
    from xinzhi.kernel.identity.models import User

    user_id = place.volunteers[0].user_id
    identity.grant_role(
        actor=SYSTEM, user_id=user_id, role="village_clerk", region_id=place.village.pk, active_from=TODAY
    )
    both = actor_of(User.objects.get(pk=user_id))
    hours = place.served()

    assert isinstance(place.confirm(both, hours).refused[hours.pk], OwnHousehold)
    with pytest.raises(OwnHousehold):
        services.correct_hours(
            actor=both, hours_id=hours.pk, came_at=START, left_at=END, reason_code="time_wrong", request_key=uuid4(), at=END
        )  # fmt: skip


def test_less_than_half_an_hour_is_not_confirmed(place):
    hours = place.served(left=START + minutes(20))
    assert isinstance(place.confirm(place.clerk, hours).refused[hours.pk], NothingCounted)


def test_a_strangers_confirmation_is_no_confirmation(place):
    hours = place.served()
    for stranger in (place.other_clerk, place.volunteers[1]):
        assert hours.pk in place.confirm(stranger, hours).refused
    hours.refresh_from_db()
    assert hours.state == "recorded"


def test_a_correction_takes_the_deed_back_and_asks_for_both_anew(place):
    hours = place.confirmed()
    key = uuid4()
    for _again in range(2):
        found = services.correct_hours(
            actor=place.clerk, hours_id=hours.pk, came_at=START, left_at=START + minutes(60), reason_code="left_early",
            request_key=key, at=END,
        )  # fmt: skip
    assert (found.state, found.hours_tenths, found.edition, found.deed_told) == ("recorded", 10, 2, False)
    (told,) = facts()
    assert [f["occurrence"] for f in facts(WITHDRAWN)] == [told["occurrence"]]
    place.confirm(place.clerk, hours)
    place.confirm(place.council, hours)

    first, second = facts()
    assert (second["quantity_tenths"], first["occurrence"] != second["occurrence"]) == (10, True)
    words = [t.word for t in workflow.timeline(Hours.objects.get(), actor=place.clerk)]
    assert len(words) == 7  # in, out, two confirmations, the correction, two confirmations


def test_times_beyond_the_activity_are_no_correction(place):
    hours = place.served()
    for came, left in ((START - minutes(1), END), (START, END + minutes(1)), (END, START)):
        with pytest.raises(services.TimesNotOfActivity):
            services.correct_hours(
                actor=place.clerk, hours_id=hours.pk, came_at=came, left_at=left, reason_code="time_wrong", request_key=uuid4(),
                at=END,
            )  # fmt: skip


def test_a_withdrawn_hour_withdraws_the_deed_and_frees_the_place_of_the_record(place):
    hours = place.confirmed()
    key = uuid4()
    for _again in range(2):
        services.withdraw_hours(
            actor=place.clerk, hours_id=hours.pk, reason_code="not_there", request_key=key, at=END
        )
    (told,) = facts()
    (taken_back,) = facts(WITHDRAWN)
    assert (taken_back["occurrence"], taken_back["reason_code"]) == (told["occurrence"], "not_there")
    assert queries.confirmed_tenths(place.person(), TODAY, village_id=place.village.pk) == 0


def test_a_certificate_says_what_is_confirmed_and_stops_holding_when_it_is_withdrawn(place):
    hours = place.confirmed()
    given = {
        "actor": place.volunteers[0], "request_key": uuid4(), "household_id": place.households[0].pk,
        "person_id": place.person(), "until_day": TODAY, "at": END,
    }  # fmt: skip
    issued = certificates.issue_certificate(**given)
    assert certificates.issue_certificate(**given).pk == issued.pk
    assert issued.hours_tenths == 30
    found = queries.verify(f"{issued.code[:4].lower()}-{issued.code[4:]} ")
    assert found is not None
    assert (found.is_genuine, found.hours_tenths, found.issued_by, found.name_masked[0]) == (
        True,
        30,
        "大里村",
        "李",
    )
    assert "试样" not in found.name_masked
    services.withdraw_hours(
        actor=place.clerk, hours_id=hours.pk, reason_code="not_there", request_key=uuid4(), at=END
    )
    found = queries.verify(issued.code)
    assert found is not None and not found.is_genuine
    assert queries.verify("AAAABBBBCCCC") is None


def test_a_certificate_is_of_ones_own_household_with_hours_until_today(place):
    place.confirmed()
    given = {
        "actor": place.volunteers[0], "household_id": place.households[0].pk, "person_id": place.person(), "until_day": TODAY,
        "at": END,
    }  # fmt: skip
    for changes, refusal in (
        ({"actor": place.volunteers[1]}, NotFound),
        ({"person_id": place.person(1)}, certificates.PersonNotOfHousehold),
        ({"until_day": TODAY + timedelta(days=1)}, certificates.DayInFuture),
        ({"until_day": TODAY - timedelta(days=1)}, certificates.NoHoursYet),
    ):
        with pytest.raises(refusal):
            certificates.issue_certificate(**(given | changes), request_key=uuid4())


def test_a_second_person_without_the_first_permission_may_not_run(place):
    supervisor = hired("help-supervisor", "supervisor", place.village)
    hours = place.served()
    assert hours.pk in place.confirm(supervisor, hours).refused
    assert hours.pk in place.confirm(place.council, hours).refused  # a council member confirms second only
    assert NOON < END
