"""Whatever people try in whatever order, the house agrees with a simple model of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.workflow.models import Step, Task
from xinzhi.kernel.workflow.services import advance, advance_many, escalate_overdue, start
from xinzhi.kernel.workflow.tests.cases import FAVOUR, MONDAY, Favour, favour, key, officer, villager
from xinzhi.kernel.workflow.tests.conftest import make_places

PEOPLE = {
    "clerk": officer(11),
    "second": officer(12),
    "both_roles": officer(13, household_ids=(7,)),
    "elsewhere": officer(14, village=3),
    "township": officer(15, village=9),
    "villager": villager(21, 7),
}
ACTIONS = sorted({t.action for t in FAVOUR.transitions})
REASONS = {"refuse": {"reason_code": "twice"}, "reopen": {"note": "again"}}


class Model:
    """The same life in a few lines: what may happen, judged from what happened."""

    def __init__(self, village, household, opened_by):
        self.village, self.household, self.state = village, household, "claimed"
        self.history = [("claimed", opened_by)]

    def may(self, name, action):
        actor, transition = PEOPLE[name], FAVOUR.transition(action, self.state)
        if transition is None:
            return False
        permission = transition.permission if isinstance(transition.permission, str) else "favour.confirm"
        path = {1: "9/1/", 3: "3/"}[self.village]
        own = self.household in actor.household_ids
        allowed = any(path.startswith(p) for p in actor.scope_paths(permission))
        if not allowed and not (own and permission in actor.own_permissions):
            return False
        if own and transition.not_own_household:
            return False
        did = {a for a, who in self.history if who == actor.person_key}
        return not did & set(transition.four_eyes_against)

    def step(self, name, action):
        self.history.append((action, PEOPLE[name].person_key))
        self.state = FAVOUR.transition(action, self.state).target


class Lives(RuleBasedStateMachine):
    cases = Bundle("cases")

    def __init__(self):
        super().__init__()
        self.models, self.requests, self.at = {}, {}, MONDAY

    @rule(
        target=cases,
        village=st.sampled_from([1, 3]),
        household=st.sampled_from([7, 8, None]),
        who=st.sampled_from(sorted(PEOPLE)),
    )
    def begin(self, village, household, who):
        case = start(favour(village, household), lifecycle=FAVOUR, actor=PEOPLE[who], at=self.at)
        self.models[case.pk] = Model(village, household, PEOPLE[who].person_key)
        return case.pk

    @rule(pk=cases, who=st.sampled_from(sorted(PEOPLE)), action=st.sampled_from(ACTIONS), again=st.booleans())
    def act(self, pk, who, action, again):
        model, request = self.models[pk], key()
        expected = model.may(who, action)
        for _turn in range(2 if again else 1):
            try:
                advance(
                    Favour.objects.get(pk=pk), action, actor=PEOPLE[who], at=self.at, request_key=request,
                    **REASONS.get(action, {}),
                )  # fmt: skip
            except DomainError:
                assert not expected
            else:
                assert expected
        if expected:
            model.step(who, action)

    @rule(who=st.sampled_from(sorted(PEOPLE)), action=st.sampled_from(ACTIONS))
    def act_on_all(self, who, action):
        moved = advance_many(
            FAVOUR, list(self.models), action, actor=PEOPLE[who], at=self.at, **REASONS.get(action, {})
        )
        expected = sorted(pk for pk, m in self.models.items() if m.may(who, action))
        assert moved.advanced == expected
        assert set(moved.refused) == set(self.models) - set(expected)
        for pk in expected:
            self.models[pk].step(who, action)

    @rule(days=st.integers(0, 12))
    def time_passes(self, days):
        self.at += timedelta(days=days)
        escalate_overdue(at=self.at)

    @invariant()
    def the_house_agrees(self):
        rows = dict(Favour.objects.filter(pk__in=self.models).values_list("pk", "state"))
        assert rows == {pk: m.state for pk, m in self.models.items()}

    @invariant()
    def every_step_is_kept_in_order(self):
        found = {pk: [] for pk in self.models}
        for step in Step.objects.filter(subject_id__in=self.models).order_by("id"):
            found[step.subject_id].append((step.action, step.person_key))
        assert found == {pk: m.history for pk, m in self.models.items()}

    @invariant()
    def what_is_open_has_an_owner_and_a_deadline(self):
        tasks = {t.subject_id: t for t in Task.objects.filter(subject_id__in=self.models, level=0)}
        assert set(tasks) == {pk for pk, m in self.models.items() if not FAVOUR.state(m.state).terminal}
        for pk, task in tasks.items():
            assert (task.state, bool(task.permission)) == (self.models[pk].state, True)
            # what is overdue was told to somebody above
            if task.due_at <= self.at and task.overdue_since is not None:
                assert Task.objects.filter(subject_id=pk, level=1).exists()


class TestLives(TestCase):
    """A database transaction for each example."""

    @pytest.fixture(autouse=True)
    def _scene(self, favour_scene):
        pass

    def test_lives(self):
        make_places()
        run_state_machine_as_test(
            Lives,
            settings=settings(
                max_examples=25, stateful_step_count=25, deadline=None,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
            ),
        )  # fmt: skip
