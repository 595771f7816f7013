"""Cards of a whole village on A4 paper, eight to a sheet. A card that is valid is printed again, never replaced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.apps import apps
from django.db import transaction
from django.db.models import Exists, OuterRef

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.paging import Page, id_cursor, page_of
from xinzhi.kernel.identity.cards import CardNotValid, token_of
from xinzhi.kernel.identity.models import HouseholdCard
from xinzhi.kernel.identity.permissions import ISSUE_CARDS
from xinzhi.kernel.regions import queries as regions

PER_SHEET = 8
SHEETS = 5
#: More than any village of the country has; a bound for one transaction.
MOST_HOUSEHOLDS = 20_000


@dataclass(frozen=True, slots=True)
class PrintedCard:
    """`id` is the household's, which orders the sheets."""

    id: int
    household_no: str
    head_masked: str
    issued_on: date
    token: str


def _may(actor: Actor, village_id: int) -> None:
    if not any(regions.path_of(village_id).startswith(path) for path in actor.scope_paths(ISSUE_CARDS)):
        raise CardNotValid()


def missing(actor: Actor, village_id: int) -> int:
    """How many households of the village have no valid card. Raises CardNotValid."""
    _may(actor, village_id)
    return len(_without_card(village_id))


def _without_card(village_id: int) -> list[int]:
    household = apps.get_model("residents", "Household")._default_manager
    valid = HouseholdCard.objects.filter(household_id=OuterRef("pk"), revoked_at__isnull=True)
    found = household.filter(~Exists(valid), village_id=village_id, status="active").order_by("pk")
    return list(found.values_list("pk", flat=True)[:MOST_HOUSEHOLDS])


@transaction.atomic
def issue_missing(*, actor: Actor, village_id: int, at: datetime) -> int:
    """Issue a card to every household that has none, in a constant number of statements. Returns how many.

    A revoked card comes back under the next version, so that the lost paper stays worthless. Raises CardNotValid.
    """
    _may(actor, village_id)
    ids = _without_card(village_id)
    revoked = {
        c.household_id: c for c in HouseholdCard.objects.select_for_update().filter(household_id__in=ids)
    }
    for card in revoked.values():
        card.version += 1
        card.issued_by, card.issued_at, card.revoked_at = actor.person_key, at, None
    HouseholdCard.objects.bulk_update(
        revoked.values(), ["version", "issued_by", "issued_at", "revoked_at"], batch_size=1000
    )
    fresh = [
        HouseholdCard(household_id=pk, issued_by=actor.person_key, issued_at=at)
        for pk in ids
        if pk not in revoked
    ]
    # Who comes at the same moment issues none twice: the household's card is one row.
    HouseholdCard.objects.bulk_create(fresh, batch_size=1000, ignore_conflicts=True)
    issued = HouseholdCard.objects.filter(household_id__in=ids, revoked_at__isnull=True).order_by("pk")
    audit.record_many(
        audit.Entry(
            actor=actor,
            action="identity.issue_card",
            subject=f"card:{pk}.{version}",
            at=at,
            household_id=household_id,
            region_id=village_id,
        )
        for pk, version, household_id in issued.values_list("pk", "version", "household_id")
    )
    return len(ids)


def sheets(*, actor: Actor, village_id: int, cursor: str | None = None) -> Page[PrintedCard]:
    """Valid cards by household, at most five sheets at a time. Raises CardNotValid."""
    from xinzhi.kernel.residents import queries as residents

    _may(actor, village_id)
    found = HouseholdCard.objects.filter(
        household__village_id=village_id, household__status="active", revoked_at__isnull=True
    ).select_related("household")
    after = id_cursor(cursor)
    if after is not None:
        found = found.filter(household_id__gt=after)
    limit = PER_SHEET * SHEETS
    rows = list(found.order_by("household_id")[: limit + 1])
    heads = residents.head_names([r.household_id for r in rows], masked=True)
    return page_of(
        [
            PrintedCard(
                id=row.household_id,
                household_no=row.household.household_no,
                head_masked=heads.get(row.household_id, ""),
                issued_on=local_date(row.issued_at),
                token=token_of(row),
            )
            for row in rows
        ],
        limit,
    )
