"""What evidence an actor may see. Everything starts from `visible`; what no rule opens stays closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, IntegerField, Max
from django.db.models.expressions import RawSQL

from xinzhi.kernel.evidence.errors import EvidenceErased, EvidenceNotFound
from xinzhi.kernel.evidence.models import Evidence
from xinzhi.kernel.evidence.ports import visible_subjects
from xinzhi.kernel.foundation.actors import Actor


def visible(actor: Actor, rows: Iterable[Evidence]) -> list[Evidence]:
    """Those the actor may see: files of subjects he may see, and his own uploads that belong to nothing yet."""
    found = list(rows)
    subjects = visible_subjects(actor, {e.subject for e in found if e.subject})
    return [e for e in found if (e.subject in subjects if e.subject else _is_own(actor, e))]


def _is_own(actor: Actor, evidence: Evidence) -> bool:
    if actor.is_system:
        return True
    return actor.is_authenticated and evidence.uploaded_by_key == actor.person_key


def get(actor: Actor, evidence_id: UUID) -> Evidence:
    """Raises EvidenceNotFound (also for what is not visible), or EvidenceErased for what was forgotten."""
    found = visible(actor, Evidence.objects.filter(pk=evidence_id))
    if not found:
        raise EvidenceNotFound()
    if found[0].is_erased:
        raise EvidenceErased()
    return found[0]


def of_uploader(actor: Actor, evidence_id: UUID) -> Evidence:
    """A file the actor uploaded himself, erased or not. Raises EvidenceNotFound."""
    found = Evidence.objects.filter(pk=evidence_id).first()
    if found is None or not _is_own(actor, found):
        raise EvidenceNotFound()
    return found


def of_subject(subject: str, actor: Actor) -> list[Evidence]:
    """Files of the subject in the order they were uploaded; none when the actor may not see it."""
    return of_subjects([subject], actor).get(subject, [])


def of_subjects(subjects: Sequence[str], actor: Actor) -> dict[str, list[Evidence]]:
    """Files of many subjects in one query (for lists)."""
    allowed = visible_subjects(actor, {s for s in subjects if s})
    found: dict[str, list[Evidence]] = {}
    for evidence in Evidence.objects.filter(subject__in=allowed, erased_at=None).order_by(
        "uploaded_at", "id"
    ):
        found.setdefault(evidence.subject, []).append(evidence)
    return found


def unattached(ids: Sequence[UUID], actor: Actor) -> list[Evidence]:
    """The actor's own uploads among these that belong to nothing yet, in the order given."""
    rows = {e.pk: e for e in Evidence.objects.filter(pk__in=list(ids)[:100], subject="", erased_at=None)}
    return [rows[pk] for pk in dict.fromkeys(ids) if pk in rows and _is_own(actor, rows[pk])]


@dataclass(frozen=True, slots=True)
class Similar:
    """Another photo that looks the same. `subject` is "" where the actor may not see it."""

    evidence_id: UUID
    distance: int
    subject: str
    is_visible: bool
    is_same_household: bool


def similar(evidence_id: UUID, actor: Actor, max_distance: int = 6, limit: int = 20) -> list[Similar]:
    """Photos of the same village that look alike: an old photo claimed twice.

    `max_distance` counts differing bits of 64: 0 the same picture, up to about 6 the same shot saved or resized
    again, above 10 chance. Raises EvidenceNotFound or EvidenceErased.
    """
    photo = get(actor, evidence_id)
    if photo.perceptual_hash is None:
        return []
    distance = RawSQL(
        "bit_count((perceptual_hash # %s)::bit(64))", [photo.perceptual_hash], output_field=IntegerField()
    )
    rows = (
        Evidence.objects.filter(village_id=photo.village_id, perceptual_hash__isnull=False)
        .exclude(pk=photo.pk)
        .exclude(subject="")
        .annotate(distance=distance)
        .filter(distance__lte=max_distance)
        .order_by("distance", F("uploaded_at").desc(), "id")[:limit]
    )
    found = [e for e in rows if e.subject != photo.subject or not photo.subject]
    seen = {e.pk for e in visible(actor, found)}
    return [
        Similar(
            evidence_id=e.pk,
            distance=e.distance,
            subject=e.subject if e.pk in seen else "",
            is_visible=e.pk in seen,
            is_same_household=photo.household_id is not None and e.household_id == photo.household_id,
        )
        for e in found
    ]


def same_files(
    village_ids: Sequence[int], prefix: str, *, since: datetime, until: datetime, limit: int = 50
) -> list[list[str]]:
    """Subjects of these villages that share one and the same photo, newest first. The caller has scoped the villages."""
    rows = (
        Evidence.objects.filter(
            village_id__in=village_ids,
            kind="photo",
            subject__startswith=prefix,
            attached_at__gte=since,
            attached_at__lt=until,
            sha256__isnull=False,
        )
        .values("sha256")
        .annotate(
            subjects=ArrayAgg("subject", distinct=True),
            many=Count("subject", distinct=True),
            latest=Max("attached_at"),
        )
        .filter(many__gt=1)
        .order_by("-latest")[:limit]
    )
    return [list(row["subjects"]) for row in rows]
