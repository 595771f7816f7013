"""May this actor take this step with these subjects? A constant number of queries for any number of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

from django.db.models import Q
from django.utils import formats

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import SHANGHAI, local_date
from xinzhi.kernel.foundation.errors import DomainError, Forbidden, NotFound
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.residents.models import Membership
from xinzhi.kernel.workflow.errors import FourEyes, OwnHousehold, RequestKeyReused, StateHasMoved
from xinzhi.kernel.workflow.lifecycle import Guard, Transition
from xinzhi.kernel.workflow.models import Step
from xinzhi.kernel.workflow.services.tables import AnyOf
from xinzhi.kernel.workflow.services.writing import Act, household_of, permission_for


@dataclass(frozen=True, slots=True)
class Verdict:
    """The transition to take; or the refusal; or neither, when the same request has been done before."""

    transition: Transition | None = None
    refusal: DomainError | None = None


def own_household_ids(actor: Actor, at: Any) -> frozenset[int]:
    """Households the actor belongs to or acts for as a proxy: he decides about none of them."""
    if actor.is_system:
        return frozenset()
    own = set(actor.household_ids)
    if actor.proxy_for_household_id is not None:
        own.add(actor.proxy_for_household_id)
    if actor.person_id is not None:
        day = local_date(at)
        rows = Membership.objects.filter(person_id=actor.person_id).values_list(
            "household_id", "active_from", "active_to"
        )
        own |= {h for h, start, end in rows if (start is None or start <= day) and (end is None or end > day)}
    return frozenset(own)


def _load_guard(guard: Guard | str) -> Guard:
    if callable(guard):
        return guard
    module, _, name = guard.rpartition(".")
    loaded: Guard = getattr(import_module(module), name)
    return loaded


class Judge:
    """Judges rows that are already locked."""

    def __init__(self, act: Act, rows: Sequence[Any]) -> None:
        self.act = act
        self.rows = rows
        self.named = act.lifecycle.named(act.action)
        self.done_before: dict[int, Step] = {}
        self._own_actions: dict[int, set[str]] = defaultdict(set)
        self._reused: dict[int, str] = {}
        self._read_earlier_steps()

    def _read_earlier_steps(self) -> None:
        """This person's earlier actions that may bar him, and this request's earlier steps: one query."""
        act = self.act
        barring = {a for t in self.named for a in t.four_eyes_against} if not act.actor.is_system else set()
        wanted = Q(person_key=act.actor.person_key, action__in=barring) if barring else Q()
        if act.request_key is not None:
            wanted |= Q(request_key=act.request_key)
        if not wanted:
            return
        ids = [row.pk for row in self.rows]
        for step in Step.objects.filter(wanted, AnyOf("subject_id", ids), lifecycle=act.lifecycle.name):
            if step.action in barring and step.person_key == act.actor.person_key:
                self._own_actions[step.subject_id].add(step.action)
            if act.request_key is not None and step.request_key == act.request_key:
                if step.action == act.action and step.person_key == act.actor.person_key:
                    self.done_before[step.subject_id] = step
                else:
                    self._reused[step.subject_id] = step.action

    @cached_property
    def own_households(self) -> frozenset[int]:
        return own_household_ids(self.act.actor, self.act.at)

    @cached_property
    def _regions(self) -> dict[str, frozenset[int] | None]:
        """Region ids in which the actor holds each permission of this action; None means everywhere."""
        wanted = {permission_for(t.permission, row) for t in self.named for row in self.rows}
        by_paths: dict[tuple[str, ...], frozenset[int] | None] = {}
        found: dict[str, frozenset[int] | None] = {}
        for permission in wanted:
            paths = tuple(sorted(self.act.actor.scope_paths(permission)))
            if paths not in by_paths:
                if "" in paths:
                    by_paths[paths] = None
                else:
                    by_paths[paths] = frozenset(regions.ids_within(paths)) if paths else frozenset()
            found[permission] = by_paths[paths]
        return found

    def _permitted(self, transition: Transition, row: Any) -> DomainError | None:
        actor = self.act.actor
        permission = permission_for(transition.permission, row)
        if not permission and not actor.is_system:
            return Forbidden()
        where = self._regions[permission]
        if where is None or row.village_id in where:
            return None
        if getattr(row, transition.by_household, None) in actor.own_households(permission):
            return None
        # Holding it elsewhere is the same as not seeing this one.
        return NotFound() if actor.may(permission) else Forbidden()

    def verdict(self, row: Any) -> Verdict:
        """Permission first, so that a stranger learns nothing about the state."""
        act = self.act
        transition = act.lifecycle.transition(act.action, row.state)
        if refusal := self._permitted(transition or self.named[0], row):
            return Verdict(refusal=refusal)
        if row.pk in self.done_before:
            return Verdict()
        if row.pk in self._reused:
            word = str(act.lifecycle.word_for(self._reused[row.pk]))
            return Verdict(refusal=RequestKeyReused(action=word))
        if transition is None:
            return Verdict(refusal=StateHasMoved())
        if not act.actor.is_system:
            if transition.not_own_household and household_of(row) in self.own_households:
                return Verdict(refusal=OwnHousehold())
            own_actions = self._own_actions.get(row.pk, set())
            barred_by = next((a for a in transition.four_eyes_against if a in own_actions), None)
            if barred_by is not None:
                return Verdict(refusal=FourEyes(action=str(act.lifecycle.word_for(barred_by))))
        return Verdict(transition=transition)

    def guarded(self, verdicts: Mapping[int, Verdict]) -> dict[int, DomainError]:
        """What the guards of the transitions refuse: each guard is asked once for all its rows."""
        by_guard: dict[Guard, list[Any]] = defaultdict(list)
        rows = {row.pk: row for row in self.rows}
        for pk, verdict in verdicts.items():
            if verdict.transition is not None and verdict.transition.guard is not None:
                by_guard[_load_guard(verdict.transition.guard)].append(rows[pk])
        refused: dict[int, DomainError] = {}
        for guard, guarded_rows in by_guard.items():
            refused |= guard(guarded_rows, actor=self.act.actor, at=self.act.at)
        return refused

    def explain_moved(self, refused: dict[int, DomainError]) -> None:
        """Give each StateHasMoved its sentence: what happened, when, and where it stands (one query)."""
        ids = [pk for pk, refusal in refused.items() if isinstance(refusal, StateHasMoved)]
        if not ids:
            return
        lifecycle = self.act.lifecycle
        last = (
            Step.objects.filter(lifecycle=lifecycle.name, subject_id__in=ids)
            .order_by("subject_id", "-id")
            .distinct("subject_id")
        )
        steps = {step.subject_id: step for step in last}
        rows = {row.pk: row for row in self.rows}
        for pk in ids:
            step = steps.get(pk)
            when = step.at if step else rows[pk].state_since
            refused[pk] = StateHasMoved(
                asked=str(self.named[0].label),
                action=str(lifecycle.word_for(step.action)) if step else "",
                when=formats.date_format(when.astimezone(SHANGHAI), "m-d H:i"),
                state=lifecycle.label_of(rows[pk].state),
            )
