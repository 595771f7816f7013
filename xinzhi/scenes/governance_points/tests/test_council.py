"""The council decides before anything is published: quorum, recusal, majority, re-check, signed minutes."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.identity import services as identity
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.workflow import services as workflow
from xinzhi.kernel.workflow.errors import StateHasMoved
from xinzhi.kernel.workflow.models import Task
from xinzhi.scenes.governance_points.guards import CouncilDecidesFirst
from xinzhi.scenes.governance_points.lifecycle import DEED, MEETING
from xinzhi.scenes.governance_points.models import CouncilMeeting, Deed, MeetingAttendance
from xinzhi.scenes.governance_points.queries import council as queries
from xinzhi.scenes.governance_points.services import charter, council, publishing, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON, RULES, _hirer

EVENING = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def table(place):
    """The village wants its council; it has three members, one of them of the household of the tests."""
    adopt(place)
    hire = _hirer()
    for name in ("council2", "council3"):
        hire(name, "council_member", place.village)
    return place


def adopt(place, rules=RULES, resolution="决议2号", active_from=date(2026, 6, 1)):
    charter.adopt_charter(
        actor=SYSTEM, village_id=place.village.pk, charter_rules=rules, resolution=resolution, active_from=active_from,
        council_deliberates=True, at=NOON,
    )  # fmt: skip


def verified(place, code="C01", household=None, **changes):
    actor = place.villager if household is None else place.neighbours
    deed = place.claim(code, actor=actor, household_id=(household or place.household).pk, **changes)
    verifier = {"C01": place.inspector, "D02": place.clerk, "F01": place.council}[code]
    return verification.verify_deed(actor=verifier, deed_id=deed.pk, at=NOON)


def call(at_table, **changes):
    wanted = {
        "actor": at_table.clerk, "request_key": uuid4(), "village_id": at_table.village.pk, "meets_at": EVENING, "place": "村委会二楼",
        "at": NOON,
    }  # fmt: skip
    return council.call_meeting(**{**wanted, **changes})


def hold(place, meeting, votes=None, present=None, **changes):
    items = list(meeting.items.order_by("position"))
    there = present if present is not None else [m.user_id for m in members(place)]
    given_votes = votes if votes is not None else [council.Vote(i.pk) for i in items]
    wanted = {
        "actor": place.clerk, "meeting_id": meeting.pk, "present": there, "votes": given_votes, "request_key": uuid4(),
        "at": EVENING,
    }  # fmt: skip
    return council.hold_meeting(**{**wanted, **changes})


def members(place):
    return queries.members_of_council(place.village.pk, local_date(EVENING))


def state(deed):
    return Deed.objects.get(pk=deed.pk).state


def publish(place):
    return publishing.publish_deeds(
        actor=place.clerk, request_key=uuid4(), village_id=place.village.pk, at=EVENING
    )


def test_nothing_is_published_before_the_council_has_approved_it(table):
    deed = verified(table)
    with pytest.raises(publishing.NothingToPublish):
        publish(table)
    with pytest.raises(CouncilDecidesFirst):
        workflow.advance(Deed.objects.get(pk=deed.pk), "publish", actor=table.clerk, at=NOON)
    hold(table, call(table))
    assert state(deed) == "approved"
    assert publish(table).line_count == 1


def test_what_was_verified_since_comes_on_the_agenda_when_asked(table):
    first = verified(table)
    meeting = call(table)
    second = verified(table, "D02", quantity_tenths=10)
    assert [i.deed_id for i in meeting.items.all()] == [first.pk]
    assert council.refresh_agenda(actor=table.clerk, meeting_id=meeting.pk, at=NOON) == 2
    assert {i.deed_id for i in meeting.items.all()} == {first.pk, second.pk}


def test_less_than_half_of_the_members_decide_nothing(table):
    deed = verified(table)
    meeting = call(table)
    with pytest.raises(council.NoQuorum):
        hold(table, meeting, present=[members(table)[0].user_id])
    assert (state(deed), CouncilMeeting.objects.get(pk=meeting.pk).state) == ("verified", "prepared")


def test_a_tie_does_not_pass_and_needs_its_reason(table):
    deed = verified(table)
    meeting = call(table)
    item, two = meeting.items.get(), [m.user_id for m in members(table)][:2]
    with pytest.raises(council.RefusalNeedsReason):
        hold(table, meeting, [council.Vote(item.pk, against=1)], two)
    hold(table, meeting, [council.Vote(item.pk, against=1, reason_code="not_convinced")], two)
    assert state(deed) == "returned"
    item.refresh_from_db()
    assert (item.outcome, item.votes_for, item.votes_against) == ("returned", 1, 1)


def test_more_votes_than_voters_are_refused(table):
    verified(table)
    meeting = call(table)
    with pytest.raises(council.VotesDoNotFit):
        hold(table, meeting, [council.Vote(meeting.items.get().pk, against=3, abstaining=1)])


def test_who_belongs_to_the_household_does_not_vote_about_it(table):
    head = residents.head_ids([table.household.pk])[table.household.pk]
    login = identity.login_of_person(head, at=NOON)
    identity.grant_role(
        actor=SYSTEM, user_id=login.pk, role="council_member", region_id=table.village.pk, at=NOON
    )
    own, other = verified(table), verified(table, household=table.neighbour)
    meeting = call(table)
    hold(table, meeting)
    votes = {i.deed_id: i for i in meeting.items.all()}
    assert (votes[own.pk].votes_for, votes[own.pk].recused_user_ids) == (3, [login.pk])
    assert (votes[other.pk].votes_for, votes[other.pk].recused_user_ids) == (4, [])


def test_where_everybody_is_recused_it_is_postponed(table):
    deed = verified(table)
    meeting = call(table)
    everybody = frozenset(m.user_id for m in members(table))
    item = meeting.items.get()
    with pytest.raises(council.NobodyMayVote):
        hold(table, meeting, [council.Vote(item.pk, recused=everybody)])
    hold(table, meeting, [council.Vote(item.pk, recused=everybody, is_postponed=True)])
    assert state(deed) == "verified"
    assert call(table, meets_at=EVENING + timedelta(days=7), at=EVENING).items.get().deed_id == deed.pk


def test_every_item_needs_a_decision(table):
    verified(table)
    verified(table, household=table.neighbour)
    meeting = call(table)
    with pytest.raises(council.ItemMissing):
        hold(table, meeting, [council.Vote(meeting.items.first().pk)])


def test_the_same_request_again_changes_nothing(table):
    verified(table)
    meeting, key = call(table), uuid4()
    for _time in range(2):
        hold(table, meeting, request_key=key)
    assert MeetingAttendance.objects.count() == 3
    with pytest.raises(StateHasMoved):
        hold(table, meeting)


def test_one_meeting_is_called_at_a_time_and_a_double_click_is_one(table):
    verified(table)
    key = uuid4()
    assert call(table, request_key=key).pk == call(table, request_key=key).pk
    with pytest.raises(council.MeetingCalledAlready):
        call(table)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"place": " "}, council.PlaceNeeded),
        ({"place": "远" * 61}, council.PlaceNeeded),
        ({"meets_at": EVENING + timedelta(days=200)}, council.MeetingOutOfReach),
        ({"meets_at": EVENING - timedelta(days=60)}, council.MeetingOutOfReach),
    ],
)
def test_a_meeting_that_can_not_be_is_refused_in_words(table, changes, error):
    with pytest.raises(error):
        call(table, **changes)


def test_a_meeting_called_off_leaves_everything_waiting(table):
    deed = verified(table)
    meeting = call(table)
    council.call_off(actor=table.clerk, meeting_id=meeting.pk, request_key=uuid4(), at=NOON)
    assert (state(deed), meeting.items.count()) == ("verified", 0)
    assert call(table).sequence == 2


@pytest.mark.parametrize(
    ("held", "until"),
    [
        (datetime(2026, 11, 5, 4, tzinfo=UTC), datetime(2026, 11, 10, 16, tzinfo=UTC)),
        (datetime(2026, 11, 10, 4, tzinfo=UTC), datetime(2026, 11, 10, 16, tzinfo=UTC)),
        (datetime(2026, 11, 11, 4, tzinfo=UTC), datetime(2026, 12, 10, 16, tzinfo=UTC)),
        (datetime(2026, 12, 20, 4, tzinfo=UTC), datetime(2027, 1, 10, 16, tzinfo=UTC)),
    ],
)
def test_the_township_has_until_the_end_of_the_next_tenth(held, until):
    assert queries.recheck_until(held) == until


def test_the_township_re_checks_what_the_rule_asks_for(table):
    adopt(table, tuple(replace(r, recheck=r.code == "F01") for r in RULES), "决议3号", local_date(NOON))
    plain, checked = verified(table), verified(table, "F01")
    hold(table, call(table))
    assert (state(plain), state(checked)) == ("approved", "rechecking")
    due = Task.objects.get(lifecycle=DEED.name, subject_id=checked.pk).due_at
    assert due == datetime(2026, 12, 10, 16, tzinfo=UTC)
    assert publish(table).line_count == 1
    workflow.advance(Deed.objects.get(pk=checked.pk), "confirm_recheck", actor=table.township, at=EVENING)
    assert publish(table).line_count == 1


def test_sent_back_by_the_township_it_returns_to_the_council(table):
    adopt(table, tuple(replace(r, recheck=r.code == "F01") for r in RULES), "决议3号", local_date(NOON))
    deed = verified(table, "F01")
    hold(table, call(table))
    workflow.advance(
        Deed.objects.get(pk=deed.pk),
        "recheck_return",
        actor=table.township,
        at=EVENING,
        reason_code="minutes_missing",
    )
    assert call(table, meets_at=EVENING + timedelta(days=1), at=EVENING).items.get().deed_id == deed.pk


def test_signed_minutes_end_the_meeting(table):
    verified(table)
    meeting = call(table)
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 200, 200)).save(picture, "JPEG")
    scan = evidence.store(actor=table.clerk, data=picture.getvalue(), village_id=table.village.pk, at=NOON)
    given = {"actor": table.clerk, "meeting_id": meeting.pk, "request_key": uuid4(), "at": EVENING}
    with pytest.raises(council.MeetingNotHeld):
        council.file_minutes(**given, evidence_ids=[scan.pk])
    hold(table, meeting)
    with pytest.raises(council.ScanNeeded):
        council.file_minutes(**given, evidence_ids=[])
    assert council.file_minutes(**given, evidence_ids=[scan.pk]).state == "filed"
    assert not Task.objects.filter(lifecycle=MEETING.name).exists()
    view = queries.meeting_view(actor=table.township, meeting_id=meeting.pk)
    assert [e.pk for e in view.scans] == [scan.pk]


def test_strangers_see_no_meeting(table):
    verified(table)
    meeting = call(table)
    for actor in (table.villager, table.other_clerk):
        with pytest.raises(queries.NotFound):
            queries.meeting_view(actor=actor, meeting_id=meeting.pk)
        with pytest.raises(council.NotFound):
            hold(table, meeting, actor=actor)


@given(there=st.integers(1, 60), against=st.integers(0, 60), abstaining=st.integers(0, 60))
def test_an_item_passes_exactly_with_more_than_half_of_the_voters(there, against, abstaining):
    from xinzhi.scenes.governance_points.models import MeetingItem

    item = MeetingItem(pk=1, position=1, deed=Deed(household_id=1))
    vote = council.Vote(1, against=against, abstaining=abstaining, reason_code="not_convinced")
    try:
        council._decide(item, vote, set(range(there)), [])
    except council.VotesDoNotFit:
        assert against + abstaining > there
        return
    assert item.votes_for + item.votes_against + item.votes_abstaining == there
    assert (item.outcome == "approved") == (item.votes_for > there - item.votes_for)
