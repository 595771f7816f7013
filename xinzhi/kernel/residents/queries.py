"""Reads on households and persons. Every list has a constant number of queries.

Names come in two ways: masked for lists and notices, whole for those who may see the household
(`display_names`, whose callers have scoped their rows before).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.kernel.foundation.paging import (
    MAX_PAGE_SIZE,
    CursorNotUnderstood,
    Page,
    decode_cursor,
    encode_cursor,
)
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.residents import scope
from xinzhi.kernel.residents.crypto import PersonCipher, unwrap
from xinzhi.kernel.residents.masking import mask_name, mask_value
from xinzhi.kernel.residents.models import Household, Membership, PersonalValue
from xinzhi.kernel.residents.scope import HouseholdNotFound
from xinzhi.kernel.residents.texts import clean, visible
from xinzhi.kernel.residents.values import current_values, index_of, persons_with

LIST = "residents.household.list"
VIEW = "residents.household.view"
_SEARCHED_NAMES = 20_000
#: What `people` shows, for the audit of the view.
PEOPLE_FIELDS = ("name", "birth_year", "phone_masked", "id_number_masked", "bank_card_masked")


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """A household as lists and pages show it. `head_name` is masked in lists, whole on its own page."""

    id: int
    village_id: int
    village_name: str
    group_id: int | None
    group_name: str
    household_no: str
    kind: str
    status: str
    elder_mode: bool
    card_version: int
    active_from: date
    active_to: date | None
    head_person_id: int | None
    head_name: str
    member_count: int


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A person's place in a household, without his name (`display_names`, `masked_names`)."""

    person_id: int
    household_id: int
    relation_code: str
    is_head: bool
    sex_code: str
    birth_year: int | None
    status: str
    is_collective_member: bool
    active_from: date
    active_to: date | None


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A member as the household's page shows him: whole name, everything else masked.

    The last characters of an identity number or bank card are there for the own household only.
    """

    member: MemberRow
    name: str
    phone: str
    id_number: str
    bank_card: str


def erased_word() -> str:
    """What stands in the place of the name of an erased person."""
    return _("erased person")


def nameless_word() -> str:
    """What stands in the place of a name that is not known."""
    return _("name unknown")


_NAME_OF = (
    " LEFT JOIN residents_personkey k ON k.person_id = p.id"
    " LEFT JOIN residents_personalvalue v ON v.person_id = p.id AND v.field = 'name' AND v.active_to IS NULL"
)
_PERSONS = f"FROM residents_person p {_NAME_OF} WHERE p.id = ANY(%s)"
_HEADS = (
    f"FROM residents_membership m JOIN residents_person p ON p.id = m.person_id {_NAME_OF}"
    " WHERE m.household_id = ANY(%s) AND m.is_head AND m.active_to IS NULL"
)


def _read_names(key: str, source: str, ids: Collection[int]) -> dict[int, str]:
    """Whole names by `key`, a column of `source`, decrypted in bulk: one query for any number."""
    names: dict[int, str] = {}
    wanted = [i for i in set(ids) if i is not None]
    if not wanted:
        return names
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, p.id, p.status, v.ciphertext, k.wrapped_key, k.field_key_id {source}",
            [wanted],
        )
        for found, person_id, status, ciphertext, wrapped, key_id in cursor:
            if ciphertext is None or wrapped is None:
                names[found] = erased_word() if status == "erased" else nameless_word()
            else:
                cipher = PersonCipher(unwrap(bytes(wrapped), key_id, person_id), person_id)
                names[found] = cipher.decrypt("name", bytes(ciphertext))
    return names


def display_names(person_ids: Collection[int]) -> dict[int, str]:
    """Whole names. One query; ids that do not exist are left out."""
    return _read_names("p.id", _PERSONS, person_ids)


def masked_names(person_ids: Collection[int]) -> dict[int, str]:
    """As `display_names`, masked (张*明)."""
    return _masked(display_names(person_ids))


def _masked(names: dict[int, str]) -> dict[int, str]:
    spoken = {erased_word(), nameless_word()}
    return {key: name if name in spoken else mask_name(name) for key, name in names.items()}


def head_ids(household_ids: Collection[int]) -> dict[int, int]:
    """{household id: person id of its present head}. One query."""
    rows = Membership.objects.filter(household_id__in=set(household_ids), is_head=True, active_to=None)
    return dict(rows.values_list("household_id", "person_id"))


def head_names(household_ids: Collection[int], masked: bool = True) -> dict[int, str]:
    """{household id: name of its head}; households without a head are left out. One query."""
    names = _read_names("m.household_id", _HEADS, household_ids)
    return _masked(names) if masked else names


def find_by_phone(phone: str) -> list[int]:
    """Living persons with this phone number, as written by anybody; empty when it is not a phone number."""
    try:
        wanted = clean("phone", phone)
    except Invalid:
        return []
    rows = PersonalValue.objects.filter(
        field="phone",
        blind_index=index_of("phone", wanted),
        active_to=None,
        person__status__in=("living", "left"),
    )
    return list(rows.order_by("person_id").values_list("person_id", flat=True))


def find_by_id_number(number: str) -> int | None:
    """The person with this identity number (15 or 18 characters), or None."""
    try:
        found = persons_with("id_number", clean("id_number", number))
    except Invalid:
        return None
    return found[0] if found else None


def members(household_id: int, on: date | None = None) -> list[MemberRow]:
    """Who belongs to the household (today, or on a day), head first. One query; the caller has scoped."""
    return members_of([household_id], on).get(household_id, [])


def members_of(household_ids: Collection[int], on: date | None = None) -> dict[int, list[MemberRow]]:
    """As `members` for many households, in one query."""
    rows = Membership.objects.filter(household_id__in=set(household_ids)).select_related("person")
    if on is None:
        rows = rows.filter(active_to=None)
    else:
        rows = rows.filter(Q(active_to=None) | Q(active_to__gt=on), active_from__lte=on)
    found: dict[int, list[MemberRow]] = {}
    for row in rows.order_by("-is_head", "relation_code", "id"):
        found.setdefault(row.household_id, []).append(
            MemberRow(
                person_id=row.person_id,
                household_id=row.household_id,
                relation_code=row.relation_code,
                is_head=row.is_head,
                sex_code=row.person.sex_code,
                birth_year=row.person.birth_year,
                status=row.person.status,
                is_collective_member=row.person.is_collective_member,
                active_from=row.active_from,
                active_to=row.active_to,
            )
        )
    return found


def households_of_person(person_id: int, on: date | None = None) -> list[int]:
    """Households the person belongs to today, or on a day."""
    rows = Membership.objects.filter(person_id=person_id)
    if on is None:
        rows = rows.filter(active_to=None)
    else:
        rows = rows.filter(Q(active_to=None) | Q(active_to__gt=on), active_from__lte=on)
    return list(rows.order_by("id").values_list("household_id", flat=True))


def households_of_persons(person_ids: Collection[int], *, on: date) -> dict[int, set[int]]:
    """{person id: ids of the households he belongs to on a day}. One query."""
    rows = Membership.objects.filter(
        Q(active_to=None) | Q(active_to__gt=on), person_id__in=set(person_ids), active_from__lte=on
    )
    found: dict[int, set[int]] = {}
    for person_id, household_id in rows.values_list("person_id", "household_id"):
        found.setdefault(person_id, set()).add(household_id)
    return found


def household(actor: Actor, household_id: int) -> HouseholdRow:
    """One household with its head's whole name. Raises HouseholdNotFound. The page audits the view."""
    found = scope.household(actor, VIEW, household_id)
    return _rows([found], masked=False)[0]


def people(actor: Actor, household_id: int) -> list[PersonCard]:
    """The present members for the household's page, head first. Raises HouseholdNotFound.

    The page records the view (`audit.record_view`) with PEOPLE_FIELDS. Four queries.
    """
    scope.household(actor, VIEW, household_id)
    rows = members(household_id)
    ids = [row.person_id for row in rows]
    names = display_names(ids)
    values = current_values(ids, ("phone", "id_number", "bank_card"))
    own = household_id in actor.own_households(VIEW)
    cards = []
    for row in rows:
        known = values.get(row.person_id, {})
        masked = {
            field: mask_value(field, known[field], owner=own) if field in known else ""
            for field in ("phone", "id_number", "bank_card")
        }
        if masked["bank_card"] and not own:
            masked["bank_card"] = "****"
        cards.append(PersonCard(member=row, name=names.get(row.person_id, ""), **masked))
    return cards


def household_by_no(actor: Actor, village_id: int, household_no: str) -> HouseholdRow:
    """The household of a village by its number. Raises HouseholdNotFound."""
    found = Household.objects.filter(village_id=village_id, household_no=visible(household_no)).first()
    if found is None:
        raise HouseholdNotFound()
    return household(actor, found.pk)


def households(
    actor: Actor,
    village_id: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
    q: str | None = None,
) -> Page[HouseholdRow]:
    """Households the actor may list, by village and number, names masked.

    `q` finds the beginning of a household number, a whole name, phone or identity number and, within one
    village, any part of a name. At most eight queries, whatever the size.
    """
    rows = _listable(actor)
    if village_id is not None:
        rows = rows.filter(village_id=village_id)
    if q and (wanted := visible(q)[:60]):
        rows = rows.filter(
            Q(household_no__istartswith=wanted) | Q(pk__in=_households_found(wanted, village_id, actor))
        )
    if (after := decode_cursor(cursor, 2)) is not None:
        village, number = after
        if not isinstance(village, int) or not isinstance(number, str) or "\x00" in number:
            raise CursorNotUnderstood()
        rows = rows.filter(village_id__gte=village).exclude(village_id=village, household_no__lte=number)
    limit = max(1, min(limit, MAX_PAGE_SIZE))
    found = list(rows.order_by("village_id", "household_no")[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    next_cursor = encode_cursor(last.village_id, last.household_no) if last else None
    return Page(_rows(found[:limit], masked=True), next_cursor)


def _listable(actor: Actor) -> QuerySet[Household]:
    villages = scope.visible_villages(actor, LIST)
    if villages is None:
        return Household.objects.all()
    own = actor.own_households(VIEW)
    return Household.objects.filter(
        Q(village_id__in=villages) | Q(pk__in=own) if own else Q(village_id__in=villages)
    )


def _households_found(wanted: str, village_id: int | None, actor: Actor) -> list[int]:
    persons: set[int] = set()
    for field in ("name", "phone", "id_number"):
        try:
            persons.update(persons_with(field, clean(field, wanted)))
        except Invalid:
            continue
    villages = scope.visible_villages(actor, LIST)
    if village_id is None and villages is not None and len(villages) == 1:
        village_id = villages[0]
    if village_id is not None and (villages is None or village_id in villages) and not wanted.isascii():
        everyone = Membership.objects.filter(household__village_id=village_id, active_to=None)
        ids = list(everyone.values_list("person_id", flat=True)[:_SEARCHED_NAMES])
        names = current_values(ids, ["name"])
        persons.update(person_id for person_id, values in names.items() if wanted in values.get("name", ""))
    rows = Membership.objects.filter(person_id__in=persons, active_to=None)
    return list(rows.values_list("household_id", flat=True).distinct())


def _rows(found: Collection[Household], *, masked: bool) -> list[HouseholdRow]:
    ids = [h.pk for h in found]
    places = regions.names({h.village_id for h in found} | {h.group_id for h in found if h.group_id})
    people: dict[int, list[Any]] = {}
    for household_id, person_id, is_head in Membership.objects.filter(
        household_id__in=ids, active_to=None
    ).values_list("household_id", "person_id", "is_head"):
        people.setdefault(household_id, []).append((person_id, is_head))
    heads = {h: next((p for p, is_head in rows if is_head), None) for h, rows in people.items()}
    named = [p for p in heads.values() if p is not None]
    names = masked_names(named) if masked else display_names(named)
    return [
        HouseholdRow(
            id=h.pk,
            village_id=h.village_id,
            village_name=places.get(h.village_id, ""),
            group_id=h.group_id,
            group_name=places.get(h.group_id or 0, ""),
            household_no=h.household_no,
            kind=h.kind,
            status=h.status,
            elder_mode=h.elder_mode,
            card_version=h.card_version,
            active_from=h.active_from,
            active_to=h.active_to,
            head_person_id=heads.get(h.pk),
            head_name=names.get(heads.get(h.pk) or 0, ""),
            member_count=len(people.get(h.pk, [])),
        )
        for h in found
    ]
