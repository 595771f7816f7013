"""Forget files: at the wish of a household or person, or because nobody ever used them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.evidence import files, queries
from xinzhi.kernel.evidence.errors import AlreadyAttached
from xinzhi.kernel.evidence.models import Evidence, EvidenceOrigin
from xinzhi.kernel.evidence.services.storing import LOOSE_DAYS, lock_content
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.residents.models import Membership, Person

ERASE = "evidence.erase"
#: A file without a row may be one whose row is being written at this moment.
_GRACE_SECONDS = 3_600


@transaction.atomic
def erase(
    *, actor: Actor, household_id: int | None = None, person_id: int | None = None, reason: str, at: datetime
) -> int:
    """Forget every file of a household, or those a person uploaded for his own households. Returns how many.

    What a clerk uploaded for others stays theirs. Rows stay, with a digest that can no longer be matched to any
    content; file, copies, position, hashes and salt go. `reason` is a code. Needs evidence.erase in each village.
    Raises Forbidden; then nothing has changed.
    """
    condition = Q()
    if household_id is not None:
        condition |= Q(household_id=household_id)
    if person_id is not None:
        condition |= _uploaded_for_own([person_id])
    if not condition:
        raise ValueError("whose files?")
    rows = Evidence.objects.filter(condition, erased_at=None)
    for village_id in set(rows.values_list("village_id", flat=True)):
        actor.require(ERASE, scope_path=regions.path_of(village_id))
    return _forget(rows, actor=actor, reason=reason, at=at)


def _uploaded_for_own(person_ids: Iterable[int]) -> Q:
    condition = Q()
    for person_id, household_id in (
        Membership.objects.filter(person_id__in=person_ids)
        .values_list("person_id", "household_id")
        .distinct()
    ):
        condition |= Q(uploaded_by_person_id=person_id, household_id=household_id)
    return condition or Q(pk__in=[])


@transaction.atomic
def discard(*, actor: Actor, evidence_id: UUID, at: datetime) -> None:
    """Take back an upload that belongs to nothing yet. Again, or after the sweep, changes nothing.

    Raises EvidenceNotFound for what somebody else uploaded, AlreadyAttached once it belongs to something.
    """
    evidence = queries.of_uploader(actor, evidence_id)
    if evidence.subject:
        raise AlreadyAttached()
    _forget(
        Evidence.objects.filter(pk=evidence.pk, subject="", erased_at=None),
        actor=actor,
        reason="discarded",
        at=at,
    )


def _forget(rows: QuerySet[Evidence], *, actor: Actor, reason: str, at: datetime) -> int:
    found = list(rows.select_for_update().order_by("pk"))
    contents = {e.sha256 for e in found if e.sha256 is not None}
    for sha256 in sorted(contents):
        lock_content(sha256)
    ids = [e.pk for e in found]
    EvidenceOrigin.objects.filter(evidence_id__in=ids).delete()
    Evidence.objects.filter(pk__in=ids).update(
        sha256=None, salt=None, perceptual_hash=None, taken_at=None, width=None, height=None, erased_at=at
    )
    audit.record_many(
        audit.Entry(
            actor=actor,
            action="evidence.erase",
            subject=e.reference,
            at=at,
            region_id=e.village_id,
            household_id=e.household_id,
            purpose=reason,
        )
        for e in found
    )
    transaction.on_commit(lambda: remove_unused(contents))
    return len(found)


def remove_unused(contents: set[str]) -> int:
    """Remove stored contents no row refers to. Each under its lock, so that a store at the same moment keeps it."""
    removed = 0
    for sha256 in sorted(contents):
        with transaction.atomic():
            lock_content(sha256)
            if not Evidence.objects.filter(sha256=sha256).exists():
                files.remove(sha256)
                removed += 1
    return removed


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows were forgotten, and how many stored contents and half-written files removed."""

    loose: int
    of_erased_persons: int
    files: int
    parts: int


def sweep(*, actor: Actor, at: datetime) -> Swept:
    """Remove uploads nobody attached within two days, files of erased persons, contents without a row, leftovers of a crash."""
    with transaction.atomic():
        erased = Person.objects.filter(
            pk__in=Evidence.objects.filter(erased_at=None).values("uploaded_by_person_id"), status="erased"
        )
        forgotten = Evidence.objects.filter(
            _uploaded_for_own(erased.values_list("pk", flat=True)), erased_at=None
        )
        erased_files = _forget(forgotten, actor=actor, reason="person_erased", at=at)
    with transaction.atomic():
        old = Evidence.objects.filter(
            subject="", erased_at=None, uploaded_at__lt=at - timedelta(days=LOOSE_DAYS)
        )
        loose = _forget(old, actor=actor, reason="never_attached", at=at)
    unknown: set[str] = set()
    parts = 0
    settled = time.time() - _GRACE_SECONDS  # age of files is the machine's, not the clock of the demo
    batch: set[str] = set()
    for area in ("originals", "copies"):
        for sha256, path in files.stored(area):
            if not _older(path, settled):
                continue
            if sha256:
                batch.add(sha256)
                if len(batch) >= 1000:
                    unknown |= _without_rows(batch)
                    batch = set()
            else:
                path.unlink(missing_ok=True)
                parts += 1
    unknown |= _without_rows(batch)
    return Swept(loose, erased_files, remove_unused(unknown), parts)


def _older(path: Path, than: float) -> bool:
    try:
        return path.stat().st_mtime < than
    except OSError:
        return False


def _without_rows(contents: set[str]) -> set[str]:
    known = Evidence.objects.filter(sha256__in=contents).values_list("sha256", flat=True)
    return contents - {k for k in known if k}
