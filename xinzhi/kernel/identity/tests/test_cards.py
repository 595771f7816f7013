from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import NOBODY, SYSTEM
from xinzhi.kernel.identity import cards, queries, services
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.identity.tests.conftest import NOON, World, staff, staff_actor, villager


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def clerk(world: World) -> User:
    return staff("clerk", "village_clerk", world.village)


def me(client: Client) -> dict[str, object]:
    return dict(client.get("/api/v1/identity/me").json())


def test_a_token_is_short_and_leads_to_its_household(world: World) -> None:
    token = services.issue_card(actor=SYSTEM, household_id=world.elder.pk)
    assert len(token) <= 24 and token.replace("-", "").replace("_", "").isalnum()
    assert services.household_of_card(token) == world.elder.pk
    assert queries.current_token(SYSTEM, world.elder.pk) == token


def test_a_new_card_ends_the_old_one_and_revoking_ends_both(world: World) -> None:
    first = services.issue_card(actor=SYSTEM, household_id=world.elder.pk)
    second = services.issue_card(actor=SYSTEM, household_id=world.elder.pk)
    with pytest.raises(cards.CardNotValid):
        services.household_of_card(first)
    assert services.household_of_card(second) == world.elder.pk
    services.revoke_card(actor=SYSTEM, household_id=world.elder.pk)
    with pytest.raises(cards.CardNotValid):
        services.household_of_card(second)
    third = services.issue_card(actor=SYSTEM, household_id=world.elder.pk)
    assert third not in (first, second)


@given(st.text(max_size=40) | st.binary(max_size=17).map(lambda b: b.hex()))
def test_other_texts_are_not_cards(text: str) -> None:
    with pytest.raises(cards.CardNotValid):
        cards._read(text)


def test_a_changed_token_is_not_a_card(world: World) -> None:
    token = services.issue_card(actor=SYSTEM, household_id=world.elder.pk)
    for place in range(len(token) - 1):  # the last character carries spare bits
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(cards.CardNotValid):
            services.household_of_card(changed)


def test_a_stranger_learns_nothing_from_a_card(world: World) -> None:
    token = services.issue_card(actor=SYSTEM, household_id=world.elder.pk)
    genuine, invented = Client().get(f"/c/{token}/"), Client().get(f"/c/{'A' * 23}/")
    assert genuine.status_code == invented.status_code == 200
    without_form_keys = [
        re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page.content.decode())
        for page in (genuine, invented)
    ]
    assert without_form_keys[0].replace(token, "T") == without_form_keys[1].replace("A" * 23, "T")
    for word in ("陈", world.village.name, "household:"):
        assert word not in genuine.content.decode()
    assert Client().post(f"/c/{token}/").status_code in (200, 403)


def test_a_villager_and_a_clerk_of_another_village_get_the_answer_of_a_wrong_card(world: World) -> None:
    token = services.issue_card(actor=SYSTEM, household_id=world.elder.pk)
    for user in (
        services.login_of_person(world.son_person, at=NOON),
        staff("other", "village_clerk", world.other_village),
        staff("insp", "inspector", world.village),
    ):
        client = client_of(user)
        for method in (client.get, client.post):
            real, wrong = method(f"/c/{token}/"), method(f"/c/{'A' * 23}/")
            assert real.status_code == wrong.status_code == 404
        assert me(client)["proxy_for_household_id"] is None


def test_a_clerk_acts_for_the_household_after_he_says_so(world: World, clerk: User) -> None:
    token = services.issue_card(actor=SYSTEM, household_id=world.elder.pk)
    client = client_of(clerk)
    page = client.get(f"/c/{token}/")
    assert "陈*婆" in page.content.decode() and "陈阿婆" not in page.content.decode()
    assert me(client)["proxy_for_household_id"] is None  # looking changes nothing
    client.post(f"/c/{token}/")
    acting = me(client)
    assert (acting["channel"], acting["proxy_for_household_id"]) == ("card", world.elder.pk)
    assert acting["household_ids"] == [world.elder.pk]
    assert Record.objects.filter(household_id=world.elder.pk, action="identity.act_by_card").exists()
    client.post("/me/act-for/end/")
    assert me(client)["household_ids"] == []


def test_own_households_stay_known_while_acting_for_another(world: World) -> None:
    """A clerk who holds a neighbour's card must not get round the rule about deeds of his own household."""
    clerk = staff("clerk2", "village_clerk", world.village, person_id=world.son_person)
    token = services.issue_card(actor=SYSTEM, household_id=world.elder.pk)
    client = client_of(clerk)
    client.post(f"/c/{token}/")
    assert me(client)["household_ids"] == [world.elder.pk, world.son.pk]


def test_acting_by_card_ends_with_the_card_the_role_and_half_an_hour(world: World, clerk: User) -> None:
    token = services.issue_card(actor=SYSTEM, household_id=world.elder.pk)
    client = client_of(clerk)
    client.post(f"/c/{token}/")
    with clock.fixed(NOON + timedelta(minutes=31)):
        assert me(client)["proxy_for_household_id"] is None
    assert me(client)["proxy_for_household_id"] == world.elder.pk
    services.issue_card(actor=SYSTEM, household_id=world.elder.pk)
    assert me(client)["proxy_for_household_id"] is None


def test_acting_by_card_ends_when_the_card_is_reported_lost(world: World, clerk: User) -> None:
    token = services.issue_card(actor=SYSTEM, household_id=world.elder.pk)
    client = client_of(clerk)
    client.post(f"/c/{token}/")
    services.revoke_card(actor=SYSTEM, household_id=world.elder.pk)
    assert me(client)["proxy_for_household_id"] is None


def test_acting_by_card_ends_with_the_role(world: World, clerk: User) -> None:
    token = services.issue_card(actor=SYSTEM, household_id=world.elder.pk)
    client = client_of(clerk)
    client.post(f"/c/{token}/")
    services.revoke_role(actor=SYSTEM, grant_id=clerk.role_grants.get().pk)
    assert me(client)["proxy_for_household_id"] is None


def test_who_may_issue_cards(world: World) -> None:
    token = services.issue_card(actor=villager(world.mother_person), household_id=world.elder.pk)
    assert services.household_of_card(token) == world.elder.pk
    services.issue_card(
        actor=staff_actor("clerk", "village_clerk", world.village), household_id=world.elder.pk
    )
    for actor in (NOBODY, villager(world.son_person), staff_actor("insp", "inspector", world.village)):
        for act in (services.issue_card, services.revoke_card):
            with pytest.raises(cards.CardNotValid):
                act(actor=actor, household_id=world.elder.pk)
    with pytest.raises(cards.CardNotValid):
        services.issue_card(actor=SYSTEM, household_id=2**40)
