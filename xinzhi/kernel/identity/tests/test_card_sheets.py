"""Cards of a village: issued once, printed as often as wanted; a lost one never comes back."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.identity import card_sheets, cards, services
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.identity.tests.conftest import NOON, World, household, staff_actor, villager


@pytest.fixture
def clerk(world: World):
    return staff_actor("clerk", "village_clerk", world.village)


def test_every_household_gets_one_card_and_a_second_press_issues_none(world, clerk):
    before = services.issue_card(actor=clerk, household_id=world.elder.pk, at=NOON)
    assert card_sheets.missing(clerk, world.village.pk) == 1
    assert card_sheets.issue_missing(actor=clerk, village_id=world.village.pk, at=NOON) == 1
    assert card_sheets.issue_missing(actor=clerk, village_id=world.village.pk, at=NOON) == 0
    printed = card_sheets.sheets(actor=clerk, village_id=world.village.pk).items
    assert [(p.household_no, p.head_masked) for p in printed] == [("1", "陈*婆"), ("2", "陈*明")]
    assert printed[0].token == before  # what hangs on the wall already goes on working
    assert all(cards.card_of_token(p.token).household_id == p.id for p in printed)
    assert Record.objects.filter(action="identity.issue_card").count() == 2


def test_a_lost_card_stays_worthless_when_the_village_prints_again(world, clerk):
    lost = services.issue_card(actor=clerk, household_id=world.elder.pk, at=NOON)
    services.revoke_card(actor=clerk, household_id=world.elder.pk, at=NOON)
    card_sheets.issue_missing(actor=clerk, village_id=world.village.pk, at=NOON)
    with pytest.raises(cards.CardNotValid):
        cards.card_of_token(lost)
    fresh = card_sheets.sheets(actor=clerk, village_id=world.village.pk).items[0].token
    assert cards.card_of_token(fresh).household_id == world.elder.pk


def test_only_the_village_s_own_office_prints_them(world, clerk):
    others = (
        staff_actor("other", "village_clerk", world.other_village),
        staff_actor("inspector", "inspector", world.village),
        villager(world.mother_person),
    )
    for actor in others:
        for act in (
            lambda a: card_sheets.missing(a, world.village.pk),
            lambda a: card_sheets.issue_missing(actor=a, village_id=world.village.pk, at=NOON),
            lambda a: card_sheets.sheets(actor=a, village_id=world.village.pk),
        ):
            with pytest.raises(cards.CardNotValid):
                act(actor)


def test_a_large_village_costs_as_many_queries_as_a_small_one(world, clerk):
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            card_sheets.issue_missing(actor=clerk, village_id=world.village.pk, at=NOON)
            card_sheets.sheets(actor=clerk, village_id=world.village.pk)
        return len(seen)

    few = cost()
    for n in range(10, 60):
        household(world.village, str(n), "陈试样")
    assert cost() == few
    first = card_sheets.sheets(actor=clerk, village_id=world.village.pk)
    second = card_sheets.sheets(actor=clerk, village_id=world.village.pk, cursor=first.next_cursor)
    assert (len(first.items), len(second.items), second.next_cursor) == (40, 12, None)


def test_the_sheet_is_printed_from_the_page(world, clerk):
    client = Client()
    client.force_login(
        User.objects.get(pk=clerk.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert "陈*婆" not in client.get("/households/cards/").content.decode()
    assert client.post("/households/cards/", {"village": world.village.pk}).status_code == 302
    page = client.get("/households/cards/").content.decode()
    assert "陈*婆" in page and "陈阿婆" not in page
    assert client.get("/households/cards/?village=999999").status_code == 404
