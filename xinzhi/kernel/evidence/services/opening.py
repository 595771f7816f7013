"""Hand out files: copies to those who may see the subject, originals for a purpose and on the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.evidence import files, queries
from xinzhi.kernel.evidence.errors import EvidenceErased, EvidenceNotFound, FileMissing, PurposeNeeded
from xinzhi.kernel.evidence.examine.photos import display_copies
from xinzhi.kernel.evidence.examine.voices import voice_copy
from xinzhi.kernel.evidence.models import Evidence, Kind
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Forbidden
from xinzhi.kernel.regions import queries as regions

OPEN_ORIGINAL = "evidence.original.open"
SIZES = ("display", "thumb")
#: Why an original may be opened. Codes, so that no free text about a person enters the audit.
PURPOSES: dict[str, Promise] = {
    "verify": _("Verify a claim in detail"),
    "objection": _("Decide an objection"),
    "correct": _("Correct a mistake"),
    "legal_duty": _("Fulfil a legal duty"),
    "own_data": _("A person asked for his own data"),
}
_ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/heic": "heic",
    "audio/webm": "webm",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/amr": "amr",
    "application/pdf": "pdf",
}


@dataclass(frozen=True, slots=True)
class Opened:
    """Bytes to hand out. `filename` is made from the id, never from what was uploaded."""

    data: bytes
    media_type: str
    filename: str
    kind: str


def open_display(actor: Actor, evidence_id: UUID, size: str = "display") -> Opened:
    """The copy without position and tags: photos as JPEG of 1280 px ("display") or 320 px ("thumb").

    Voice notes and documents have the size "display" only. Raises EvidenceNotFound or EvidenceErased for what is
    not there or not visible to the actor, FileMissing when the store has lost the file.
    """
    evidence = queries.get(actor, evidence_id)
    if size not in SIZES or (size == "thumb" and evidence.kind != Kind.PHOTO):
        raise EvidenceNotFound()
    if evidence.kind == Kind.PHOTO:
        return Opened(_photo_copy(evidence, size), "image/jpeg", f"{evidence.pk}.jpg", evidence.kind)
    data = _original(evidence)
    if evidence.kind == Kind.VOICE:
        data = voice_copy(data, evidence.media_type)
    return Opened(data, evidence.media_type, _filename(evidence), evidence.kind)


@transaction.atomic
def open_original(actor: Actor, evidence_id: UUID, purpose: str, *, at: datetime) -> Opened:
    """The file as it was uploaded, with everything in it. Every opening is recorded.

    Needs the permission evidence.original.open in the village (own files need none), the right to see the subject,
    and a purpose of PURPOSES. Raises EvidenceNotFound, EvidenceErased, Forbidden, PurposeNeeded or FileMissing.
    """
    evidence = queries.get(actor, evidence_id)
    path = regions.path_of(evidence.village_id)
    is_own = evidence.uploaded_by_key == actor.person_key
    if not is_own and not actor.may(OPEN_ORIGINAL, scope_path=path, household_id=evidence.household_id):
        raise Forbidden()
    if purpose not in PURPOSES:
        raise PurposeNeeded(field="purpose", needed=", ".join(PURPOSES))
    data = _original(evidence)
    audit.record(
        actor=actor,
        action="evidence.original.open",
        subject=evidence.reference,
        at=at,
        region_id=evidence.village_id,
        household_id=evidence.household_id,
        purpose=purpose,
        digest=evidence.digest,
    )
    return Opened(data, evidence.media_type, _filename(evidence), evidence.kind)


def _filename(evidence: Evidence) -> str:
    return f"{evidence.pk}.{_ENDINGS[evidence.media_type]}"


def _original(evidence: Evidence) -> bytes:
    if evidence.sha256 is None:
        raise EvidenceErased()
    try:
        data = files.original_path(evidence.sha256).read_bytes()
    except OSError:
        raise FileMissing(reference=evidence.reference) from None
    if files.sha256_of(data) != evidence.sha256:
        raise FileMissing(reference=evidence.reference)
    return data


def _photo_copy(evidence: Evidence, size: str) -> bytes:
    """From the cache, or made now; the cache may be deleted at any time."""
    if evidence.sha256 is None:
        raise EvidenceErased()
    try:
        return files.copy_path(evidence.sha256, size).read_bytes()
    except OSError:
        copies = display_copies(_original(evidence), evidence.media_type)
    for name, data in copies.items():
        files.keep(files.copy_path(evidence.sha256, name), data)
    return copies[size]
