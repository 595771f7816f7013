"""Messages that did not arrive, as the office sees them: who, what, why in words; never a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from xinzhi.kernel.channels.port import LABELS, reason_in_words
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.paging import Page, id_cursor, page_of
from xinzhi.kernel.identity import scope
from xinzhi.kernel.notices.models import Delivery
from xinzhi.kernel.notices.services.undelivered import HANDLE, visible
from xinzhi.kernel.notices.wording import text_of
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents.models import Household

#: Reasons are counted over so many of the newest; beyond, the page says “more than”.
MOST_COUNTED = 2_000


@dataclass(frozen=True, slots=True)
class UndeliveredRow:
    id: int
    village_id: int | None
    household_no: str
    name: str
    text: str
    channel: str
    channel_label: str
    failure_code: str
    reason: str
    provider_code: str
    tries: int
    may_have_arrived: bool
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ReasonCount:
    failure_code: str
    channel_label: str
    reason: str
    count: int


def undelivered(*, actor: Actor, cursor: str | None = None, limit: int = 50) -> Page[UndeliveredRow]:
    """Dead letters of the actor's villages, newest first. Raises Forbidden."""
    actor.require(HANDLE)
    limit = max(1, min(limit, 200))
    found = scope.newest(
        visible(actor).select_related("message"), actor, HANDLE, limit=limit + 1, before_id=id_cursor(cursor),
        household_field=None,
    )  # fmt: skip
    numbers = dict(
        Household.objects.filter(pk__in={d.household_id for d in found}).values_list("pk", "household_no")
    )
    names = residents.masked_names({d.person_id for d in found})
    return page_of([_row(d, numbers.get(d.household_id or 0, ""), names) for d in found], limit)


def _row(delivery: Delivery, household_no: str, names: dict[int, str]) -> UndeliveredRow:
    return UndeliveredRow(
        id=delivery.pk,
        village_id=delivery.village_id,
        household_no=household_no,
        name=names.get(delivery.person_id, ""),
        text=text_of(delivery.message.template, delivery.message.params),
        channel=delivery.channel,
        channel_label=str(LABELS.get(delivery.channel, "")),
        failure_code=delivery.failure_code,
        reason=reason_in_words(delivery.failure_code),
        provider_code=delivery.provider_code,
        tries=delivery.tries,
        may_have_arrived=delivery.unsure > 0,
        at=delivery.settled_at,
    )


def reasons(*, actor: Actor) -> Sequence[ReasonCount]:
    """How many did not arrive for which reason, most first. Raises Forbidden."""
    actor.require(HANDLE)
    pairs = visible(actor).order_by("-pk").values_list("failure_code", "channel")[:MOST_COUNTED]
    return [
        ReasonCount(code, str(LABELS.get(channel, "")), reason_in_words(code), count)
        for (code, channel), count in sorted(Counter(pairs).items(), key=lambda item: (-item[1], item[0]))
    ]
