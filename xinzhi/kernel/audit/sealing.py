"""Seal audit records in batches: salted leaves, a Merkle root, a chain of seals, an Ed25519 signature.

Records are written freely and sealed later (nothing is chained at insert). Two things need care:

* **Rows committed late.** Ids are drawn before a transaction commits, so a row with a low id may appear
  after rows with higher ids. A seal therefore covers a *set* of records (its leaves), not a range of
  ids, and a late row simply goes into the next seal.
* **Rows slipped in.** To tell a late row from a forged one, each seal notes `sequence_seen` (the last id
  drawn when it was made) and its own transaction id, taken afterwards. Every record's transaction got its
  id before drawing from the sequence (column order in models.Record), so once every transaction older
  than a seal's has ended (`pg_snapshot_xmin`), all ids up to that seal's `sequence_seen` are final: sealed
  or lost. The next seal states this as its `final_id`; later, a record up to it without a leaf is a
  finding. After a restore into a fresh cluster transaction ids begin low again: `final_id` then simply
  stands still until new seals have been made there.

Leaf and node hashes follow RFC 6962 (0x00 and 0x01 prefixes). The salt of a leaf stays in its record, so
that a receipt over one record does not let a neighbour's be guessed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from xinzhi.kernel.audit.models import Leaf, Record, Seal

BATCH = 4096
_LOCK = 7_020_100_001  # one sealer at a time
EMPTY_ROOT = hashlib.sha256(b"").digest()

#: The columns a leaf covers, in this order. Adding a column means a new leaf version, never a change here.
LEAF_COLUMNS = (
    "id", "xid", "salt", "recorded_at", "at", "actor_key", "user_id", "api_key_id", "channel", "role",
    "role_region_id", "action", "subject", "page", "region_id", "household_id", "purpose", "fields", "count",
    "digest",
)  # fmt: skip


def seal(at: datetime, *, batch: int = BATCH) -> int:
    """Seal everything committed and not yet sealed, `batch` records per seal. Returns how many records.

    `at` is the time written on the seals. Each seal is a transaction of its own; safe to run from several
    places at once and again at any time.
    """
    total = 0
    while True:
        sealed, more = _seal_once(at, batch)
        total += sealed
        if not more:
            return total


@transaction.atomic
def _seal_once(at: datetime, batch: int) -> tuple[int, bool]:
    wait_for_sealer()
    with connection.cursor() as cursor:
        cursor.execute("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM audit_record_id_seq")
        sequence_seen: int = cursor.fetchone()[0]
        # After reading the sequence: every transaction that drew an id up to it is older than ours.
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        own_xid: int = cursor.fetchone()[0]
        cursor.execute(
            "SELECT coalesce(max(sequence_seen), 0) FROM audit_seal"
            " WHERE sealed_xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        )
        may_be_final: int = cursor.fetchone()[0]
    last = Seal.objects.order_by("-number").first()
    floor = last.final_id if last else 0
    rows = list(unsealed().filter(id__gt=floor).order_by("id").values_list(*LEAF_COLUMNS)[: batch + 1])
    more = len(rows) > batch
    rows = rows[:batch]
    final_id = floor if more else max(floor, may_be_final)
    if not rows and final_id == floor:
        return 0, False
    leaves = [(row[0], leaf_hash(row)) for row in rows]
    number = last.number + 1 if last else 1
    new = Seal(
        number=number,
        sealed_at=at,
        sealed_xid=own_xid,
        sequence_seen=sequence_seen,
        final_id=final_id,
        record_count=len(leaves),
        root=merkle_root([leaf for _, leaf in leaves]),
        previous_hash=bytes(last.seal_hash) if last else b"",
    )
    key = signing_key()
    new.public_key = public_bytes(key)
    new.seal_hash = seal_hash(new)
    new.signature = key.sign(bytes(new.seal_hash))
    new.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_leaf (record_id, seal_number, leaf_hash)"
            " SELECT id, %s, hash FROM unnest(%s::bigint[], %s::bytea[]) AS l (id, hash)",
            [number, [record_id for record_id, _leaf in leaves], [leaf for _id, leaf in leaves]],
        )
    return len(leaves), more


def wait_for_sealer() -> None:
    """Keep other sealers out until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def unsealed() -> QuerySet[Record]:
    """Records without a leaf."""
    return Record.objects.filter(~Exists(Leaf.objects.filter(record_id=OuterRef("pk"))))


def leaf_hash(row: Sequence[Any]) -> bytes:
    """The hash of one record given as its LEAF_COLUMNS."""
    return hashlib.sha256(
        b"\x00" + json.dumps([_plain(v) for v in row], separators=(",", ":")).encode()
    ).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):  # microseconds since 1970, independent of time zone and formatting
        delta = value.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
    if value is None or isinstance(value, int | str | list):
        return value
    return str(value)


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Root of the leaves; an odd one rises unchanged, as in RFC 6962."""
    level = list(leaves)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        level = list(_next_level(level))
    return level[0]


def _next_level(level: Sequence[bytes]) -> Iterator[bytes]:
    for i in range(0, len(level) - 1, 2):
        yield hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest()
    if len(level) % 2:
        yield level[-1]


def seal_hash(item: Seal) -> bytes:
    """What is signed: everything the seal states, with the hash of the seal before it."""
    stated = [
        item.number,
        _plain(item.sealed_at),
        item.sealed_xid,
        item.sequence_seen,
        item.final_id,
        item.record_count,
        bytes(item.root).hex(),
        bytes(item.previous_hash).hex(),
        bytes(item.public_key).hex(),
    ]
    return hashlib.sha256(b"\x02" + json.dumps(stated, separators=(",", ":")).encode()).digest()


def signing_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.SECRETS.seal_seed))


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
