"""An old villager without a phone shows her card; what a proxy does with it is recorded as such."""

from __future__ import annotations

import re

from django.test import Client

from xinzhi.kernel.identity.models import User
from xinzhi.kernel.workflow.models import Step
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.services import verification
from xinzhi.scenes.governance_points.tests.conftest import NOON, TODAY, key


def browser_of(actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def address_on_card(client: Client, household_id: int) -> str:
    """What a phone reads off the paper."""
    from xinzhi.kernel.identity import cards
    from xinzhi.kernel.identity.models import HouseholdCard

    page = client.get(f"/households/{household_id}/card/")
    assert page.status_code == 200
    assert re.search(r"data:image/svg", page.content.decode())
    return f"/c/{cards.token_of(HouseholdCard.objects.get(household_id=household_id))}/"


def claim(client: Client, household_id: int):
    return client.post(
        "/governance_points/claim/D02/",
        {"household": household_id, "done_on": TODAY.isoformat(), "quantity": "1", "request_key": str(key())},
    )


def test_a_clerk_claims_by_card_and_the_deed_says_so(place):
    clerk = browser_of(place.clerk)
    card = address_on_card(clerk, place.household.pk)

    assert "GJ0001" in clerk.get(card).content.decode()
    assert clerk.post(card)["Location"] == "/"
    assert clerk.get("/")["Location"] == "/governance_points/"
    assert claim(clerk, place.household.pk).status_code == 302

    deed = Deed.objects.get()
    assert (deed.household_id, deed.channel, deed.entered_by_key) == (
        place.household.pk,
        "card",
        place.clerk.person_key,
    )
    step = Step.objects.get(subject_id=deed.pk)
    assert (step.channel, step.person_key) == ("card", place.clerk.person_key)
    # four eyes hold: who claimed with the card does not verify
    assert deed.pk in verification.verify_deeds(actor=place.clerk, deed_ids=[deed.pk], at=NOON).refused

    assert clerk.post("/me/act-for/end/").status_code == 302
    assert clerk.get("/")["Location"] == "/workflow/inbox/"


def test_a_lost_card_opens_nothing_once_a_new_one_is_issued(place):
    clerk = browser_of(place.clerk)
    lost = address_on_card(clerk, place.household.pk)
    assert clerk.post(f"/households/{place.household.pk}/card/").status_code == 302
    assert clerk.get(lost).status_code == 404
    assert clerk.get(address_on_card(clerk, place.household.pk)).status_code == 200


def test_a_card_serves_only_who_may_act_for_its_household(place):
    card = address_on_card(browser_of(place.clerk), place.household.pk)
    assert browser_of(place.other_clerk).get(card).status_code == 404
    assert browser_of(place.neighbours).get(card).status_code == 404
    assert "GJ0001" not in Client().get(card).content.decode()
    assert browser_of(place.other_clerk).get(f"/households/{place.household.pk}/card/").status_code == 404
    assert Client().get(f"/households/{place.household.pk}/card/").status_code == 302
