"""Send what is due by one channel: claim in a transaction, send outside of it, settle each in its own.

At least once. A worker killed between sending and settling leaves rows in "sending"; the next run finds them. Where the
provider drops repeats by key they are simply sent again; elsewhere once more, so at most twice, and after a second time of not
knowing the office is told that it may have arrived. Only one run of a channel is under way at a time (the lock of its job).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from xinzhi.kernel.channels import configuration
from xinzhi.kernel.channels.port import Channel, Failure, Letter, Permanent, Temporary
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.notices.models import Delivery, DeliveryState
from xinzhi.kernel.notices.numbers import personal_number_in
from xinzhi.kernel.notices.quiet import next_allowed, next_morning
from xinzhi.kernel.notices.services.leaving import (
    FIELD_OF,
    NO_ADDRESS,
    channel_for,
    reach_of,
    send_soon,
    unwanted_of,
)
from xinzhi.kernel.notices.services.sending_rules import sent_today, times_of
from xinzhi.kernel.notices.wording import going_of, text_of
from xinzhi.kernel.residents import services as residents

BATCH = 50
#: Pauses before another try; after the last one the office takes over.
GAPS = (
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
)
#: How often nobody may know whether it arrived, before nothing more is sent.
MOST_UNSURE = 2
#: A row this long in "sending" has lost its worker.
LOST_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Claimed:
    """One message ready to go, with the address for as long as it takes."""

    delivery: Delivery
    to: str
    letter: Letter

    def __repr__(self) -> str:  # an address must not appear in a traceback
        return f"Claimed({self.delivery.pk})"


def channels_with_work(at: datetime) -> list[str]:
    """Channels with something due, or left behind by a worker that died."""
    due = Q(state=DeliveryState.WAITING, next_at__lte=at)
    lost = Q(state=DeliveryState.SENDING, started_at__lte=at - LOST_AFTER)
    return sorted(Delivery.objects.filter(due | lost).values_list("channel", flat=True).distinct())


def deliver(channel: str) -> int:
    """Send everything due by this channel, batch by batch. Returns how many were handed over.

    The caller makes sure that no other run of the same channel is under way.
    """
    sender = configuration.channel(channel)
    take_up_lost(channel, is_idempotent=sender is not None and sender.is_idempotent, at=clock.now())
    sent = 0
    while True:
        seen, claimed = claim(channel, is_on=sender is not None, at=clock.now())
        for each in claimed:
            assert sender is not None
            sent += send_one(sender, each)
        if not seen:
            return sent


@transaction.atomic
def take_up_lost(channel: str, *, is_idempotent: bool, at: datetime) -> None:
    """What a killed worker had under way waits again, or goes to the office when that happened before."""
    under_way = Delivery.objects.filter(channel=channel, state=DeliveryState.SENDING)
    if not is_idempotent:
        under_way.update(unsure=F("unsure") + 1)
        under_way.filter(unsure__gte=MOST_UNSURE).update(
            state=DeliveryState.DEAD, failure_code="interrupted", settled_at=at
        )
    under_way.update(state=DeliveryState.WAITING, next_at=at)


@transaction.atomic
def claim(channel: str, *, is_on: bool, at: datetime) -> tuple[int, list[Claimed]]:
    """Take a batch of what is due: how many rows were looked at, and those to send now, marked as under way.

    The others wait for the morning or another day, are cancelled, or go to the office. Numbers are read once for the
    batch, on record (`read_contacts`).
    """
    rows = list(
        Delivery.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("message", "village")
        .filter(channel=channel, state=DeliveryState.WAITING, next_at__lte=at)
        .order_by("next_at", "id")[:BATCH]
    )
    if not rows:
        return 0, []
    if not is_on:
        for row in rows:
            _end(row, DeliveryState.DEAD, "channel_off", at)
        _move_on(rows, at)
        _save(rows)
        return len(rows), []
    wanted = _in_time(_still_wanted(rows, at), at)
    contacts = residents.read_contacts(
        actor=SYSTEM, villages={row.person_id: row.village_id for row in wanted}, field=FIELD_OF[channel],
        subject=f"notices.deliveries:{channel}", at=at,
    ) if wanted else {}  # fmt: skip
    claimed = [ready for row in wanted if (ready := _ready(row, contacts.get(row.person_id), at))]
    _move_on([row for row in rows if row.failure_code == NO_ADDRESS], at)
    _save(rows)
    return len(rows), claimed


def _still_wanted(rows: Sequence[Delivery], at: datetime) -> list[Delivery]:
    """Without those who have said no since."""
    unwanted = unwanted_of({row.person_id for row in rows})
    kept = []
    for row in rows:
        if (row.person_id, row.channel) in unwanted and not going_of(row.message.template).must:
            _end(row, DeliveryState.CANCELLED, "", at)
        else:
            kept.append(row)
    return kept


def _in_time(rows: Sequence[Delivery], at: datetime) -> list[Delivery]:
    """Without those for whom it is night, or who were told often enough today; those wait."""
    times = times_of([row.village for row in rows], at)
    today = sent_today({row.person_id for row in rows}, at)
    kept = []
    for row in rows:
        if going_of(row.message.template).urgent:
            kept.append(row)
            continue
        rule = times[row.village_id]
        row.next_at = next_allowed(at, rule.quiet_from, rule.quiet_until)
        if row.next_at <= at and today[row.person_id] >= rule.most_per_day:
            row.next_at = next_morning(at, rule.quiet_from, rule.quiet_until)
        if row.next_at <= at:
            today[row.person_id] += 1
            kept.append(row)
    return kept


def _ready(row: Delivery, to: str | None, at: datetime) -> Claimed | None:
    message = row.message
    params = {name: str(value) for name, value in message.params.items()}
    if to is None:
        _end(row, DeliveryState.DEAD, NO_ADDRESS, at)
        return None
    if any(personal_number_in(value) for value in params.values()):
        _end(row, DeliveryState.DEAD, "looks_personal", at)
        return None
    row.state, row.started_at, row.tries = DeliveryState.SENDING, at, row.tries + 1
    return Claimed(row, to, Letter(message.template, params, text_of(message.template, message.params)))


def _end(row: Delivery, state: DeliveryState, failure_code: str, at: datetime) -> None:
    row.state, row.failure_code, row.settled_at = state, failure_code, at


def _save(rows: Sequence[Delivery]) -> None:
    Delivery.objects.bulk_update(
        rows, ["state", "next_at", "started_at", "tries", "failure_code", "settled_at"]
    )


def send_one(sender: Channel, claimed: Claimed) -> int:
    """Hand one message over and write down what became of it. Returns 1 when the provider took it."""
    row, at = claimed.delivery, clock.now()
    try:
        receipt = sender.send(to=claimed.to, letter=claimed.letter, key=row.key.hex, at=at)
    except Failure as failure:
        settle_failure(row, failure, is_idempotent=sender.is_idempotent, at=clock.now())
        return 0
    return Delivery.objects.filter(pk=row.pk, state=DeliveryState.SENDING).update(
        state=DeliveryState.SENT,
        receipt=receipt[:80],
        failure_code="",
        provider_code="",
        settled_at=clock.now(),
    )


@transaction.atomic
def settle_failure(delivery: Delivery, failure: Failure, *, is_idempotent: bool, at: datetime) -> None:
    """Try again later, by another channel, or leave it to the office."""
    row = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("message")
        .filter(pk=delivery.pk, state=DeliveryState.SENDING)
        .first()
    )
    if row is None:  # the person was erased meanwhile
        return
    row.failure_code, row.provider_code = failure.code, failure.provider_code
    if isinstance(failure, Temporary) and failure.unsure and not is_idempotent:
        row.unsure += 1
    may_try = not isinstance(failure, Permanent) and row.tries <= len(GAPS) and row.unsure < MOST_UNSURE
    if may_try:
        row.state, row.next_at = DeliveryState.WAITING, at + GAPS[row.tries - 1]
    else:
        _end(row, DeliveryState.DEAD, failure.code, at)
        if row.unsure < MOST_UNSURE:  # what may have arrived is not sent another way as well
            _move_on([row], at)
    row.save()


def _move_on(rows: Sequence[Delivery], at: datetime) -> None:
    """What could not go by its channel goes by the person's next one, if there is one. The erased are left out."""
    dead = [row for row in rows if row.state == DeliveryState.DEAD]
    if not dead:
        return
    people = {row.person_id for row in dead}
    on = {code for code, state in configuration.states().items() if state != "off"}
    reach, unwanted = reach_of(people, on), unwanted_of(people)
    new = []
    for row in dead:
        code = channel_for(row.person_id, going_of(row.message.template), reach, unwanted, after=row.channel)
        if not code:
            continue
        row.state = DeliveryState.MOVED
        new.append(
            Delivery(
                message=row.message, person_id=row.person_id, household_id=row.household_id, village_id=row.village_id,
                channel=code, next_at=at,
            )
        )  # fmt: skip
    Delivery.objects.bulk_create(new, ignore_conflicts=True)
    for code in sorted({row.channel for row in new}):
        send_soon(code)


def forget(*, person_id: int, at: datetime) -> None:
    """What still waits for an erased person is cancelled; what is settled keeps ids only."""
    Delivery.objects.filter(
        person_id=person_id,
        state__in=(DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.DEAD),
    ).update(state=DeliveryState.CANCELLED, settled_at=at)
