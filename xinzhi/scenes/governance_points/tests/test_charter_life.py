"""A charter's life: written, looked over, voted on, published, filed, corrected, in force; each clock with its article (village.md 1.5)."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from PIL import Image

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.events.models import PublishedEvent
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation.errors import Forbidden, NotFound
from xinzhi.kernel.workflow import services as workflow
from xinzhi.kernel.workflow.errors import ReasonNeeded, StateHasMoved
from xinzhi.kernel.workflow.models import Task
from xinzhi.scenes.governance_points import charter_sheet
from xinzhi.scenes.governance_points.charter import Cap
from xinzhi.scenes.governance_points.charter_lifecycle import CHARTER_DRAFT
from xinzhi.scenes.governance_points.life_models import CharterDraft, CharterVote
from xinzhi.scenes.governance_points.models import PointsDay
from xinzhi.scenes.governance_points.queries import charter as charters
from xinzhi.scenes.governance_points.queries import charter_drafts as queries
from xinzhi.scenes.governance_points.services import charter_life as life
from xinzhi.scenes.governance_points.services.charter import CharterEmpty, PublicationDaysOutOfRange
from xinzhi.scenes.governance_points.services.charter_life import refusals
from xinzhi.scenes.governance_points.services.charter_life.drafting import Settings
from xinzhi.scenes.governance_points.services.council import PlaceNeeded, ScanNeeded
from xinzhi.scenes.governance_points.tests.conftest import NOON, TODAY
from xinzhi.scenes.governance_points.tests.conftest import RULES as USUAL

DAY = timedelta(days=1)
#: The rules of the tests, with caps, so that the linter has nothing to ask.
RULES = tuple(r if r.caps or r.is_deduction else replace(r, caps=(Cap("month", times=4),)) for r in USUAL)
#: The day of the meeting, ten days after the villagers were told.
MEETING_DAY, EVENING = date(2026, 12, 3), datetime(2026, 12, 3, 12, tzinfo=UTC)


def cells(*rules):
    _headers, rows = charter_sheet.charter_rows(rules or RULES)
    return [dict(zip(queries.COLUMN_KEYS, row, strict=True)) for row in rows]


def start(place, rows=None, **changes):
    settings = Settings(wanted_from=date(2027, 1, 1), **changes.pop("settings", {}))
    wanted = {
        "actor": place.clerk, "request_key": uuid4(), "village_id": place.village.pk, "cells": cells() if rows is None else rows,
        "settings": settings, "at": NOON,
    }  # fmt: skip
    return life.start_draft(**{**wanted, **changes})


def save(place, draft, rows, **changes):
    wanted = {
        "actor": place.clerk, "draft_id": draft.pk, "revision": draft.revision, "cells": rows,
        "settings": Settings(wanted_from=date(2027, 1, 1)), "at": NOON,
    }  # fmt: skip
    return life.save_draft(**{**wanted, **changes})


def act(service, place, draft, at=NOON, actor=None, **more):
    return service(
        actor=actor or place.clerk, draft_id=draft.pk, request_key=more.pop("key", uuid4()), at=at, **more
    )


def tally(**changes):
    good = life.Tally(
        basis="households", notice_on=TODAY, held_on=MEETING_DAY, place="文化礼堂", resolution="村民会议决议 2026-3", entitled=2,
        present=2, votes_for=2, votes_against=0, votes_abstaining=0,
    )  # fmt: skip
    return replace(good, **changes)


def scan(place):
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 200, 200)).save(picture, "JPEG")
    return evidence.store(
        actor=place.clerk, data=picture.getvalue(), village_id=place.village.pk, at=EVENING
    ).pk


def at_vote(place, rows=None):
    draft = start(place, rows)
    return act(life.put_to_vote, place, draft)


def passed(place):
    return act(life.enter_vote, place, at_vote(place), at=EVENING, tally=tally())


def signed(place):
    return act(life.file_minutes, place, passed(place), at=EVENING, evidence_ids=[scan(place)])


def published(place):
    return act(life.publish_draft, place, signed(place), at=EVENING, days=7)


def filed(place):
    return act(life.file_with_township, place, published(place), at=EVENING)


def state(draft):
    return CharterDraft.objects.get(pk=draft.pk).state


def due(draft):
    return Task.objects.get(lifecycle=CHARTER_DRAFT.name, subject_id=draft.pk, level=0).due_at


def test_from_draft_to_force_and_the_old_charter_ends(place):
    draft = filed(place)
    act(life.accept_filing, place, draft, at=EVENING + DAY, actor=place.township)
    later = EVENING + 8 * DAY
    done = act(life.bring_into_force, place, draft, at=later, active_from=date(2027, 1, 1))
    assert done.state == "in_force"
    now, then = (charters.charter_on(place.village.pk, d) for d in (date(2026, 12, 31), date(2027, 1, 1)))
    assert (now.version.number, then.version.number) == (1, 2)
    assert then.version.pk == done.version_id
    assert (then.version.resolution, then.council_deliberates) == ("村民会议决议 2026-3", True)
    assert tuple(line.rule for line in then.lines) == RULES
    assert not Task.objects.filter(lifecycle=CHARTER_DRAFT.name).exists()
    named = list(
        PublishedEvent.objects.filter(name__contains="charter").order_by("pk").values_list("name", flat=True)
    )
    assert [n.split(".")[1] for n in named] == ["charter_passed", "charter_filed", "charter_in_force"]
    steps = Record.objects.filter(action__startswith="governance_points.charter_draft.").values_list(
        "action", flat=True
    )
    assert {s.rpartition(".")[2] for s in steps} == {
        "started", "check", "pass", "sign", "publish", "file", "accept", "bring_into_force",
    }  # fmt: skip


def test_a_forbidden_rule_stops_the_draft_until_it_is_mended(place):
    bad = replace(RULES[4], code="X02", title="越级上访")
    draft = start(place, cells(*RULES, bad))
    with pytest.raises(refusals.LinterStops) as stopped:
        act(life.put_to_vote, place, draft)
    assert "X02" in stopped.value.message and "宪法第四十一条" in stopped.value.message
    assert state(draft) == "draft"
    draft = save(place, draft, cells())
    assert act(life.put_to_vote, place, draft).state == "checked"


def test_a_warning_is_acknowledged_once_and_again_when_its_words_change(place):
    blood = replace(RULES[0], code="C09", title="无偿献血")
    draft = start(place, cells(*RULES, blood))
    with pytest.raises(refusals.WarningsOpen):
        act(life.put_to_vote, place, draft)
    (warning,) = queries.look_over(draft, NOON).open_warnings
    life.acknowledge(actor=place.clerk, draft_id=draft.pk, keys=[warning.key, "0" * 16], at=NOON)
    draft.refresh_from_db()
    assert draft.acknowledged == [warning.key]
    draft = save(place, draft, cells(*RULES, replace(blood, title="参加无偿献血")))
    with pytest.raises(refusals.WarningsOpen):
        act(life.put_to_vote, place, draft)


def test_an_error_is_not_acknowledged(place):
    draft = start(place, cells(replace(RULES[4], title="上访")))
    (error,) = queries.look_over(draft, NOON).errors
    life.acknowledge(actor=place.clerk, draft_id=draft.pk, keys=[error.key], at=NOON)
    with pytest.raises(refusals.LinterStops):
        act(life.put_to_vote, place, draft)


def test_half_written_cells_are_kept_and_stop_only_the_vote(place):
    rows = [*cells(), {"code": "Z01", "title": "写到一半", "points": "很多"}]
    draft = start(place, rows)
    assert draft.cells[-1]["points"] == "很多"
    with pytest.raises(refusals.CellsToMend):
        act(life.put_to_vote, place, draft)
    empty = save(place, draft, [])
    with pytest.raises(CharterEmpty):
        act(life.put_to_vote, place, empty)


def test_more_points_than_the_budget_holds_stop_the_vote(place):
    PointsDay.objects.create(
        village=place.village, day=TODAY - 30 * DAY, category="生态环境", deeds=9, given_tenths=90_001
    )
    draft = start(place, settings={"budget_tenths": 90_000})
    with pytest.raises(refusals.LinterStops) as stopped:
        act(life.put_to_vote, place, draft)
    assert "第十七条" in stopped.value.message


def test_one_draft_at_a_time_and_a_double_click_is_one(place):
    key = uuid4()
    assert start(place, request_key=key).pk == start(place, request_key=key).pk
    with pytest.raises(refusals.DraftOpenAlready):
        start(place)
    with pytest.raises(NotFound):
        start(place, request_key=key, actor=place.other_clerk, village_id=place.other_village.pk)
    draft = CharterDraft.objects.get()
    act(life.withdraw, place, draft)
    assert start(place).sequence == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        CharterDraft.objects.filter(pk=draft.pk).update(state="draft")


def test_who_saves_an_older_draft_is_told_and_nothing_is_lost(place):
    draft = start(place)
    mine, theirs = cells(*RULES[:4]), cells(*RULES[:3])
    save(place, draft, mine)
    with pytest.raises(refusals.DraftChangedMeanwhile):
        save(place, draft, theirs, actor=place.clerk2)
    assert save(place, draft, mine).revision == 2  # a double click


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"publication_days": 2}, PublicationDaysOutOfRange),
        ({"publication_days": 16}, PublicationDaysOutOfRange),
        ({"budget_tenths": 0}, refusals.BudgetOutOfRange),
        ({"budget_tenths": -5}, refusals.BudgetOutOfRange),
    ],
)
def test_settings_that_can_not_be_are_refused(place, settings, error):
    with pytest.raises(error):
        start(place, settings=settings)


def test_a_draft_of_any_size_is_not_kept(place):
    for rows in (cells() * 61, [{"title": "长" * 501}]):
        with pytest.raises(refusals.DraftTooLarge):
            start(place, rows)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"basis": "everybody"}, refusals.BasisUnknown),
        ({"notice_on": TODAY + DAY}, refusals.NoticeTooShort),
        ({"notice_on": date(1, 1, 1)}, refusals.NoticeTooEarly),
        ({"held_on": MEETING_DAY + DAY}, refusals.MeetingBeforeDraft),
        ({"held_on": TODAY - DAY}, refusals.MeetingBeforeDraft),
        ({"place": " "}, PlaceNeeded),
        ({"entitled": 1, "present": 1, "votes_for": 1}, refusals.RollTooSmall),
        ({"present": 3, "votes_for": 3}, refusals.MoreThanOnRoll),
        ({"votes_for": 1}, refusals.VotesDoNotAddUp),
        ({"votes_for": 3, "votes_against": -1}, refusals.NumberNeeded),
        (
            {"present": 1, "votes_for": 1},
            refusals.NoVillageQuorum,
        ),  # 1 of 2 households are fewer than two thirds
        ({"entitled": 403, "present": 268, "votes_for": 268}, refusals.NoVillageQuorum),
        ({"basis": "adults", "entitled": 1400, "present": 700, "votes_for": 700}, refusals.NoVillageQuorum),
    ],
)
def test_a_vote_that_can_not_be_is_refused_and_nothing_moves(place, changes, error):
    draft = at_vote(place)
    with pytest.raises(error):
        act(life.enter_vote, place, draft, at=EVENING, tally=tally(**changes))
    assert (state(draft), CharterVote.objects.count()) == ("checked", 0)


@pytest.mark.parametrize(
    ("changes", "moved"),
    [
        ({"entitled": 403, "present": 269, "votes_for": 135, "votes_against": 134}, "passed"),
        (
            {"entitled": 403, "present": 270, "votes_for": 135, "votes_against": 100, "votes_abstaining": 35},
            "draft",
        ),  # half is not more
        (
            {"basis": "adults", "entitled": 1400, "present": 701, "votes_for": 351, "votes_against": 350},
            "passed",
        ),
    ],
)
def test_a_quorum_and_more_than_half_of_those_there_pass_it(place, changes, moved):
    draft = at_vote(place)
    act(life.enter_vote, place, draft, at=EVENING, tally=tally(**changes))
    vote = CharterVote.objects.get()
    assert (state(draft), vote.passed) == (moved, moved == "passed")
    assert "浙江省实施《村民委员会组织法》办法第十三条" in vote.quorum_article
    assert vote.rules_digest == queries.look_over(draft, NOON).digest


def test_not_passed_it_is_written_on_and_voted_on_again(place):
    draft, key = at_vote(place), uuid4()
    lost = tally(votes_for=1, votes_against=1)
    for _time in range(2):
        act(life.enter_vote, place, draft, at=EVENING, tally=lost, key=key)
    assert (state(draft), CharterVote.objects.count()) == ("draft", 1)
    act(life.put_to_vote, place, draft, at=EVENING)
    later = MEETING_DAY + 10 * DAY
    act(
        life.enter_vote,
        place,
        draft,
        at=EVENING + 10 * DAY,
        tally=tally(held_on=later, notice_on=MEETING_DAY),
    )
    assert list(CharterVote.objects.order_by("round").values_list("round", "passed")) == [
        (1, False),
        (2, True),
    ]


def test_the_same_request_again_changes_nothing_and_who_comes_late_reads_what_happened(place):
    draft, key = at_vote(place), uuid4()
    for _time in range(2):
        act(life.enter_vote, place, draft, at=EVENING, tally=tally(), key=key)
    assert CharterVote.objects.count() == 1
    with pytest.raises(StateHasMoved):
        act(life.enter_vote, place, draft, at=EVENING, tally=tally())
    assert PublishedEvent.objects.filter(name="governance_points.charter_passed.v1").count() == 1


def test_without_signed_minutes_nothing_is_published(place):
    draft = passed(place)
    with pytest.raises(ScanNeeded):
        act(life.file_minutes, place, draft, at=EVENING, evidence_ids=[])
    with pytest.raises(StateHasMoved):
        act(life.publish_draft, place, draft, at=EVENING)


def test_it_is_filed_within_ten_days_of_the_vote_and_late_filing_is_filing(place):
    draft = published(place)
    assert due(draft) == datetime(2026, 12, 13, 16, tzinfo=UTC)  # the end of the tenth day after 3 December
    act(life.file_with_township, place, draft, at=EVENING + 20 * DAY)
    draft.refresh_from_db()
    assert (draft.state, draft.filed_on) == ("filed", MEETING_DAY + 20 * DAY)


def test_the_township_has_thirty_days_and_its_task_until_then(place):
    draft = filed(place)
    draft.refresh_from_db()
    assert draft.correction_until == date(2027, 1, 2)
    assert due(draft) == datetime(2027, 1, 2, 16, tzinfo=UTC)
    task = Task.objects.get(lifecycle=CHARTER_DRAFT.name)
    assert task.permission == "governance_points.charter.review"
    workflow.escalate_overdue(at=datetime(2027, 1, 3, tzinfo=UTC))
    told = Task.objects.get(lifecycle=CHARTER_DRAFT.name, level=1)
    assert told.permission == "workflow.overdue.county"


@pytest.mark.parametrize("days", [2, 16])
def test_a_charter_hangs_out_for_three_to_fifteen_days(place, days):
    draft = signed(place)
    with pytest.raises(refusals.PublicationTime):
        act(life.publish_draft, place, draft, at=EVENING, days=days)


def test_a_correction_is_ordered_mended_voted_and_filed_again(place):
    draft = filed(place)
    with pytest.raises(ReasonNeeded):
        act(life.order_correction, place, draft, at=EVENING, actor=place.township, reason_code="")
    order = {"reason_code": "against_rights", "note": "第 X01 条改为限期整改后再扣分"}
    act(life.order_correction, place, draft, at=EVENING + DAY, actor=place.township, **order)
    view = queries.draft_view(actor=place.clerk, draft_id=draft.pk, at=EVENING)
    assert view.order == ("涉及村民的人身权利、民主权利或财产权利", ["第 X01 条改为限期整改后再扣分"])
    public = queries.public_draft(draft_id=draft.pk, at=EVENING)
    assert public.order == ("涉及村民的人身权利、民主权利或财产权利", ())
    with pytest.raises(StateHasMoved):
        act(life.bring_into_force, place, draft, at=EVENING + 40 * DAY, active_from=date(2027, 2, 1))
    act(life.mend, place, draft, at=EVENING + DAY)
    act(life.put_to_vote, place, draft, at=EVENING + 2 * DAY)
    draft.refresh_from_db()
    assert (draft.state, draft.filed_on) == ("checked", None)


def test_after_thirty_days_no_correction_is_ordered_and_the_village_need_not_wait(place):
    draft = filed(place)
    within, after = EVENING + 30 * DAY, EVENING + 31 * DAY
    with pytest.raises(refusals.TownshipStillLooks):
        act(life.bring_into_force, place, draft, at=within, active_from=date(2027, 2, 1))
    with pytest.raises(refusals.CorrectionTooLate):
        act(life.order_correction, place, draft, at=after, actor=place.township, reason_code="unclear")
    assert (
        act(life.bring_into_force, place, draft, at=after, active_from=date(2027, 2, 1)).state == "in_force"
    )


def test_it_never_holds_while_it_hangs_out_nor_for_days_that_are_over(place):
    draft = filed(place)
    act(life.accept_filing, place, draft, at=EVENING, actor=place.township)
    with pytest.raises(refusals.StillHangingOut):
        act(life.bring_into_force, place, draft, at=EVENING + 7 * DAY, active_from=date(2027, 1, 1))
    with pytest.raises(refusals.StartsInThePast):
        act(life.bring_into_force, place, draft, at=EVENING + 8 * DAY, active_from=date(2026, 12, 1))
    assert state(draft) == "accepted"


def test_the_village_does_not_look_at_its_own_filing_and_strangers_find_nothing(place):
    draft = filed(place)
    with pytest.raises(Forbidden):
        act(life.accept_filing, place, draft, at=EVENING)
    for stranger in (place.other_clerk, place.villager):
        with pytest.raises(NotFound):
            act(life.withdraw, place, draft, actor=stranger)
        with pytest.raises(NotFound):
            queries.draft_view(actor=stranger, draft_id=draft.pk, at=NOON)
    with pytest.raises(Forbidden):
        act(life.withdraw, place, draft, actor=place.council)


def test_what_is_out_is_not_changed(place):
    draft = at_vote(place)
    with pytest.raises(refusals.DraftIsOut):
        save(place, draft, cells(*RULES[:2]))
    act(life.reopen, place, draft)
    assert save(place, draft, cells(*RULES[:2])).revision == 2


def test_villagers_read_what_is_put_to_the_vote_and_nothing_before(place):
    draft = start(place)
    assert queries.public_drafts(place.village.pk) == []
    with pytest.raises(NotFound):
        queries.public_draft(draft_id=draft.pk, at=NOON)
    act(life.put_to_vote, place, draft)
    assert queries.public_draft(draft_id=draft.pk, at=NOON).looked.rules == RULES
