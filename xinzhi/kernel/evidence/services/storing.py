"""Keep an uploaded file."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime, timedelta
from typing import BinaryIO
from uuid import UUID

from django.core.files.base import File
from django.db import IntegrityError, connection, transaction

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.evidence import files
from xinzhi.kernel.evidence.errors import (
    FileTooBig,
    MayNotUpload,
    RequestKeyTaken,
    TooManyLoose,
    UploadTargetNeeded,
)
from xinzhi.kernel.evidence.examine import LARGEST, MEGABYTE, Examined, examine
from xinzhi.kernel.evidence.models import Evidence, EvidenceOrigin
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.residents.models import Household

UPLOAD = "evidence.upload"
#: Days an upload waits to be attached before the sweep removes it.
LOOSE_DAYS = 2
MAX_LOOSE = 200
_CONTENT_LOCKS = 0x45564944  # "EVID": the first half of the advisory lock's key


def store(
    *,
    actor: Actor,
    data: BinaryIO | File[bytes] | bytes,
    filename: str = "",
    village_id: int | None = None,
    household_id: int | None = None,
    at: datetime,
    request_key: UUID | None = None,
) -> Evidence:
    """Keep a photo, a voice note or a PDF of a village (and of one of its households), not yet attached to anything.

    The village may be left out when the household is given. The file's name is not kept. The same request key by
    the same person again returns the first. The file lies in the store before its row exists; when anything fails,
    there is no row.

    Raises MayNotUpload, UploadTargetNeeded, TooManyLoose, RequestKeyTaken, and what `examine` raises.
    """
    del filename  # it may name a person, and says nothing reliable about the content
    village_id = _target(actor, village_id, household_id)
    if request_key is not None and (earlier := _earlier(request_key, actor)):
        return earlier
    _check_loose(actor, at)
    content = _read(data)
    found = examine(content, at=at)
    try:
        with transaction.atomic():
            return _insert(actor, content, found, village_id, household_id, at, request_key)
    except IntegrityError:
        if request_key is not None and (earlier := _earlier(request_key, actor)):
            return earlier
        raise


def _target(actor: Actor, village_id: int | None, household_id: int | None) -> int:
    if household_id is not None:
        found = Household.objects.filter(pk=household_id).values_list("village_id", flat=True).first()
        if found is None or village_id not in (None, found):
            raise MayNotUpload()
        village_id = found
    if village_id is None:
        raise UploadTargetNeeded()
    try:
        path = regions.path_of(village_id)
    except regions.RegionNotFound:
        raise MayNotUpload() from None
    if not actor.may(UPLOAD, scope_path=path, household_id=household_id):
        raise MayNotUpload()
    return village_id


def _earlier(request_key: UUID, actor: Actor) -> Evidence | None:
    earlier = Evidence.objects.filter(request_key=request_key).first()
    if earlier is not None and earlier.uploaded_by_key != actor.person_key:
        raise RequestKeyTaken()
    return earlier


def _check_loose(actor: Actor, at: datetime) -> None:
    """Nobody fills the disk with files that belong to nothing."""
    if actor.is_system:
        return
    since = at - timedelta(days=LOOSE_DAYS)
    loose = Evidence.objects.filter(
        subject="", uploaded_by_key=actor.person_key, uploaded_at__gt=since, erased_at=None
    )
    if loose.count() >= MAX_LOOSE:
        raise TooManyLoose(most=MAX_LOOSE)


def _read(data: BinaryIO | File[bytes] | bytes) -> bytes:
    content = data[: LARGEST + 1] if isinstance(data, bytes) else data.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise FileTooBig(field="file", most=LARGEST // MEGABYTE)
    return content


def _insert(
    actor: Actor,
    content: bytes,
    found: Examined,
    village_id: int,
    household_id: int | None,
    at: datetime,
    request_key: UUID | None,
) -> Evidence:
    sha256 = files.sha256_of(content)
    lock_content(sha256)
    files.keep(files.original_path(sha256), content)
    salt = os.urandom(16)
    evidence = Evidence.objects.create(
        village_id=village_id,
        household_id=household_id,
        kind=found.kind,
        media_type=found.media_type,
        size_bytes=len(content),
        width=found.width,
        height=found.height,
        sha256=sha256,
        salt=salt,
        digest=hashlib.sha256(salt + bytes.fromhex(sha256)).hexdigest(),
        perceptual_hash=found.perceptual_hash,
        taken_at=found.taken_at,
        uploaded_at=at,
        uploaded_by_key=actor.person_key,
        uploaded_by_user_id=actor.user_id,
        uploaded_by_person_id=actor.person_id,
        channel=actor.channel,
        request_key=request_key,
    )
    if found.position is not None:
        EvidenceOrigin.objects.create(
            evidence=evidence, latitude=found.position.latitude, longitude=found.position.longitude
        )
    audit.record(
        actor=actor,
        action="evidence.store",
        subject=evidence.reference,
        at=at,
        region_id=village_id,
        household_id=household_id,
        digest=evidence.digest,
    )
    return evidence


def lock_content(sha256: str) -> None:
    """Until the end of the transaction nobody else stores or removes this content."""
    with connection.cursor() as cursor:
        key = int.from_bytes(bytes.fromhex(sha256[:8]), "big", signed=True)
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_CONTENT_LOCKS, key])
