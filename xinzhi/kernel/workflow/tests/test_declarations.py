"""A misdeclared lifecycle stops the start, with a hint."""

from __future__ import annotations

from dataclasses import replace

import pytest

from xinzhi.kernel.workflow import registry
from xinzhi.kernel.workflow.checks import check_lifecycles, known_permissions, permissions_in, problems
from xinzhi.kernel.workflow.lifecycle import Deadline, State, Transition
from xinzhi.kernel.workflow.tests.cases import FAVOUR


def with_state(code, **changes):
    return replace(
        FAVOUR, states=tuple(replace(s, **changes) if s.code == code else s for s in FAVOUR.states)
    )


def with_transition(transition):
    return replace(FAVOUR, transitions=(*FAVOUR.transitions, transition))


@pytest.mark.parametrize(
    ("lifecycle", "found"),
    [
        (FAVOUR, []),
        (with_state("claimed", owner=""), [("workflow.E005", "state 'claimed' has no owner")]),
        (with_state("checked", deadline=None), [("workflow.E006", "state 'checked' has no deadline")]),
        (
            replace(FAVOUR, states=(*FAVOUR.states, State("lost", "lost", terminal=True))),
            [("workflow.E007", "state 'lost' can never be reached")],
        ),
        (
            replace(FAVOUR, transitions=tuple(t for t in FAVOUR.transitions if t.action != "finish")),
            [
                ("workflow.E008", "state 'shown' is a dead end: no way leads from it to a terminal state"),
                ("workflow.E007", "state 'done' can never be reached"),
            ],
        ),
        (
            with_transition(Transition("fly", "claimed", "heaven", "Fly", "favour.check")),
            [("workflow.E002", "state 'heaven' is used but not declared")],
        ),
        (
            with_transition(Transition("check", "claimed", "refused", "Check", "favour.check")),
            [("workflow.E003", "'check' from 'claimed' is declared twice")],
        ),
        (
            with_transition(
                Transition("x", "claimed", "done", "X", "favour.check", four_eyes_against=("chekc",))
            ),
            [("workflow.E009", "'x' wants another person than 'chekc', which is no action here")],
        ),
        (
            replace(FAVOUR, states=(*FAVOUR.states, FAVOUR.states[0])),
            [("workflow.E001", "state 'claimed' is declared twice")],
        ),
        (replace(FAVOUR, opening_actions={}), None),
    ],
)
def test_what_is_wrong_is_named(lifecycle, found):
    named = [(p.id, p.text) for p in problems(lifecycle)]
    if found is None:
        assert ("workflow.E004", "no opening action") in named
    else:
        assert [f for f in found if f not in named] == []
        assert bool(named) == bool(found)


def test_a_permission_no_manifest_declares_is_named_with_a_hint():
    found = problems(FAVOUR, permissions_in(FAVOUR) - {"favour.check"})
    assert [(p.id, p.text) for p in found] == [
        ("workflow.E010", "permission 'favour.check' is declared by no manifest")
    ]
    assert "manifest.py" in found[0].hint


def test_a_state_may_take_owner_and_deadline_from_every_way_into_it():
    lifecycle = replace(
        with_state("checked", owner="", deadline=None),
        transitions=tuple(
            replace(t, owner_permission="favour.confirm", deadline=Deadline(hours=48))
            if t.target == "checked"
            else t
            for t in FAVOUR.transitions
        ),
    )
    assert problems(lifecycle) == []


def test_the_system_check_speaks_of_the_lifecycle(favour_scene):
    errors = [e for e in check_lifecycles() if "tests.favour" in e.msg]
    assert {e.id for e in errors} == {"workflow.E010"}  # its permissions are in no manifest


def test_every_declared_lifecycle_is_sound(favour_scene):
    registry.unregister(FAVOUR.name)
    known = known_permissions()
    assert known
    assert {
        name: problems(lc, known) for name, lc in registry.lifecycles().items() if problems(lc, known)
    } == {}


@pytest.mark.parametrize("wrong", [{}, {"days": 1, "hours": 1}, {"days": -1}])
def test_a_deadline_is_one_positive_span(wrong):
    with pytest.raises(ValueError, match="exactly one"):
        Deadline(**wrong)
