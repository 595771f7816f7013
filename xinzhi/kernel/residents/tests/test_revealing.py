"""Values are revealed on record and for a purpose; lists show what the reader may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.foundation.errors import Forbidden, Invalid, NotFound
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries, services
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.testing.canaries import canaries_in_database, canaries_in_text

from .conftest import CANARIES, ID, LATER, OLD_NAME, PHONE


def test_a_reveal_is_on_record_with_field_and_purpose_but_without_the_value(
    person_id: int, household: Household, clerk: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    value = services.reveal(
        actor=clerk, person_id=person_id, field="id_number", purpose="identity_check", at=LATER
    )
    assert value == ID
    row = Record.objects.get(action="residents.reveal")
    assert (row.fields, row.purpose, row.household_id) == (["id_number"], "identity_check", household.pk)
    assert canaries_in_database(CANARIES) == []
    assert canaries_in_text(caplog.text, CANARIES) == []


@pytest.mark.parametrize("purpose", ["", "curiosity", "identity_check ", "因为"])
def test_a_reveal_needs_a_purpose_of_the_list(person_id: int, clerk: Actor, purpose: str) -> None:
    with pytest.raises(Invalid):
        services.reveal(actor=clerk, person_id=person_id, field="phone", purpose=purpose, at=LATER)
    assert not Record.objects.filter(action="residents.reveal").exists()


def test_who_may_reveal(
    person_id: int,
    household: Household,
    clerk: Actor,
    village: Region,
    other_village: Region,
    clerk_of: Callable[..., Actor],
) -> None:
    own = frozenset({"residents.household.view", "residents.person.reveal"})
    may = {
        "clerk": clerk,
        "own household": Actor(user_id=5, household_ids=(household.pk,), own_permissions=own),
    }
    may_not = {
        "stranger": (Actor(), NotFound),
        "clerk of another village": (clerk_of(other_village), NotFound),
        "somebody of another household": (
            Actor(user_id=6, household_ids=(household.pk + 1,), own_permissions=own),
            NotFound,
        ),
        "council member, who sees but does not reveal": (
            clerk_of(village, frozenset({"residents.household.view"})),
            Forbidden,
        ),
        "key narrowed to lists": (
            replace(clerk, api_scopes=frozenset({"residents.household.list"})),
            NotFound,
        ),
    }
    for actor in may.values():
        assert (
            services.reveal(actor=actor, person_id=person_id, field="phone", purpose="contact", at=LATER)
            == PHONE
        )
    for who, (actor, refusal) in may_not.items():
        with pytest.raises(refusal):
            services.reveal(actor=actor, person_id=person_id, field="phone", purpose="contact", at=LATER)
            pytest.fail(who)


def test_lists_and_households_of_others_are_not_there(
    household: Household, clerk: Actor, other_village: Region, clerk_of: Callable[..., Actor]
) -> None:
    assert [h.id for h in queries.households(clerk).items] == [household.pk]
    assert [h.id for h in queries.households(SYSTEM).items] == [household.pk]
    for actor in (Actor(), clerk_of(other_village)):
        assert queries.households(actor).items == []
        assert queries.households(actor, household.village_id, q=OLD_NAME).items == []
        with pytest.raises(NotFound):
            queries.household(actor, household.pk)
    with pytest.raises(Invalid):
        queries.households(clerk, cursor="bm9uc2Vuc2U")


@pytest.mark.parametrize(
    ("q", "finds"),
    [("h1", True), (OLD_NAME, True), (OLD_NAME[:2], True), (PHONE, True), (ID, True), ("李", True), ("赵", False),
     ("%", False), ("H2", False), ("\x00", True)],
)  # fmt: skip
def test_households_are_found_by_number_name_phone_or_identity_number(
    household: Household, clerk: Actor, q: str, finds: bool
) -> None:
    assert bool(queries.households(clerk, household.village_id, q=q).items) is finds
