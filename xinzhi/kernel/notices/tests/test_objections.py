"""An objection stops its own line only, and somebody who was not involved answers it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from xinzhi.kernel.foundation.actors import NOBODY, SYSTEM
from xinzhi.kernel.foundation.clock import SHANGHAI, start_of_day
from xinzhi.kernel.foundation.errors import Forbidden, NotFound
from xinzhi.kernel.notices import queries
from xinzhi.kernel.notices.errors import (
    AlreadyObjected,
    GroundsUnknown,
    LineNotListed,
    ListHasEnded,
    NotTheObjector,
    OnBehalfOfWhom,
    OutcomeUnknown,
    WasInvolved,
)
from xinzhi.kernel.notices.models import Message, Objection
from xinzhi.kernel.notices.services import (
    close_lines_of,
    decide_objection,
    due_publications,
    object_to_line,
    take_back_objection,
)
from xinzhi.kernel.notices.tests.village import AFTER_END, NOON, attempt
from xinzhi.kernel.workflow.errors import FourEyes, OwnHousehold, ReasonNeeded, StateHasMoved
from xinzhi.kernel.workflow.models import Note, Step, Task
from xinzhi.kernel.workflow.queries import inbox, timeline
from xinzhi.kernel.workflow.services import advance, erase_notes, start
from xinzhi.kernel.workflow.tests.cases import FAVOUR, favour, officer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def publication(village):
    return village.publish()


@pytest.fixture
def line(publication):
    return publication.lines.get(position=1)


def file(actor, line, *, at=NOON + DAY, **values):
    given = {"grounds_code": "not_done", "request_key": uuid4()} | values
    return object_to_line(actor=actor, line_id=line.pk, at=at, **given)


def decide(actor, objection, outcome="dismissed", *, at=NOON + 2 * DAY, **values):
    reason = {"dismissed": "evidence_holds", "upheld": "not_done"}.get(outcome, "")
    given = {"reason_code": reason, "request_key": uuid4()} | values
    return decide_objection(actor=actor, objection_id=objection.pk, outcome=outcome, at=at, **given)


def test_any_household_of_the_village_may_object_and_the_others_go_on(village, publication, line, scene):
    objection = file(village.villager(village.households[1]), line, note="I saw no broom")
    line.refresh_from_db()
    assert (line.state, line.was_objected, line.stopped_at) == ("objected", True, NOON + DAY)
    assert publication.lines.filter(state="listed").count() == 2
    assert scene.told == [("objected", 1)]
    task = Task.objects.get(lifecycle="notices.objection", subject_id=objection.pk)
    # seven working days after Tuesday the third are over when Friday the thirteenth begins
    assert (task.permission, task.due_at) == ("notices.objection.decide", start_of_day(date(2026, 3, 13)))
    assert [i.title for i in inbox(village.council, at=NOON).items] == ["Objection: Swept the lane"]


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("neighbour", None), ("credited", None), ("outsider", NotFound), ("nobody", NotFound), ("clerk", OnBehalfOfWhom),
     ("council", NotFound)],
)  # fmt: skip
def test_who_may_object(village, line, who, refusal):
    actors = {
        "neighbour": village.villager(village.households[1]),
        "credited": village.villager(village.households[0]),
        "outsider": village.villager(village.outsider),
        "nobody": NOBODY,
        "clerk": village.clerk,
        "council": village.council,
    }
    assert attempt(file, actors[who], line) is refusal


def test_a_clerk_enters_what_came_on_paper(village, line):
    objection = file(village.clerk, line, on_behalf_of_household_id=village.households[2].pk)
    assert (objection.channel, objection.objector_household_id) == ("paper", village.households[2].pk)
    assert attempt(file, village.clerk, line, on_behalf_of_household_id=village.outsider.pk) is OnBehalfOfWhom
    assert (
        attempt(file, village.council, line, on_behalf_of_household_id=village.households[1].pk) is Forbidden
    )
    assert timeline(objection, actor=village.council)[0].word == "Objection on paper entered by the clerk"


def test_one_objection_for_each_household_and_a_double_click_is_one(village, line):
    neighbour, request = village.villager(village.households[1]), uuid4()
    first = file(neighbour, line, request_key=request)
    assert file(neighbour, line, request_key=request) == first
    assert attempt(file, neighbour, line) is AlreadyObjected
    assert attempt(file, village.villager(village.households[2]), line) is None
    assert Objection.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"grounds_code": "weather"}, GroundsUnknown),
        ({"at": AFTER_END - timedelta(seconds=1)}, None),
        ({"at": AFTER_END}, ListHasEnded),
    ],
)
def test_when_and_on_what_ground(village, line, values, refusal):
    assert attempt(file, village.villager(village.households[1]), line, **values) is refusal


def test_a_neighbour_cannot_object_to_a_deduction_he_does_not_see(village):
    line = village.publish(lines=village.lines(points=(-50, 20, 10))).lines.get(position=1)
    assert attempt(file, village.villager(village.households[1]), line) is NotFound
    assert attempt(file, village.villager(village.households[0]), line) is None


def test_dismissed_the_line_comes_back_with_the_days_it_had_left(village, publication, line, scene):
    objection = file(village.villager(village.households[1]), line, at=NOON + DAY)
    left = line.ends_at - (NOON + DAY)
    decide(village.council, objection, at=NOON + 6 * DAY)
    line.refresh_from_db()
    assert (line.state, line.ends_at) == ("listed", NOON + 6 * DAY + left)
    assert scene.told == [("objected", 1), ("restored", 1)]
    # at the end of the list the others take effect, this one when its own days are over
    assert close_lines_of(publication_id=publication.pk, at=AFTER_END) == 2
    publication.refresh_from_db()
    assert (publication.state, due_publications(AFTER_END)) == ("open", [])
    assert due_publications(line.ends_at) == [publication.pk]
    assert close_lines_of(publication_id=publication.pk, at=line.ends_at) == 1
    publication.refresh_from_db()
    assert publication.state == "closed"


def test_upheld_the_line_goes_and_the_scene_is_told(village, publication, line, scene):
    objection = file(village.villager(village.households[1]), line)
    decide(village.council, objection, "upheld")
    line.refresh_from_db()
    assert (line.state, scene.told) == ("removed", [("objected", 1), ("removed", 1)])
    close_lines_of(publication_id=publication.pk, at=AFTER_END)
    assert ("effective", 1) not in scene.told
    assert attempt(file, village.villager(village.households[2]), line, at=NOON + 3 * DAY) is LineNotListed


def test_two_objections_hold_the_line_until_both_are_answered(village, line):
    first = file(village.villager(village.households[1]), line)
    second = file(village.villager(village.households[2]), line, at=NOON + 2 * DAY)
    decide(village.council, first, at=NOON + 3 * DAY)
    line.refresh_from_db()
    assert line.state == "objected"
    decide(village.council, second, at=NOON + 4 * DAY)
    line.refresh_from_db()
    assert (line.state, line.ends_at) == ("listed", NOON + 4 * DAY + (AFTER_END - (NOON + DAY)))


def test_the_objector_may_take_it_back_and_nobody_else(village, line):
    neighbour = village.villager(village.households[1])
    objection = file(neighbour, line)
    for other in (village.villager(village.households[2]), village.villager(village.households[0])):
        refusal = attempt(take_back_objection, actor=other, objection_id=objection.pk, at=NOON + 2 * DAY)
        assert refusal in (NotTheObjector, NotFound, Forbidden)
    take_back_objection(actor=neighbour, objection_id=objection.pk, at=NOON + 2 * DAY)
    line.refresh_from_db()
    assert line.state == "listed"


def test_who_answers_was_not_involved(village, scene):
    checker = officer(900_002)
    case = start(
        favour(village.here.pk, village.households[0].pk), lifecycle=FAVOUR, actor=officer(77), at=NOON
    )
    advance(case, "check", actor=SYSTEM, at=NOON)
    assert checker.person_key == village.council.person_key
    Step.objects.create(
        lifecycle="tests.favour", subject_id=case.pk, village_id=village.here.pk, action="check", to_state="checked",
        actor_key="user:1", person_key=checker.person_key, channel="web", at=NOON,
    )  # fmt: skip
    lines = village.lines()
    publication = village.publish(
        lines=[type(lines[0])(f"tests.favour:{case.pk}", village.households[0].pk, 50, "Swept")]
    )
    objection = file(village.villager(village.households[1]), publication.lines.get())
    with pytest.raises(WasInvolved, match="checked"):
        decide(village.council, objection)
    assert attempt(decide, village.officer(900_055, "council_member"), objection) is None


def test_neither_objector_nor_credited_household_answers(village, line):
    filer = village.officer(900_010)
    objection = file(filer, line, on_behalf_of_household_id=village.households[1].pk)
    credited = village.officer(900_011, household_ids=(village.households[0].pk,))
    objector = village.officer(900_012, household_ids=(village.households[1].pk,))
    assert attempt(decide, credited, objection) is OwnHousehold
    assert attempt(decide, objector, objection) is OwnHousehold
    own = village.villager(village.households[2])
    second = file(own, line)
    both = village.officer(own.person_id, household_ids=())
    assert attempt(decide, both, second) in (FourEyes, OwnHousehold)
    assert attempt(decide, filer, objection) is None  # he only typed what stood on paper


@pytest.mark.parametrize(
    ("outcome", "values", "refusal"),
    [
        ("perhaps", {}, OutcomeUnknown),
        ("dismissed", {"reason_code": ""}, ReasonNeeded),
        ("dismissed", {}, None),
    ],
)
def test_an_answer_has_an_outcome_and_a_reason(village, line, outcome, values, refusal):
    objection = file(village.villager(village.households[1]), line)
    assert attempt(decide, village.council, objection, outcome, **values) is refusal


def test_an_answer_is_given_once(village, line, scene):
    objection, request = file(village.villager(village.households[1]), line), uuid4()
    decide(village.council, objection, "upheld", request_key=request)
    decide(village.council, objection, "upheld", request_key=request)
    assert attempt(decide, village.clerk, objection, "dismissed") is StateHasMoved
    assert scene.told.count(("removed", 1)) == 1


def test_the_credited_household_learns_of_it_but_not_who_it_was(village, line):
    objection = file(village.villager(village.households[1]), line, note="Zhang was away that day")
    credited = village.villager(village.households[0])
    assert [m.text for m in queries.messages(actor=credited).items] == [
        "An objection was filed against a line of your household in list 2026-03/1. You will be told the answer."
    ]
    entry = timeline(objection, actor=credited)[0]
    assert (entry.note, entry.who) == ("", "A member of the household")
    assert timeline(objection, actor=village.council)[0].note == "Zhang was away that day"
    decide(village.council, objection)
    decide_again = Message.objects.filter(template="notices.objection_dismissed").values_list(
        "household_id", flat=True
    )
    assert set(decide_again) == {village.households[0].pk, village.households[1].pk}


def test_what_the_objector_wrote_goes_with_either_household(village, line):
    for household in village.households[:2]:
        Note.objects.all().delete()
        other = village.households[1] if household != village.households[1] else village.households[2]
        file(village.villager(other), line, note="words")
        assert erase_notes(actor=SYSTEM, household_id=village.households[0].pk, at=NOON) == 1
        assert Note.objects.get().text == ""


def test_a_year_without_calendar_still_has_a_deadline(village):
    far = datetime(2031, 1, 6, 12, 0, tzinfo=SHANGHAI)
    line = village.publish(at=far).lines.first()
    file(village.villager(village.households[1]), line, at=far)
    assert Task.objects.get().due_at > far
