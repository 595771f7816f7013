"""Rounds and their courtyards: progress, order by class, one courtyard's story. Scores show when nobody can be swayed by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from xinzhi.kernel.evidence import queries as evidence
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.foundation.paging import Page, id_cursor, page_of
from xinzhi.kernel.identity import scope
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.workflow import queries as workflow
from xinzhi.kernel.workflow.deadlines import last_day
from xinzhi.scenes.courtyards.lifecycle import TOLD_STATES, YARD
from xinzhi.scenes.courtyards.models import CLASSES, Courtyard, Round, Visit, Yard
from xinzhi.scenes.courtyards.queries.sheets import sheet_of_round
from xinzhi.scenes.courtyards.sheet import GRADE_LABELS, Item, Sheet

VIEW = "courtyards.yard.view"
CLASS_LABELS = dict(CLASSES)


def my_villages(actor: Actor, permission: str = VIEW) -> list[Region]:
    """The villages in which the actor holds the permission by a role."""
    return list(
        Region.objects.filter(pk__in=regions.village_ids_within(actor.scope_paths(permission))).order_by("pk")
    )


def rounds(
    *, actor: Actor, village_id: int | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Round]:
    """Rounds of the actor's villages, newest first. Raises CursorNotUnderstood."""
    rows = Round.objects.select_related("village")
    if village_id is not None:
        rows = rows.filter(village_id=village_id)
    found = scope.newest(
        rows, actor, VIEW, limit=limit + 1, before_id=id_cursor(cursor), household_field=None
    )
    return page_of(found, limit, key="pk")


def round_for(*, actor: Actor, round_id: int, permission: str = VIEW) -> Round:
    """The round, for whoever has an office there. Raises NotFound."""
    found = Round.objects.select_related("village").filter(pk=round_id).first()
    if found is None or not actor.may(permission, scope_path=found.village.scope_path):
        raise NotFound()
    return found


def visible_yards(actor: Actor) -> QuerySet[Yard]:
    return scope.visible(Yard.objects.all(), actor, VIEW)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a round is: courtyards by state, and how often nobody was at home or wished no visit."""

    total: int
    graded: int
    one_score: int
    third: int
    rectifying: int
    unscored: int
    untouched: int
    not_met: int

    @property
    def percent(self) -> int:
        return self.graded * 100 // self.total if self.total else 0


def progress(found: Round) -> Progress:
    """Two queries. The caller has scoped the round."""
    return progress_of([found])[found.pk]


def progress_of(found: Sequence[Round]) -> dict[int, Progress]:
    """As `progress` for many rounds, in two queries too."""
    states: dict[int, dict[str, int]] = {r.pk: {} for r in found}
    for round_id, state, count in (
        Yard.objects.filter(round__in=found).values_list("round_id", "state").annotate(n=Count("pk"))
    ):
        states[round_id][state] = count
    seen = {
        row["yard__round_id"]: row
        for row in Visit.objects.filter(yard__round__in=found, yard__state="open")
        .values("yard__round_id")
        .annotate(
            one=Count("yard_id", distinct=True, filter=Q(turn__gt=0)),
            not_met=Count("yard_id", distinct=True, filter=Q(turn=0)),
        )
    }
    return {pk: _progress(counts, {**seen.get(pk, {})}) for pk, counts in states.items()}


def _progress(states: dict[str, int], seen: Mapping[str, Any]) -> Progress:
    one = seen.get("one", 0)
    return Progress(
        total=sum(states.values()),
        graded=states.get("graded", 0),
        one_score=one,
        third=states.get("third", 0),
        rectifying=states.get("rectifying", 0),
        unscored=states.get("unscored", 0) + states.get("set_aside", 0),
        untouched=states.get("open", 0) - one,
        not_met=seen.get("not_met", 0),
    )


@dataclass(frozen=True, slots=True)
class YardRow:
    """A courtyard of a round as the office sees it. `result_tenths` is None while it must not sway anybody."""

    id: int
    position: int
    household_id: int
    household_no: str
    head_name: str
    yard_class: str
    state: str
    scores: int
    result_tenths: int | None
    grade: str
    rank: int | None = None

    @property
    def class_label(self) -> str:
        return str(CLASS_LABELS[self.yard_class])

    @property
    def state_label(self) -> str:
        return str(YARD.label_of(self.state))

    @property
    def grade_label(self) -> str:
        return str(GRADE_LABELS.get(self.grade, ""))


def yard_rows(found: Round, *, masked: bool = True) -> list[YardRow]:
    """Every courtyard of a round in walking order, with its place among its like. Three queries; the caller has scoped the round."""
    yards = list(
        Yard.objects.filter(round=found)
        .select_related("household")
        .annotate(scores=Count("visits", filter=Q(visits__turn__gt=0)))
        .order_by("position", "pk")
    )
    heads = residents.head_names([y.household_id for y in yards], masked=masked)
    ranks: dict[int, int] = {}
    for code, _label in CLASSES:
        of_class = [y for y in yards if y.yard_class == code and y.state == "graded" and y.grade != "V"]
        totals = sorted((y.result_tenths or 0 for y in of_class), reverse=True)
        ranks |= {y.pk: totals.index(y.result_tenths or 0) + 1 for y in of_class}
    return [
        YardRow(
            id=y.pk, position=y.position, household_id=y.household_id, household_no=y.household.household_no,
            head_name=heads.get(y.household_id, ""), yard_class=y.yard_class, state=y.state, scores=y.scores,
            result_tenths=y.result_tenths if y.state in TOLD_STATES else None, grade=y.grade, rank=ranks.get(y.pk),
        )
        for y in yards
    ]  # fmt: skip


def by_class(rows: Sequence[YardRow]) -> list[tuple[str, list[YardRow]]]:
    """Graded courtyards, best first, class by class: like is compared with like."""
    found = []
    for code, label in CLASSES:
        ranked = sorted(
            (r for r in rows if r.yard_class == code and r.rank is not None),
            key=lambda r: (r.rank, r.position),
        )
        if ranked:
            found.append((str(label), ranked))
    return found


@dataclass(frozen=True, slots=True)
class Missed:
    """What a visit saw missing: the line, and how many of its points were given."""

    item: Item
    points: int

    @property
    def lost(self) -> int:
        return self.item.most - self.points


@dataclass(frozen=True, slots=True)
class Look:
    """One scored visit with what was missing and its photos, without who it was."""

    turn: int
    visited_at: datetime
    total_tenths: int
    consent: str
    missed: tuple[Missed, ...]
    bonus: int
    vetoes: tuple[Item, ...]
    photos: tuple[Any, ...]

    @property
    def is_second(self) -> bool:
        return self.turn == 4


@dataclass(frozen=True, slots=True)
class YardStory:
    """A courtyard in a round. `looks` is empty until the scores may be seen; `before` and `after` are a pair of photos."""

    yard: Yard
    sheet: Sheet
    looks: tuple[Look, ...]
    timeline: Sequence[Any]
    until: datetime | None
    not_met: int

    @property
    def is_told(self) -> bool:
        return self.yard.state in TOLD_STATES

    @property
    def state_label(self) -> str:
        return str(YARD.label_of(self.yard.state))

    @property
    def grade_label(self) -> str:
        return str(GRADE_LABELS.get(self.yard.grade, ""))

    @property
    def class_label(self) -> str:
        return str(CLASS_LABELS[self.yard.yard_class])

    @property
    def last_day(self) -> date | None:
        """The last day on which it can be made good."""
        return last_day(self.until) if self.until else None

    @property
    def pair(self) -> tuple[Any, Any] | None:
        """A photo from before it was made good, and one from after."""
        first = next((x.photos[0] for x in self.looks if not x.is_second and x.photos), None)
        second = next((x.photos[0] for x in self.looks if x.is_second and x.photos), None)
        return (first, second) if first and second else None


def yard_story(*, actor: Actor, yard_id: int) -> YardStory:
    """What was seen, what it came to, photos, until when it can be made good. Raises NotFound. The page records the look."""
    yard = visible_yards(actor).select_related("round", "household", "village").filter(pk=yard_id).first()
    if yard is None:
        raise NotFound()
    sheet = sheet_of_round(yard.round.version_id)
    visits = list(yard.visits.order_by("turn", "pk"))
    looks: list[Look] = []
    if yard.state in TOLD_STATES:
        photos = {e.pk: e for e in evidence.of_subject(yard.reference, actor)}
        looks = [_look(v, sheet, photos) for v in visits if v.turn]
    return YardStory(
        yard=yard, sheet=sheet, looks=tuple(looks), timeline=workflow.timeline(yard, actor=actor),
        until=workflow.due_of(YARD, [yard.pk]).get(yard.pk) if yard.state == "rectifying" else None,
        not_met=sum(1 for v in visits if not v.turn),
    )  # fmt: skip


def _look(visit: Visit, sheet: Sheet, photos: dict[Any, Any]) -> Look:
    lines = [Missed(i, visit.marks[i.code]) for i in sheet.of("item") if i.code in visit.marks]
    return Look(
        turn=visit.turn, visited_at=visit.visited_at, total_tenths=visit.total_tenths or 0, consent=visit.consent,
        missed=tuple(m for m in lines if m.lost > 0), bonus=sum(visit.marks.get(i.code, 0) for i in sheet.of("bonus")),
        vetoes=tuple(i for i in sheet.of("veto") if i.code in visit.vetoes),
        photos=tuple(photos[pk] for pk in visit.photo_ids if pk in photos),
    )  # fmt: skip


def yards_of_household(*, actor: Actor, household_id: int, limit: int = 12) -> list[Yard]:
    """The household's courtyards, newest round first. Raises NotFound for somebody else's."""
    if household_id not in actor.own_households(VIEW):
        raise NotFound()
    return list(
        Yard.objects.filter(household_id=household_id)
        .select_related("round", "household")
        .order_by("-pk")[:limit]
    )


def route(village_id: int) -> list[Courtyard]:
    """The route of a village in walking order. The caller has scoped the village."""
    return list(
        Courtyard.objects.filter(village_id=village_id)
        .select_related("household", "household__group")
        .order_by("position", "pk")
    )


def walkable(*, actor: Actor, permission: str) -> list[dict[str, Any]]:
    """What a phone takes along: rounds that go on, courtyards in order with masked names, and what this rater did himself.

    Constant number of queries. Of what others found, only whether a third look or a second one is asked for.
    """
    ids = [v.pk for v in my_villages(actor, permission)]
    found = list(
        Round.objects.filter(village_id__in=ids)
        .filter(Q(closed_at=None) | Q(yards__state="rectifying"))
        .distinct()
        .select_related("village")
        .order_by("-pk")[:6]
    )
    yards = list(
        Yard.objects.filter(round__in=found)
        .filter(Q(round__closed_at=None) | Q(state="rectifying"))
        .select_related("household__group")
        .order_by("round_id", "position", "pk")
    )
    own: dict[int, Any] = {
        row["yard_id"]: row
        for row in Visit.objects.filter(yard__round__in=found, rater_key=actor.person_key)
        .values("yard_id")
        .annotate(
            total=Max("total_tenths", filter=Q(turn__range=(1, 3))), last=Max("visited_at"),
            again=Max("total_tenths", filter=Q(turn=4)), met=Count("pk", filter=Q(turn__gt=0)),
        )
    }  # fmt: skip
    heads = residents.head_names([y.household_id for y in yards])
    sheets = {v: sheet_of_round(v) for v in {r.version_id for r in found}}
    return [
        {
            "id": r.pk, "village": r.village.name, "year": r.year, "quarter": r.quarter, "last_day": r.last_day.isoformat(),
            "sheet": _sheet_out(sheets[r.version_id]),
            "yards": [
                {
                    "id": y.pk, "position": y.position, "no": y.household.household_no, "name": heads.get(y.household_id, ""),
                    "group": y.household.group.name if y.household.group else "",
                    "yard_class": y.yard_class, "class_label": str(CLASS_LABELS[y.yard_class]), "state": y.state,
                    "own": y.household_id in actor.household_ids,
                    "mine_tenths": own.get(y.pk, {}).get("total"), "again_tenths": own.get(y.pk, {}).get("again"),
                    "not_met": y.pk in own and not own[y.pk]["met"],
                }
                for y in yards
                if y.round_id == r.pk
            ],
        }
        for r in found
    ]  # fmt: skip


def _sheet_out(sheet: Sheet) -> dict[str, Any]:
    return {
        "most": sheet.most,
        "grades": [[code, least, str(GRADE_LABELS[code])] for code, least in sheet.grades],
        "items": [
            {
                "code": i.code, "title": i.title, "hint": i.hint, "most": i.most, "part": i.part, "how": i.how, "each": i.each,
                "possible": list(i.possible), "where": i.where,
            }
            for i in sheet.items
        ],
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Brief:
    """A courtyard in a list: the round, its state, its grade."""

    id: int
    year: int
    quarter: int
    state_label: str
    grade_label: str
    result_tenths: int | None


def brief(yard: Yard) -> Brief:
    return Brief(
        id=yard.pk, year=yard.round.year, quarter=yard.round.quarter, state_label=str(YARD.label_of(yard.state)),
        grade_label=str(GRADE_LABELS.get(yard.grade, "")),
        result_tenths=yard.result_tenths if yard.state in TOLD_STATES else None,
    )  # fmt: skip
