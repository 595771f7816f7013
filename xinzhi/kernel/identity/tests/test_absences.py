"""Who is away is stood in for: by somebody of the place, in his own name, until he is back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.foundation.errors import Forbidden
from xinzhi.kernel.identity import absences, queries, services
from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.identity.tests.conftest import NOON, TODAY, World, staff_actor

CARDS = "identity.card.issue"


@pytest.fixture
def people(world: World) -> dict[str, Actor]:
    return {
        "clerk": staff_actor("clerk", "village_clerk", world.village),
        "inspector": staff_actor("inspector", "inspector", world.village),
        "supervisor": staff_actor("supervisor", "supervisor", world.village),
        "township": staff_actor("town", "township_officer", world.town),
        "stranger": staff_actor("other", "village_clerk", world.other_village),
    }


def now(actor: Actor) -> Actor:
    return actor_of(User.objects.get(pk=actor.user_id))


def away(actor: Actor, substitute: Actor, *, days: int = 3, first: date = TODAY, **other: object):
    values = {"first_day": first, "last_day": first + timedelta(days=days - 1), "at": clock.now()} | other
    return services.set_absence(actor=actor, substitute_id=substitute.user_id or 0, **values)  # type: ignore[arg-type]


def test_the_substitute_holds_the_office_from_the_first_to_the_last_day(people, world):
    clerk, inspector = people["clerk"], people["inspector"]
    path = world.village.scope_path
    away(clerk, inspector, first=TODAY + timedelta(days=1))
    may = []
    for days in range(5):
        with clock.fixed(NOON + timedelta(days=days)):
            may.append(now(inspector).may(CARDS, scope_path=path))
    assert may == [False, True, True, True, False]
    assert now(clerk).may(CARDS, scope_path=path)  # who is away may still act


def test_what_he_does_is_his_own(people):
    away(people["clerk"], people["inspector"])
    assert now(people["inspector"]).person_key == people["inspector"].person_key
    assert {g.role for g in now(people["inspector"]).grants} == {"village_clerk", "inspector"}


def test_nobody_stands_in_for_whom_his_substitute_stands_in(people):
    away(people["clerk"], people["inspector"])
    away(people["inspector"], people["township"])
    assert {g.role for g in now(people["township"]).grants} == {"township_officer", "inspector"}


def test_back_earlier_the_rights_end_at_once(people, world):
    absence = away(people["clerk"], people["inspector"])
    for stranger in (people["stranger"], people["supervisor"]):
        with pytest.raises(absences.AbsenceNotFound):
            services.end_absence(actor=stranger, absence_id=absence.pk, at=NOON)
    services.end_absence(actor=people["clerk"], absence_id=absence.pk, at=NOON)
    assert not now(people["inspector"]).may(CARDS, scope_path=world.village.scope_path)
    away(people["clerk"], people["inspector"])  # and the days are free again


@pytest.mark.parametrize(
    ("who", "substitute", "refusal"),
    [("clerk", "inspector", None), ("clerk", "township", None), ("clerk", "clerk", absences.SubstituteUnfit),
     ("clerk", "stranger", absences.SubstituteUnfit), ("township", "clerk", absences.SubstituteUnfit),
     ("clerk", "supervisor", absences.SupervisorStaysApart), ("supervisor", "clerk", absences.SupervisorStaysApart),
     ("supervisor", "township", None)],
)  # fmt: skip
def test_who_may_stand_in_for_whom(people, who, substitute, refusal):
    if refusal is None:
        away(people[who], people[substitute])
    else:
        with pytest.raises(refusal):
            away(people[who], people[substitute])
    listed = {pk for pk, _words in absences.substitutes_for(people[who])}
    assert (people[substitute].user_id in listed) is (refusal is None)


def test_an_officer_enters_it_for_somebody_below_and_nobody_else_does(people):
    clerk = people["clerk"].user_id
    for other in (people["inspector"], people["stranger"], people["supervisor"]):
        with pytest.raises(Forbidden):
            away(other, people["inspector"], user_id=clerk)
    away(people["township"], people["inspector"], user_id=clerk)
    assert Record.objects.filter(action="identity.set_absence", subject=f"user:{clerk}").exists()


@pytest.mark.parametrize(
    ("first", "days", "refusal"),
    [(TODAY, 92, None), (TODAY, 93, absences.AbsenceTooLong), (TODAY, 0, absences.AbsenceTooLong),
     (TODAY - timedelta(days=9), 3, absences.AbsenceTooLong), (TODAY - timedelta(days=1), 2, None)],
)  # fmt: skip
def test_an_absence_has_an_end(people, first, days, refusal):
    if refusal is None:
        away(people["clerk"], people["inspector"], first=first, days=days)
    else:
        with pytest.raises(refusal):
            away(people["clerk"], people["inspector"], first=first, days=days)


def test_the_same_days_are_entered_once(people):
    away(people["clerk"], people["inspector"])
    with pytest.raises(absences.AwayAlready):
        away(people["clerk"], people["township"], first=TODAY + timedelta(days=2))
    away(people["clerk"], people["township"], first=TODAY + timedelta(days=3))


def test_who_holds_an_office_includes_who_stands_in(people, world):
    away(people["clerk"], people["inspector"])
    assert queries.holders("village_clerk", world.village.pk) == sorted(
        [people["clerk"].user_id, people["inspector"].user_id]
    )


def test_who_left_is_stood_in_for_by_nobody(people, world):
    away(people["clerk"], people["inspector"])
    services.deactivate_user(actor=SYSTEM, user_id=people["clerk"].user_id or 0)
    assert not now(people["inspector"]).may(CARDS, scope_path=world.village.scope_path)


def test_standing_in_costs_no_query_more(people):
    def queries_of(actor: Actor) -> int:
        user = User.objects.get(pk=actor.user_id)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            actor_of(user)
        return len(seen)

    before = queries_of(people["inspector"])
    away(people["clerk"], people["inspector"])
    assert queries_of(people["inspector"]) == before


def test_the_page_takes_it_and_refuses_in_a_sentence(people):
    client = Client()
    client.force_login(
        User.objects.get(pk=people["clerk"].user_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    sent = {"substitute": people["inspector"].user_id, "first_day": "2026-03-04", "last_day": "2026-03-06"}
    assert client.post("/me/away/", sent | {"last_day": "tomorrow"}).status_code == 422
    assert client.post("/me/away/", sent | {"substitute": "x"}).status_code == 422
    assert client.post("/me/away/", sent).status_code == 302
    assert [s.last_day for s in absences.absences_of(people["inspector"], at=NOON)] == [date(2026, 3, 6)]
    assert len(absences.standing_in(people["inspector"], at=NOON)) == 1
