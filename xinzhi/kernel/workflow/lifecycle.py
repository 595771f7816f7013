"""How a scene declares the life of a case: states, who owns each, until when, and what may happen next.

A lifecycle is data. A scene keeps it in `lifecycle.py`, names it in its manifest
(`lifecycles=("lifecycle.DEED",)`) and moves its rows by `workflow.services.advance`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import DomainError

Text = str | Promise
#: Judges many subjects at once: what refuses a row, by its id. May query, but never once per row.
Guard = Callable[..., Mapping[int, DomainError]]


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long something may take: exactly one of working days, calendar days or hours, and the rule that says so.

    Days end at midnight in Shanghai after the last day; hours run around the clock.
    """

    working_days: int = 0
    days: int = 0
    hours: int = 0
    basis: str = ""

    def __post_init__(self) -> None:
        given = [n for n in (self.working_days, self.days, self.hours) if n]
        if len(given) != 1 or given[0] < 0:
            raise ValueError(
                "A deadline needs exactly one of working_days, days, hours, and it must be positive."
            )


@dataclass(frozen=True, slots=True)
class PermissionBy:
    """A permission that depends on a column of the subject, as a table: {"clerk": "deed.verify", …}."""

    field: str
    permissions: Mapping[str, str]

    def of(self, value: Any) -> str:
        """The permission for this value; "" when the table has none, which nobody holds."""
        return self.permissions.get(str(value), "")


Permission = str | PermissionBy


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who hears of it when a deadline has passed, and how long they have."""

    permission: str
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to choose from, kept as a code so that it needs no personal text."""

    code: str
    label: Text


@dataclass(frozen=True, slots=True)
class State:
    """Where a case can stand. Not terminal: somebody (`owner`) has it until a `deadline`.

    `waiting`: a clock does the next step (a publication runs); the task stays out of the inbox until it is overdue.
    """

    code: str
    label: Text
    owner: Permission = ""
    deadline: Deadline | None = None
    terminal: bool = False
    waiting: bool = False
    escalation: tuple[Escalation, ...] | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """One thing that may happen.

    `four_eyes_against`: earlier actions (or opening actions) whose person may not do this one.
    `not_own_household`: nobody decides about a subject that credits his own household.
    `button`: shown as a button to people; False for steps that only a service takes.
    `by_household`: the column with the household whose members may do it by their own permission.
    `kind`: "approve" and "return" answer to the keys A and R in the inbox.
    """

    action: str
    source: str | tuple[str, ...]
    target: str
    label: Text
    permission: Permission
    guard: Guard | str | None = None
    four_eyes_against: tuple[str, ...] = ()
    not_own_household: bool = True
    needs_reason: bool = False
    reasons: tuple[Reason, ...] = ()
    deadline: Deadline | None = None
    owner_permission: Permission = ""
    past: Text = ""
    button: bool = True
    bulk: bool = True
    kind: Literal["approve", "return", "other"] = "other"
    by_household: str = "household_id"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,) if isinstance(self.source, str) else self.source


#: The step of a case that goes over to another household without changing its state (`services.credit_household`).
HOUSEHOLD_CHANGED = "household_changed"

DEFAULT_ESCALATION = (
    Escalation("workflow.overdue.township", Deadline(working_days=3)),
    Escalation("workflow.overdue.county", Deadline(working_days=5)),
)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The life of one kind of subject. `model` is its Django label, e.g. "governance_points.Deed".

    `opening_states`: an opening action that begins elsewhere than in `initial`, with that state.
    `confidential`: who acted and what he wrote is for officers only, not for the household concerned.
    """

    name: str
    label: Text
    model: str
    initial: str
    states: Sequence[State]
    transitions: Sequence[Transition]
    opening_actions: Mapping[str, Text] = field(default_factory=lambda: {"entered": ""})
    opening_states: Mapping[str, str] = field(default_factory=dict)
    escalation: tuple[Escalation, ...] = DEFAULT_ESCALATION
    confidential: bool = False

    def opening_state(self, action: str) -> str:
        """The state in which a case opened by this action begins."""
        return self.opening_states.get(action, self.initial)

    def state(self, code: str) -> State:
        """The declared state. Raises KeyError."""
        for state in self.states:
            if state.code == code:
                return state
        raise KeyError(code)

    def label_of(self, code: str) -> str:
        """The state's label; of one that is no longer declared, its code (old steps keep it)."""
        return next((str(s.label) for s in self.states if s.code == code), code)

    def transition(self, action: str, source: str) -> Transition | None:
        """What `action` does from `source`, or None."""
        for transition in self.transitions:
            if transition.action == action and source in transition.sources:
                return transition
        return None

    def named(self, action: str) -> tuple[Transition, ...]:
        return tuple(t for t in self.transitions if t.action == action)

    def from_state(self, source: str) -> tuple[Transition, ...]:
        return tuple(t for t in self.transitions if source in t.sources)

    def deciding(self, source: str, owner: Permission) -> tuple[Transition, ...]:
        """The buttons whoever owns the state can press: those with the owner's permission."""
        return tuple(t for t in self.from_state(source) if t.button and t.permission == owner)

    def recuses(self, source: str, owner: Permission) -> bool:
        """Whether nobody of the credited household can do anything with a case in this state."""
        deciding = self.deciding(source, owner)
        return bool(deciding) and all(t.not_own_household for t in deciding)

    def owner_of(self, transition: Transition | None, state: State) -> Permission:
        """Who has the case next: the transition may say otherwise than the state."""
        return (transition.owner_permission if transition else "") or state.owner

    def escalation_of(self, state: State) -> tuple[Escalation, ...]:
        return self.escalation if state.escalation is None else state.escalation

    def word_for(self, action: str) -> Text:
        """What the timeline says about an action."""
        for transition in self.named(action):
            return transition.past or transition.label
        if action == HOUSEHOLD_CHANGED:
            return _("went over to another household")
        return self.opening_actions.get(action) or action


@dataclass(frozen=True, slots=True)
class Presented:
    """How a scene shows one subject in lists. Made at rendering for one reader, never stored."""

    title: str
    subtitle: str = ""
    detail_url: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """What a person asked for on a decision panel, handed to the scene's own service."""

    subject_id: int
    action: str
    actor: Actor
    at: datetime
    reason_code: str = ""
    note: str = ""
    request_key: Any = None
