"""Rows seen by role, with decoys; and newest-first lists that stay on the index."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xinzhi.kernel.foundation.actors import NOBODY, SYSTEM, Actor, Grant
from xinzhi.kernel.identity import scope
from xinzhi.kernel.identity.tests.conftest import World, staff_actor, villager
from xinzhi.kernel.regions import services as regions
from xinzhi.kernel.residents.models import Household

VIEW = "residents.household.view"


def seen(actor: Actor, permission: str = VIEW) -> set[int]:
    return set(
        scope.visible(Household.objects.all(), actor, permission, household_field="id").values_list(
            "id", flat=True
        )
    )


def newest(actor: Actor, limit: int = 50, before_id: int | None = None) -> list[int]:
    rows = scope.newest(
        Household.objects.all(), actor, VIEW, limit=limit, before_id=before_id, household_field="id"
    )
    return [h.pk for h in rows]


def test_each_role_sees_its_rows_and_no_decoy(world: World) -> None:
    everything = {world.elder.pk, world.son.pk, world.decoy.pk, world.far.pk}
    cases = {
        "stranger": (NOBODY, set()),
        "villager": (villager(world.mother_person), {world.elder.pk}),
        "clerk": (staff_actor("clerk", "village_clerk", world.village), {world.elder.pk, world.son.pk}),
        "clerk of another village": (
            staff_actor("other", "village_clerk", world.other_village),
            {world.decoy.pk},
        ),
        "township": (staff_actor("town", "township_officer", world.town), everything - {world.far.pk}),
        "inspector": (staff_actor("insp", "inspector", world.village), set()),
        "county": (staff_actor("county", "county_officer", world.county), set()),
        "system": (SYSTEM, everything),
    }
    for name, (actor, expected) in cases.items():
        assert seen(actor) == expected, name
        assert set(newest(actor)) == expected, name


def test_without_the_permission_there_is_nothing(world: World) -> None:
    clerk = staff_actor("clerk", "village_clerk", world.village)
    assert seen(clerk, "no.such.permission") == set()
    for unknown in ("", "residents", "residents.household"):
        assert seen(clerk, unknown) == set()


def test_a_clerk_who_is_a_villager_elsewhere_sees_both(world: World) -> None:
    actor = Actor(
        user_id=1,
        household_ids=(world.far.pk,),
        own_permissions=frozenset({VIEW}),
        grants=(Grant("village_clerk", world.village.pk, world.village.scope_path, frozenset({VIEW})),),
    )
    assert seen(actor) == set(newest(actor)) == {world.elder.pk, world.son.pk, world.far.pk}
    assert newest(actor) == sorted(newest(actor), reverse=True)


def test_a_key_sees_no_more_than_its_scopes(world: World) -> None:
    grant = Grant("api_key", world.town.pk, world.town.scope_path, frozenset({VIEW, "other.thing.view"}))
    narrow = Actor(api_key_id=1, grants=(grant,), api_scopes=frozenset({"other.thing.view"}))
    assert seen(narrow) == set()


def test_the_successors_officer_sees_the_predecessors_rows(world: World) -> None:
    clerk = staff_actor("clerk", "village_clerk", world.other_village)
    assert world.elder.pk not in seen(clerk)
    regions.succeed(
        actor=SYSTEM, predecessor=world.village, successor=world.other_village, on=date(2020, 1, 1)
    )
    world.other_village.refresh_from_db()
    clerk = Actor(
        user_id=1,
        grants=(
            Grant("village_clerk", world.other_village.pk, world.other_village.scope_path, frozenset({VIEW})),
        ),
    )
    assert seen(clerk) == set(newest(clerk)) == {world.elder.pk, world.son.pk, world.decoy.pk}


@pytest.fixture
def many(world: World) -> World:
    """40,000 households in five villages: one of them large, two empty."""
    for offset, (village, count) in enumerate(
        ((world.village, 30_000), (world.other_village, 9_000), (world.far_village, 1_000))
    ):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO residents_household (village_id, household_no, kind, status, card_version, elder_mode,"
                " source, active_from) SELECT %s, 'm' || n, 'hukou', 'active', 1, false, 'test', '2020-01-01'"
                " FROM generate_series(1, %s) n ORDER BY (n * 7919 + %s) %% 1009",
                [village.pk, count, offset],
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE residents_household")
    return world


def plans_of(actor: Actor, limit: int, before_id: int | None = None) -> list[str]:
    """The plans of the statements `newest` sends, as executed."""
    with CaptureQueriesContext(connection) as captured:
        newest(actor, limit, before_id)
    plans = []
    with connection.cursor() as cursor:
        for query in captured.captured_queries:
            if "residents_household" in query["sql"]:
                cursor.execute(
                    f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF) {query['sql']}"
                )
                plans.append("\n".join(row[0] for row in cursor.fetchall()))
    return plans


def test_newest_walks_the_index_and_sorts_nothing_however_many_rows(many: World) -> None:
    paths = [many.village, many.other_village, many.far_village]
    several = Actor(user_id=1, grants=tuple(Grant("x", r.pk, r.scope_path, frozenset({VIEW})) for r in paths))
    ids_plan, rows_plan = plans_of(several, 50)
    # per village the newest 50 ids, straight from the index of (village, id)
    assert "Index Only Scan Backward using residents_household_village" in ids_plan
    assert "loops=3" in ids_plan and "Seq Scan on residents_household" not in ids_plan
    touched = [int(n) for n in re.findall(r"using residents_household_village.*rows=(\d+)", ids_plan)]
    assert touched == [50]
    assert "Filter: (village" not in ids_plan
    assert "Seq Scan on residents_household" not in rows_plan

    one = Actor(user_id=1, grants=several.grants[:1])
    (plan,) = plans_of(one, 50)
    assert "Backward using residents_household_village" in plan
    assert "Sort" not in plan and "Seq Scan" not in plan and "Removed by Filter" not in plan

    # a page far back enters the index where it begins: a handful of blocks, not all newer entries
    deep = Household.objects.filter(village=many.village).order_by("pk").values_list("pk", flat=True)[100]
    (plan,) = plans_of(one, 50, deep)
    blocks = sum(int(n) for n in re.findall(r"(?:hit|read)=(\d+)", plan.splitlines()[1]))
    assert "Removed by Filter" not in plan and blocks < 60


def test_newest_takes_the_same_few_queries_however_many_villages(
    many: World, django_assert_num_queries: object
) -> None:
    township = Actor(user_id=1, grants=(Grant("x", 1, many.town.scope_path, frozenset({VIEW})),))
    county = Actor(user_id=1, grants=(Grant("x", 1, many.county.scope_path, frozenset({VIEW})),))
    for actor in (township, county):
        with django_assert_num_queries(3):  # type: ignore[operator]
            assert len(newest(actor)) == 50


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_newest_is_visible_in_order(many_small: SimpleNamespace, data: st.DataObject) -> None:
    """Whatever the regions, own households, page size and cursor: the same rows as the plain way."""
    chosen = data.draw(st.lists(st.sampled_from(many_small.regions), max_size=4, unique_by=lambda r: r.pk))
    own = data.draw(st.lists(st.sampled_from(many_small.ids), max_size=4, unique=True))
    limit = data.draw(st.integers(1, 30))
    before = data.draw(st.none() | st.sampled_from(many_small.ids))
    actor = Actor(
        user_id=1,
        household_ids=tuple(own),
        own_permissions=frozenset({VIEW}),
        grants=tuple(Grant("x", r.pk, r.scope_path, frozenset({VIEW})) for r in chosen),
    )
    plain = scope.visible(Household.objects.all(), actor, VIEW, household_field="id").order_by("-pk")
    if before is not None:
        plain = plain.filter(pk__lt=before)
    assert newest(actor, limit, before) == [h.pk for h in plain[:limit]]


@pytest.fixture
def many_small(world: World) -> SimpleNamespace:
    places = [world.village, world.other_village, world.far_village]
    for number in range(60):
        Household.objects.create(
            village=places[number * 7 % 3],
            household_no=f"s{number}",
            source="test",
            active_from=date(2020, 1, 1),
        )
    ids = list(Household.objects.values_list("id", flat=True))
    return SimpleNamespace(regions=[*places, world.town, world.county], ids=ids)


def test_latest_per_region_gives_each_village_its_own(many_small: SimpleNamespace, world: World) -> None:
    actor = Actor(user_id=1, grants=(Grant("x", 1, world.town.scope_path, frozenset({VIEW})),))
    found = scope.latest_per_region(Household.objects.all(), actor, VIEW, limit=5)
    assert set(found) == {world.village.pk, world.other_village.pk}
    for village_id, ids in found.items():
        expected = (
            Household.objects.filter(village_id=village_id).order_by("-pk").values_list("pk", flat=True)[:5]
        )
        assert ids == list(expected)
    assert scope.latest_per_region(Household.objects.all(), NOBODY, VIEW, limit=5) == {}
