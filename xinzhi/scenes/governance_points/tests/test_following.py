"""When households split or merge, points go over by ledger entries: whole, with their days, once."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.foundation.errors import DomainError, NotFound
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.ledger import queries as ledger
from xinzhi.kernel.ledger import services as ledger_services
from xinzhi.kernel.ledger.queries import Lot
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents import services as resident_services
from xinzhi.kernel.residents.models import Household, LifeEvent
from xinzhi.kernel.residents.ports import Share, Succession
from xinzhi.kernel.residents.services import Merger, NewMember, Split
from xinzhi.kernel.workflow.models import Step, Task
from xinzhi.scenes.governance_points.accounts import HONOUR, POINTS, accounts_of, owner_of, transfer_key
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries import statement, transfers
from xinzhi.scenes.governance_points.services import publishing, verification
from xinzhi.scenes.governance_points.services.correction import reverse_deed
from xinzhi.scenes.governance_points.services.following import PointsSetAside, going
from xinzhi.scenes.governance_points.tests.conftest import NOON, TODAY, _villager

pytestmark = pytest.mark.django_db
SOON, LATE = date(2027, 1, 1), date(2028, 1, 1)


@pytest.fixture
def family(place):
    """Two more members: four in all, so that half can go."""
    for name, code in (("李示丙", "38"), ("李示丁", "41")):
        resident_services.add_member(
            actor=SYSTEM, household_id=place.household.pk, member=NewMember(name=name, relation_code=code), source="clerk", at=NOON
        )  # fmt: skip
    return [m.person_id for m in residents.members(place.household.pk)]


def give(place, household, tenths, expires_on, honour=None):
    """Points as a posting makes them, with a day of their own."""
    book = ledger_services.book_of_region(place.village.pk)
    accounts = accounts_of(book, [household.pk])
    own, legs = accounts.of(household.pk), []
    if tenths:
        legs += [
            ledger_services.Leg(accounts.points_issuance, POINTS, -tenths),
            ledger_services.Leg(own.spendable, POINTS, tenths),
        ]
    if honour := tenths if honour is None else honour:
        legs += [
            ledger_services.Leg(accounts.honour_issuance, HONOUR, -honour),
            ledger_services.Leg(own.honour, HONOUR, honour),
        ]
    if legs:
        ledger_services.post(
            book=book, request_key=uuid4(), legs=legs, effective_date=TODAY, source="test:1", actor_key="user:1", at=NOON, expires_on=expires_on
        )  # fmt: skip


def lots(place, household):
    book = ledger_services.book_of_region(place.village.pk)
    account = ledger.account(book, "spendable", POINTS, owner_of(household.pk))
    return sum_by_day((lot.remaining, lot.expires_on) for lot in ledger.lots(book, account))


def sum_by_day(points):
    found: dict[date, int] = {}
    for tenths, day in points:
        found[day] = found.get(day, 0) + tenths
    return found


def balances(place, *households):
    found = statement.balances_of(place.village.pk, [h.pk for h in households])
    return [(found[h.pk].spendable_tenths, found[h.pk].honour_tenths) for h in households]


def split(place, going, *, share=None, key=None, no="GJ0001-1", actor=None):
    event = resident_services.split_household(
        actor=actor or place.clerk, request_key=key or uuid4(), agreed=True, at=NOON,
        split=Split(
            household_id=place.household.pk, person_ids=going, household_no=no, head_id=going[0], on=TODAY,
            basis="written_agreement", share_permille=share,
        ),
    )  # fmt: skip
    return event, Household.objects.get(pk=event.other_household_id)


def merge(place, household, into, key=None):
    return resident_services.merge_households(
        actor=place.clerk, request_key=key or uuid4(), agreed=True, at=NOON,
        merger=Merger(household_id=household.pk, into_household_id=into.pk, on=TODAY, basis="written_agreement"),
    )  # fmt: skip


def test_a_split_divides_every_lot_and_the_honour_by_the_number_of_members(place, family):
    give(place, place.household, 101, LATE, honour=300)
    give(place, place.household, 50, SOON)
    key = uuid4()
    event, new = split(place, family[1:2], key=key)
    assert split(place, family[1:2], key=key)[0] == event
    # a quarter of 151 is 37.75: 38 to the new household; of each lot a quarter, the larger remainder rounded up;
    # of 350 it is 87.5: the half goes to the number that sorts first
    assert balances(place, place.household, new) == [(113, 263), (38, 87)]
    assert (lots(place, new), lots(place, place.household)) == ({SOON: 13, LATE: 25}, {SOON: 37, LATE: 76})
    assert ledger.verify() == []


@pytest.mark.parametrize(("share", "spendable"), [(None, 50), (400, 40), (0, 0), (1000, 100), (333, 33)])
def test_the_share_that_was_agreed_goes_over(place, family, share, spendable):
    give(place, place.household, 100, LATE)
    _event, new = split(place, family[2:], share=share)
    assert balances(place, place.household, new) == [(100 - spendable,) * 2, (spendable,) * 2]


def test_a_tie_goes_to_the_household_whose_number_sorts_first_as_text(place, family):
    give(place, place.household, 5, LATE)
    _event, new = split(place, family[2:], no="A1")
    assert balances(place, place.household, new) == [(2, 2), (3, 3)]


def test_what_is_set_aside_stays_with_the_household_that_did_so(place, family):
    give(place, place.household, 60, SOON)
    give(place, place.household, 40, LATE)
    book = ledger_services.book_of_region(place.village.pk)
    account = ledger.account(book, "spendable", POINTS, owner_of(place.household.pk))
    hold = ledger_services.hold(
        book=book, account=account, amount=30, request_key=uuid4(), source="test:h", actor_key="user:1", at=NOON,
        expires_at=NOON + timedelta(days=1),
    )  # fmt: skip
    _event, new = split(place, family[2:])
    assert balances(place, place.household, new) == [(65, 50), (35, 50)]
    assert lots(place, new) == {SOON: 15, LATE: 20}, "half of what is free: 30 that end soon are spoken for"
    ledger_services.void_hold(book=book, hold_id=hold, at=NOON)
    assert ledger.verify() == []


def test_a_merger_brings_everything_over_with_its_days(place):
    give(place, place.household, 60, SOON)
    give(place, place.household, 40, LATE, honour=90)
    give(place, place.neighbour, 7, LATE)
    key = uuid4()
    assert merge(place, place.household, place.neighbour, key) == merge(
        place, place.household, place.neighbour, key
    )
    assert balances(place, place.household, place.neighbour) == [(0, 0), (107, 157)]
    assert lots(place, place.neighbour) == {SOON: 60, LATE: 47}
    assert ledger.verify() == []


def test_a_household_that_has_something_set_aside_does_not_merge(place):
    give(place, place.household, 60, SOON)
    book = ledger_services.book_of_region(place.village.pk)
    account = ledger.account(book, "spendable", POINTS, owner_of(place.household.pk))
    ledger_services.hold(
        book=book, account=account, amount=30, request_key=uuid4(), source="test:h", actor_key="user:1", at=NOON,
        expires_at=NOON + timedelta(days=1),
    )  # fmt: skip
    with pytest.raises(PointsSetAside) as refused:
        merge(place, place.household, place.neighbour)
    with translation.override("en"):
        assert "3 points" in str(refused.value)
    assert (Household.objects.get(pk=place.household.pk).status, LifeEvent.objects.count()) == ("active", 0)


def test_nothing_is_posted_where_there_is_nothing(place, family):
    event, new = split(place, family[2:])
    book = ledger_services.book_of_region(place.village.pk)
    assert (balances(place, new), ledger.posted(book, transfer_key(event.pk))) == ([(0, 0)], [])


def test_open_deeds_go_with_who_did_them_and_others_stay(place, family):
    mine, theirs, nobodys = (
        place.claim("D02", quantity_tenths=10, person_id=person) for person in (family[2], family[0], None)
    )
    verification.verify_deeds(actor=place.clerk, deed_ids=[mine.pk], request_key=uuid4(), at=NOON)
    publishing.publish_deeds(actor=place.clerk, request_key=uuid4(), village_id=place.village.pk, at=NOON)
    _event, new = split(place, family[2:])
    owners = dict(Deed.objects.values_list("pk", "household_id"))
    assert owners == {mine.pk: new.pk, theirs.pk: place.household.pk, nobodys.pk: place.household.pk}
    assert Task.objects.get(subject_id=mine.pk).household_id == new.pk
    step = Step.objects.get(action="household_changed")
    assert (step.subject_id, step.household_id, step.from_state, step.to_state) == (
        mine.pk,
        place.household.pk,
        "published",
        "published",
    )
    # and what was published for the former household is posted to the one its doer belongs to
    place.let_publication_end()
    assert balances(place, place.household, new) == [(0, 0), (80, 80)]


def test_posted_deeds_stay_where_they_were_earned(place, family):
    deed = posted(place, family[2])
    _event, new = split(place, family[2:])
    deed.refresh_from_db()
    assert (deed.household_id, balances(place, place.household, new)) == (
        place.household.pk,
        [(40, 40), (40, 40)],
    )


def test_a_posted_deed_is_taken_back_only_while_its_household_has_enough(place, family):
    deed = posted(place, family[2])
    split(place, family[2:])
    with pytest.raises(DomainError) as refused:
        reverse_deed(actor=place.clerk, request_key=uuid4(), deed_id=deed.pk, reason_code="not_done", at=NOON)
    assert refused.value.code == "ledger.not_enough"
    deed.refresh_from_db()
    assert (deed.state, ledger.verify()) == ("posted", [])


def test_all_open_deeds_of_a_household_that_merges_go_over(place):
    deeds = [place.claim("D02", quantity_tenths=10) for _each in range(2)]
    merge(place, place.household, place.neighbour)
    assert {d.household_id for d in Deed.objects.all()} == {place.neighbour.pk} and len(deeds) == 2


def posted(place, person_id):
    deed = place.claim("D02", quantity_tenths=10, person_id=person_id)
    verification.verify_deeds(actor=place.clerk, deed_ids=[deed.pk], request_key=uuid4(), at=NOON)
    publishing.publish_deeds(actor=place.clerk, request_key=uuid4(), village_id=place.village.pk, at=NOON)
    place.let_publication_end()
    return deed


def test_both_statements_say_where_points_went_and_why(place, family):
    give(place, place.household, 100, LATE)
    event, new = split(place, family[2:])
    newcomers = _villager(new)
    with translation.override("zh-hans"):
        [gone, _earned] = statement.statement(actor=place.villager, household_id=place.household.pk).items
        [come] = statement.statement(actor=newcomers, household_id=new.pk).items
        assert (gone.title, gone.amount_tenths) == ("分户转出，转给 GJ0001-1 户", -50)
        assert (come.title, come.amount_tenths) == ("分户转入，来自 GJ0001 户", 50)
    for actor in (place.villager, newcomers, place.clerk):
        told = transfers.transfer(actor=actor, event_id=event.pk)
        assert (told.had_tenths, told.spendable_tenths, told.left_tenths, told.honour_tenths) == (
            100,
            50,
            50,
            50,
        )
        assert [(p.tenths, p.on) for p in told.parts] == [(50, LATE)]
    for actor in (place.neighbours, place.other_clerk):
        with pytest.raises(NotFound):
            transfers.transfer(actor=actor, event_id=event.pk)


def test_the_page_of_a_transfer_answers_and_the_statement_asks_no_more_for_more_of_them(place, family):
    give(place, place.household, 1000, LATE)
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(
        User.objects.get(pk=place.villager.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )

    def asked():
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get("/governance_points/statement/").status_code == 200
        return len(caught)

    first, _new = split(place, family[3:], share=100, no="GJ-1")
    one = asked()
    split(place, family[2:3], share=100, no="GJ-2")
    split(place, family[1:2], share=100, no="GJ-3")
    assert asked() == one
    page = client.get(f"/governance_points/transfers/{first.pk}/").content.decode()
    assert "10% 的积分" in page and "没有凭空增加" in page
    assert client.get("/governance_points/transfers/999999/").status_code == 404


FAR = [date(2027, 1, 1) + timedelta(days=90 * n) for n in range(5)]


@given(
    amounts=st.lists(st.integers(1, 10**5), max_size=5), held=st.integers(0, 10**5), honour=st.integers(0, 10**6),
    parts=st.integers(0, 12), rest=st.integers(0, 12), numbers=st.tuples(st.text(min_size=1, max_size=3), st.text(min_size=1, max_size=3)),
)  # fmt: skip
def test_whatever_is_divided_nothing_is_made_or_lost_and_no_lot_gives_more_than_it_has(
    amounts, held, honour, parts, rest, numbers
):
    own = [Lot(n, n, FAR[n], amount, amount) for n, amount in enumerate(amounts)]
    total = sum(amounts)
    free = total - min(held, total)
    whole = parts + rest or 1
    succession = Succession(
        kind="split", event_id=1, request_key=UUID(int=1), village_id=1, from_household_id=1, from_no=numbers[0], to_household_id=2,
        to_no=numbers[1], person_ids=(), share=Share(parts=parts, whole=whole, by_members=True), happened_on=TODAY,
    )  # fmt: skip
    found = going(succession, own, balance=total, free=free, honour=honour)
    taken = dict(found.lots)
    assert sum(taken.values()) == found.spendable <= free
    assert all(0 < part <= amounts[lot] for lot, part in taken.items())
    assert (
        abs(found.spendable * whole - free * parts) < whole
        and abs(found.honour * whole - honour * parts) < whole
    )
    if not held:  # every lot gives its part, to the tenth
        assert all(
            abs(taken.get(n, 0) * total - found.spendable * amount) < total
            for n, amount in enumerate(amounts)
        )


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    points=st.lists(st.tuples(st.integers(1, 999), st.sampled_from(FAR)), min_size=1, max_size=4),
    share=st.integers(0, 1000),
)
def test_split_and_merged_back_a_household_has_what_it_had_to_the_tenth_and_the_day(
    place, family, points, share
):
    from django.db import transaction

    with transaction.atomic():
        for tenths, day in points:
            give(place, place.household, tenths, day)
        before = balances(place, place.household)
        _event, new = split(place, family[2:], share=share, no=f"T{uuid4().hex[:6]}")
        (old_points, old_honour), (new_points, new_honour) = balances(place, place.household, new)
        assert [(old_points + new_points, old_honour + new_honour)] == before
        merge(place, new, place.household)
        assert balances(place, place.household) == before
        assert lots(place, place.household) == sum_by_day(points)
        assert ledger.verify() == []
        transaction.set_rollback(True)
