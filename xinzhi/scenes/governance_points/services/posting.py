"""Deeds become ledger entries, deductions take no more than there is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID, uuid5

from django.db import connection

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.events import services as events
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.ledger import services as ledger
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.accounts import HONOUR, POINTS, Accounts, accounts_of
from xinzhi.scenes.governance_points.events import DeedPosted
from xinzhi.scenes.governance_points.lifecycle import DEED
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.overview import sums
from xinzhi.scenes.governance_points.queries.charter import expires_on

POSTING = UUID("4c1f3b9e-1a53-4f0e-9d0e-6f2f6a1f6a01")


def post_deeds(*, actor: Actor, village_id: int, deed_ids: Sequence[int], at: datetime) -> int:
    """Post published deeds to the ledger; deeds already posted are left as they are. Returns how many were posted.

    The caller holds the transaction: line, deed, ledger, audit and fact move together.
    """
    deeds = list(
        Deed.objects.select_for_update(of=("self",))
        .select_related("rule__version")
        .filter(pk__in=set(deed_ids), village_id=village_id, state="published")
        .order_by("pk")
    )
    if not deeds:
        return 0
    book = ledger.book_of_region(village_id)
    accounts = accounts_of(book, [d.household_id for d in deeds if d.points_tenths])
    moved = {d.pk: d.points_tenths for d in deeds if d.points_tenths > 0}
    journals = _post(book, [d for d in deeds if d.pk in moved], moved, accounts, actor=actor, at=at)
    # After the credits of the same list, so that a household loses what it has and nothing it has not.
    taken = _takeable(accounts, [d for d in deeds if d.points_tenths < 0])
    moved |= {pk: -spendable for pk, (spendable, _honour) in taken.items() if spendable}
    journals |= _take(book, [d for d in deeds if d.pk in taken], taken, accounts, actor=actor, at=at)
    _note_journals(deeds, journals, taken, local_date(at))
    sums.add_postings(village_id, local_date(at), [(d.rule.category, moved.get(d.pk, 0)) for d in deeds])
    sums.add_years(village_id, deeds)
    workflow.advance_many(DEED, [d.pk for d in deeds], "post", actor=actor, at=at, per_row_refusals=False)
    audit.record(
        actor=actor, action="governance_points.post_deeds", subject=f"regions.region:{village_id}", at=at,
        region_id=village_id, count=len(deeds),
    )  # fmt: skip
    events.publish_many(
        DeedPosted(
            deed_id=d.pk,
            household_id=d.household_id,
            village_id=d.village_id,
            rule_code=d.rule_code,
            points_tenths=moved[d.pk],
            journal_id=journals[d.pk],
        )
        for d in deeds
        if d.pk in moved
    )
    return len(deeds)


def _post(
    book: int,
    deeds: Sequence[Deed],
    tenths: Mapping[int, int],
    accounts: Accounts,
    *,
    actor: Actor,
    at: datetime,
) -> dict[int, int]:
    """Credit both balances of each household; journal ids by deed."""
    items = [
        ledger.BatchItem(
            request_key=uuid5(POSTING, str(deed.pk)),
            legs=(
                ledger.Leg(accounts.points_issuance, POINTS, -tenths[deed.pk]),
                ledger.Leg(accounts.of(deed.household_id).spendable, POINTS, tenths[deed.pk]),
                ledger.Leg(accounts.honour_issuance, HONOUR, -tenths[deed.pk]),
                ledger.Leg(accounts.of(deed.household_id).honour, HONOUR, tenths[deed.pk]),
            ),
            effective_date=deed.done_on,
            source=deed.reference,
            expires_on=expires_on(deed, local_date(at)),
        )
        for deed in deeds
    ]
    ids = ledger.post_batch(book=book, items=items, actor_key=actor.person_key, at=at)
    return dict(zip((d.pk for d in deeds), ids, strict=True))


def _takeable(accounts: Accounts, deductions: Sequence[Deed]) -> dict[int, tuple[int, int]]:
    """How much each deduction takes of spendable points and of honour: never more than there is (ADR 5)."""
    if not deductions:
        return {}
    own = [accounts.of(d.household_id) for d in deductions]
    left = ledger.lock_available(
        book=accounts.book, accounts=[a for o in own for a in (o.spendable, o.honour)]
    )
    taken: dict[int, tuple[int, int]] = {}
    for deed in deductions:
        found = accounts.of(deed.household_id)
        amounts = []
        for account in (found.spendable, found.honour):
            amount = min(-deed.points_tenths, max(0, left.get(account, 0)))
            left[account] = left.get(account, 0) - amount
            amounts.append(amount)
        taken[deed.pk] = (amounts[0], amounts[1])
    return taken


def _take(
    book: int,
    deeds: Sequence[Deed],
    taken: Mapping[int, tuple[int, int]],
    accounts: Accounts,
    *,
    actor: Actor,
    at: datetime,
) -> dict[int, int]:
    """Debit what is taken; a deduction that finds nothing has no journal."""
    items, ids = [], []
    for deed in deeds:
        spendable, honour = taken[deed.pk]
        own = accounts.of(deed.household_id)
        legs = []
        if spendable:
            legs += [
                ledger.Leg(own.spendable, POINTS, -spendable),
                ledger.Leg(accounts.points_issuance, POINTS, spendable),
            ]
        if honour:
            legs += [
                ledger.Leg(own.honour, HONOUR, -honour),
                ledger.Leg(accounts.honour_issuance, HONOUR, honour),
            ]
        if legs:
            ids.append(deed.pk)
            items.append(
                ledger.BatchItem(uuid5(POSTING, str(deed.pk)), tuple(legs), deed.done_on, deed.reference)
            )
    return dict(
        zip(ids, ledger.post_batch(book=book, items=items, actor_key=actor.person_key, at=at), strict=True)
    )


def _note_journals(
    deeds: Sequence[Deed], journals: Mapping[int, int], taken: Mapping[int, tuple[int, int]], day: date
) -> None:
    """Each deed knows its journal and day; each deduction, how much it really took."""
    steps = [
        json.dumps(
            [{"step": "taken", "tenths": taken[d.pk][0], "honour": taken[d.pk][1]}] if d.pk in taken else []
        )
        for d in deeds
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_points_deed d SET journal_id = s.journal_id, posted_on = %s, steps = d.steps || s.steps"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::jsonb[]) AS s(id, journal_id, steps) WHERE d.id = s.id",
            [day, [d.pk for d in deeds], [journals.get(d.pk) for d in deeds], steps],
        )
