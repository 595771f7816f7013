"""Households split and merge: whole, once, and readable afterwards."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connections

from xinzhi.kernel.events.models import PublishedEvent
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import Conflict, DomainError
from xinzhi.kernel.identity import cards, proxies
from xinzhi.kernel.residents import history, ports, services
from xinzhi.kernel.residents.models import (
    FormerValue,
    Household,
    HouseholdSuccession,
    LifeEvent,
    PersonalValue,
)
from xinzhi.kernel.residents.services import Merger, NewMember, Split
from xinzhi.kernel.residents.services.households import HouseholdNumberTaken
from xinzhi.kernel.residents.services.life import refusals
from xinzhi.kernel.residents.services.life.acting import state_of
from xinzhi.kernel.residents.tests.conftest import ADMIN_MAY, LATER, NOON
from xinzhi.kernel.residents.tests.test_life_events import DAY, TODAY, attempt, seats

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def first_of_may():
    with clock.fixed(LATER):
        yield


def split_of(family, who, **changes):
    return Split(
        **{
            "household_id": family.pk, "person_ids": [who["丙"], who["丁"], who["戊"]], "household_no": "12-1",
            "head_id": who["丙"], "on": DAY, "basis": "written_agreement", **changes,
        }
    )  # fmt: skip


def test_a_household_splits_and_both_can_be_read_before_and_after(clerk, family, who):
    key = uuid4()
    done = [
        services.split_household(
            actor=clerk, request_key=key, split=split_of(family, who), agreed=True, at=LATER
        )
        for _click in range(2)
    ]
    new = Household.objects.get(household_no="12-1")
    assert done[0] == done[1]
    assert (new.village_id, new.group_id, new.kind, new.active_from) == (
        family.village_id,
        family.group_id,
        "hukou",
        DAY,
    )
    # the son heads his own family: his wife is his wife, and his father's grandson his son
    assert (seats(family), seats(new)) == ({"甲": "02", "乙": "12"}, {"丙": "02", "丁": "12", "戊": "20"})
    assert len(seats(family, DAY - timedelta(days=1))) == 5
    succession = HouseholdSuccession.objects.get()
    assert (succession.share_parts, succession.share_whole, succession.by_members) == (3, 5, True)
    assert [(e.kind, e.from_no, e.to_no) for e in history.happened(clerk, new.pk)] == [
        ("split", "12", "12-1")
    ]
    assert PublishedEvent.objects.filter(name="residents.household_split.v1").count() == 1


@pytest.mark.parametrize(
    ("changes", "agreed", "refusal"),
    [
        ({}, True, None),
        ({}, False, refusals.AgreementNeeded),
        ({"person_ids": []}, True, refusals.NobodyChosen),
        ({"person_ids": "everybody"}, True, refusals.EverybodyChosen),
        ({"person_ids": "of the neighbours"}, True, refusals.NotAMember),
        ({"head_id": "one who stays"}, True, refusals.HeadNotAmongThem),
        ({"person_ids": "with the head"}, True, refusals.HeadMustBeNamed),
        ({"household_no": "7"}, True, HouseholdNumberTaken),
        ({"household_no": "12"}, True, HouseholdNumberTaken),
        ({"share_permille": 1001}, True, refusals.ShareNotUnderstood),
        ({"share_permille": -1}, True, refusals.ShareNotUnderstood),
        ({"on": TODAY + timedelta(days=1)}, True, refusals.DayInFuture),
        ({"on": date(2026, 2, 1)}, True, refusals.DayTooEarly),
        ({"basis": "marriage_certificate"}, True, refusals.BasisUnknown),
    ],
)
def test_a_split_that_cannot_be_is_refused_and_nothing_is_half_done(
    clerk, family, neighbours, who, changes, agreed, refusal
):
    words = {
        "everybody": [who[c] for c in "甲乙丙丁戊"], "of the neighbours": [who["庚"]], "one who stays": who["乙"],
        "with the head": [who["甲"], who["丙"]],
    }  # fmt: skip
    split = split_of(
        family, who, **{k: words.get(v, v) if isinstance(v, str) else v for k, v in changes.items()}
    )
    outcome = attempt(services.split_household, actor=clerk, split=split, agreed=agreed)
    foreseen = None
    try:
        services.rehearse(
            lambda: services.split_household(
                actor=clerk, request_key=uuid4(), split=split, agreed=True, at=LATER
            ),
            household_ids=[family.pk],
        )
    except DomainError as refused:
        foreseen = type(refused)
    assert (outcome if isinstance(outcome, type) else None) is refusal
    if refusal:
        assert (len(seats(family)), Household.objects.count(), LifeEvent.objects.count()) == (5, 2, 0)
        assert foreseen is (refusal if refusal is not refusals.AgreementNeeded else None), (
            "the page says the same before"
        )


def test_the_head_may_go_when_another_one_is_named(clerk, family, who):
    split = split_of(family, who, person_ids=[who["甲"], who["乙"]], head_id=who["甲"], new_head_id=who["丙"])
    services.split_household(actor=clerk, request_key=uuid4(), split=split, agreed=True, at=LATER)
    new = Household.objects.get(household_no="12-1")
    assert (seats(family), seats(new)) == ({"丙": "02", "丁": "12", "戊": "20"}, {"甲": "02", "乙": "12"})


def test_a_merger_moves_everybody_and_closes_the_household_with_its_number_kept(
    clerk, family, neighbours, who
):
    merger = Merger(
        household_id=neighbours.pk,
        into_household_id=family.pk,
        on=DAY,
        basis="written_agreement",
        relations={who["己"]: "77"},
    )
    key = uuid4()
    done = [
        services.merge_households(actor=clerk, request_key=key, merger=merger, agreed=True, at=LATER)
        for _click in range(2)
    ]
    assert done[0] == done[1]
    neighbours.refresh_from_db()
    assert (neighbours.status, neighbours.active_to, neighbours.household_no) == ("closed", DAY, "7")
    assert (seats(neighbours), seats(family)["己"], seats(family)["庚"]) == ({}, "77", "97")
    assert [f.name[-1] for f in history.former_members(clerk, neighbours.pk)] == ["庚", "己"]
    assert history.present_household(neighbours.pk) == family.pk
    assert FormerValue.objects.get(household=neighbours).value == "active"
    assert attempt(
        services.record_birth, actor=clerk, household_id=neighbours.pk, basis="birth_certificate",
        member=NewMember(name="赵试辛", relation_code="30", birth_date=DAY),
    ) is refusals.HouseholdClosed  # fmt: skip


def test_mergers_that_cannot_be(clerk, clerk_of, family, neighbours, township, other_village):
    officer = clerk_of(township)
    far = services.register_household(
        actor=officer, village_id=other_village.pk, household_no="7", source="clerk", at=NOON, members=[NewMember(name="孙试癸")]
    )  # fmt: skip
    merger = {"household_id": neighbours.pk, "on": DAY, "basis": "written_agreement"}
    outcome = [
        attempt(services.merge_households, actor=actor, merger=Merger(**{**merger, **changes}), agreed=agreed)
        for actor, agreed, changes in (
            (clerk, True, {"into_household_id": neighbours.pk}),
            (officer, True, {"into_household_id": far.pk}),
            (clerk, False, {"into_household_id": family.pk}),
            (clerk, True, {"into_household_id": family.pk, "on": date(2026, 2, 1)}),
        )
    ]
    assert outcome == [
        refusals.MergedWithItself, refusals.OtherVillage, refusals.AgreementNeeded, refusals.DayTooEarly,
    ]  # fmt: skip
    assert LifeEvent.objects.count() == 0


def test_an_empty_household_merges_and_an_empty_one_takes_in_a_family_with_its_head(
    clerk, family, neighbours, who
):
    services.record_moving_away(
        actor=clerk, request_key=uuid4(), household_id=neighbours.pk, person_ids=[who["己"], who["庚"]], on=DAY,
        basis="household_book", at=LATER,
    )  # fmt: skip
    merger = Merger(
        household_id=family.pk, into_household_id=neighbours.pk, on=TODAY, basis="written_agreement"
    )
    services.merge_households(actor=clerk, request_key=uuid4(), merger=merger, agreed=True, at=LATER)
    assert seats(neighbours)["甲"] == "02" and len(seats(neighbours)) == 5


def test_a_page_that_showed_another_state_does_not_confirm(clerk, family, who):
    seen = state_of(family.pk)
    services.record_death(
        actor=clerk, request_key=uuid4(), household_id=family.pk, person_id=who["戊"], on=DAY, basis="household_book", at=LATER
    )  # fmt: skip
    split = split_of(family, who, person_ids=[who["丙"], who["丁"]])
    assert (
        attempt(services.split_household, actor=clerk, split=split, agreed=True, seen=seen)
        is refusals.ChangedMeanwhile
    )
    assert isinstance(
        attempt(services.split_household, actor=clerk, split=split, agreed=True, seen=state_of(family.pk)),
        LifeEvent,
    )


def test_what_a_follower_refuses_undoes_the_whole_act(clerk, family, who, monkeypatch):
    class Unwilling(ports.Follower):
        def follow(self, succession, *, actor, at):
            assert succession.to_household_id and len(succession.person_ids) == 3
            raise Conflict()

    monkeypatch.setitem(ports._followers, "zz", Unwilling())
    assert (
        attempt(services.split_household, actor=clerk, split=split_of(family, who), agreed=True) is Conflict
    )
    assert (len(seats(family)), Household.objects.count(), LifeEvent.objects.count()) == (5, 2, 0)


def test_card_and_mandates_of_a_closed_household_end(clerk, clerk_of, village, family, neighbours, who):
    officer = clerk_of(
        village, frozenset({"identity.card.issue", "identity.proxy.give", "identity.proxy.view"})
    )
    token = cards.issue_card(actor=officer, household_id=neighbours.pk, at=LATER)
    mandate = proxies.give_proxy(
        actor=officer, household_id=neighbours.pk, person_id=who["丁"], relation="neighbour", active_to=date(2027, 1, 1), at=LATER
    )  # fmt: skip
    merger = Merger(
        household_id=neighbours.pk, into_household_id=family.pk, on=DAY, basis="written_agreement"
    )
    services.merge_households(actor=clerk, request_key=uuid4(), merger=merger, agreed=True, at=LATER)
    mandate.refresh_from_db()
    assert mandate.revoked_at == LATER
    with pytest.raises(cards.CardNotValid):
        cards.card_of_token(token)


def test_a_person_can_still_be_forgotten_after_a_split(clerk, clerk_of, village, family, who):
    services.split_household(
        actor=clerk, request_key=uuid4(), split=split_of(family, who), agreed=True, at=LATER
    )
    services.erase_person(
        actor=clerk_of(village, ADMIN_MAY), person_id=who["丁"], reason="requested", at=LATER
    )
    new = Household.objects.get(household_no="12-1")
    assert not PersonalValue.objects.filter(person_id=who["丁"]).exists()
    [event] = history.happened(clerk, new.pk)
    assert len(event.names) == 3 and not any(name.startswith("周") for name in event.names)


def both(*acts):
    """What each answers, begun at the same moment on a connection of its own."""
    answers, start = [None] * len(acts), threading.Barrier(len(acts))

    def run(place, act):
        start.wait(timeout=20)
        try:
            with clock.fixed(LATER):
                answers[place] = act()
        except DomainError as refusal:
            answers[place] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_two_clerks_who_split_the_same_household_one_is_refused(
        self, clerk, clerk_of, village, family, who
    ):
        acts = [
            lambda actor=actor, number=number: services.split_household(
                actor=actor,
                request_key=uuid4(),
                split=split_of(family, who, household_no=number),
                agreed=True,
                at=LATER,
            )
            for actor, number in ((clerk, "12-1"), (clerk_of(village, user_id=2), "12-2"))
        ]
        answers = both(*acts)
        assert sorted(type(a).__name__ for a in answers) == ["LifeEvent", "NotAMember"]
        assert Household.objects.count() == 3 and len(seats(family)) == 2

    def test_a_double_click_at_the_same_moment_splits_once(self, clerk, family, who):
        key = uuid4()
        answers = both(
            *[
                lambda: services.split_household(
                    actor=clerk, request_key=key, split=split_of(family, who), agreed=True, at=LATER
                )
            ]
            * 2
        )
        assert answers[0] == answers[1] and LifeEvent.objects.count() == 1

    def test_two_households_that_merge_into_each_other_do_not_wait_in_a_circle(
        self, clerk, family, neighbours
    ):
        acts = [
            lambda a=a, b=b: services.merge_households(
                actor=clerk, request_key=uuid4(), agreed=True, at=LATER,
                merger=Merger(household_id=a, into_household_id=b, on=DAY, basis="written_agreement"),
            )
            for a, b in ((family.pk, neighbours.pk), (neighbours.pk, family.pk))
        ]  # fmt: skip
        answers = both(*acts)
        assert sorted(type(a).__name__ for a in answers) == ["HouseholdClosed", "LifeEvent"]
        assert HouseholdSuccession.objects.count() == 1
