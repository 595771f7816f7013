"""What evidence holds about a household, for its own copy of everything: a list, and the files themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xinzhi.kernel.evidence.models import Evidence
from xinzhi.kernel.evidence.services import open_display
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import DomainError


def _of(household_id: int) -> QuerySet[Evidence]:
    return Evidence.objects.filter(household_id=household_id, erased_at=None).order_by("uploaded_at", "pk")


def files_listed(*, actor: Actor, household_id: int, at: datetime) -> Sequence[Mapping[str, Any]]:  # noqa: ARG001
    return [
        {
            _("File"): str(e.pk), _("Kind"): e.get_kind_display(), _("Uploaded"): e.uploaded_at.isoformat(),
            _("Taken"): e.taken_at.isoformat() if e.taken_at else "", _("Belongs to"): e.subject,
        }
        for e in _of(household_id)
    ]  # fmt: skip


def files(*, actor: Actor, household_id: int, at: datetime) -> Iterator[tuple[str, bytes]]:  # noqa: ARG001
    """The files the reader may see, as they are shown to him; a lost one is left out."""
    for found in _of(household_id):
        try:
            opened = open_display(actor, found.pk)
        except DomainError:
            continue
        yield f"files/{opened.filename}", opened.data
