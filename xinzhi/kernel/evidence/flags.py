"""What a verifier should look at twice: a photo used before, taken on another day, taken elsewhere.

A flag is a remark to a person, never a refusal: markets give phones back with the wrong day set, and two neighbours may
photograph the same tree. Photos that came through a messenger carry neither day nor place; that alone says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import asin, cos, radians, sin, sqrt
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from xinzhi.kernel.evidence import ports
from xinzhi.kernel.evidence.models import Evidence
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date

#: Differing bits of 64 up to which two photos are the same shot, saved or resized again.
SAME_SHOT_BITS = 6
#: Farther than this from where the village's photos are usually taken is “elsewhere” (a village is 3 to 8 km across).
FAR_METRES = 8_000
#: So many photos with a place make known where a village's photos are usually taken.
ENOUGH_PLACES = 10
#: The newest so many of them are asked.
MOST_PLACES = 500
EARTH_METRES = 6_371_000


@dataclass(frozen=True, slots=True)
class Flag:
    """One remark on one photo. `subject` names the other case, "" where the reader may not see it."""

    evidence_id: UUID
    code: str
    text: str
    subject: str = ""


# The same bytes anywhere, or the same look in the village. Both ways go by an index: (sha256) and (village, hash).
_USED_BEFORE = """
SELECT photo.id, other.subject, other.attached_at, 0
  FROM evidence_evidence photo
  JOIN evidence_evidence other ON other.sha256 = photo.sha256
 WHERE photo.id = ANY(%(photos)s) AND other.subject NOT IN ('', %(subject)s)
 UNION ALL
SELECT photo.id, other.subject, other.attached_at,
       bit_count((other.perceptual_hash # photo.perceptual_hash)::bit(64))
  FROM evidence_evidence photo
  JOIN evidence_evidence other ON other.village_id = photo.village_id AND other.perceptual_hash IS NOT NULL
 WHERE photo.id = ANY(%(photos)s) AND other.subject NOT IN ('', %(subject)s)
   AND other.sha256 IS DISTINCT FROM photo.sha256
   AND bit_count((other.perceptual_hash # photo.perceptual_hash)::bit(64)) <= %(bits)s
 ORDER BY 4, 3 DESC
 LIMIT 50
"""
_WHERE_TAKEN = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY near.latitude::float8),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY near.longitude::float8), count(*)
  FROM (SELECT origin.latitude, origin.longitude
          FROM evidence_evidence other JOIN evidence_evidenceorigin origin ON origin.evidence_id = other.id
         WHERE other.village_id = %(village)s AND other.subject NOT IN ('', %(subject)s)
         ORDER BY other.uploaded_at DESC LIMIT %(most)s) near
"""


def flags_of(subject: str, *, actor: Actor, happened_on: date) -> list[Flag]:
    """Remarks on the photos of a subject that happened on a day, for its verifier. At most five queries.

    The caller has judged that the actor verifies this subject; whether he may see the other case is asked here.
    """
    photos = list(
        Evidence.objects.filter(subject=subject, kind="photo", erased_at=None)
        .select_related("origin")
        .order_by("uploaded_at", "id")
    )
    if not photos:
        return []
    return [
        *_used_before(photos, subject, actor),
        *(flag for photo in photos for flag in _another_day(photo, happened_on)),
        *_elsewhere(photos, subject),
    ]


def _used_before(photos: Sequence[Evidence], subject: str, actor: Actor) -> list[Flag]:
    values: dict[str, Any] = {"photos": [p.pk for p in photos], "subject": subject, "bits": SAME_SHOT_BITS}
    with connection.cursor() as db:
        db.execute(_USED_BEFORE, values)
        rows = db.fetchall()
    seen = ports.visible_subjects(actor, {other for _photo, other, _at, _bits in rows})
    found: dict[UUID, Flag] = {}
    for photo, other, attached_at, bits in rows:
        if photo in found:  # the nearest one says enough
            continue
        day = date_format(local_date(attached_at), "Y-m-d")
        text = (
            _("This very photo was used before, on %(day)s.")
            if bits == 0
            else _("A photo that looks the same was used before, on %(day)s.")
        )
        found[photo] = Flag(photo, "used_before", text % {"day": day}, other if other in seen else "")
    return list(found.values())


def _another_day(photo: Evidence, happened_on: date) -> list[Flag]:
    if photo.taken_at is None or (taken := local_date(photo.taken_at)) == happened_on:
        return []
    text = _("The photo was taken on %(taken)s; the deed is of %(day)s.") % {
        "taken": date_format(taken, "Y-m-d"),
        "day": date_format(happened_on, "Y-m-d"),
    }
    return [Flag(photo.pk, "another_day", text)]


def _elsewhere(photos: Sequence[Evidence], subject: str) -> list[Flag]:
    placed = [p for p in photos if getattr(p, "origin", None) is not None]
    if not placed:
        return []
    with connection.cursor() as db:
        db.execute(_WHERE_TAKEN, {"village": placed[0].village_id, "subject": subject, "most": MOST_PLACES})
        latitude, longitude, count = db.fetchone()
    if count < ENOUGH_PLACES:
        return []
    flags = []
    for photo in placed:
        metres = _metres(float(photo.origin.latitude), float(photo.origin.longitude), latitude, longitude)
        if metres > FAR_METRES:
            text = _(
                "The photo was taken about %(km)s km from where this village's photos are usually taken."
            )
            flags.append(Flag(photo.pk, "elsewhere", text % {"km": round(metres / 1000)}))
    return flags


def _metres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Great-circle distance; metres are plenty for asking whether it was the same valley."""
    a, b = radians(latitude), radians(other_latitude)
    step = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(other_longitude - longitude) / 2) ** 2
    return 2 * EARTH_METRES * asin(sqrt(min(1.0, step)))
