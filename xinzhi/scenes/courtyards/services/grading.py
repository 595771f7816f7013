"""What the visits to a courtyard come to, and who is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction

from xinzhi.kernel.events import services as events
from xinzhi.kernel.events.fact import Code
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date, start_of_day
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.rules.events import DeedObserved, DeedWithdrawn
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.courtyards.lifecycle import KEEP, SET_ASIDE
from xinzhi.scenes.courtyards.models import Visit, Yard
from xinzhi.scenes.courtyards.queries.sheets import sheet_of_round
from xinzhi.scenes.courtyards.sheet import BELOW, VOID, Sheet, agreed_tenths

#: The act a village's charter may name in a rule.
ACT = "courtyards.graded"
RECHECK_TURN = 4
RECTIFY = "courtyards.rectify"
#: Nobody lives there, so nobody did anything (open question of the scene).
WITHOUT_DEED = ("empty",)


def occurrence_of(yard: Yard) -> UUID:
    """The one deed a courtyard's grade in its round is."""
    return uuid5(NAMESPACE_URL, yard.reference)


def settle(yard: Yard, sheet: Sheet, *, raters: int, actor: Actor, at: datetime) -> None:
    """Take the step that the visits so far ask for. The caller holds the lock on the courtyard and the transaction.

    Two by themselves; a third where they lie more than the sheet's spread apart or one of them saw what voids the title; then
    the median, and of vetoes what most saw. Below the lowest grade the household has days to make good, once.
    """
    visits = list(yard.visits.filter(turn__gt=0).order_by("turn"))
    if yard.state == "rectifying":
        again = next((v for v in visits if v.turn == RECHECK_TURN), None)
        if again is not None:
            _finish(
                yard,
                sheet,
                again.total_tenths or 0,
                is_void=bool(again.vetoes),
                last=again,
                actor=actor,
                at=at,
            )
        return
    totals = [v.total_tenths or 0 for v in visits]
    seen = [bool(v.vetoes) for v in visits]
    if len(visits) < raters or (yard.state == "third" and len(visits) < 3):
        return
    if len(visits) == 2 and (abs(totals[0] - totals[1]) > 10 * sheet.spread or seen[0] != seen[1]):
        workflow.advance(yard, "ask_third", actor=actor, at=at)
        return
    is_void = sum(seen) * 2 > len(seen)
    total = agreed_tenths(totals)
    if not is_void and sheet.grade_of(total) == BELOW:
        _give_time(yard, sheet, total, visits[-1], actor, at)
    else:
        _finish(yard, sheet, total, is_void=is_void, last=visits[-1], actor=actor, at=at)


def _give_time(yard: Yard, sheet: Sheet, total: int, last: Visit, actor: Actor, at: datetime) -> None:
    until = local_date(at) + timedelta(days=sheet.rectify_days)
    Yard.objects.filter(pk=yard.pk).update(
        first_tenths=total, result_tenths=total, graded_on=local_date(last.visited_at)
    )
    workflow.advance(yard, "rectify", actor=actor, at=at, due_at=start_of_day(until + timedelta(days=1)))
    notices.send_message(
        person_ids=[m.person_id for m in residents.members(yard.household_id)],
        template=RECTIFY,
        params={"day": local_date(last.visited_at).isoformat(), "until": until.isoformat()},
        household_id=yard.household_id,
        subject=yard.reference,
        source_key=f"{RECTIFY}:{yard.pk}",
        at=at,
    )


def _finish(
    yard: Yard, sheet: Sheet, total: int, *, is_void: bool, last: Visit, actor: Actor, at: datetime
) -> None:
    grade = VOID if is_void else sheet.grade_of(total)
    day = local_date(last.visited_at)
    tells = grade not in (VOID, BELOW) and yard.yard_class not in WITHOUT_DEED
    Yard.objects.filter(pk=yard.pk).update(result_tenths=total, grade=grade, graded_on=day, deed_told=tells)
    workflow.advance(yard, "grade", actor=actor, at=at)
    if tells:
        events.publish(
            DeedObserved(
                occurrence=occurrence_of(yard),
                act_code=Code(ACT),
                subject_code=Code(yard.reference),
                village_id=yard.village_id,
                household_id=yard.household_id,
                done_on=day,
                confirmed_by_code=Code(last.rater_key),
                grade_code=grade,
            )
        )


def _locked(actor: Actor, yard_id: int, permission: str) -> Yard:
    yard = (
        Yard.objects.select_for_update(of=("self",))
        .select_related("village", "round")
        .filter(pk=yard_id)
        .first()
    )
    if yard is None or not actor.may(permission, scope_path=yard.village.scope_path):
        raise NotFound()
    return yard


@transaction.atomic
def let_stand(*, actor: Actor, yard_id: int, at: datetime, request_key: UUID) -> Yard:
    """The time to make good is over and nobody looked again: the first score stands, without a grade.

    The same request key again changes nothing. Raises NotFound, StateHasMoved.
    """
    yard = _locked(actor, yard_id, KEEP)
    was = yard.state
    workflow.advance(yard, "let_stand", actor=actor, at=at, request_key=request_key)
    if was == "rectifying":
        sheet = sheet_of_round(yard.round.version_id)
        Yard.objects.filter(pk=yard.pk).update(grade=sheet.grade_of(yard.result_tenths or 0))
    yard.refresh_from_db()
    return yard


@transaction.atomic
def set_aside(*, actor: Actor, yard_id: int, reason_code: str, at: datetime, request_key: UUID) -> Yard:
    """A grade did not hold: it is set aside, and the deed it became is taken back. The same request key again changes nothing.

    Raises NotFound, StateHasMoved, ReasonNeeded, ReasonUnknown.
    """
    yard = _locked(actor, yard_id, SET_ASIDE)
    told = yard.state == "graded" and yard.deed_told
    workflow.advance(yard, "set_aside", actor=actor, at=at, reason_code=reason_code, request_key=request_key)
    if told:
        Yard.objects.filter(pk=yard.pk).update(deed_told=False)
        events.publish(
            DeedWithdrawn(
                occurrence=occurrence_of(yard),
                act_code=Code(ACT),
                village_id=yard.village_id,
                household_id=yard.household_id,
                reason_code=reason_code,
            )
        )
    yard.refresh_from_db()
    return yard
