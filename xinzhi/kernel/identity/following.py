"""Mandates and cards end with the person or the household they are for.

Logins need nothing written: the actor of somebody who died may do nothing, and each request asks again (`actors.actor_of`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.models import HouseholdCard, ProxyMandate
from xinzhi.kernel.residents.ports import Follower, Succession


class EndOfMandates(Follower):
    """A new household gives its own mandates; those of a closed one end; nobody acts for others after his death."""

    def follow(self, succession: Succession, *, actor: Actor, at: datetime) -> None:
        if succession.kind == "merge":
            _end(actor, at, household_id=succession.from_household_id)
            HouseholdCard.objects.filter(
                household_id=succession.from_household_id, revoked_at__isnull=True
            ).update(revoked_at=at)
        # Who joins the household he acted for is a member of it now.
        _end(actor, at, household_id=succession.to_household_id, person_id__in=succession.person_ids)

    def died(self, *, person_id: int, actor: Actor, at: datetime) -> None:
        _end(actor, at, person_id=person_id)


def _end(actor: Actor, at: datetime, **which: Any) -> None:
    ProxyMandate.objects.filter(revoked_at__isnull=True, **which).update(
        revoked_at=at, revoked_by=actor.person_key
    )
