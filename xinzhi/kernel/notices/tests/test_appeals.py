"""Who was dismissed, or heard nothing for seven working days, is answered by the township, which decides for good."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from xinzhi.kernel.evidence import queries as evidence_queries
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.evidence.tests.conftest import JPEG, store_dir  # noqa: F401  files go to a folder of the test
from xinzhi.kernel.foundation.clock import start_of_day
from xinzhi.kernel.foundation.errors import Forbidden, NotFound
from xinzhi.kernel.notices import queries
from xinzhi.kernel.notices.errors import AppealTooLate, NotTheObjector, WasInvolved
from xinzhi.kernel.notices.models import Objection
from xinzhi.kernel.notices.services import appeal, close_lines_of, hand_over_unanswered
from xinzhi.kernel.notices.tests.test_objections import decide, file
from xinzhi.kernel.notices.tests.village import AFTER_END, NOON, attempt
from xinzhi.kernel.workflow.errors import FourEyes, StateHasMoved
from xinzhi.kernel.workflow.models import Task
from xinzhi.kernel.workflow.queries import inbox

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
#: Ten working days after Wednesday 4 March 2026 are over when Thursday the nineteenth begins.
APPEAL_ENDS = start_of_day(date(2026, 3, 19))


@pytest.fixture
def publication(village):
    return village.publish()


@pytest.fixture
def line(publication):
    return publication.lines.get(position=1)


@pytest.fixture
def neighbour(village):
    return village.villager(village.households[1])


@pytest.fixture
def dismissed(village, line, neighbour):
    """Filed on Tuesday the third, dismissed on Wednesday the fourth."""
    objection = file(neighbour, line, note="I saw no broom")
    return decide(village.council, objection, note="The photo shows it")


def go_on(actor, objection, *, at=NOON + 3 * DAY, **values):
    return appeal(actor=actor, objection_id=objection.pk, at=at, **({"request_key": uuid4()} | values))


def test_an_appeal_stops_the_line_again_and_waits_for_the_township(
    village, line, neighbour, dismissed, scene
):
    go_on(neighbour, dismissed, note="It is an old photo")
    line.refresh_from_db()
    assert (line.state, line.stopped_at) == ("objected", NOON + 3 * DAY)
    assert scene.told == [("objected", 1), ("restored", 1), ("objected", 1)]
    task = Task.objects.get(lifecycle="notices.objection", subject_id=dismissed.pk)
    assert (task.permission, task.due_at) == (
        "notices.objection.decide_appeal",
        start_of_day(date(2026, 3, 17)),
    )
    assert [i.title for i in inbox(village.township, at=NOON).items] == ["Objection: Swept the lane"]
    assert inbox(village.council, at=NOON).items == []


@pytest.mark.parametrize(
    ("at", "refusal"), [(APPEAL_ENDS - timedelta(seconds=1), None), (APPEAL_ENDS, AppealTooLate)]
)
def test_the_appeal_has_ten_working_days(dismissed, neighbour, at, refusal):
    assert attempt(go_on, neighbour, dismissed, at=at) is refusal


def test_only_the_objector_appeals_and_the_clerk_enters_what_came_on_paper(village, dismissed):
    for other in (
        village.villager(village.households[0]),
        village.villager(village.outsider),
        village.council,
    ):
        assert attempt(go_on, other, dismissed) in (NotTheObjector, NotFound, Forbidden)
    go_on(village.clerk, dismissed)
    dismissed.refresh_from_db()
    assert dismissed.state == "at_township"


def test_a_double_click_is_one_appeal_and_a_second_one_is_refused(neighbour, dismissed, scene):
    key = uuid4()
    go_on(neighbour, dismissed, request_key=key)
    go_on(neighbour, dismissed, request_key=key)
    assert scene.told.count(("objected", 1)) == 2
    assert attempt(go_on, neighbour, dismissed) is StateHasMoved


def test_the_township_decides_for_good(village, line, neighbour, dismissed, scene):
    left = AFTER_END - (NOON + DAY)
    go_on(neighbour, dismissed)
    answered = decide(village.township, dismissed, at=NOON + 5 * DAY)
    line.refresh_from_db()
    assert (answered.state, line.state) == ("dismissed_by_township", "listed")
    assert line.ends_at == NOON + 5 * DAY + left - DAY  # the day between answer and appeal ran
    assert attempt(go_on, neighbour, answered, at=NOON + 6 * DAY) is StateHasMoved
    texts = [m.text for m in queries.messages(actor=neighbour).items]
    assert texts == ["The objection in list 2026-03/1 was dismissed. The line stands."] * 2


def test_the_village_cannot_decide_what_is_with_the_township(village, neighbour, dismissed):
    go_on(neighbour, dismissed)
    assert attempt(decide, village.council, dismissed) in (NotFound, Forbidden, FourEyes)


def test_who_dismissed_it_in_the_village_does_not_decide_it_in_the_township(village, neighbour, dismissed):
    go_on(neighbour, dismissed)
    town = village.township
    promoted = village.officer(
        900_002, "township_officer", type(village.here).objects.get(pk=village.here.parent_id)
    )
    assert attempt(decide, promoted, dismissed) in (FourEyes, WasInvolved)
    assert attempt(decide, town, dismissed) is None


def test_upheld_by_the_township_before_the_end_removes_the_line(village, line, neighbour, dismissed, scene):
    go_on(neighbour, dismissed)
    decide(village.township, dismissed, "upheld", at=NOON + 5 * DAY)
    line.refresh_from_db()
    assert (line.state, scene.told[-1]) == ("removed", ("removed", 1))


def test_upheld_after_the_line_took_effect_takes_it_back(
    village, publication, line, neighbour, dismissed, scene
):
    line.refresh_from_db()
    close_lines_of(publication_id=publication.pk, at=line.ends_at)
    assert ("effective", 1) in scene.told
    go_on(neighbour, dismissed, at=line.ends_at + timedelta(hours=1))
    line.refresh_from_db()
    assert line.state == "confirmed"  # nothing is taken before the township has decided
    decide(village.township, dismissed, "upheld", at=line.ends_at + 2 * DAY)
    line.refresh_from_db()
    assert (line.state, scene.told[-1]) == ("removed", ("revoked", 1))


def test_what_the_village_leaves_unanswered_goes_to_the_township(village, line, neighbour, scene):
    objection = file(neighbour, line)
    due = start_of_day(date(2026, 3, 13))
    assert hand_over_unanswered(due - timedelta(seconds=1)) == 0
    assert (hand_over_unanswered(due), hand_over_unanswered(due)) == (1, 0)
    objection.refresh_from_db()
    line.refresh_from_db()
    assert (objection.state, line.state) == ("at_township", "objected")
    assert inbox(village.council, at=due).items == []
    answered = decide(village.township, objection, "upheld", at=due + DAY)
    assert answered.state == "upheld_by_township"


def test_the_objector_reads_where_it_stands_and_until_when(village, neighbour, dismissed):
    view = queries.view_objection(actor=neighbour, objection_id=dismissed.pk, at=NOON + 3 * DAY)
    assert (view.row.state_label, view.row.appeal_by, view.may_appeal) == (
        "dismissed",
        date(2026, 3, 18),
        True,
    )
    assert [text for _word, text in view.words] == ["I saw no broom", "The photo shows it"]
    go_on(neighbour, dismissed)
    view = queries.view_objection(actor=neighbour, objection_id=dismissed.pk, at=NOON + 3 * DAY)
    assert (view.may_appeal, view.may_take_back, view.row.answer_by) == (False, True, date(2026, 3, 16))
    assert not queries.view_objection(
        actor=neighbour, objection_id=dismissed.pk, at=NOON + 90 * DAY
    ).may_appeal
    assert [r.id for r in queries.objections(actor=neighbour, at=NOON).items] == [dismissed.pk]


def test_the_credited_household_and_strangers_do_not_read_it(village, dismissed):
    for other in (village.households[0], village.households[2], village.outsider):
        actor = village.villager(other)
        assert queries.objections(actor=actor, at=NOON).items == []
        assert attempt(queries.view_objection, actor=actor, objection_id=dismissed.pk, at=NOON) is NotFound


def test_a_photo_with_an_objection_is_not_for_the_household_it_speaks_of(village, line, neighbour):
    with_upload = replace(neighbour, own_permissions=neighbour.own_permissions | {"evidence.upload"})
    stored = evidence.store(
        actor=with_upload, data=JPEG, filename="a.jpg", village_id=village.here.pk,
        household_id=neighbour.household_ids[0], at=NOON, request_key=None,
    )  # fmt: skip
    objection = file(neighbour, line, evidence_ids=[stored.pk])
    subject = str(objection)
    seen = {
        name: len(evidence_queries.of_subject(subject, actor))
        for name, actor in {
            "objector": neighbour,
            "council": village.council,
            "credited": village.villager(village.households[0]),
            "stranger": village.villager(village.outsider),
        }.items()
    }
    assert seen == {"objector": 1, "council": 1, "credited": 0, "stranger": 0}
    assert Objection.objects.get().pk == objection.pk
