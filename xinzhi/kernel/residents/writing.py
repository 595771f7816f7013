"""Write many households and persons at once: ids are drawn first (ciphertexts are bound to them), rows go in by COPY."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from xinzhi.kernel.residents.crypto import PersonCipher, new_key, wrap
from xinzhi.kernel.residents.members import CheckedMember
from xinzhi.kernel.residents.values import index_of


def draw_ids(table: str, count: int) -> list[int]:
    """`count` fresh ids of a table of this package."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
        )
        return [row[0] for row in cursor]


@dataclass
class Batch:
    """Rows waiting to be written. `source` and `at` are the provenance of all of them."""

    source: str
    at: datetime
    on: date
    households: list[tuple[Any, ...]] = field(default_factory=list)
    persons: list[tuple[Any, ...]] = field(default_factory=list)
    keys: list[tuple[Any, ...]] = field(default_factory=list)
    values: list[tuple[Any, ...]] = field(default_factory=list)
    memberships: list[tuple[Any, ...]] = field(default_factory=list)

    def add_household(
        self, household_id: int, *, village_id: int, group_id: int | None, number: str, kind: str
    ) -> None:
        self.households.append(
            (household_id, village_id, group_id, number, kind, "active", 1, False, self.source, self.on)
        )

    def add_person(self, person_id: int, member: CheckedMember) -> None:
        self.persons.append(
            (
                person_id,
                member.sex_code,
                member.birth_year,
                "living",
                member.is_collective_member,
                self.source,
                self.at,
            )
        )
        key = new_key()
        self.keys.append((person_id, *wrap(key, person_id)))
        cipher = PersonCipher(key, person_id)
        for name, value in member.values.items():
            self.add_value(person_id, cipher, name, value)

    def add_value(self, person_id: int, cipher: PersonCipher, name: str, value: str) -> None:
        self.values.append(
            (person_id, name, cipher.encrypt(name, value), index_of(name, value), self.source, self.at)
        )

    def add_membership(
        self, household_id: int, person_id: int, relation_code: str, is_head: bool, *, on: date | None = None
    ) -> None:
        self.memberships.append((household_id, person_id, relation_code, is_head, self.source, on or self.on))

    def write(self) -> None:
        """Write and forget the rows. Raises IntegrityError when the database refuses one of them."""
        _copy(
            "residents_household (id, village_id, group_id, household_no, kind, status, card_version, elder_mode,"
            " source, active_from)",
            self.households,
        )
        _copy(
            "residents_person (id, sex_code, birth_year, status, is_collective_member, source, recorded_at)",
            self.persons,
        )
        _copy("residents_personkey (person_id, wrapped_key, field_key_id)", self.keys)
        _copy(
            "residents_membership (household_id, person_id, relation_code, is_head, source, active_from)",
            self.memberships,
        )
        _copy(
            "residents_personalvalue (person_id, field, ciphertext, blind_index, source, active_from)",
            self.values,
        )
        for rows in (self.households, self.persons, self.keys, self.memberships, self.values):
            rows.clear()


def _copy(target: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {target} FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def close_values(pairs: Iterable[tuple[int, str]], at: datetime) -> None:
    """Close the current values of these (person id, field) pairs."""
    persons, fields = zip(*pairs, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE residents_personalvalue v SET active_to = greatest(%s, v.active_from)"
            "  FROM unnest(%s::bigint[], %s::text[]) AS c(person_id, field)"
            " WHERE v.person_id = c.person_id AND v.field = c.field AND v.active_to IS NULL",
            [at, list(persons), list(fields)],
        )


def close_memberships(ids: Iterable[int], on: date) -> None:
    """Close these memberships on a day (never before they began)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE residents_membership SET active_to = greatest(%s, active_from)"
            " WHERE id = ANY(%s) AND active_to IS NULL",
            [on, list(ids)],
        )
