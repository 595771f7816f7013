"""Object to a line, and answer. An objection stops the clock of its own line only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import Forbidden, NotFound
from xinzhi.kernel.notices.errors import (
    AlreadyObjected,
    GroundsUnknown,
    LineNotListed,
    ListHasEnded,
    OnBehalfOfWhom,
    OutcomeUnknown,
)
from xinzhi.kernel.notices.lifecycle import ENTER, FILE, GROUNDS, OBJECTION
from xinzhi.kernel.notices.models import LineState, Objection, PublicationLine
from xinzhi.kernel.notices.ports import handler_of
from xinzhi.kernel.notices.services.messages import send_message
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.workflow import queries as open_work
from xinzhi.kernel.workflow import services as workflow

OUTCOMES = {"upheld": "uphold", "dismissed": "dismiss"}
APPEAL_OUTCOMES = {"upheld": "uphold_appeal", "dismissed": "dismiss_appeal"}
UPHELD = ("uphold", "uphold_appeal")
TOWNSHIP_STATES = ("at_township", "upheld_by_township", "dismissed_by_township")
CHUNK = 200


def _locked_line(line_id: int) -> PublicationLine:
    line = (
        PublicationLine.objects.select_for_update(of=("self",), no_key=True)
        .select_related("publication", "publication__village")
        .filter(pk=line_id)
        .first()
    )
    if line is None:
        raise NotFound()
    return line


def objecting_household(
    *, actor: Actor, village_id: int, scope_path: str, on_behalf_of: int | None
) -> tuple[int, str]:
    """Which household objects, and the opening action. Raises NotFound, Forbidden, OnBehalfOfWhom."""
    if on_behalf_of is not None and on_behalf_of not in actor.own_households(FILE):
        if not actor.may(ENTER, scope_path=scope_path):
            raise Forbidden()
        if not Household.objects.filter(pk=on_behalf_of, village_id=village_id).exists():
            raise OnBehalfOfWhom(field="household")
        return on_behalf_of, "filed_on_paper"
    mine = [on_behalf_of] if on_behalf_of is not None else list(actor.own_households(FILE))
    here = (
        Household.objects.filter(pk__in=mine, village_id=village_id)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    found = list(here)
    if found:
        return found[0], "filed"
    if actor.may(ENTER, scope_path=scope_path):
        raise OnBehalfOfWhom(field="household")
    raise NotFound()


@transaction.atomic
def object_to_line(
    *,
    actor: Actor,
    line_id: int,
    grounds_code: str,
    note: str = "",
    request_key: UUID,
    at: datetime,
    on_behalf_of_household_id: int | None = None,
    evidence_ids: Sequence[UUID] = (),
) -> Objection:
    """Object to one published line (异议), as a household of the village, or as a clerk for one that did so on paper.

    The line's clock stops until everybody's objection to it is decided. The same request key again returns the first
    objection. Raises GroundsUnknown, ListHasEnded, LineNotListed, AlreadyObjected, OnBehalfOfWhom, NotFound,
    and what `evidence.attach` raises.
    """
    line = _locked_line(line_id)
    publication = line.publication
    household_id, opening = objecting_household(
        actor=actor,
        village_id=publication.village_id,
        scope_path=publication.village.scope_path,
        on_behalf_of=on_behalf_of_household_id,
    )
    if earlier := Objection.objects.filter(
        request_key=request_key, line=line, objector_household_id=household_id
    ).first():
        return earlier
    if opening == "filed" and line.is_deduction and line.household_id not in actor.household_ids:
        raise NotFound()  # neighbours do not see deductions
    if grounds_code not in {r.code for r in GROUNDS}:
        raise GroundsUnknown(field="grounds_code", found=grounds_code[:40])
    if earlier := Objection.objects.filter(line=line, objector_household_id=household_id).first():
        raise AlreadyObjected(day=local_date(earlier.filed_at))
    if line.state not in (LineState.LISTED, LineState.OBJECTED):
        raise LineNotListed(state=LineState(line.state).label)
    if line.state == LineState.LISTED and line.ends_at <= at:
        raise ListHasEnded(day=local_date(line.ends_at))

    objection = Objection(
        line=line,
        village_id=publication.village_id,
        household_id=line.household_id,
        objector_household_id=household_id,
        grounds_code=grounds_code,
        channel="paper" if opening == "filed_on_paper" else actor.channel,
        filed_at=at,
        request_key=request_key,
    )
    workflow.start(
        objection,
        lifecycle=OBJECTION,
        actor=actor,
        at=at,
        action=opening,
        note=note,
        request_key=request_key,
        concerns=(household_id,),
    )
    if evidence_ids:
        evidence.attach(ids=evidence_ids, subject=str(objection), actor=actor, at=at)
    if line.state == LineState.LISTED:
        line.state, line.stopped_at, line.was_objected = LineState.OBJECTED, at, True
        line.save(update_fields=["state", "stopped_at", "was_objected"])
        if handler := handler_of(publication.kind):
            handler.line_objected(line=line, objection=objection, actor=actor, at=at)
        _tell(line.household_id, "notices.objection_filed", objection, line, at)
    return objection


def _tell(
    household_id: int | None, template: str, objection: Objection, line: PublicationLine, at: datetime
) -> None:
    """A message to every member of a household: which list, nothing about persons."""
    if household_id is None:
        return
    publication = line.publication
    is_objector = household_id == objection.objector_household_id
    send_message(
        person_ids=[m.person_id for m in residents.members(household_id)],
        template=template,
        params={"number": f"{publication.year}-{publication.month:02d}/{publication.sequence}"},
        household_id=household_id,
        subject=str(objection) if is_objector else f"notices.publication:{publication.pk}",
        source_key=f"{template}:{objection.pk}:{objection.state}",
        at=at,
    )


@transaction.atomic
def decide_objection(
    *,
    actor: Actor,
    objection_id: int,
    outcome: str,
    reason_code: str,
    note: str = "",
    request_key: UUID | None = None,
    at: datetime,
) -> Objection:
    """Answer an objection: `upheld` removes the line and tells the scene, `dismissed` lets its clock go on.

    The township answers what came to it; a line that has taken effect since is then taken back by its scene.
    Not by the objector, by nobody of the household it credits, and by nobody who took part in the case itself.
    Raises OutcomeUnknown, WasInvolved and what `workflow.advance` raises.
    """
    at_township = Objection.objects.filter(pk=objection_id, state__in=TOWNSHIP_STATES).exists()
    action = (APPEAL_OUTCOMES if at_township else OUTCOMES).get(outcome)
    if action is None:
        raise OutcomeUnknown(field="outcome", found=outcome[:20])
    return _settle(
        objection_id, action, actor=actor, reason_code=reason_code, note=note, request_key=request_key, at=at
    )


@transaction.atomic
def take_back_objection(
    *, actor: Actor, objection_id: int, request_key: UUID | None = None, at: datetime
) -> Objection:
    """The household takes its objection back; the line's clock goes on. Raises NotTheObjector."""
    return _settle(
        objection_id, "take_back", actor=actor, reason_code="", note="", request_key=request_key, at=at
    )


def _settle(
    objection_id: int,
    action: str,
    *,
    actor: Actor,
    reason_code: str,
    note: str,
    request_key: UUID | None,
    at: datetime,
) -> Objection:
    line_id = Objection.objects.filter(pk=objection_id).values_list("line_id", flat=True).first()
    if line_id is None:
        raise NotFound()
    line = _locked_line(line_id)  # one lock order everywhere: line, then objection, then the scene's rows
    objection = Objection.objects.get(pk=objection_id)
    was_open = objection.decided_at is None
    workflow.advance(
        objection, action, actor=actor, at=at, reason_code=reason_code, note=note, request_key=request_key
    )
    if not was_open:
        return objection  # the same request again
    objection.decided_at = at
    objection.save(update_fields=["decided_at"])
    handler = handler_of(line.publication.kind)
    if action != "take_back":
        told = "notices.objection_upheld" if action in UPHELD else "notices.objection_dismissed"
        for household_id in {line.household_id, objection.objector_household_id}:
            _tell(household_id, told, objection, line, at)
    if action in UPHELD:
        was, removed = line.state, line.state in (LineState.LISTED, LineState.OBJECTED)
        if removed or was == LineState.CONFIRMED:
            line.state, line.stopped_at, line.settled_at = LineState.REMOVED, None, at
            line.save(update_fields=["state", "stopped_at", "settled_at"])
            if handler:
                tell_scene = handler.line_removed if removed else handler.line_revoked
                tell_scene(line=line, objection=objection, actor=actor, at=at)
        return objection
    others_open = line.objections.filter(decided_at__isnull=True).exists()
    if line.state == LineState.OBJECTED and line.stopped_at is not None and not others_open:
        line.ends_at = at + (line.ends_at - line.stopped_at)
        line.state, line.stopped_at = LineState.LISTED, None
        line.save(update_fields=["state", "stopped_at", "ends_at"])
        if handler:
            handler.line_restored(line=line, objection=objection, actor=actor, at=at)
    return objection


@transaction.atomic
def appeal(
    *, actor: Actor, objection_id: int, note: str = "", request_key: UUID | None = None, at: datetime
) -> Objection:
    """The objecting household takes a dismissal to the township; or a clerk enters its appeal on paper.

    A line still on display stops again. The same request key again changes nothing.
    Raises AppealTooLate, NotTheObjector, StateHasMoved, NotFound.
    """
    found = Objection.objects.filter(pk=objection_id).select_related("village").first()
    if found is None:
        raise NotFound()
    line = _locked_line(found.line_id)
    objection = Objection.objects.get(pk=objection_id)
    own = objection.objector_household_id in actor.own_households(FILE)
    on_paper = not own and actor.may(ENTER, scope_path=found.village.scope_path)
    was = objection.state
    workflow.advance(
        objection,
        "appeal_on_paper" if on_paper else "appeal",
        actor=actor,
        at=at,
        note=note,
        request_key=request_key,
    )
    if was == "at_township":  # the same request again
        return objection
    _reopen(objection, line, actor=actor, at=at)
    return objection


def _reopen(objection: Objection, line: PublicationLine, *, actor: Actor, at: datetime) -> None:
    """The case is open again: a line on display waits for the township."""
    objection.decided_at = None
    objection.save(update_fields=["decided_at"])
    _tell(line.household_id, "notices.objection_appealed", objection, line, at)
    if line.state == LineState.LISTED:
        line.state, line.stopped_at = LineState.OBJECTED, at
        line.save(update_fields=["state", "stopped_at"])
        if handler := handler_of(line.publication.kind):
            handler.line_objected(line=line, objection=objection, actor=actor, at=at)


def hand_over_unanswered(at: datetime) -> int:
    """Give every objection the village has not answered in time to the township. Returns how many; safe to run again."""
    handed = 0
    while ids := open_work.due_subjects(OBJECTION, "filed", at, limit=CHUNK):
        handed += len(workflow.advance_many(OBJECTION, ids, "hand_over", actor=SYSTEM, at=at).advanced)
    return handed
