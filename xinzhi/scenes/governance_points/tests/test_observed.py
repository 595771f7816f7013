"""What another scene saw becomes a deed under the rule that names the act; the scene takes it back, and the deed goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from xinzhi.kernel.events import services as events
from xinzhi.kernel.jobs import run_inline
from xinzhi.kernel.ledger import queries as ledger
from xinzhi.kernel.rules import ports
from xinzhi.kernel.rules.events import DeedObserved, DeedWithdrawn
from xinzhi.kernel.sheets import Row, Table
from xinzhi.kernel.workflow.errors import FourEyes
from xinzhi.scenes.governance_points import charter_sheet
from xinzhi.scenes.governance_points.charter import CharterRule
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.services import charter, observing, publishing, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON, RULES, TODAY, key

ACT = ports.Act("tests.graded", "评级", measure="grade", grades=(("A", "五星"), ("B", "四星")))
HOURS = ports.Act("tests.served", "服务", measure="quantity", unit="小时")
RULE = CharterRule(
    "C03", "生态环境", "美丽庭院", "by_grade", grades={"五星": 300, "B": 200}, evidence="record", verifier="inspector",
    act="tests.graded",
)  # fmt: skip
BY_HOUR = CharterRule(
    "A03", "党建引领", "志愿服务", "per_unit", points_tenths=10, unit="小时", max_quantity_tenths=80, evidence="record",
    verifier="inspector", act="tests.served",
)  # fmt: skip


@pytest.fixture
def acts(monkeypatch):
    monkeypatch.setattr(ports, "_acts", {a.code: a for a in (ACT, HOURS)})


@pytest.fixture
def village(place, acts):
    charter.adopt_charter(
        actor=place.township, village_id=place.village.pk, charter_rules=(*RULES, RULE, BY_HOUR), resolution="决议2号",
        active_from=TODAY - timedelta(days=1), at=NOON,
    )  # fmt: skip
    return place


def seen(place, **changes):
    fact = DeedObserved(
        occurrence=uuid4(), act_code="tests.graded", subject_code="tests.score:1", village_id=place.village.pk,
        household_id=place.household.pk, done_on=TODAY, confirmed_by_code=place.clerk.person_key, grade_code="A",
    )  # fmt: skip
    return replace(fact, **changes)


def unsaid(fact):
    return DeedWithdrawn(
        occurrence=fact.occurrence, act_code=fact.act_code, village_id=fact.village_id, household_id=fact.household_id,
        reason_code="not_as_scored",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "worth"),
    [
        ({}, 300),
        ({"grade_code": "B"}, 200),
        ({"grade_code": "C"}, None),
        ({"act_code": "tests.unknown"}, None),
        ({"act_code": "tests.served", "grade_code": "", "quantity_tenths": 40}, 40),
        ({"act_code": "tests.served", "grade_code": "", "quantity_tenths": 120}, 80),  # the rule counts 8 hours at a time
        ({"act_code": "tests.served", "grade_code": ""}, None),
        ({"done_on": TODAY - timedelta(days=30)}, None),  # the charter of that day named no act
    ],
)  # fmt: skip
def test_it_becomes_a_deed_when_a_rule_of_its_day_names_the_act(village, changes, worth):
    events.publish(seen(village, **changes))
    run_inline()
    found = Deed.objects.filter(source__startswith="observed:")
    assert [d.points_tenths for d in found] == ([] if worth is None else [worth])


def test_told_twice_it_is_one_deed_and_who_confirmed_does_not_verify(village):
    fact = seen(village, confirmed_by_code=village.inspector.person_key)
    deed = observing.enter_observed(fact, at=NOON)
    assert observing.enter_observed(fact, at=NOON).pk == deed.pk
    assert (deed.state, deed.evidence_subject, deed.verifier_role) == (
        "submitted",
        "tests.score:1",
        "inspector",
    )
    with pytest.raises(FourEyes):
        verification.verify_deed(actor=village.inspector, deed_id=deed.pk, at=NOON)


@pytest.mark.parametrize("stage", ["submitted", "verified", "published", "posted"])
def test_taken_back_by_the_scene_it_counts_no_more(village, stage):
    fact = seen(village)
    deed = observing.enter_observed(fact, at=NOON)
    if stage != "submitted":
        verification.verify_deed(actor=village.inspector, deed_id=deed.pk, at=NOON)
    if stage in ("published", "posted"):
        publishing.publish_deeds(
            actor=village.clerk, request_key=key(), village_id=village.village.pk, at=NOON
        )
    if stage == "posted":
        village.let_publication_end()
        assert village.balance() == 300
    for _again in range(2):
        observing.take_back_observed(unsaid(fact), at=NOON + timedelta(days=20))
    village.let_publication_end()
    deed.refresh_from_db()
    assert deed.state == ("reversed" if stage in ("published", "posted") else "withdrawn")
    assert village.balance() == 0
    assert ledger.verify() == []


def test_the_charter_sheet_names_the_act_by_code_or_name_and_keeps_it(acts):
    headers, rows = charter_sheet.charter_rows([RULE])
    keys = [c.key for c in charter_sheet.COLUMNS]
    for written, problem in (("tests.graded", 0), ("评级", 0), ("tests.nothing", 1), ("tests.served", 1)):
        cells = dict(zip(keys, rows[0], strict=True)) | {"act": written}
        read = charter_sheet.read_charter(
            Table(header=list(headers), rows=[Row(2, cells)], warnings=[], problems=[])
        )
        assert len(read.problems) == problem, read.problems
        assert [r.act for r in read.rules] == ([] if problem else ["tests.graded"])
