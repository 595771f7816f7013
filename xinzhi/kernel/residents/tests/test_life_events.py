"""What happens to households and persons is dated, kept, and refused in a sentence where it cannot have been so."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.events.models import PublishedEvent
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.identity import services as identity
from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.models import ProxyMandate
from xinzhi.kernel.residents import history, queries, relations, services
from xinzhi.kernel.residents.models import Household, LifeEvent, Membership, Person
from xinzhi.kernel.residents.scope import HouseholdNotFound
from xinzhi.kernel.residents.services import NewMember
from xinzhi.kernel.residents.services.life import refusals
from xinzhi.kernel.residents.tests.conftest import LATER, NOON

pytestmark = pytest.mark.django_db
TODAY = date(2026, 5, 1)
DAY = date(2026, 4, 1)


@pytest.fixture(autouse=True)
def first_of_may():
    with clock.fixed(LATER):
        yield


def seats(household: Household, on: date | None = None) -> dict[str, str]:
    """{last character of the name: relation}"""
    rows = queries.members(household.pk, on)
    names = queries.display_names([r.person_id for r in rows])
    return {names[r.person_id][-1]: r.relation_code for r in rows}


def attempt(act, **what):
    try:
        return act(**{"request_key": uuid4(), "at": LATER, **what})
    except DomainError as refusal:
        return type(refusal)


def test_a_birth_adds_the_child_from_its_first_day(clerk, family):
    child = NewMember(name="李试辛", relation_code="42", sex_code="2", birth_date=DAY)
    key = uuid4()
    done = [
        services.record_birth(actor=clerk, request_key=key, household_id=family.pk, member=child, basis="birth_certificate", at=LATER)
        for _click in range(2)
    ]  # fmt: skip
    assert done[0] == done[1]
    assert "辛" in seats(family) and "辛" not in seats(family, DAY - timedelta(days=1))
    assert len(seats(family)) == 6
    assert (done[0].happened_on, done[0].kind, len(done[0].person_ids)) == (DAY, "birth", 1)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({}, None),
        ({"member": NewMember(name="李试辛", relation_code="42")}, refusals.BirthDateNeeded),
        ({"member": NewMember(name="李试辛", relation_code="02", birth_date=DAY)}, refusals.RelationIsHead),
        ({"basis": "hearsay"}, refusals.BasisUnknown),
    ],
)
def test_a_birth_needs_a_day_a_relation_and_a_paper(clerk, family, changes, refusal):
    wanted = {
        "actor": clerk, "household_id": family.pk, "basis": "birth_certificate",
        "member": NewMember(name="李试辛", relation_code="42", birth_date=DAY), **changes,
    }  # fmt: skip
    outcome = attempt(services.record_birth, **wanted)
    assert (outcome if isinstance(outcome, type) else None) is refusal
    assert (len(seats(family)), LifeEvent.objects.count()) == ((6, 1) if refusal is None else (5, 0))


def test_a_death_ends_memberships_login_and_mandates_and_names_the_next_head(clerk, family, neighbours, who):
    login = identity.login_of_person(who["甲"], at=LATER)
    mandate = ProxyMandate.objects.create(
        household=neighbours, person_id=who["甲"], relation="neighbour", active_from=DAY, active_to=date(2027, 1, 1),
        consent="paper", given_by="user:1", given_at=NOON,
    )  # fmt: skip
    assert set(actor_of(login).household_ids) == {family.pk, neighbours.pk}

    services.record_death(
        actor=clerk, request_key=uuid4(), household_id=family.pk, person_id=who["甲"], on=DAY, basis="death_certificate",
        new_head_id=who["丙"], at=LATER,
    )  # fmt: skip

    # the widow is the new head's mother, his wife his wife, and the grandson his son
    assert seats(family) == {"丙": "02", "乙": "52", "丁": "12", "戊": "20"}
    assert seats(family, DAY - timedelta(days=1))["甲"] == "02"
    assert Person.objects.get(pk=who["甲"]).status == "deceased"
    assert actor_of(login).is_authenticated is False
    mandate.refresh_from_db()
    assert mandate.revoked_at == LATER
    assert [e.name for e in PublishedEvent.objects.filter(name__startswith="residents.")] == [
        "residents.person_died.v1"
    ]


@pytest.mark.parametrize("act", ["death", "moved_away", "marriage_out"])
def test_the_head_does_not_leave_without_a_next_one(clerk, family, who, act):
    wanted = {"actor": clerk, "household_id": family.pk, "on": DAY, "basis": "household_book"}
    outcome = {
        "death": lambda: attempt(services.record_death, person_id=who["甲"], **wanted),
        "moved_away": lambda: attempt(services.record_moving_away, person_ids=[who["甲"]], **wanted),
        "marriage_out": lambda: attempt(services.record_marriage_out, person_id=who["甲"], **wanted),
    }[act]()
    assert outcome is refusals.HeadMustBeNamed
    assert seats(family)["甲"] == "02"


def test_the_next_head_is_one_of_those_who_stay(clerk, family, who):
    for head in (who["甲"], who["己"]):
        outcome = attempt(
            services.record_death, actor=clerk, household_id=family.pk, person_id=who["甲"], on=DAY, basis="household_book",
            new_head_id=head,
        )  # fmt: skip
        assert outcome is refusals.HeadNotAmongThem
    assert len(seats(family)) == 5


def test_the_last_member_may_die_and_the_household_stays_readable(clerk, neighbours, who):
    services.record_moving_away(
        actor=clerk, request_key=uuid4(), household_id=neighbours.pk, person_ids=[who["己"], who["庚"]], on=DAY,
        basis="household_book", at=LATER,
    )  # fmt: skip
    assert seats(neighbours) == {}
    assert {f.status for f in history.former_members(clerk, neighbours.pk)} == {"left"}
    assert Household.objects.get(pk=neighbours.pk).status == "active"


def test_who_marries_into_a_household_of_the_village_leaves_the_other(clerk, family, neighbours, who):
    services.record_marriage_in(
        actor=clerk, request_key=uuid4(), household_id=family.pk, person_id=who["庚"], relation_code="38", on=DAY,
        basis="marriage_certificate", at=LATER,
    )  # fmt: skip
    assert (seats(family)["庚"], seats(neighbours)) == ("38", {"己": "02"})
    [event] = history.happened(clerk, neighbours.pk)
    assert (event.kind, event.from_no, event.to_no, event.is_here_the_other) == (
        "marriage_in",
        "12",
        "7",
        True,
    )


def test_a_head_marries_out_only_after_another_head_is_named(clerk, family, neighbours, who):
    wanted = {
        "actor": clerk,
        "household_id": family.pk,
        "person_id": who["己"],
        "relation_code": "38",
        "on": DAY,
        "basis": "household_book",
    }
    assert attempt(services.record_marriage_in, **wanted) is refusals.HeadElsewhere
    services.change_head(
        actor=clerk, request_key=uuid4(), household_id=neighbours.pk, new_head_id=who["庚"], on=DAY, basis="household_book", at=LATER,
    )  # fmt: skip
    assert isinstance(attempt(services.record_marriage_in, **wanted), LifeEvent)
    assert seats(neighbours) == {"庚": "02"}


def test_somebody_new_marries_in(clerk, family):
    bride = NewMember(name="钱试壬", relation_code="38", sex_code="2")
    services.record_marriage_in(
        actor=clerk, request_key=uuid4(), household_id=family.pk, member=bride, on=DAY, basis="marriage_certificate", at=LATER
    )  # fmt: skip
    assert seats(family)["壬"] == "38"
    for neither in ({}, {"member": bride, "person_id": 1}):
        outcome = attempt(
            services.record_marriage_in,
            actor=clerk,
            household_id=family.pk,
            on=DAY,
            basis="household_book",
            **neither,
        )
        assert outcome is refusals.SamePersonTwice


@pytest.mark.parametrize("into_the_village", [True, False])
def test_who_marries_out_belongs_elsewhere_or_has_left(clerk, family, neighbours, who, into_the_village):
    where = {"to_household_id": family.pk, "relation_code": "38"} if into_the_village else {}
    services.record_marriage_out(
        actor=clerk, request_key=uuid4(), household_id=neighbours.pk, person_id=who["庚"], on=DAY, basis="household_book",
        at=LATER, **where,
    )  # fmt: skip
    assert ("庚" in seats(family)) is into_the_village
    assert Person.objects.get(pk=who["庚"]).status == ("living" if into_the_village else "left")


def test_who_moved_away_comes_back_to_a_household_and_both_stay_in_the_history(clerk, family, who):
    services.record_moving_away(
        actor=clerk, request_key=uuid4(), household_id=family.pk, person_ids=[who["丙"], who["丁"]], on=DAY,
        basis="household_book", at=LATER,
    )  # fmt: skip
    assert set(seats(family)) == {"甲", "乙", "戊"}
    wanted = {
        "actor": clerk,
        "household_id": family.pk,
        "person_id": who["丙"],
        "relation_code": "20",
        "basis": "household_book",
    }
    assert attempt(services.record_return, **wanted, on=DAY - timedelta(days=1)) is refusals.DayTooEarly
    services.record_return(request_key=uuid4(), at=LATER, on=date(2026, 4, 20), **wanted)
    assert seats(family)["丙"] == "20"
    assert attempt(services.record_return, **wanted, on=TODAY) is refusals.StillAMember
    assert [e.kind for e in history.happened(clerk, family.pk)] == ["came_back", "moved_away"]
    assert Person.objects.get(pk=who["丙"]).status == "living"


def test_who_died_does_not_come_back(clerk, family, who):
    services.record_death(
        actor=clerk, request_key=uuid4(), household_id=family.pk, person_id=who["戊"], on=DAY, basis="household_book", at=LATER
    )  # fmt: skip
    outcome = attempt(
        services.record_return, actor=clerk, household_id=family.pk, person_id=who["戊"], relation_code="41", on=TODAY, basis="household_book"
    )  # fmt: skip
    assert outcome is refusals.PersonGone


def test_a_death_that_came_before_the_roster_was_brought_in_can_be_entered(clerk, family, who):
    services.record_death(
        actor=clerk, request_key=uuid4(), household_id=family.pk, person_id=who["戊"], on=date(2026, 1, 5), basis="household_book",
        at=LATER,
    )  # fmt: skip
    assert "戊" not in seats(family)
    row = Membership.objects.get(person_id=who["戊"])
    assert row.active_to == row.active_from, "never before it began"


@pytest.mark.parametrize(
    ("day", "refusal"),
    [
        (TODAY, None),
        (TODAY + timedelta(days=1), refusals.DayInFuture),
        (date(2026, 2, 28), refusals.DayTooEarly),
    ],
)
def test_a_head_changes_on_a_day_that_can_have_been(clerk, family, who, day, refusal):
    outcome = attempt(
        services.change_head, actor=clerk, household_id=family.pk, new_head_id=who["乙"], on=day, basis="household_book"
    )  # fmt: skip
    assert (outcome if isinstance(outcome, type) else None) is refusal
    assert seats(family)["乙"] == ("12" if refusal else "02")


def test_nobody_dies_before_he_was_born(clerk, family, who):
    outcome = attempt(
        services.record_death, actor=clerk, household_id=family.pk, person_id=who["甲"], on=date(1949, 12, 31),
        basis="household_book", new_head_id=who["乙"],
    )  # fmt: skip
    assert outcome is refusals.DayBeforeBirth


def test_what_people_are_to_the_new_head_is_proposed_and_can_be_said(clerk, family, who):
    services.change_head(
        actor=clerk, request_key=uuid4(), household_id=family.pk, new_head_id=who["乙"], on=DAY, basis="household_book",
        relations={who["戊"]: "43"}, at=LATER,
    )  # fmt: skip
    assert seats(family) == {"乙": "02", "甲": "11", "丙": "20", "丁": "38", "戊": "43"}
    outcome = attempt(
        services.change_head,
        actor=clerk,
        household_id=family.pk,
        new_head_id=who["乙"],
        on=DAY,
        basis="household_book",
    )
    assert outcome is refusals.HeadAlready
    for wrong, refusal in (("02", "RelationIsHead"), ("zz", "RelationUnknown")):
        outcome = attempt(
            services.change_head, actor=clerk, household_id=family.pk, new_head_id=who["甲"], on=DAY, basis="household_book",
            relations={who["乙"]: wrong},
        )  # fmt: skip
        assert outcome.__name__ == refusal


@pytest.mark.parametrize(
    ("head", "member", "found"),
    [
        (("12", "2"), ("02", "1"), "11"),  # the wife becomes head: he is her husband
        (("12", "2"), ("51", "1"), "53"),  # and his father her father-in-law
        (("12", "2"), ("20", "1"), "20"),
        (("20", "1"), ("02", "1"), "51"),  # the son becomes head
        (("20", "1"), ("12", "2"), "52"),
        (("20", "1"), ("38", "0"), "12"),
        (("20", "1"), ("41", "1"), "20"),
        (("20", "1"), ("32", "2"), "70"),
        (("20", "1"), ("51", "1"), "61"),
        (("51", "1"), ("02", "1"), "20"),  # the father becomes head
        (("51", "1"), ("12", "2"), "38"),
        (("51", "1"), ("52", "2"), "12"),
        (("38", "2"), ("02", "1"), "53"),  # the daughter-in-law: her father-in-law
        (("38", "2"), ("20", "1"), "11"),
        (("41", "1"), ("02", "2"), "62"),  # the grandson: his grandmother
        (("73", "1"), ("02", "1"), "70"),
        (("20", "1"), ("99", "1"), "99"),
        (("20", "1"), ("95", "1"), "97"),
    ],
)  # fmt: skip
def test_proposed_relations_follow_the_standard(head, member, found):
    assert relations.seen_from(*head, *member) == found


def test_a_stranger_of_the_village_cannot_enter_anything(clerk_of, other_village, family, who):
    stranger = clerk_of(other_village)
    before = LifeEvent.objects.count()
    for act in (
        lambda: services.record_death(
            actor=stranger, request_key=uuid4(), household_id=family.pk, person_id=who["戊"], on=DAY, basis="household_book", at=LATER
        ),
        lambda: history.happened(stranger, family.pk),
        lambda: services.change_head(
            actor=stranger, request_key=uuid4(), household_id=family.pk, new_head_id=who["乙"], on=DAY, basis="household_book", at=LATER
        ),
    ):  # fmt: skip
        with pytest.raises(HouseholdNotFound):
            act()
    assert LifeEvent.objects.count() == before


def test_events_stay_as_they_were_written_and_name_nobody(clerk, family, who):
    event = services.record_death(
        actor=clerk, request_key=uuid4(), household_id=family.pk, person_id=who["戊"], on=DAY, basis="household_book", at=LATER
    )  # fmt: skip
    for change in ("UPDATE residents_lifeevent SET basis = 'x'", "DELETE FROM residents_lifeevent"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    record = Record.objects.get(action="residents.death")
    assert (record.subject, record.household_id) == (f"life_event:{event.pk}", family.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT string_agg(e::text, '') FROM residents_lifeevent e) || (SELECT string_agg(r::text, '') FROM audit_record r)"
        )
        [text] = cursor.fetchone()
    assert "李" not in text


def test_the_same_key_for_something_else_is_refused(clerk, family, who):
    key = uuid4()
    wanted = {
        "actor": clerk,
        "household_id": family.pk,
        "on": DAY,
        "basis": "household_book",
        "request_key": key,
    }
    attempt(services.record_death, person_id=who["戊"], **wanted)
    assert attempt(services.record_moving_away, person_ids=[who["丁"]], **wanted) is refusals.RequestKeyUsed
    assert "丁" in seats(family)
