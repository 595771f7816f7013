"""Lists as their readers see them: masked by construction, gone for neighbours when they have ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.foundation.paging import Page, encode_cursor, id_cursor, page_of
from xinzhi.kernel.notices.errors import PurposeNeeded
from xinzhi.kernel.notices.models import LineState, Objection, Publication, PublicationLine, PublicationState
from xinzhi.kernel.notices.numbers import scrub
from xinzhi.kernel.notices.ports import handler_of
from xinzhi.kernel.notices.queries.audience import PURPOSES, Audience, audience_of
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents.models import Household

MOST_LINES = 5000


@dataclass(frozen=True, slots=True)
class PublicationRow:
    """What everybody may know about a list: never a line of it."""

    id: int
    kind: str
    village_id: int
    village_name: str
    title: str
    number: str
    days: int
    starts_at: datetime
    ends_at: datetime
    last_day: date
    state: str
    state_label: str
    is_on_display: bool
    line_count: int


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line for one reader. `household_no` and `name` are masked unless he may read them in full."""

    id: int
    position: int
    household_no: str
    name: str
    label: str
    points_tenths: int | None
    happened_on: date | None
    state: str
    remark: str
    is_own: bool
    may_object: bool
    own_objection_id: int | None = None


@dataclass(frozen=True, slots=True)
class PublicationView:
    """A list for one reader. `hidden_deductions` counts lines that are nobody else's business."""

    head: PublicationRow
    audience: str
    lines: Sequence[LineRow]
    next_cursor: str | None
    has_ended: bool
    needs_purpose: bool
    hidden_deductions: int


def title_of(publication: Publication) -> str:
    """The title, or the name of the kind in the reader's language."""
    handler = handler_of(publication.kind)
    return scrub(publication.title) or (str(handler.label) if handler else publication.kind)


def head_of(publication: Publication, at: datetime) -> PublicationRow:
    return PublicationRow(
        id=publication.pk,
        kind=publication.kind,
        village_id=publication.village_id,
        village_name=publication.village.name,
        title=title_of(publication),
        number=publication.number,
        days=publication.days,
        starts_at=publication.starts_at,
        ends_at=publication.ends_at,
        last_day=local_date(publication.ends_at) - timedelta(days=1),
        state=publication.state,
        state_label=str(PublicationState(publication.state).label),
        is_on_display=publication.state == PublicationState.OPEN
        and publication.starts_at <= at < publication.ends_at,
        line_count=publication.line_count,
    )


def open_publications(*, actor: Actor, village_id: int, at: datetime, limit: int = 20) -> list[Publication]:
    """Lists on display in a village now, newest first. Their heads are public; `view_publication` judges the lines."""
    del actor  # heads are for everybody
    on_display = Publication.objects.filter(
        village_id=village_id, state=PublicationState.OPEN, starts_at__lte=at, ends_at__gt=at
    )
    return list(on_display.select_related("village").order_by("-id")[:limit])


def publications(
    *, actor: Actor, village_id: int, at: datetime, cursor: str | None = None, limit: int = 50
) -> Page[PublicationRow]:
    """Heads of all lists of a village, newest first."""
    del actor
    found = Publication.objects.filter(village_id=village_id).select_related("village").order_by("-id")
    after = id_cursor(cursor)
    if after is not None:
        found = found.filter(pk__lt=after)
    limit = max(1, min(limit, 200))
    return page_of([head_of(p, at) for p in found[: limit + 1]], limit)


def publication(publication_id: int) -> Publication:
    """The list. Raises NotFound."""
    found = Publication.objects.select_related("village").filter(pk=publication_id).first()
    if found is None:
        raise NotFound()
    return found


def view_publication(
    *,
    actor: Actor,
    publication_id: int,
    at: datetime,
    purpose: str = "",
    cursor: str | None = None,
    limit: int = 200,
    only_line: int | None = None,
) -> PublicationView:
    """A list as this reader may see it, in a constant number of queries.

    Offices read it in full and townships with a purpose; both are audited, the latter household by household.
    Raises NotFound, PurposeNeeded (a purpose that is none).
    """
    found = publication(publication_id)
    reader = audience_of(actor, found)
    if purpose and purpose not in PURPOSES:
        raise PurposeNeeded(field="purpose")
    needs_purpose = reader.kind == "township" and not purpose
    in_full = reader.kind in ("office", "township")
    allowed = _allowed(found, reader, at, needs_purpose=needs_purpose)
    if only_line is not None:
        allowed = allowed.filter(pk=only_line)
    after = id_cursor(cursor)
    limit = max(1, min(limit, MOST_LINES))
    rows = list(allowed.filter(position__gt=after or 0).order_by("position")[: limit + 1])
    lines = _line_rows(rows[:limit], reader, at, in_full=in_full)
    if in_full and lines:
        _audit_reading(actor, found, reader, rows[:limit], purpose, at)
    return PublicationView(
        head=head_of(found, at),
        audience=reader.kind,
        lines=lines,
        next_cursor=encode_cursor(rows[limit - 1].position) if len(rows) > limit else None,
        has_ended=found.state != PublicationState.OPEN or found.ends_at <= at,
        needs_purpose=needs_purpose,
        hidden_deductions=_hidden_deductions(found, reader) if reader.kind == "villager" else 0,
    )


def _audit_reading(
    actor: Actor,
    found: Publication,
    reader: Audience,
    rows: Sequence[PublicationLine],
    purpose: str,
    at: datetime,
) -> None:
    """One row for the page; a township's look at single households is one for each, which the household sees."""
    subject = f"notices.publication:{found.pk}"
    read = [
        audit.Entry(
            actor=actor,
            action="notices.read_list",
            subject=subject,
            at=at,
            region_id=found.village_id,
            purpose=purpose,
            fields=("name", "points"),
            count=len(rows),
        )
    ]
    if reader.kind == "township":
        read += [
            audit.Entry(
                actor=actor,
                action="audit.view",
                subject=f"household:{household_id}",
                at=at,
                region_id=found.village_id,
                household_id=household_id,
                purpose=purpose,
                fields=("name", "points"),
                page="notices.publication",
            )
            for household_id in sorted({r.household_id for r in rows if r.household_id is not None})
        ]
    audit.record_many(read)


def board_lines(*, actor: Actor, publication_id: int, at: datetime) -> tuple[PublicationRow, list[LineRow]]:
    """The paper for the notice board: masked whoever prints it, without deductions. Raises NotFound.

    For offices while the list is on display; others get the page of `view_publication`.
    """
    found = publication(publication_id)
    reader = audience_of(actor, found)
    if reader.kind not in ("office", "township"):
        raise NotFound()
    if found.state != PublicationState.OPEN or found.ends_at <= at:
        return head_of(found, at), []
    rows = list(_for_neighbours(found, at).order_by("position")[:MOST_LINES])
    return head_of(found, at), _line_rows(rows, Audience("villager"), at, in_full=False)


def _for_neighbours(found: Publication, at: datetime) -> QuerySet[PublicationLine]:
    """Inside the window only, and never a deduction."""
    on_display = Q(state=LineState.LISTED, ends_at__gt=at) | Q(state=LineState.OBJECTED)
    return found.lines.filter(on_display).exclude(points_tenths__lt=0)


def _allowed(
    found: Publication, reader: Audience, at: datetime, *, needs_purpose: bool
) -> QuerySet[PublicationLine]:
    own = Q(household_id__in=reader.own)
    if reader.kind == "office" or (reader.kind == "township" and not needs_purpose):
        return found.lines.all()
    if reader.kind == "public" or found.state == PublicationState.WITHDRAWN:
        return found.lines.none()
    if reader.kind == "township":
        return found.lines.filter(own) if reader.own else found.lines.none()
    return found.lines.filter(own | Q(pk__in=_for_neighbours(found, at).values("pk")))


def _hidden_deductions(found: Publication, reader: Audience) -> int:
    return found.lines.filter(points_tenths__lt=0).exclude(household_id__in=reader.own).count()


def short_number(household_no: str) -> str:
    """The village's own household number; of a long one (a register number) only the end."""
    safe = scrub(household_no)
    return safe if len(safe) <= 8 else f"*{household_no[-4:]}"


def line_rows(rows: Sequence[PublicationLine], *, actor: Actor, at: datetime) -> list[LineRow]:
    """Lines of one list for an office that answers an objection; the caller has judged the actor."""
    reader = audience_of(actor, rows[0].publication)
    return _line_rows(rows, reader, at, in_full=reader.kind == "office")


def _line_rows(
    rows: Sequence[PublicationLine], reader: Audience, at: datetime, *, in_full: bool
) -> list[LineRow]:
    ids = {row.household_id for row in rows if row.household_id is not None}
    numbers = dict(Household.objects.filter(pk__in=ids).values_list("pk", "household_no")) if ids else {}
    whole_ids = ids if in_full else ids & reader.own
    names = _names(ids - whole_ids, masked=True) | _names(whole_ids, masked=False)
    objected: dict[int, int] = {}
    if reader.own:
        mine = Objection.objects.filter(
            line_id__in=[r.pk for r in rows], objector_household_id__in=reader.own
        )
        objected = dict(mine.values_list("line_id", "pk"))
    return [
        LineRow(
            id=row.pk,
            position=row.position,
            household_no=short_number(numbers.get(row.household_id, "")) if row.household_id else "",
            name=names.get(row.household_id, "") if row.household_id else "",
            label=scrub(row.label),
            points_tenths=row.points_tenths,
            happened_on=row.happened_on,
            state=row.state,
            remark=_remark(row),
            is_own=row.household_id in reader.own,
            may_object=(reader.may_file or reader.may_enter)
            and (row.state == LineState.OBJECTED or (row.state == LineState.LISTED and row.ends_at > at)),
            own_objection_id=objected.get(row.pk),
        )
        for row in rows
    ]


def _names(household_ids: Collection[int], *, masked: bool) -> dict[int, str]:
    if not household_ids:
        return {}
    return {pk: scrub(name) for pk, name in residents.head_names(household_ids, masked=masked).items()}


def _remark(row: PublicationLine) -> str:
    """The annotation beside a line (异议标注)."""
    if row.state == LineState.OBJECTED:
        return _t("objection being examined")
    if row.state == LineState.LISTED and row.was_objected:
        return _t("objection examined, line stands")
    if row.state == LineState.REMOVED:
        return _t("removed")
    return ""
