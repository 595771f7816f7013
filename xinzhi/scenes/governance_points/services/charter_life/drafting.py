"""Begin a draft and change it while nobody votes about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.charter import PUBLICATION_DAYS_RANGE
from xinzhi.scenes.governance_points.charter_lifecycle import CHARTER_DRAFT, MANAGE
from xinzhi.scenes.governance_points.life_models import CharterDraft
from xinzhi.scenes.governance_points.queries.charter_drafts import COLUMN_KEYS, open_draft
from xinzhi.scenes.governance_points.services.charter import (
    CharterTooFarAhead,
    PublicationDaysOutOfRange,
    village_for,
)
from xinzhi.scenes.governance_points.services.charter_life import refusals
from xinzhi.scenes.governance_points.services.charter_life.common import being_written, locked

MOST_ROWS, MOST_CHARACTERS = 300, 500
MOST_BUDGET_TENTHS = 1_000_000_000
Cells = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a charter says beside its rules. `budget_tenths` are points of a year; None where there is no budget."""

    wanted_from: date
    publication_days: int = 7
    council_deliberates: bool = True
    budget_tenths: int | None = None


@transaction.atomic
def start_draft(
    *, actor: Actor, request_key: UUID, village_id: int, cells: Cells, settings: Settings, at: datetime
) -> CharterDraft:
    """Begin the draft of a new charter, from rows as typed or as a sheet has them. The same key again returns the first.

    Raises DraftOpenAlready, what `save_draft` raises about cells and settings, and what `village_for` raises.
    """
    village = village_for(actor=actor, village_id=village_id, permission=MANAGE)
    Region.objects.select_for_update(no_key=True).get(pk=village.pk)  # one number after the other
    if earlier := CharterDraft.objects.filter(request_key=request_key).first():
        if earlier.village_id != village.pk:  # somebody else's key
            raise NotFound()
        return earlier
    if present := open_draft(village.pk):
        raise refusals.DraftOpenAlready(number=present.number)
    year = local_date(at).year
    last = CharterDraft.objects.filter(village=village, year=year).aggregate(last=Max("sequence"))["last"]
    draft = CharterDraft(village=village, year=year, sequence=(last or 0) + 1, request_key=request_key)
    _write(draft, cells, settings, at)
    workflow.start(
        draft, lifecycle=CHARTER_DRAFT, action="started", actor=actor, at=at, request_key=request_key
    )
    return draft


@transaction.atomic
def save_draft(
    *, actor: Actor, draft_id: int, revision: int, cells: Cells, settings: Settings, at: datetime
) -> CharterDraft:
    """Keep what was typed, also what can not be read as a rule yet. The same content again changes nothing.

    Raises DraftIsOut, DraftChangedMeanwhile (by `revision`), DraftTooLarge, PublicationDaysOutOfRange, StartsInThePast,
    CharterTooFarAhead, BudgetOutOfRange, NotFound.
    """
    draft = locked(actor, draft_id)
    being_written(draft)
    before = _content(draft)
    _write(draft, cells, settings, at)
    if _content(draft) == before:  # also a double click, whose revision is behind by then
        return draft
    being_written(draft, revision)
    draft.revision += 1
    draft.save()
    audit.record(
        actor=actor, action="governance_points.save_charter_draft", subject=draft.reference, at=at, region_id=draft.village_id,
        count=draft.revision,
    )  # fmt: skip
    return draft


def _content(draft: CharterDraft) -> tuple[object, ...]:
    return (
        draft.cells,
        draft.publication_days,
        draft.council_deliberates,
        draft.wanted_from,
        draft.budget_tenths,
    )


def _write(draft: CharterDraft, cells: Cells, settings: Settings, at: datetime) -> None:
    draft.cells = clean_cells(cells)
    least, most = PUBLICATION_DAYS_RANGE
    if not least <= settings.publication_days <= most:
        raise PublicationDaysOutOfRange(
            field="publication_days", least=least, most=most, found=settings.publication_days
        )
    today = local_date(at)
    if settings.wanted_from < today:
        raise refusals.StartsInThePast(field="wanted_from", today=today, found=settings.wanted_from)
    if settings.wanted_from > today + timedelta(days=366):
        raise CharterTooFarAhead(field="wanted_from", found=settings.wanted_from)
    budget = settings.budget_tenths
    if budget is not None and not 0 < budget <= MOST_BUDGET_TENTHS:
        raise refusals.BudgetOutOfRange(field="budget", found=budget // 10)
    draft.publication_days = settings.publication_days
    draft.council_deliberates = settings.council_deliberates
    draft.wanted_from = settings.wanted_from
    draft.budget_tenths = budget


def clean_cells(cells: Cells) -> list[dict[str, str]]:
    """The known columns of each row, without zero bytes and blank edges; empty rows are left out. Raises DraftTooLarge."""
    rows = [
        {key: str(row.get(key) or "").replace("\x00", "").strip() for key in COLUMN_KEYS} for row in cells
    ]
    kept = [row for row in rows if any(row.values())]
    if len(kept) > MOST_ROWS or any(len(v) > MOST_CHARACTERS for row in kept for v in row.values()):
        raise refusals.DraftTooLarge(field="cells", most=MOST_ROWS, characters=MOST_CHARACTERS)
    return kept
