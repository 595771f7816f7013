"""Reading personal values in bulk: one query for any number of persons, then decryption in memory.

Nothing here asks who reads. Queries and services above scope, mask and audit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import connection

from xinzhi.kernel.residents.crypto import PersonCipher, blind_index, unwrap
from xinzhi.kernel.residents.models import PersonalValue
from xinzhi.kernel.residents.texts import findable

_READ = """
    SELECT v.person_id, v.field, v.ciphertext, k.wrapped_key, k.field_key_id
      FROM residents_personalvalue v
      JOIN residents_personkey k USING (person_id)
     WHERE v.person_id = ANY(%s) AND v.field = ANY(%s) AND v.active_to IS NULL
     ORDER BY v.person_id
"""


def current_values(person_ids: Collection[int], fields: Collection[str]) -> dict[int, dict[str, str]]:
    """{person id: {field: value}} of the current values. One query. Raises FieldKeyMissing, ValueDamaged."""
    found: dict[int, dict[str, str]] = {}
    if not person_ids:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_READ, [list(person_ids), list(fields)])
        holder: tuple[int, PersonCipher] | None = None
        for person_id, field, ciphertext, wrapped, key_id in cursor:
            if holder is None or holder[0] != person_id:
                holder = person_id, PersonCipher(unwrap(bytes(wrapped), key_id, person_id), person_id)
            found.setdefault(person_id, {})[field] = holder[1].decrypt(field, bytes(ciphertext))
    return found


def persons_with(field: str, clean_value: str) -> list[int]:
    """Persons whose current value is this one, by blind index."""
    normal = findable(field, clean_value)
    if normal is None:
        return []
    rows = PersonalValue.objects.filter(field=field, blind_index=blind_index(field, normal), active_to=None)
    return list(rows.order_by("person_id").values_list("person_id", flat=True))


def index_of(field: str, clean_value: str) -> bytes | None:
    """The blind index of a clean value, None for fields nobody searches by."""
    normal = findable(field, clean_value)
    return None if normal is None else blind_index(field, normal)


def persons_by_index(field: str, indexes: Iterable[bytes]) -> dict[bytes, int]:
    """{blind index: person id} for many values at once (identity numbers: at most one person each). One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT blind_index, person_id FROM residents_personalvalue"
            " WHERE field = %s AND active_to IS NULL AND blind_index = ANY(%s)",
            [field, list(indexes)],
        )
        return {bytes(index): person_id for index, person_id in cursor}
