"""Verify deeds: the definite points come about here, under the households' locks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from xinzhi.kernel.assembly import registry
from xinzhi.kernel.assembly import services as assembly
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.rules import queries as rules
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.charter import rule_of
from xinzhi.scenes.governance_points.charter_terms import terms_of
from xinzhi.scenes.governance_points.lifecycle import DEED
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries.deeds import visible_deeds
from xinzhi.scenes.governance_points.scoring_many import ToScore, score_many
from xinzhi.scenes.governance_points.services.claims import lock_households


@transaction.atomic
def verify_deed(
    *, actor: Actor, deed_id: int, note: str = "", request_key: UUID | None = None, at: datetime
) -> Deed:
    """Verify one deed (核实). The same request key again changes nothing.

    Raises NotFound, StateHasMoved, FourEyes (he entered it), OwnHousehold (it credits his own), Forbidden.
    """
    moved = verify_deeds(actor=actor, deed_ids=[deed_id], note=note, request_key=request_key, at=at)
    for refusal in moved.refused.values():
        raise refusal
    return Deed.objects.get(pk=deed_id)


@transaction.atomic
def confirm_deduction(
    *, actor: Actor, deed_id: int, note: str = "", request_key: UUID | None = None, at: datetime
) -> Deed:
    """Confirm a deduction after the hearing; its points become definite like those of a deed.

    Raises NotFound, StateHasMoved, FourEyes (he told the household), OwnHousehold, Forbidden.
    """
    moved = _judge(
        "confirm", "heard", actor=actor, deed_ids=[deed_id], note=note, request_key=request_key, at=at
    )
    for refusal in moved.refused.values():
        raise refusal
    return Deed.objects.get(pk=deed_id)


@transaction.atomic
def verify_deeds(
    *, actor: Actor, deed_ids: Sequence[int], note: str = "", request_key: UUID | None = None, at: datetime
) -> workflow.Moved:
    """Verify many deeds in a constant number of statements; each refused one is named with its reason.

    The points become definite: by the version in force on the day of the deed, with the caps as they stand now.
    """
    return _judge(
        "verify", "submitted", actor=actor, deed_ids=deed_ids, note=note, request_key=request_key, at=at
    )


def _judge(
    action: str,
    source: str,
    *,
    actor: Actor,
    deed_ids: Sequence[int],
    note: str,
    request_key: UUID | None,
    at: datetime,
) -> workflow.Moved:
    found = (
        visible_deeds(actor).filter(pk__in=set(deed_ids)).only("pk", "household_id", "village_id", "state")
    )
    on = {v: registry.is_enabled("governance_points", v) for v in {d.village_id for d in found}}
    deeds = [d for d in found if on[d.village_id]]
    resting = {d.pk: assembly.switched_off("governance_points") for d in found if not on[d.village_id]}
    if not deeds:
        return workflow.Moved(refused={pk: resting.get(pk, NotFound()) for pk in deed_ids})
    lock_households([d.household_id for d in deeds])
    before = set(Deed.objects.filter(pk__in=[d.pk for d in deeds], state=source).values_list("pk", flat=True))
    moved = workflow.advance_many(
        DEED, [d.pk for d in deeds], action, actor=actor, at=at, note=note, request_key=request_key
    )
    _settle_points([pk for pk in moved.advanced if pk in before], actor=actor, at=at)
    moved.refused.update(resting)
    return moved


def _settle_points(deed_ids: Sequence[int], *, actor: Actor, at: datetime) -> None:
    """Score deeds that were just verified. Their own row counts as verified already, so it is left out of the caps."""
    deeds = list(Deed.objects.filter(pk__in=deed_ids).order_by("done_on", "pk"))
    found = rules.rules_by_id(d.rule_id for d in deeds)
    typed = {pk: (rule_of(row), terms_of(row.version.settings)) for pk, row in found.items()}
    to_score = [
        ToScore(d.pk, d.household_id, rule, d.done_on, d.quantity_tenths, d.grade, terms, d.person_id)
        for d in deeds
        for rule, terms in [typed[d.rule_id]]
    ]
    scores = score_many(to_score, leave_out=deed_ids)
    scored = [scores[d.pk] for d in deeds]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_points_deed d SET raw_tenths = s.raw, points_tenths = s.points, steps = s.steps,"
            " verified_by_key = %s, verified_at = %s"
            " FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::jsonb[]) AS s(id, raw, points, steps) WHERE d.id = s.id",
            [
                actor.person_key, at, [d.pk for d in deeds], [s.raw_tenths for s in scored], [s.points_tenths for s in scored],
                [json.dumps(s.steps) for s in scored],
            ],
        )  # fmt: skip
