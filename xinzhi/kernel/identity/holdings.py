"""What identity holds about a household, for its own copy of everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.models import ProxyMandate
from xinzhi.kernel.residents.queries import display_names


def proxies(*, actor: Actor, household_id: int, at: datetime) -> Sequence[Mapping[str, Any]]:  # noqa: ARG001
    """Who may or might act for the household."""
    rows = list(ProxyMandate.objects.filter(household_id=household_id).order_by("pk"))
    names = display_names({row.person_id for row in rows})
    return [
        {
            _("Who"): names.get(row.person_id, ""),
            _("Relation"): row.relation,
            _("From"): row.active_from,
            _("Until"): row.active_to,
        }
        for row in rows
    ]
