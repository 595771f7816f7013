"""An erased person is forgotten everywhere; what remains still adds up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Conflict, Forbidden
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries, services
from xinzhi.kernel.residents.models import (
    FormerValue,
    Household,
    Membership,
    Person,
    PersonalValue,
    PersonKey,
)
from xinzhi.kernel.testing.canaries import canaries_in_database, canaries_in_text

from .conftest import ADMIN_MAY, CANARIES, ID, LATER, NAME, PHONE


def test_an_erased_person_is_forgotten_everywhere_and_his_household_stays(
    person_id: int,
    household: Household,
    village: Region,
    clerk_of: Callable[..., Actor],
    caplog: pytest.LogCaptureFixture,
) -> None:
    officer = clerk_of(village, ADMIN_MAY)
    services.change_person(
        actor=officer, person_id=person_id, is_collective_member=True, source="clerk", at=LATER
    )
    kept = PersonKey.objects.get(pk=person_id).wrapped_key
    services.erase_person(actor=officer, person_id=person_id, reason="requested", at=LATER)
    assert not PersonalValue.objects.filter(person_id=person_id).exists()
    assert not PersonKey.objects.filter(pk=person_id).exists()
    assert not FormerValue.objects.filter(person_id=person_id).exists()
    person = Person.objects.get(pk=person_id)
    assert (person.status, person.birth_year, person.sex_code, person.erased_at) == (
        "erased",
        None,
        "0",
        LATER,
    )
    assert not Membership.objects.filter(person=person, active_to=None).exists()
    assert queries.members(household.pk)[0].person_id != person_id
    from django.utils import translation

    with translation.override("en"):
        assert queries.display_names([person_id]) == {person_id: "erased person"}
        assert queries.masked_names([person_id]) == {person_id: "erased person"}
    assert (queries.find_by_phone(PHONE), queries.find_by_id_number(ID)) == ([], None)
    assert canaries_in_database([*CANARIES, bytes(kept).hex()]) == []
    assert canaries_in_text(caplog.text, CANARIES) == []
    for write in (
        lambda: services.reveal(
            actor=officer, person_id=person_id, field="name", purpose="contact", at=LATER
        ),
        lambda: services.set_value(
            actor=officer, person_id=person_id, field="name", value="x", source="clerk", at=LATER
        ),
        lambda: services.change_person(
            actor=officer, person_id=person_id, status="living", source="clerk", at=LATER
        ),
    ):
        with pytest.raises(Conflict):
            write()
    rows = Record.objects.count()
    services.erase_person(actor=officer, person_id=person_id, reason="requested", at=LATER)
    assert Record.objects.count() == rows


def test_a_clerk_without_the_permission_cannot_erase(person_id: int, clerk: Actor) -> None:
    with pytest.raises(Forbidden):
        services.erase_person(actor=clerk, person_id=person_id, reason="requested", at=LATER)
    assert queries.display_names([person_id]) == {person_id: NAME}


def test_the_identity_number_of_an_erased_person_is_free_again(
    person_id: int, village: Region, clerk_of: Callable[..., Actor]
) -> None:
    officer = clerk_of(village, ADMIN_MAY)
    services.erase_person(actor=officer, person_id=person_id, reason="entered_by_mistake", at=LATER)
    services.register_household(
        actor=officer,
        village_id=village.pk,
        household_no="H2",
        members=[services.NewMember(name="新来", id_number=ID)],
        source="clerk",
        at=LATER,
    )
    assert queries.find_by_id_number(ID) not in (None, person_id)
