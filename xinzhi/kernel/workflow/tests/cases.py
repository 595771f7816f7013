"""A small scene to try the workflow on: favours between neighbours."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.db import models

from xinzhi.kernel.foundation.actors import Actor, Grant
from xinzhi.kernel.foundation.clock import SHANGHAI
from xinzhi.kernel.foundation.errors import Conflict
from xinzhi.kernel.workflow.lifecycle import Deadline, Lifecycle, PermissionBy, Reason, State, Transition
from xinzhi.kernel.workflow.models import WorkflowSubject

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)


class Favour(WorkflowSubject):
    village_id = models.BigIntegerField()
    household_id = models.BigIntegerField(null=True)
    checked_by = models.CharField(max_length=20, default="clerk")

    class Meta:
        app_label = "workflow_tests"

    def __str__(self) -> str:
        return f"favour {self.pk}"


class OddFavour(Conflict):
    code = "tests.odd_favour"
    sentence = "Favour %(id)s is odd."


def not_odd(subjects, *, actor, at):
    return {s.pk: OddFavour(id=s.pk) for s in subjects if s.checked_by == "odd"}


FAVOUR = Lifecycle(
    name="tests.favour",
    label="Favour",
    model="workflow_tests.Favour",
    initial="claimed",
    opening_actions={"claimed": "claimed", "entered": "entered"},
    states=(
        State("claimed", "waiting to be checked", owner="favour.check", deadline=Deadline(working_days=3, basis="charter")),
        State(
            "checked",
            "waiting for the second check",
            owner=PermissionBy("checked_by", {"clerk": "favour.confirm", "council": "favour.confirm_as_council"}),
            deadline=Deadline(days=5, basis="charter"),
        ),
        State("shown", "on display", owner="favour.check", deadline=Deadline(days=7, basis="charter"), waiting=True),
        State("done", "done", terminal=True),
        State("refused", "refused", terminal=True),
    ),
    transitions=(
        Transition(
            "check", "claimed", "checked", "Check", "favour.check", guard=not_odd,
            four_eyes_against=("claimed", "entered"), past="checked", kind="approve",
        ),
        Transition(
            "refuse", ("claimed", "checked"), "refused", "Refuse", "favour.check", needs_reason=True,
            reasons=(Reason("twice", "It was claimed twice"),), four_eyes_against=("claimed", "entered"),
            past="refused", kind="return",
        ),
        Transition(
            "confirm", "checked", "shown",
            "Confirm", PermissionBy("checked_by", {"clerk": "favour.confirm", "council": "favour.confirm_as_council"}),
            four_eyes_against=("check", "entered"), past="confirmed",
        ),
        Transition("finish", "shown", "done", "Finish", "favour.check", not_own_household=False, button=False),
        Transition("reopen", "done", "claimed", "Open again", "favour.check", needs_reason=True, button=False),
        Transition("withdraw", "claimed", "refused", "Withdraw", "favour.claim", not_own_household=False, button=False),
    ),
)  # fmt: skip

PATHS = {0: "", 1: "9/1/", 2: "9/2/", 3: "3/", 9: "9/"}
ALL = frozenset({"favour.check", "favour.confirm", "favour.confirm_as_council"})


def officer(
    person: int, village: int = 1, *, permissions: frozenset[str] = ALL, path: str | None = None, **more
) -> Actor:
    """Somebody with a role in one village; `village=0` everywhere."""
    scope = path if path is not None else PATHS[village]
    grants = (Grant("village_clerk", village, scope, permissions),)
    return Actor(user_id=1000 + person, person_id=person, grants=grants, **more)


def villager(person: int, household: int) -> Actor:
    return Actor(
        user_id=1000 + person,
        person_id=person,
        household_ids=(household,),
        own_permissions=frozenset({"favour.claim"}),
    )


def favour(village: int = 1, household: int | None = 7, **values) -> Favour:
    return Favour(village_id=village, household_id=household, **values)


def key():
    return uuid4()


def attempt(act, /, *args, **kwargs):
    """The class of the refusal, or None."""
    try:
        act(*args, **kwargs)
    except Exception as refusal:  # a test compares it
        return type(refusal)
    return None
