"""An objection as its own household reads it: where it stands, until when who answers, what it may still do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from xinzhi.kernel.evidence import queries as evidence
from xinzhi.kernel.evidence.models import Evidence
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.foundation.paging import Page, id_cursor, page_of
from xinzhi.kernel.notices.guards import appeal_until
from xinzhi.kernel.notices.lifecycle import ENTER, FILE, GROUNDS, OBJECTION
from xinzhi.kernel.notices.models import Objection
from xinzhi.kernel.notices.numbers import scrub
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.workflow import queries as workflow
from xinzhi.kernel.workflow.deadlines import last_day
from xinzhi.kernel.workflow.queries import TimelineEntry

#: Evidence of an objection belongs to "notices.objection:<id>".
SUBJECT_PREFIX = "notices.objection:"
#: Steps whose words the household reads: its own, and the answers to it.
SPOKEN = (
    "filed",
    "filed_on_paper",
    "dismiss",
    "uphold",
    "appeal",
    "appeal_on_paper",
    "dismiss_appeal",
    "uphold_appeal",
)


@dataclass(frozen=True, slots=True)
class ObjectionRow:
    """One objection in the list of a household. Days are the last whole days, Shanghai time."""

    id: int
    label: str
    points_tenths: int | None
    publication_id: int
    number: str
    grounds: str
    state: str
    state_label: str
    filed_at: datetime
    answer_by: date | None
    appeal_by: date | None


@dataclass(frozen=True, slots=True)
class ObjectionView:
    row: ObjectionRow
    happened_on: date | None
    is_own: bool
    may_take_back: bool
    may_appeal: bool
    on_paper: bool
    timeline: Sequence[TimelineEntry]
    words: Sequence[tuple[str, str]]
    evidence: Sequence[Evidence]


def _readable(actor: Actor) -> QuerySet[Objection]:
    """Those of the actor's households, and those of the villages where he enters what comes on paper."""
    wanted = Q(objector_household_id__in=actor.own_households(FILE))
    if paths := actor.scope_paths(ENTER):
        wanted |= Q(village_id__in=regions.village_ids_within(paths))
    return Objection.objects.filter(wanted).select_related("line", "line__publication")


def objections(
    *, actor: Actor, at: datetime, cursor: str | None = None, limit: int = 20
) -> Page[ObjectionRow]:
    """What the actor's own households objected to, newest first."""
    found = (
        Objection.objects.filter(objector_household_id__in=actor.own_households(FILE))
        .select_related("line", "line__publication")
        .order_by("-id")
    )
    after = id_cursor(cursor)
    if after is not None:
        found = found.filter(pk__lt=after)
    limit = max(1, min(limit, 100))
    return page_of(_rows(list(found[: limit + 1]), at), limit)


def view_objection(*, actor: Actor, objection_id: int, at: datetime) -> ObjectionView:
    """The whole story of one objection, for its household and for the clerk. Raises NotFound."""
    objection = _readable(actor).filter(pk=objection_id).first()
    if objection is None:
        raise NotFound()
    is_own = objection.objector_household_id in actor.own_households(FILE)
    [row] = _rows([objection], at)
    return ObjectionView(
        row=row,
        happened_on=objection.line.happened_on,
        is_own=is_own,
        may_take_back=is_own and objection.state in ("filed", "at_township"),
        may_appeal=row.appeal_by is not None,
        on_paper=not is_own,
        timeline=workflow.timeline(objection, actor=actor),
        words=workflow.notes_of(OBJECTION, [objection.pk], actions=SPOKEN).get(objection.pk, ()),
        evidence=evidence.of_subject(f"{SUBJECT_PREFIX}{objection.pk}", actor),
    )


def _rows(found: Sequence[Objection], at: datetime) -> list[ObjectionRow]:
    due = workflow.due_of(OBJECTION, [o.pk for o in found])
    labels = {r.code: str(r.label) for r in GROUNDS}
    rows = []
    for objection in found:
        until = appeal_until(objection) if objection.state == "dismissed" else None
        answer = due.get(objection.pk)
        rows.append(
            ObjectionRow(
                id=objection.pk,
                label=scrub(objection.line.label),
                points_tenths=objection.line.points_tenths,
                publication_id=objection.line.publication_id,
                number=objection.line.publication.number,
                grounds=labels.get(objection.grounds_code, objection.grounds_code),
                state=objection.state,
                state_label=OBJECTION.label_of(objection.state),
                filed_at=objection.filed_at,
                answer_by=last_day(answer) if answer else None,
                appeal_by=last_day(until) if until and at < until else None,
            )
        )
    return rows
