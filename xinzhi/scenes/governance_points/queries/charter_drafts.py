"""Reads of charter drafts: the office's, the public's, and what the linter says about one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Sum

from xinzhi.kernel.evidence import queries as evidence
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.identity import scope
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.rules.legal_profile import Standard, standards_for
from xinzhi.kernel.sheets import Row, RowProblem, Table
from xinzhi.kernel.workflow import queries as workflow
from xinzhi.scenes.governance_points import charter_sheet
from xinzhi.scenes.governance_points.charter import CharterRule
from xinzhi.scenes.governance_points.charter_lifecycle import (
    CHARTER_DRAFT,
    CORRECTION_REASONS,
    PUBLIC_STATES,
    VIEW_DRAFTS,
    WAY,
)
from xinzhi.scenes.governance_points.life_models import CharterDraft, CharterVote
from xinzhi.scenes.governance_points.linting import Budget, Finding, lint
from xinzhi.scenes.governance_points.models import PointsDay

COLUMN_KEYS = tuple(c.key for c in charter_sheet.COLUMNS)
CLOCKS = (
    "charter.filing",
    "charter.correction",
    "charter.publication_least",
    "charter.publication_most",
    "village_meeting.notice",
)
QUORUMS = {"households": "village_meeting.quorum_households", "adults": "village_meeting.quorum_adults"}
MAJORITY = "village_meeting.majority"
#: A year back for what a year's points may come to.
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One row of a draft as typed, with what is wrong in its cells and what the linter says about its rule."""

    number: int
    cells: Mapping[str, str]
    problems: Sequence[RowProblem] = ()
    findings: Sequence[Finding] = ()

    @property
    def is_wrong(self) -> bool:
        return bool(self.problems) or any(f.is_error for f in self.findings)

    @property
    def values(self) -> list[str]:
        return [self.cells.get(key, "") for key in COLUMN_KEYS]


@dataclass(frozen=True, slots=True)
class LookedOver:
    """A draft as read: its rules, the cells that can not be read, the linter's findings."""

    rules: tuple[CharterRule, ...]
    problems: tuple[RowProblem, ...]
    findings: tuple[Finding, ...]
    acknowledged: frozenset[str]
    rows: tuple[DraftRow, ...]

    @property
    def errors(self) -> list[Finding]:
        return [f for f in self.findings if f.is_error]

    @property
    def warnings(self) -> list[Finding]:
        return [f for f in self.findings if not f.is_error]

    @property
    def open_warnings(self) -> list[Finding]:
        return [f for f in self.warnings if f.key not in self.acknowledged]

    @property
    def of_the_whole(self) -> list[Finding]:
        return [f for f in self.findings if not f.rule_code]

    @property
    def is_ready(self) -> bool:
        return bool(self.rules) and not (self.problems or self.errors or self.open_warnings)

    @property
    def digest(self) -> str:
        content = [[r.code, r.category, r.title, r.to_new_rule().params, r.legal_basis] for r in self.rules]
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def by_category(self) -> dict[str, list[CharterRule]]:
        found: dict[str, list[CharterRule]] = {}
        for rule in self.rules:
            found.setdefault(rule.category, []).append(rule)
        return found


def look_over(draft: CharterDraft, at: datetime) -> LookedOver:
    """Read the cells as rules and let the linter look at them: three queries."""
    filled = [(n, row) for n, row in enumerate(draft.cells, start=1) if any(v.strip() for v in row.values())]
    table = Table(header=list(COLUMN_KEYS), rows=[Row(n, dict(row)) for n, row in filled], warnings=[])
    read = charter_sheet.read_charter(table)
    clocks = clocks_for(draft.village_id, local_date(at))
    findings = lint(
        read.rules,
        publication_days=draft.publication_days,
        least_days=clocks["charter.publication_least"],
        most_days=clocks["charter.publication_most"],
        budget=_budget(draft, at),
    )
    rows = tuple(
        DraftRow(
            number=n,
            cells=row,
            problems=[p for p in read.problems if p.row == n],
            findings=[f for f in findings if f.rule_code and f.rule_code == row.get("code", "").strip()],
        )
        for n, row in enumerate(draft.cells, start=1)
    )
    return LookedOver(read.rules, read.problems, tuple(findings), frozenset(draft.acknowledged), rows)


def _budget(draft: CharterDraft, at: datetime) -> Budget | None:
    """The budget against what the past year gave; a simulation under the new rules can say more."""
    if draft.budget_tenths is None:
        return None
    day = local_date(at)
    given = PointsDay.objects.filter(village_id=draft.village_id, day__gt=day - YEAR, day__lte=day).aggregate(
        s=Sum("given_tenths")
    )["s"]
    return Budget(points_tenths=draft.budget_tenths, expected_tenths=given or 0)


def clocks_for(village_id: int, day: date) -> dict[str, Standard]:
    """Days and quorums that hold for a charter of this village on a day, each with its article."""
    return standards_for((*CLOCKS, *QUORUMS.values(), MAJORITY), village_id, day)


def visible_drafts(actor: Actor) -> QuerySet[CharterDraft]:
    return scope.visible(CharterDraft.objects.all(), actor, VIEW_DRAFTS, household_field=None)


def drafts(*, actor: Actor, village_id: int) -> list[CharterDraft]:
    """The drafts of a village, newest first."""
    return list(visible_drafts(actor).filter(village_id=village_id).order_by("-year", "-sequence")[:24])


def draft_for(*, actor: Actor, draft_id: int) -> CharterDraft:
    """One draft. Raises NotFound."""
    found = visible_drafts(actor).select_related("village").filter(pk=draft_id).first()
    if found is None:
        raise NotFound()
    return found


def open_draft(village_id: int) -> CharterDraft | None:
    """The draft a village works on, if any; for the office's pages, which have asked for the permission."""
    return (
        CharterDraft.objects.filter(village_id=village_id)
        .exclude(state__in=("in_force", "withdrawn"))
        .first()
    )


def public_drafts(village_id: int) -> list[CharterDraft]:
    """What everybody may read of a village's drafts: those put to the vote or further."""
    return list(CharterDraft.objects.filter(village_id=village_id, state__in=PUBLIC_STATES).order_by("-pk"))


def households_on_roll(village_id: int) -> int:
    """Households with a registered abode in the village (户): each sends a representative."""
    return Household.objects.filter(village_id=village_id, kind="hukou", status="active").count()


def roll_of(village_id: int) -> list[tuple[str, str]]:
    """Number and head of each household on the roll, for the paper that is signed: two queries. Reading it is recorded by the page."""
    found = list(
        Household.objects.filter(village_id=village_id, kind="hukou", status="active").order_by(
            "household_no"
        )
    )
    heads = residents.head_names({h.pk for h in found}, masked=False)
    return [(h.household_no, heads.get(h.pk, "")) for h in found]


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft ready for a page."""

    draft: CharterDraft
    looked: LookedOver
    state_label: str
    votes: Sequence[CharterVote]
    clocks: Mapping[str, Standard]
    due_at: datetime | None = None
    scans: Sequence[Any] = ()
    order: tuple[str, Sequence[str]] | None = None
    way: Sequence[tuple[str, str, bool]] = field(default_factory=tuple)

    @property
    def vote(self) -> CharterVote | None:
        """The vote that stands for what the draft says now."""
        last = self.votes[0] if self.votes else None
        return (
            last
            if last is not None and last.passed and self.draft.state not in ("draft", "checked")
            else None
        )

    @property
    def due_on(self) -> date | None:
        """The last day for the next step: terms end at midnight after it."""
        return local_date(self.due_at - timedelta(seconds=1)) if self.due_at else None

    @property
    def public(self) -> bool:
        return self.draft.state in PUBLIC_STATES

    @property
    def on_the_way(self) -> bool:
        return self.draft.state in WAY

    @property
    def may_be_withdrawn(self) -> bool:
        return CHARTER_DRAFT.transition("withdraw", self.draft.state) is not None

    @property
    def file_by(self) -> date | None:
        return self.clocks["charter.filing"].last_day_from(self.vote.held_on) if self.vote else None


def draft_view(*, actor: Actor, draft_id: int, at: datetime) -> DraftView:
    """A draft for the office, in a constant number of queries. Raises NotFound."""
    draft = draft_for(actor=actor, draft_id=draft_id)
    view = _view(draft, at)
    due = workflow.due_of(CHARTER_DRAFT, [draft.pk]).get(draft.pk)
    return DraftView(
        draft, view.looked, view.state_label, view.votes, view.clocks, due, evidence.of_subject(draft.reference, actor),
        _order(draft, with_words=True), view.way,
    )  # fmt: skip


def public_draft(*, draft_id: int, at: datetime) -> DraftView:
    """A draft for everybody: rules, vote, where it stands; no names, no notes of the office. Raises NotFound."""
    draft = (
        CharterDraft.objects.select_related("village").filter(pk=draft_id, state__in=PUBLIC_STATES).first()
    )
    if draft is None:
        raise NotFound()
    view = _view(draft, at)
    return DraftView(
        draft,
        view.looked,
        view.state_label,
        view.votes,
        view.clocks,
        order=_order(draft, with_words=False),
        way=view.way,
    )


def _view(draft: CharterDraft, at: datetime) -> DraftView:
    votes = list(CharterVote.objects.filter(draft=draft).order_by("-round"))
    day = votes[0].held_on if votes else local_date(at)
    reached = WAY.index(draft.state) if draft.state in WAY else -1
    way = [(code, CHARTER_DRAFT.label_of(code), place <= reached) for place, code in enumerate(WAY)]
    return DraftView(
        draft,
        look_over(draft, at),
        CHARTER_DRAFT.label_of(draft.state),
        votes,
        clocks_for(draft.village_id, day),
        way=way,
    )


def _order(draft: CharterDraft, *, with_words: bool) -> tuple[str, Sequence[str]] | None:
    """What the township wants corrected: the reason in words, and for the office what it wrote beside it."""
    if draft.state != "to_correct":
        return None
    reason = next((str(r.label) for r in CORRECTION_REASONS if r.code == draft.correction_reason), "")
    if not with_words:
        return reason, ()
    notes = workflow.notes_of(CHARTER_DRAFT, [draft.pk], actions=("order_correction",)).get(draft.pk, ())
    return reason, [text for _word, text in notes][-1:]
