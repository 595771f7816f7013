"""What the office does with messages that did not arrive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.channels import configuration
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Conflict, Invalid
from xinzhi.kernel.identity import scope
from xinzhi.kernel.notices.models import Delivery, DeliveryState
from xinzhi.kernel.notices.services.leaving import channel_for, reach_of, send_soon, unwanted_of
from xinzhi.kernel.notices.wording import going_of

HANDLE = "notices.delivery.handle"
MOST = 500


class NothingMarked(Invalid):
    code = "notices.nothing_marked"
    sentence = _("Mark at least one message, and at most 500 at a time.")


class StillNoWay(Conflict):
    code = "notices.still_no_way"
    sentence = _(
        "There is still no number or account by which they can be reached. Enter a phone in the register, or tell them in person."
    )


def visible(actor: Actor) -> QuerySet[Delivery]:
    """Dead letters of the villages where the actor may handle them."""
    dead = Delivery.objects.filter(state=DeliveryState.DEAD)
    return scope.visible(dead, actor, HANDLE, household_field=None)


@transaction.atomic
def try_again(*, actor: Actor, delivery_ids: Sequence[int], at: datetime) -> int:
    """Send dead letters once more, by the channel that reaches the person now. Returns how many wait again.

    Others' and settled ones are silently left alone, so that a double click changes nothing more.
    Raises NothingMarked, StillNoWay when none of them can be reached.
    """
    rows = _locked(actor, delivery_ids)
    people = {row.person_id for row in rows}
    on = {code for code, state in configuration.states().items() if state != "off"}
    reach, unwanted = reach_of(people, on), unwanted_of(people)
    tried: dict[int, set[str]] = {}
    for message_id, channel in Delivery.objects.filter(
        message_id__in={row.message_id for row in rows}
    ).values_list("message_id", "channel"):
        tried.setdefault(message_id, set()).add(channel)
    again = []
    for row in rows:
        going = going_of(row.message.template)
        code = channel_for(row.person_id, going, reach, unwanted)
        # By the channel it failed on, when another row of this message has had the first one already.
        if code != row.channel and code in tried[row.message_id]:
            code = row.channel if row.channel in reach.get(row.person_id, {}) else ""
        if code:
            row.channel, row.state, row.next_at = code, DeliveryState.WAITING, at
            row.tries = row.unsure = 0
            row.settled_at = None
            again.append(row)
    if rows and not again:
        raise StillNoWay()
    Delivery.objects.bulk_update(again, ["channel", "state", "next_at", "tries", "unsure", "settled_at"])
    for code in sorted({row.channel for row in again}):
        send_soon(code)
    _record(actor, "notices.try_again", again, at)
    return len(again)


@transaction.atomic
def told_in_person(*, actor: Actor, delivery_ids: Sequence[int], at: datetime) -> int:
    """Somebody of the office has told them by word of mouth: done. Returns how many; the second time none.

    Raises NothingMarked.
    """
    rows = _locked(actor, delivery_ids)
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(state=DeliveryState.TOLD, settled_at=at)
    _record(actor, "notices.told_in_person", rows, at)
    return len(rows)


def _locked(actor: Actor, delivery_ids: Sequence[int]) -> list[Delivery]:
    wanted = sorted(set(delivery_ids))
    if not 1 <= len(wanted) <= MOST:
        raise NothingMarked(field="delivery")
    actor.require(HANDLE)
    return list(
        visible(actor)
        .filter(pk__in=wanted)
        .select_related("message")
        .select_for_update(of=("self",))
        .order_by("pk")
    )


def _record(actor: Actor, action: str, rows: Sequence[Delivery], at: datetime) -> None:
    audit.record_many(
        [
            audit.Entry(
                actor=actor, action=action, subject=str(row), at=at, region_id=row.village_id, household_id=row.household_id,
            )
            for row in rows
        ]
    )  # fmt: skip
