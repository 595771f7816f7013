"""A fact carries ids and codes; what a person is called is none of its business."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.kernel.events import Code, Event
from xinzhi.kernel.events.fact import classes, dump, load, problems
from xinzhi.kernel.events.tests.facts import BagWeighed

facts = st.builds(
    BagWeighed,
    bag_id=st.uuids(),
    village_id=st.integers(1, 2**40),
    grams=st.integers(-(10**9), 10**9),
    kind=st.from_regex(r"[a-z_]{1,20}", fullmatch=True),
    weighed_at=st.datetimes(timezones=st.just(UTC)),
    day=st.none() | st.dates(),
    rule_codes=st.lists(st.from_regex(r"[A-Z]-[0-9]{2}", fullmatch=True), max_size=3).map(tuple),
)


@given(facts)
def test_fact_comes_back_as_it_was_published(fact):
    assert load(BagWeighed, dump(fact)) == fact


def test_field_the_reader_does_not_know_is_left_out():
    fact = BagWeighed(UUID(int=1), 4, 120, Code("kitchen"), datetime(2026, 3, 1, tzinfo=UTC))
    assert load(BagWeighed, {**dump(fact), "added_in_a_newer_release": 1}) == fact


def fact_with(annotation: Any, field: str = "value") -> type[Event]:
    made = type(
        "Made", (Event,), {"__annotations__": {field: annotation}, "name": "", "__module__": __name__}
    )
    made = dataclass(frozen=True)(made)
    made.name = "events_test.made.v1"
    return made


@pytest.mark.parametrize("annotation", [int, bool, date, datetime, UUID, Code, int | None, tuple[int, ...]])
def test_ids_dates_and_codes_are_plain(annotation):
    assert problems(fact_with(annotation)) == []


@pytest.mark.parametrize("annotation", [str, str | None, dict, list[str], float, tuple[str, ...], object])
def test_text_and_structures_are_refused_with_the_remedy(annotation):
    (problem,) = problems(fact_with(annotation))
    assert "field 'value'" in problem and "pass the id" in problem


def test_text_field_may_be_declared_a_code_by_its_name():
    assert problems(fact_with(str, "rule_code")) == []


@pytest.mark.parametrize(
    "name", ["bag_weighed.v1", "waste.bag_weighed", "Waste.bag.v1", "waste.bag_weighed.v0"]
)
def test_name_without_slug_or_version_is_refused(name):
    made = fact_with(int)
    made.name = name
    assert "a name looks like" in problems(made)[0]


@pytest.mark.parametrize("value", ["张明", "two words", "13800000000", "330523198001010010"])
def test_text_in_a_code_field_is_refused_when_published(value):
    with pytest.raises(ValueError, match="must be a code"):
        dump(BagWeighed(UUID(int=1), 4, 120, Code(value), datetime(2026, 3, 1, tzinfo=UTC)))


def test_version_is_part_of_the_name():
    assert (classes()[BagWeighed.name].__name__, BagWeighed(UUID(int=1), 1, 1, Code("a"), None).version) == (  # type: ignore[arg-type]
        "BagWeighed",
        1,
    )
