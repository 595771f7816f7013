"""Read the audit: prove that nothing was changed, and tell a household who looked at its data."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import transaction
from django.utils.translation import gettext as _

from xinzhi.kernel.audit import labels
from xinzhi.kernel.audit.models import Leaf, Record, Seal
from xinzhi.kernel.audit.sealing import (
    LEAF_COLUMNS,
    leaf_hash,
    merkle_root,
    public_bytes,
    seal_hash,
    signing_key,
    unsealed,
    wait_for_sealer,
)
from xinzhi.kernel.foundation.paging import MAX_PAGE_SIZE, Page, id_cursor, page_of

Problem = Literal["changed", "removed", "inserted", "seal_changed", "seal_missing", "seal_untrusted"]
_CHUNK = 2000
#: Who may see who looked: supervisors, and every household for itself.
READ_LOOKS = "audit.looks.read"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, with the record's id and the seal's number where they are known."""

    problem: Problem
    record_id: int | None
    seal_number: int | None

    @property
    def sentence(self) -> str:
        texts = {
            "changed": _("Record %(record)s was changed after seal %(seal)s."),
            "removed": _("Record %(record)s of seal %(seal)s is gone."),
            "inserted": _(
                "Record %(record)s was slipped in: everything up to it had been sealed by seal %(seal)s."
            ),
            "seal_changed": _("Seal %(seal)s does not fit its leaves, its signature or the seal before it."),
            "seal_missing": _("Seal %(seal)s is gone."),
            "seal_untrusted": _("Seal %(seal)s is signed with a key that is not ours."),
        }
        return texts[self.problem] % {"record": self.record_id, "seal": self.seal_number}


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of `verification`: `head` is the last seal's hash, to be kept outside the database."""

    findings: list[Finding]
    seals: int
    sealed: int
    not_sealed: int
    head: str = ""


def verify() -> list[Finding]:
    """Everything that was changed, removed or slipped in since it was sealed. Empty when all is well."""
    return verification().findings


@transaction.atomic
def verification(*, trusted_keys: Collection[bytes] = (), expected_head: str = "") -> Verification:
    """Recompute every leaf, root, hash and signature, streaming; also counts what is not sealed yet.

    `trusted_keys`: public keys of former seal seeds. `expected_head`: a head noted earlier; that a seal
    with this hash still exists shows that no seals were cut off the end.
    """
    wait_for_sealer()  # a seal made meanwhile would be seen by half
    trusted = {public_bytes(signing_key()), *trusted_keys}
    findings: list[Finding] = []
    leaves = _Leaves()
    previous: Seal | None = None
    seen_head = not expected_head
    sealed = count = 0
    for item in Seal.objects.order_by("number").iterator(_CHUNK):
        expected_number = previous.number + 1 if previous else 1
        findings += [Finding("seal_missing", None, n) for n in range(expected_number, item.number)]
        leaf_hashes, problems = leaves.of_seal(item.number)
        findings += problems
        if not _is_sound(item, previous, leaf_hashes):
            findings.append(Finding("seal_changed", None, item.number))
        elif bytes(item.public_key) not in trusted:
            findings.append(Finding("seal_untrusted", None, item.number))
        seen_head = seen_head or bytes(item.seal_hash).hex() == expected_head
        previous, count, sealed = item, count + 1, sealed + len(leaf_hashes)
    findings += leaves.rest()
    if not seen_head:
        findings.append(Finding("seal_missing", None, previous.number + 1 if previous else 1))
    final_id = previous.final_id if previous else 0
    last_number = previous.number if previous else None
    late = unsealed().filter(id__lte=final_id).order_by("id").values_list("id", flat=True)
    findings += [Finding("inserted", record_id, last_number) for record_id in late.iterator(_CHUNK)]
    return Verification(
        findings=findings,
        seals=count,
        sealed=sealed,
        not_sealed=unsealed().filter(id__gt=final_id).count(),
        head=bytes(previous.seal_hash).hex() if previous else "",
    )


def _is_sound(item: Seal, previous: Seal | None, leaf_hashes: list[bytes]) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes(item.public_key)).verify(
            bytes(item.signature), bytes(item.seal_hash)
        )
    except (InvalidSignature, ValueError):
        return False
    return (
        seal_hash(item) == bytes(item.seal_hash)
        and bytes(item.previous_hash) == (bytes(previous.seal_hash) if previous else b"")
        and item.record_count == len(leaf_hashes)
        and bytes(item.root) == merkle_root(leaf_hashes)
    )


@dataclass
class _Leaves:
    """Leaves with their records in the order of the seals, read once, chunk by chunk."""

    _rows: Iterator[tuple[int, int, bytes, tuple[Any, ...] | None]] = field(
        default_factory=lambda: _leaf_rows()
    )
    _held: deque[tuple[int, int, bytes, tuple[Any, ...] | None]] = field(default_factory=deque)

    def of_seal(self, number: int) -> tuple[list[bytes], list[Finding]]:
        hashes: list[bytes] = []
        findings: list[Finding] = []
        while (row := self._next()) is not None:
            seal_number, record_id, stored, record = row
            if seal_number > number:
                self._held.append(row)
                break
            if seal_number < number:  # its seal is gone, which is reported by itself
                continue
            hashes.append(stored)
            if record is None:
                findings.append(Finding("removed", record_id, number))
            elif leaf_hash(record) != stored:
                findings.append(Finding("changed", record_id, number))
        return hashes, findings

    def rest(self) -> list[Finding]:
        numbers: set[int] = set()
        while (row := self._next()) is not None:
            numbers.add(row[0])
        return [Finding("seal_missing", None, number) for number in sorted(numbers)]

    def _next(self) -> tuple[int, int, bytes, tuple[Any, ...] | None] | None:
        return self._held.popleft() if self._held else next(self._rows, None)


def _leaf_rows() -> Iterator[tuple[int, int, bytes, tuple[Any, ...] | None]]:
    """Chunks of leaves by keyset, each joined to its records: two queries per chunk, constant memory."""
    after = (-1, -1)
    while True:
        chunk = list(
            Leaf.objects.extra(  # a row comparison, which the ORM cannot say
                where=["(seal_number, record_id) > (%s, %s)"], params=list(after)
            )
            .order_by("seal_number", "record_id")
            .values_list("seal_number", "record_id", "leaf_hash")[:_CHUNK]
        )
        if not chunk:
            return
        ids = [record_id for _seal, record_id, _hash in chunk]
        records = {row[0]: row for row in Record.objects.filter(id__in=ids).values_list(*LEAF_COLUMNS)}
        for seal_number, record_id, stored in chunk:
            yield seal_number, record_id, bytes(stored), records.get(record_id)
        after = chunk[-1][0], chunk[-1][1]


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at, or did something for, a household. `actor_label` is role, office and, where the
    office is on duty, the officer's name."""

    id: int
    at: datetime
    role: str
    actor_label: str
    action: str
    page: str
    fields: tuple[str, ...]
    purpose: str


def looks_at_household(household_id: int, cursor: str | None = None, *, limit: int = 50) -> Page[Look]:
    """Who looked at this household's data, newest first. Three queries, whatever the length.

    Unscoped: the caller has made sure that the reader may know (own household, or `audit.looks.read` there).
    """
    rows = Record.objects.filter(household_id=household_id).order_by("-id")
    if (before := id_cursor(cursor)) is not None:
        rows = rows.filter(id__lt=before)
    limit = max(1, min(limit, MAX_PAGE_SIZE))
    page = page_of(list(rows[: limit + 1]), limit)
    offices = labels.region_names({r.role_region_id for r in page.items if r.role_region_id})
    names = labels.actor_names({r.actor_key for r in page.items if r.role_region_id})
    looks = [
        Look(
            id=r.pk,
            at=r.at,
            role=r.role,
            actor_label=labels.actor_label(
                r.role, offices.get(r.role_region_id or 0, ""), names.get(r.actor_key, "")
            ),
            action=r.action,
            page=r.page,
            fields=tuple(r.fields),
            purpose=r.purpose,
        )
        for r in page.items
    ]
    return Page(looks, page.next_cursor)
