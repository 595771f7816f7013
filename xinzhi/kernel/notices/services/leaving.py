"""Which message leaves the house, to whom and by which channel: decided in the transaction that writes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from xinzhi.kernel import jobs
from xinzhi.kernel.channels import configuration
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.notices.models import ChannelChoice, Delivery, DeliveryState, Message
from xinzhi.kernel.notices.wording import Going, going_of
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents import services as resident_services
from xinzhi.kernel.residents.models import Household

DELIVER = "notices.deliver"
#: Which personal value a channel needs.
FIELD_OF = {"sms": "phone", "wechat": "wechat_openid", "dingtalk": "dingtalk_userid"}
NO_ADDRESS = "no_address"

#: {person: {channel: blind index or None}} of the channels that reach him.
Reach = Mapping[int, Mapping[str, bytes | None]]


def plan(messages: Sequence[Message], *, at: datetime) -> int:
    """Write the deliveries of new messages and enqueue their sending. Returns how many go out.

    Each person is told once, by the first channel that is connected, wanted and known of him; several of a household who
    share one telephone are told once on it. Where nobody of the household can be reached, one row says so for the office.
    Statements are constant in number; nothing is decrypted.
    """
    open_channels = {code for code, state in configuration.states().items() if state != "off"}
    leaving = [m for m in messages if open_channels & set(going_of(m.template).channels)]
    if not leaving:
        return 0
    reach = reach_of({m.person_id for m in leaving}, open_channels)
    unwanted = unwanted_of({m.person_id for m in leaving})
    households = _households(leaving, at)
    villages = dict(Household.objects.filter(pk__in=set(households.values())).values_list("pk", "village_id"))
    rows = []
    for together in _by_household(leaving, households):
        for message, channel in choose(together, reach, unwanted):
            household_id = households.get(message.pk)
            rows.append(
                Delivery(
                    message=message,
                    person_id=message.person_id,
                    household_id=household_id,
                    village_id=villages.get(household_id or 0),
                    channel=channel,
                    next_at=at,
                    state=DeliveryState.WAITING if channel else DeliveryState.DEAD,
                    failure_code="" if channel else NO_ADDRESS,
                    settled_at=None if channel else at,
                )
            )
    Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2_000)
    going = [row.channel for row in rows if row.channel]
    for channel in sorted(set(going)):
        send_soon(channel)
    return len(going)


def send_soon(channel: str) -> None:
    """Enqueue the sending of a channel; one job at a time for each, and at most one waits."""
    lock = f"{DELIVER}:{channel}"
    jobs.defer(DELIVER, lock=lock, queueing_lock=lock, channel=channel)


def reach_of(person_ids: Collection[int], channels: Collection[str]) -> Reach:
    """By which of these channels each person can be reached at all."""
    fields = {FIELD_OF[code]: code for code in channels}
    found = resident_services.reachable(person_ids, list(fields))
    return {
        pk: {fields[name]: index for name, index in values.items() if name in fields}
        for pk, values in found.items()
    }


def unwanted_of(person_ids: Collection[int]) -> set[tuple[int, str]]:
    """(person, channel) of those who said no."""
    rows = ChannelChoice.objects.filter(person_id__in=list(person_ids), is_wanted=False)
    return set(rows.values_list("person_id", "channel"))


def channel_for(
    person_id: int, going: Going, reach: Reach, unwanted: Collection[tuple[int, str]], *, after: str = ""
) -> str:
    """The first channel that reaches the person and that he did not refuse, or none. `after`: only what comes behind it."""
    offered = list(going.channels)
    if after in offered:
        offered = offered[offered.index(after) + 1 :]
    for code in offered:
        if code in reach.get(person_id, {}) and (going.must or (person_id, code) not in unwanted):
            return code
    return ""


def choose(
    together: Iterable[Message], reach: Reach, unwanted: Collection[tuple[int, str]]
) -> list[tuple[Message, str]]:
    """Who of a household is told a message by which channel; one row without a channel when nobody can be.

    Somebody who only does not want to be told outside is no case for the office.
    """
    chosen: list[tuple[Message, str]] = []
    seen: set[tuple[str, bytes]] = set()
    messages = list(together)
    for message in messages:
        code = channel_for(message.person_id, going_of(message.template), reach, unwanted)
        if not code:
            continue
        index = reach[message.person_id][code]
        if index is not None and (code, index) in seen:
            continue  # the same telephone
        if index is not None:
            seen.add((code, index))
        chosen.append((message, code))
    if not chosen and not any(reach.get(m.person_id) for m in messages):
        return [(messages[0], "")]
    return chosen


def _households(messages: Sequence[Message], at: datetime) -> dict[int, int]:
    """{message id: household id}: the one it is about, or one of the person's."""
    without = {m.person_id for m in messages if m.household_id is None}
    own = residents.households_of_persons(without, on=local_date(at)) if without else {}
    found = {m.pk: m.household_id or min(own.get(m.person_id, ()), default=None) for m in messages}
    return {pk: household_id for pk, household_id in found.items() if household_id is not None}


def _by_household(messages: Sequence[Message], households: Mapping[int, int]) -> Iterable[list[Message]]:
    """Messages of the same fact to the same household together; persons without a household alone."""
    groups: dict[tuple[str, int], list[Message]] = defaultdict(list)
    for message in messages:
        groups[message.source_key, households.get(message.pk, -message.person_id)].append(message)
    return groups.values()
