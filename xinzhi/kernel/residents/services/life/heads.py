"""Another member becomes the head of a household (换户主)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.residents.models import LifeEvent
from xinzhi.kernel.residents.services.life.acting import (
    Moves,
    earlier,
    lock_homes,
    note,
    require_day,
    require_open,
)
from xinzhi.kernel.residents.services.life.bases import require_basis
from xinzhi.kernel.residents.services.life.refusals import HeadAlready


@transaction.atomic
def change_head(
    *,
    actor: Actor,
    request_key: UUID,
    household_id: int,
    new_head_id: int,
    on: date,
    basis: str,
    at: datetime,
    relations: Mapping[int, str] | None = None,
) -> LifeEvent:
    """Make another member the head from a day on; `relations` says what the others are to him, or it is proposed.

    The same request key again returns the first event. Raises NotAMember, HeadAlready, DayInFuture, DayTooEarly,
    BasisUnknown, HouseholdClosed, RelationUnknown, RelationIsHead.
    """
    [home] = lock_homes(actor, household_id)
    if done := earlier(request_key, kind="head_changed", household_id=household_id):
        return done
    require_open(home)
    require_basis("head_changed", basis)
    new_head = home.member(new_head_id)
    if new_head.is_head:
        raise HeadAlready(field="head", number=home.number)
    require_day(on, at, new_head, *([home.head] if home.head else []))
    moves = Moves(on, at)
    moves.reseat(home, list(home.members.values()), new_head_id, relations or {})
    moves.write()
    return note(
        actor=actor, kind="head_changed", home=home, person_ids=[new_head_id], on=on, basis=basis, request_key=request_key,
        at=at,
    )  # fmt: skip
