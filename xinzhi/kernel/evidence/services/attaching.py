"""Say what uploaded files belong to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.evidence.errors import AlreadyAttached, EvidenceNotFound
from xinzhi.kernel.evidence.models import Evidence
from xinzhi.kernel.foundation.actors import Actor

_SUBJECT = re.compile(r"[a-z][a-z0-9_.]{0,60}:[A-Za-z0-9-]{1,40}\Z")


@transaction.atomic
def attach(*, ids: Iterable[UUID], subject: str, actor: Actor, at: datetime) -> list[Evidence]:
    """Attach files the actor uploaded to a subject such as "governance_points.deed:12", in the order given.

    Attaching to the same subject again changes nothing. Raises EvidenceNotFound for a file that is not there, was
    erased or was uploaded by somebody else, AlreadyAttached when one belongs to another subject; then nothing has
    changed. Raises ValueError for a subject that is not "kind:id".
    """
    if not _SUBJECT.match(subject):
        raise ValueError("a subject is written kind:id")
    wanted = list(dict.fromkeys(ids))
    rows = {e.pk: e for e in Evidence.objects.select_for_update().filter(pk__in=wanted).order_by("pk")}
    for pk in wanted:
        evidence = rows.get(pk)
        if evidence is None or evidence.is_erased or not _is_own(evidence, actor):
            raise EvidenceNotFound()
        if evidence.subject not in ("", subject):
            raise AlreadyAttached()
    for pk in wanted:
        evidence = rows[pk]
        if evidence.subject:
            continue
        evidence.subject, evidence.attached_at = subject, at
        evidence.save(update_fields=["subject", "attached_at"])
        audit.record(
            actor=actor,
            action="evidence.attach",
            subject=evidence.reference,
            at=at,
            region_id=evidence.village_id,
            household_id=evidence.household_id,
        )
    return [rows[pk] for pk in wanted]


def _is_own(evidence: Evidence, actor: Actor) -> bool:
    return actor.is_system or evidence.uploaded_by_key == actor.person_key
