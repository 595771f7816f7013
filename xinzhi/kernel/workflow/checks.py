"""Is a lifecycle sound? Asked at start for every declared one; a misdeclared one stops the start with a hint."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage, Error

from xinzhi.kernel.assembly.checks import nearest
from xinzhi.kernel.workflow import ports, registry
from xinzhi.kernel.workflow.lifecycle import Lifecycle, Permission, PermissionBy


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a declaration and how to mend it."""

    text: str
    hint: str
    id: str


def _names(permission: Permission) -> set[str]:
    return (
        set(permission.permissions.values()) if isinstance(permission, PermissionBy) else {permission} - {""}
    )


def permissions_in(lifecycle: Lifecycle) -> set[str]:
    """Every permission a lifecycle mentions."""
    found: set[str] = set()
    for state in lifecycle.states:
        found |= _names(state.owner)
        if not state.terminal:
            found |= {e.permission for e in lifecycle.escalation_of(state)}
    for transition in lifecycle.transitions:
        found |= _names(transition.permission) | _names(transition.owner_permission)
    return found


def problems(lifecycle: Lifecycle, known_permissions: Collection[str] | None = None) -> list[Problem]:
    """Everything wrong with a declaration; an empty list when it is sound."""
    return [
        *_names_problems(lifecycle),
        *_owner_problems(lifecycle),
        *_graph_problems(lifecycle),
        *_four_eyes_problems(lifecycle),
        *_permission_problems(lifecycle, known_permissions),
    ]


def _names_problems(lifecycle: Lifecycle) -> Iterable[Problem]:
    codes = [s.code for s in lifecycle.states]
    for code in sorted({c for c in codes if codes.count(c) > 1}):
        yield Problem(f"state '{code}' is declared twice", "give each state its own code", "workflow.E001")
    wanted = {lifecycle.initial, *lifecycle.opening_states.values()} | {
        t.target for t in lifecycle.transitions
    }
    wanted |= {source for t in lifecycle.transitions for source in t.sources}
    for code in sorted(wanted - set(codes)):
        yield Problem(
            f"state '{code}' is used but not declared", f"states are {', '.join(codes)}", "workflow.E002"
        )
    seen: set[tuple[str, str]] = set()
    for transition in lifecycle.transitions:
        for source in transition.sources:
            if (transition.action, source) in seen:
                yield Problem(
                    f"'{transition.action}' from '{source}' is declared twice",
                    "an action leads to one state; give the other one its own name",
                    "workflow.E003",
                )
            seen.add((transition.action, source))
    for action in sorted(set(lifecycle.opening_states) - set(lifecycle.opening_actions)):
        yield Problem(
            f"'{action}' has an opening state but is no opening action",
            f"opening actions are {', '.join(lifecycle.opening_actions)}",
            "workflow.E012",
        )
    if not lifecycle.opening_actions:
        yield Problem(
            "no opening action", 'name how a case begins, e.g. {"entered": _("entered")}', "workflow.E004"
        )


def _owner_problems(lifecycle: Lifecycle) -> Iterable[Problem]:
    openings = {lifecycle.initial, *lifecycle.opening_states.values()}
    for state in lifecycle.states:
        if state.terminal:
            continue
        incoming = [t for t in lifecycle.transitions if t.target == state.code]
        by_transition = (
            bool(incoming) and all(t.owner_permission for t in incoming) and state.code not in openings
        )
        if not state.owner and not by_transition:
            yield Problem(
                f"state '{state.code}' has no owner",
                "name the permission of whoever has it next, or make it terminal",
                "workflow.E005",
            )
        timed = bool(incoming) and all(t.deadline for t in incoming) and state.code not in openings
        if state.deadline is None and not timed:
            yield Problem(
                f"state '{state.code}' has no deadline",
                'say until when, e.g. Deadline(working_days=5, basis="charter"); nothing may die silently',
                "workflow.E006",
            )


def _graph_problems(lifecycle: Lifecycle) -> Iterable[Problem]:
    frontier = [lifecycle.initial, *lifecycle.opening_states.values()]
    reached = set(frontier)
    while frontier:
        for transition in lifecycle.from_state(frontier.pop()):
            if transition.target not in reached:
                reached.add(transition.target)
                frontier.append(transition.target)
    terminal = {s.code for s in lifecycle.states if s.terminal}
    ending = set(terminal)
    for _round in lifecycle.states:
        ending |= {source for t in lifecycle.transitions if t.target in ending for source in t.sources}
    for state in lifecycle.states:
        if state.code not in reached:
            yield Problem(
                f"state '{state.code}' can never be reached",
                "add a transition to it or remove it",
                "workflow.E007",
            )
        elif state.code not in ending:
            yield Problem(
                f"state '{state.code}' is a dead end: no way leads from it to a terminal state",
                "add a transition or make it terminal",
                "workflow.E008",
            )


def _four_eyes_problems(lifecycle: Lifecycle) -> Iterable[Problem]:
    known = set(lifecycle.opening_actions) | {t.action for t in lifecycle.transitions}
    for transition in lifecycle.transitions:
        for action in transition.four_eyes_against:
            if action not in known:
                yield Problem(
                    f"'{transition.action}' wants another person than '{action}', which is no action here",
                    f"actions are {', '.join(sorted(known))}",
                    "workflow.E009",
                )


def _permission_problems(lifecycle: Lifecycle, known: Collection[str] | None) -> Iterable[Problem]:
    if known is None:
        return
    for permission in sorted(permissions_in(lifecycle) - set(known)):
        yield Problem(
            f"permission '{permission}' is declared by no manifest",
            "check the spelling, or add it to `permissions` in manifest.py",
            "workflow.E010",
        )


def known_permissions() -> set[str] | None:
    """All permissions of all manifests, or None while the registry cannot be read."""
    from xinzhi.kernel.assembly import registry as assembly

    return {permission.code for manifest in assembly.manifests() for permission in manifest.permissions}


def check_lifecycles(app_configs: Any = None, **_options: Any) -> list[CheckMessage]:  # noqa: ARG001
    """The system check."""
    try:
        lifecycles = registry.lifecycles()
    except (ImportError, AttributeError, TypeError) as wrong:
        return [
            Error(
                str(wrong), hint="Lifecycles are named as 'module.NAME' in manifest.py.", id="workflow.E000"
            )
        ]
    known = known_permissions()
    unknown = sorted(set(ports.registered()) - set(lifecycles))
    return [
        *(
            Error(
                f"A port is registered for the lifecycle '{name}', which no manifest declares.",
                hint=nearest(name, lifecycles, "add it to `lifecycles` in the scene's manifest.py."),
                id="workflow.E011",
            )
            for name in unknown
        ),
        *(
            Error(f"Lifecycle '{name}': {problem.text}.", hint=f"{problem.hint}.", id=problem.id)
            for name, lifecycle in sorted(lifecycles.items())
            for problem in problems(lifecycle, known)
        ),
    ]
