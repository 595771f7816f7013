"""What notices holds about a household, for its own copy of everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.notices.lifecycle import OBJECTION
from xinzhi.kernel.notices.models import Message, Objection
from xinzhi.kernel.notices.wording import text_of


def messages(*, actor: Actor, household_id: int, at: datetime) -> Sequence[Mapping[str, Any]]:  # noqa: ARG001
    """The reader's own messages about the household."""
    if actor.person_id is None:
        return []
    rows = Message.objects.filter(person_id=actor.person_id, household_id=household_id).order_by("pk")
    return [{_("When"): m.at.isoformat(), _("Message"): text_of(m.template, m.params)} for m in rows]


def objections(*, actor: Actor, household_id: int, at: datetime) -> Sequence[Mapping[str, Any]]:  # noqa: ARG001
    """Objections the household itself has filed."""
    rows = (
        Objection.objects.filter(objector_household_id=household_id)
        .select_related("line__publication")
        .order_by("pk")
    )
    return [
        {
            _("When"): o.filed_at.isoformat(), _("List"): o.line.publication.number, _("Line"): o.line.label,
            _("State"): OBJECTION.label_of(o.state),
        }
        for o in rows
    ]  # fmt: skip
