"""Personal values: encrypted, dated, found blindly, under keys that can be rotated."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.foundation.errors import DomainError, Invalid, NotFound
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries, services
from xinzhi.kernel.residents.crypto import FieldKeyMissing, PersonCipher, ValueDamaged, blind_index, new_key
from xinzhi.kernel.residents.models import FormerValue, Household, Person, PersonalValue, PersonKey
from xinzhi.kernel.residents.services.households import HeadMissing, HouseholdNumberTaken, IdentityNumberTaken
from xinzhi.kernel.testing.canaries import canaries_in_database, canaries_in_text, tables_searched

from .conftest import CANARIES, ID, LATER, NAME, NOON, PHONE

# --- encryption


@given(st.text(max_size=80), st.integers(1, 2**60), st.sampled_from(PersonalValue.FIELDS))
def test_a_value_comes_back_only_for_its_person_and_field(value: str, person: int, field: str) -> None:
    key = new_key()
    cipher = PersonCipher(key, person)
    sealed = cipher.encrypt(field, value)
    assert cipher.decrypt(field, sealed) == value
    assert len(value) < 4 or value.encode() not in sealed
    assert cipher.encrypt(field, value) != sealed
    for other in (PersonCipher(key, person + 1), PersonCipher(new_key(), person)):
        with pytest.raises(ValueDamaged):
            other.decrypt(field, sealed)
    with pytest.raises(ValueDamaged):
        cipher.decrypt("other", sealed)
    with pytest.raises(ValueDamaged):
        cipher.decrypt(field, sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_a_blind_index_depends_on_field_value_and_key(settings: object) -> None:
    one = blind_index("phone", "13900000000")
    assert one == blind_index("phone", "13900000000")
    assert one != blind_index("name", "13900000000")
    assert one != blind_index("phone", "13900000001")
    settings.SECRETS = replace(settings.SECRETS, index_key="22" * 32)  # type: ignore[attr-defined]
    assert one != blind_index("phone", "13900000000")


def test_nothing_about_a_person_stands_in_clear_in_any_table(person_id: int) -> None:
    assert "public.residents_personalvalue" in tables_searched()
    assert canaries_in_database(CANARIES) == []


def test_the_search_for_canaries_finds_what_is_there(village: Region) -> None:
    Region.objects.filter(pk=village.pk).update(name=NAME)
    assert [s.where for s in canaries_in_database(CANARIES)] == ["public.regions_region"]
    assert [s.canary for s in canaries_in_text(f"... {PHONE} ...", CANARIES)] == [PHONE]


def test_a_value_moved_to_another_person_does_not_decrypt(person_id: int, household: Household) -> None:
    other = queries.members(household.pk)[1].person_id
    stolen = PersonalValue.objects.get(person_id=person_id, field="name", active_to=None)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE residents_personalvalue SET ciphertext = %s WHERE person_id = %s",
            [stolen.ciphertext, other],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(ValueDamaged):
        queries.display_names([other])


# --- dated


def test_a_changed_value_closes_the_former_and_keeps_it(person_id: int) -> None:
    rows = PersonalValue.objects.filter(person_id=person_id, field="name").order_by("id")
    assert [(r.active_from, r.active_to) for r in rows] == [(NOON, LATER), (LATER, None)]
    assert queries.display_names([person_id]) == {person_id: NAME}


def test_setting_the_same_value_again_changes_nothing(person_id: int, clerk: Actor) -> None:
    before = PersonalValue.objects.count(), Record.objects.count()
    assert not services.set_value(
        actor=clerk, person_id=person_id, field="phone", value=f"+86 {PHONE}", source="clerk", at=LATER
    )
    assert (PersonalValue.objects.count(), Record.objects.count()) == before


def test_an_empty_value_closes_the_present_one(person_id: int, clerk: Actor) -> None:
    services.set_value(actor=clerk, person_id=person_id, field="phone", value="", source="clerk", at=LATER)
    assert queries.find_by_phone(PHONE) == []
    with pytest.raises(NotFound):
        services.reveal(actor=clerk, person_id=person_id, field="phone", purpose="contact", at=LATER)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE residents_personalvalue SET ciphertext = ''",
        "UPDATE residents_personalvalue SET active_from = now()",
        "UPDATE residents_personalvalue SET active_to = NULL WHERE active_to IS NOT NULL",
        "UPDATE residents_personalvalue SET active_to = now() WHERE active_to IS NOT NULL",
        "DELETE FROM residents_personalvalue",
        "DELETE FROM residents_personkey",
        "UPDATE residents_membership SET relation_code = '99'",
    ],
)
def test_the_database_refuses_to_overwrite_or_lose_what_was_known(person_id: int, statement: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_changes_of_columns_keep_what_was_there(person_id: int, household: Household, clerk: Actor) -> None:
    assert services.change_person(
        actor=clerk, person_id=person_id, is_collective_member=True, source="clerk", at=LATER
    )
    services.change_household(
        actor=clerk, household_id=household.pk, elder_mode=True, source="clerk", at=LATER
    )
    assert [(f.field, f.value) for f in FormerValue.objects.order_by("id")] == [
        ("is_collective_member", "False"),
        ("elder_mode", "False"),
    ]
    assert not services.change_person(
        actor=clerk, person_id=person_id, is_collective_member=True, source="clerk", at=LATER
    )


# --- registering


@pytest.mark.parametrize(
    ("members", "refusal"),
    [
        ([], HeadMissing),
        ([services.NewMember(name="甲", relation_code="20")], HeadMissing),
        ([services.NewMember(name="甲"), services.NewMember(name="乙")], HeadMissing),
        ([services.NewMember(name="甲", id_number=ID), services.NewMember(name="乙", relation_code="20", id_number=ID)],
         IdentityNumberTaken),
        ([services.NewMember(name="甲", id_number="330220194505010231")], Invalid),
        ([services.NewMember(name="甲", id_number=ID, birth_date=date(1945, 5, 2))], Invalid),
        ([services.NewMember(name="甲", id_number=ID, sex_code="2")], Invalid),
        ([services.NewMember(name="<b>甲</b>")], Invalid),
        ([services.NewMember(name="甲", phone="123")], Invalid),
        ([services.NewMember(name="甲", bank_card="12 34")], Invalid),
    ],
)  # fmt: skip
def test_a_household_that_cannot_be_right_is_refused_as_a_whole(
    clerk: Actor, village: Region, members: list[services.NewMember], refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal) as caught:
        services.register_household(
            actor=clerk, village_id=village.pk, household_no="H9", members=members, source="clerk", at=NOON
        )
    assert caught.value.message
    assert (Household.objects.count(), Person.objects.count(), PersonKey.objects.count()) == (0, 0, 0)


def test_numbers_are_given_once(
    household: Household, clerk: Actor, village: Region, other_village: Region
) -> None:
    again = {"actor": SYSTEM, "source": "clerk", "at": NOON}
    with pytest.raises(HouseholdNumberTaken):
        services.register_household(
            village_id=village.pk, household_no=" H1 ", members=[services.NewMember(name="王五")], **again
        )
    with pytest.raises(IdentityNumberTaken):
        services.register_household(
            village_id=other_village.pk,
            household_no="H1",
            members=[services.NewMember(name="王五", id_number=ID.lower())],
            **again,
        )
    with pytest.raises(HeadMissing):
        services.add_member(household_id=household.pk, member=services.NewMember(name="王五"), **again)


@pytest.mark.django_db(transaction=True)
def test_one_identity_number_registered_at_the_same_moment_gives_one_person(
    clerk: Actor, village: Region
) -> None:
    barrier = threading.Barrier(4)
    refused: list[type] = []

    def register(n: int) -> None:
        try:
            barrier.wait(10)
            services.register_household(
                actor=clerk,
                village_id=village.pk,
                household_no=f"T{n}",
                members=[services.NewMember(name="甲", id_number=ID)],
                source="clerk",
                at=NOON,
            )
        except DomainError as error:
            refused.append(type(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=register, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == [IdentityNumberTaken] * 3
    assert (Household.objects.count(), Person.objects.count()) == (1, 1)


# --- finding


def test_people_are_found_as_anybody_writes_their_number(person_id: int) -> None:
    for phone in (PHONE, f"+86{PHONE}", "139-8765-0001", f" {PHONE}\u200b", "１３９８７６５０００１"):
        assert queries.find_by_phone(phone) == [person_id]
    assert queries.find_by_id_number("330220450501023") == person_id
    for nonsense in ("", "1", "abc", "'; --", "\x00", "13987650002"):
        assert queries.find_by_phone(nonsense) == []
        assert queries.find_by_id_number(nonsense) is None


def test_names_of_200_persons_take_two_queries_at_most(
    clerk: Actor,
    village: Region,
    django_assert_max_num_queries: Callable,  # type: ignore[type-arg]
) -> None:
    for n in range(20):
        services.register_household(
            actor=clerk,
            village_id=village.pk,
            household_no=f"N{n}",
            source="clerk",
            at=NOON,
            members=[
                services.NewMember(
                    name="王" + chr(0x4E00 + n * 10 + m), relation_code="02" if m == 0 else "20"
                )
                for m in range(10)
            ],
        )
    ids = list(Person.objects.values_list("pk", flat=True))
    assert len(ids) == 200
    with django_assert_max_num_queries(1):
        assert len(queries.display_names(ids)) == 200
    household_ids = list(Household.objects.values_list("pk", flat=True))
    with django_assert_max_num_queries(2):
        heads = queries.head_names(household_ids, masked=True)
    assert set(heads.values()) == {"王*"}
    with django_assert_max_num_queries(8):
        first = queries.households(clerk, village.pk, limit=15)
    rest = queries.households(clerk, village.pk, cursor=first.next_cursor, limit=15)
    assert len({h.id for h in [*first.items, *rest.items]}) == 20
    assert rest.next_cursor is None


# --- rotation


def test_rotation_wraps_keys_anew_and_touches_no_value(person_id: int, settings: object) -> None:
    values = list(PersonalValue.objects.order_by("id").values_list("ciphertext", flat=True))
    old = settings.SECRETS.field_keys  # type: ignore[attr-defined]
    settings.SECRETS = replace(settings.SECRETS, field_keys=("aa" * 32, *old))  # type: ignore[attr-defined]
    assert queries.display_names([person_id]) == {person_id: NAME}
    assert services.rotate_keys() == 2
    assert services.rotate_keys() == 0
    settings.SECRETS = replace(settings.SECRETS, field_keys=("aa" * 32,))  # type: ignore[attr-defined]
    assert queries.display_names([person_id]) == {person_id: NAME}
    after = list(PersonalValue.objects.order_by("id").values_list("ciphertext", flat=True))
    assert [bytes(v) for v in values] == [bytes(v) for v in after]
    settings.SECRETS = replace(settings.SECRETS, field_keys=old)  # type: ignore[attr-defined]
    with pytest.raises(FieldKeyMissing) as caught:
        queries.display_names([person_id])
    assert "XINZHI_FIELD_KEYS" in caught.value.message
