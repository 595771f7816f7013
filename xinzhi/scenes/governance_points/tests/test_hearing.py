"""A deduction: told, heard, decided by somebody else, made good, and never more than there is."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from PIL import Image

from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.ledger import queries as ledger
from xinzhi.kernel.notices import queries as notices
from xinzhi.kernel.workflow import queries as workflow_queries
from xinzhi.kernel.workflow import services as workflow
from xinzhi.kernel.workflow.errors import FourEyes, StateHasMoved
from xinzhi.kernel.workflow.models import Task
from xinzhi.scenes.governance_points.guards import NotADeduction
from xinzhi.scenes.governance_points.lifecycle import DEED
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries import statement, story
from xinzhi.scenes.governance_points.services import hearing, publishing, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON, TODAY


@pytest.fixture
def noticed(place):
    return tell(place)


def tell(place, **changes):
    wanted = {
        "actor": place.clerk, "request_key": uuid4(), "household_id": place.household.pk, "rule_code": "X01",
        "done_on": TODAY, "description": "路边堆了建筑垃圾，清走就好。", "at": NOON,
    }  # fmt: skip
    return hearing.notify_deduction(**{**wanted, **changes})


def earn(place, **changes):
    """Ten points in the household's account."""
    deed = place.claim("P01", evidence_ids=[photo(place)], **changes)
    verification.verify_deed(actor=place.inspector, deed_id=deed.pk, at=NOON)
    publish(place)
    place.let_publication_end()
    return deed


def publish(place):
    return publishing.publish_deeds(
        actor=place.clerk, request_key=uuid4(), village_id=place.village.pk, at=NOON
    )


def photo(place, actor=None):
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), (uuid4().int % 255, 90, 90)).save(picture, "JPEG")
    return evidence.store(
        actor=actor or place.villager, data=picture.getvalue(), household_id=place.household.pk, at=NOON
    ).pk


def confirm(place, deed, actor=None):
    return verification.confirm_deduction(actor=actor or place.clerk2, deed_id=deed.pk, at=NOON)


def test_the_household_is_told_at_once_and_nothing_is_taken(place, noticed):
    earned = place.balance()
    assert noticed.state == "noticed"
    assert "2026-11-30" in str(notices.messages(actor=place.villager).items[0].text)
    assert place.balance() == earned
    task = Task.objects.get(lifecycle=DEED.name, subject_id=noticed.pk)
    assert (task.waiting, (task.due_at - NOON).days) == (True, 7)


def test_nobody_decides_before_the_household_has_answered_or_its_time_is_over(place, noticed):
    with pytest.raises(StateHasMoved):
        confirm(place, noticed)
    assert hearing.end_reply_times(NOON + timedelta(days=6)) == 0
    assert hearing.end_reply_times(NOON + timedelta(days=9)) == 1
    assert confirm(place, noticed).state == "verified"


def test_the_answer_is_read_by_who_decides_and_may_be_given_again(place, noticed):
    for said in ("那天是邻居借放的。", "已经和邻居说好了。"):
        hearing.answer_deduction(
            actor=place.villager, deed_id=noticed.pk, note=said, request_key=uuid4(), at=NOON
        )
    notes = workflow_queries.notes_of(DEED, [noticed.pk], actions=("reply",))[noticed.pk]
    assert [text for _word, text in notes] == ["那天是邻居借放的。", "已经和邻居说好了。"]
    told = story.story(actor=place.clerk2, deed_id=noticed.pk)
    assert "已经和邻居说好了。" in [entry.note for entry in told.timeline]


def test_an_answer_twice_by_the_same_key_is_one(place, noticed):
    key = uuid4()
    for _time in range(2):
        hearing.answer_deduction(
            actor=place.villager, deed_id=noticed.pk, note="不是我们", request_key=key, at=NOON
        )
    assert len(workflow_queries.notes_of(DEED, [noticed.pk], actions=("reply",))[noticed.pk]) == 1


def test_the_office_enters_what_was_answered_on_paper(place, noticed):
    answered = hearing.answer_deduction(
        actor=place.clerk, deed_id=noticed.pk, note="口头说明：已清走", request_key=uuid4(), at=NOON
    )
    assert answered.state == "heard"
    assert workflow_queries.notes_of(DEED, [noticed.pk], actions=("reply_on_paper",))[noticed.pk]


def test_neighbours_can_not_answer_and_do_not_learn_of_it(place, noticed):
    with pytest.raises(hearing.NotFound):
        hearing.answer_deduction(
            actor=place.neighbours, deed_id=noticed.pk, note="我看见了", request_key=uuid4(), at=NOON
        )


def test_who_told_does_not_decide(place, noticed):
    hearing.end_reply_times(NOON + timedelta(days=9))
    with pytest.raises(FourEyes):
        confirm(place, noticed, place.clerk)


def test_dropped_after_the_hearing_nothing_happens(place, noticed):
    hearing.answer_deduction(
        actor=place.villager, deed_id=noticed.pk, note="是邻居的", request_key=uuid4(), at=NOON
    )
    deed = Deed.objects.get(pk=noticed.pk)
    workflow.advance(deed, "drop", actor=place.clerk2, at=NOON, reason_code="explained")
    assert (deed.state, place.balance()) == ("dropped", 0)


def test_made_good_in_time_nothing_is_taken(place, noticed):
    earn(place)
    with pytest.raises(hearing.RepairNeedsPhoto):
        hearing.claim_repair(
            actor=place.villager, deed_id=noticed.pk, evidence_ids=[], request_key=uuid4(), at=NOON
        )
    hearing.claim_repair(
        actor=place.villager, deed_id=noticed.pk, evidence_ids=[photo(place)], request_key=uuid4(), at=NOON
    )
    done = hearing.accept_repair(actor=place.clerk2, deed_id=noticed.pk, at=NOON)
    assert (done.state, place.balance()) == ("repaired", 100)


def test_a_refused_repair_goes_back_to_the_decision(place, noticed):
    hearing.claim_repair(
        actor=place.villager, deed_id=noticed.pk, evidence_ids=[photo(place)], request_key=uuid4(), at=NOON
    )
    deed = Deed.objects.get(pk=noticed.pk)
    workflow.advance(deed, "refuse_repair", actor=place.clerk2, at=NOON, reason_code="not_yet")
    assert deed.state == "heard"


def posted_deduction(place):
    deed = tell(place)
    hearing.end_reply_times(NOON + timedelta(days=9))
    confirm(place, deed)
    publish(place)
    place.let_publication_end()
    return Deed.objects.get(pk=deed.pk)


def test_what_is_taken_comes_from_the_lots_that_expire_first_and_stands_in_the_statement(place):
    earn(place)
    earn(place, household_id=place.household.pk)
    deed = posted_deduction(place)
    assert (deed.state, place.balance()) == ("posted", 100)
    lines = statement.statement(actor=place.villager, household_id=place.household.pk).items
    assert [line.amount_tenths for line in lines] == [-100, 100, 100]
    assert lines[0].title == "乱堆垃圾"
    assert ledger.verify() == []


def test_never_more_is_taken_than_there_is_and_nothing_is_owed(place):
    half = place.claim("C01")
    verification.verify_deed(actor=place.inspector, deed_id=half.pk, at=NOON)
    publish(place)
    place.let_publication_end()
    assert place.balance() == 50
    deed = posted_deduction(place)
    assert place.balance() == 0
    assert deed.steps[-1] == {"step": "taken", "tenths": 50, "honour": 50}
    earn(place)
    assert place.balance() == 100, "later points are not eaten by an earlier deduction"


def test_a_household_with_nothing_loses_nothing(place):
    deed = posted_deduction(place)
    assert (deed.state, deed.journal_id, place.balance()) == ("posted", None, 0)


def test_made_good_afterwards_the_points_come_back_with_their_expiry(place):
    earn(place)
    before = ledger_lots(place)
    deed = posted_deduction(place)
    hearing.claim_repair(
        actor=place.villager, deed_id=deed.pk, evidence_ids=[photo(place)], request_key=uuid4(), at=NOON
    )
    done = hearing.accept_repair(actor=place.clerk2, deed_id=deed.pk, at=NOON)
    assert (done.state, place.balance()) == ("repaired", 100)
    assert ledger_lots(place) == before
    assert ledger.verify() == []


def ledger_lots(place):
    from xinzhi.kernel.ledger import services as ledger_services
    from xinzhi.scenes.governance_points.accounts import accounts_of

    book = ledger_services.book_of_region(place.village.pk)
    account = accounts_of(book, [place.household.pk]).of(place.household.pk).spendable
    return [(lot.expires_on, lot.remaining) for lot in ledger.lots(book, account)]


def test_a_good_deed_can_not_be_made_good(place):
    deed = earn(place)
    with pytest.raises((NotADeduction, hearing.NotFound)):
        hearing.claim_repair(
            actor=place.villager, deed_id=deed.pk, evidence_ids=[photo(place)], request_key=uuid4(), at=NOON
        )


def test_neighbours_see_a_count_of_deductions_and_no_line(place):
    deed = tell(place)
    hearing.end_reply_times(NOON + timedelta(days=9))
    confirm(place, deed)
    publication = publish(place)
    theirs = notices.view_publication(actor=place.neighbours, publication_id=publication.pk, at=NOON)
    assert (theirs.hidden_deductions, theirs.lines) == (1, [])
    own = notices.view_publication(actor=place.villager, publication_id=publication.pk, at=NOON)
    assert [line.label for line in own.lines] == ["乱堆垃圾"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"rule_code": "C01"}, hearing.NotADeductionRule),
        ({"rule_code": "?"}, hearing.RuleNotInForce),
        ({"description": "  "}, hearing.DescriptionNeeded),
        ({"household_id": 10**9}, hearing.NotFound),
    ],
)
def test_what_can_not_be_told_is_refused_in_words(place, changes, error):
    with pytest.raises(error):
        tell(place, **changes)
    assert Deed.objects.count() == 0


def test_another_villages_clerk_and_a_villager_tell_nobody(place):
    for actor in (place.other_clerk, place.villager, place.township):
        with pytest.raises(hearing.NotFound):
            tell(place, actor=actor)
