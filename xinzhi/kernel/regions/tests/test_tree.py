from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xinzhi.kernel.foundation.actors import NOBODY, Actor, Grant
from xinzhi.kernel.foundation.errors import Forbidden
from xinzhi.kernel.regions import queries, services
from xinzhi.kernel.regions.models import Region, RegionPlacement
from xinzhi.kernel.regions.tests.conftest import ADMIN, LONG_AGO, below

READER = Actor(user_id=2)


def officer_of(region: Region) -> Actor:
    region.refresh_from_db()
    return Actor(
        user_id=3, grants=(Grant("township_officer", region.pk, region.scope_path, frozenset({"x.view"})),)
    )


def test_a_path_names_the_ids_from_the_root_down(anji: Region) -> None:
    shanchuan = below(anji, "township", "山川乡", "330523206")
    village = below(shanchuan, "village", "高家堂村", "330523206203")
    group = below(village, "group", "一组")
    chain = queries.ancestors(group)
    assert [r.name for r in chain] == ["浙江省", "湖州市", "安吉县", "山川乡", "高家堂村"]
    assert group.scope_path == "".join(f"{r.pk}/" for r in [*chain, group])
    assert queries.village_of(group) == village == queries.village_of(village)
    with pytest.raises(queries.RegionNotFound):
        queries.village_of(shanchuan)


def test_t17_code_drift_330523109_to_330523111(anji: Region) -> None:
    """天子湖镇 gets another code: region and history stay, the old code resolves; and a township succeeds another."""
    tianzihu = below(anji, "township", "天子湖镇", "330523109")
    changed = date(2010, 1, 1)
    services.add_code(actor=ADMIN, region=tianzihu, code="330523111", active_from=changed)

    for code in ("330523109", "330523109000", "330523111", "330523111000"):
        assert queries.region_by_code(code) == tianzihu
    assert queries.region_by_code("330523109", on=date(2009, 12, 31)) == tianzihu
    assert queries.code_of(tianzihu) == "330523111000"
    assert queries.code_of(tianzihu, on=date(2009, 12, 31)) == "330523109000"
    assert Region.objects.filter(name="天子湖镇").count() == 1

    # 皈山乡 was abolished on 2014-01-15 and belongs to 孝源街道 since
    guishan = below(anji, "township", "皈山乡", "330523204")
    village = below(guishan, "village", "皈山场村", "330523204201")
    group = below(village, "group", "一组")
    xiaoyuan = below(anji, "township", "孝源街道", "330523004")
    assert village.pk not in queries.ids_within(officer_of(xiaoyuan).scope_paths("x.view"))
    abolished = date(2014, 1, 15)
    services.succeed(actor=ADMIN, predecessor=guishan, successor=xiaoyuan, on=abolished)

    seen = queries.ids_within(officer_of(xiaoyuan).scope_paths("x.view"))
    assert {guishan.pk, village.pk, group.pk, xiaoyuan.pk} == set(seen)
    assert queries.village_ids_within([xiaoyuan.scope_path]) == [village.pk]
    group.refresh_from_db()
    assert group.scope_path == f"{xiaoyuan.scope_path}{village.pk}/{group.pk}/"
    assert queries.region_by_code("330523204") == guishan
    assert queries.predecessors(xiaoyuan) == [guishan]
    # history by date
    day_before = date(2014, 1, 14)
    names = [r.name for r in queries.children(READER, anji, as_of=day_before)]
    assert "皈山乡" in names
    assert "皈山乡" not in [r.name for r in queries.children(READER, anji, as_of=abolished)]
    assert "皈山乡" not in [r.name for r in queries.children(READER, anji)]
    assert [r.name for r in queries.ancestors(village, as_of=day_before)][-1] == "皈山乡"
    assert [r.name for r in queries.ancestors(village, as_of=abolished)][-1] == "孝源街道"
    assert queries.children(READER, guishan, as_of=day_before) == [village]
    assert queries.children(READER, xiaoyuan) == [village]


def test_succession_of_villages_chains(anji: Region) -> None:
    town = below(anji, "township", "山川乡", "330523206")
    first, second, third = (below(town, "village", name) for name in ("甲村", "乙村", "丙村"))
    services.succeed(actor=ADMIN, predecessor=first, successor=second, on=date(2005, 1, 1))
    services.succeed(actor=ADMIN, predecessor=second, successor=third, on=date(2015, 1, 1))
    third.refresh_from_db()
    assert queries.village_ids_within([third.scope_path]) == sorted([first.pk, second.pk, third.pk])
    assert queries.village_of(first) == first  # what was recorded under 甲村 stays 甲村's


def test_succession_twice_changes_nothing(anji: Region) -> None:
    town = below(anji, "township", "山川乡", "330523206")
    one, two = below(town, "village", "甲村"), below(town, "village", "乙村")
    for _ in range(2):
        services.succeed(actor=ADMIN, predecessor=one, successor=two, on=date(2005, 1, 1))
    two.refresh_from_db()
    assert Region.objects.get(pk=one.pk).scope_path == f"{two.scope_path}{one.pk}/"


def test_rings_are_refused_and_nothing_moves(anji: Region) -> None:
    town = below(anji, "township", "山川乡", "330523206")
    village = below(town, "village", "甲村")
    before = set(Region.objects.values_list("id", "scope_path"))
    with pytest.raises(services.CannotFollowItself):
        services.succeed(actor=ADMIN, predecessor=town, successor=village, on=date(2020, 1, 1))
    with pytest.raises(services.CannotFollowItself):
        services.succeed(actor=ADMIN, predecessor=town, successor=town, on=date(2020, 1, 1))
    with pytest.raises(services.CannotFollowItself):
        services.move_region(actor=ADMIN, region=town, parent=village, on=date(2020, 1, 1))
    assert set(Region.objects.values_list("id", "scope_path")) == before


def test_moving_a_region_takes_all_below_along(anji: Region) -> None:
    one, two = below(anji, "township", "甲乡", "330523201"), below(anji, "township", "乙乡", "330523202")
    village = below(one, "village", "丙村")
    group = below(village, "group", "一组")
    services.move_region(actor=ADMIN, region=village, parent=two, on=date(2001, 2, 3))
    group.refresh_from_db()
    assert group.scope_path == f"{two.scope_path}{village.pk}/{group.pk}/"
    assert queries.ids_within([one.scope_path]) == [one.pk]
    assert queries.children(READER, one, as_of=date(2001, 2, 2)) == [village]


def test_a_region_that_ended_takes_no_children_and_no_second_successor(anji: Region) -> None:
    town = below(anji, "township", "山川乡", "330523206")
    one, two, three = (below(town, "village", name) for name in ("甲村", "乙村", "丙村"))
    services.succeed(actor=ADMIN, predecessor=one, successor=two, on=date(2005, 1, 1))
    with pytest.raises(services.RegionHasEnded):
        below(one, "group", "一组")
    with pytest.raises(services.RegionHasEnded):
        services.succeed(actor=ADMIN, predecessor=one, successor=three, on=date(2006, 1, 1))
    with pytest.raises(services.SuccessorOfOtherLevel):
        services.succeed(actor=ADMIN, predecessor=three, successor=anji, on=date(2006, 1, 1))


def test_paths_match_whole_ids_only(anji: Region) -> None:
    """1/4/ must not open 1/42/: the separator is part of the path."""
    towns = [below(anji, "township", f"乡{i}") for i in range(12)]
    for town in towns:
        assert queries.ids_within([town.scope_path]) == [town.pk]
    with pytest.raises(ValueError, match="ends with"):
        queries.ids_within([towns[0].scope_path.rstrip("/")])


def test_ids_within_asks_once_and_remembers_only_inside_a_request(
    anji: Region, django_assert_num_queries: object
) -> None:
    town = below(anji, "township", "山川乡", "330523206")
    everything = sorted(Region.objects.values_list("id", flat=True))
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert queries.ids_within([town.scope_path, ""]) == everything
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert queries.ids_within([]) == []
    with queries.cached():
        assert queries.ids_within([town.scope_path]) == [town.pk]
        with django_assert_num_queries(0):  # type: ignore[operator]
            queries.ids_within([town.scope_path])
        village = below(town, "village", "甲村")
        assert queries.ids_within([town.scope_path]) == [town.pk, village.pk]
    with django_assert_num_queries(1):  # type: ignore[operator]
        queries.ids_within([town.scope_path])


def test_a_stranger_reads_nothing_and_only_the_administrator_writes(anji: Region) -> None:
    with pytest.raises(Forbidden):
        queries.children(NOBODY, anji)
    with pytest.raises(Forbidden):
        queries.search(NOBODY, q="安")
    for actor in (NOBODY, READER, officer_of(anji)):
        with pytest.raises(Forbidden):
            services.create_region(
                actor=actor, level="township", name="甲乡", parent=anji, active_from=LONG_AGO
            )
    assert [r.name for r in queries.search(READER, q="安吉").items] == ["安吉县"]
    assert [r.name for r in queries.search(READER, q="3305230").items] == ["安吉县"]
    assert queries.search(READER, permission="x.view").items == []
    assert anji in queries.search(officer_of(anji), permission="x.view").items


def test_levels_stand_in_order(anji: Region) -> None:
    town = below(anji, "township", "山川乡", "330523206")
    village = below(town, "village", "甲村")
    with pytest.raises(services.RegionBelowWrongLevel):
        below(village, "township", "乙乡")
    with pytest.raises(services.RegionBelowWrongLevel):
        below(village, "village", "乙村")
    assert below(town, "grid", "网格一").parent == town


def test_the_database_refuses_a_path_of_somebody_else(anji: Region) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Region.objects.filter(pk=anji.pk).update(scope_path="9/8/")
    with pytest.raises(IntegrityError), transaction.atomic():
        Region.objects.filter(pk=anji.pk).update(scope_path=f"9{anji.pk}/")


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_never_make_a_ring(anji: Region) -> None:
    """A under B and B under A at the same moment: one of them is refused."""
    one, two = below(anji, "township", "甲乡", "330523201"), below(anji, "township", "乙乡", "330523202")
    va, vb = below(one, "village", "甲村"), below(two, "village", "乙村")
    barrier, refused = threading.Barrier(2), []

    def run(pred: Region, succ: Region) -> None:
        try:
            barrier.wait()
            services.succeed(actor=ADMIN, predecessor=pred, successor=succ, on=date(2020, 1, 1))
        except services.RegionHasEnded as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=pair)
        for pair in ((Region(pk=va.pk), Region(pk=vb.pk)), (Region(pk=vb.pk), Region(pk=va.pk)))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Region.objects.filter(pk__in=[va.pk, vb.pk], active_to__isnull=True).count() == 1
    assert_tree_is_sound()


def assert_tree_is_sound() -> None:
    """Every open region's path is its parent's path and its own id; every one has one open placement."""
    rows = {r.pk: r for r in Region.objects.all()}
    for r in rows.values():
        if r.active_to is None:
            assert r.scope_path == (rows[r.parent_id].scope_path if r.parent_id else "") + f"{r.pk}/"
            assert RegionPlacement.objects.filter(region=r, active_to=None, parent=r.parent_id).count() == 1


# every example is rolled back, so the tree of the fixture serves them all
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(["move", "succeed"]), st.integers(0, 8), st.integers(0, 8)), max_size=12
    )
)
def test_whatever_happens_the_tree_stays_sound(
    transactional_tree: list[Region], acts: list[tuple[str, int, int]]
) -> None:
    with transaction.atomic():
        for day, (act, a, b) in enumerate(acts, start=1):
            on = date(2001, 1, day)
            try:
                with transaction.atomic():
                    one, two = transactional_tree[a], transactional_tree[b]
                    if act == "move":
                        services.move_region(actor=ADMIN, region=one, parent=two, on=on)
                    else:
                        services.succeed(actor=ADMIN, predecessor=one, successor=two, on=on)
            except (services.Conflict, services.Invalid):
                continue
        assert_tree_is_sound()
        transaction.set_rollback(True)


@pytest.fixture
def transactional_tree(anji: Region) -> list[Region]:
    towns = [below(anji, "township", f"{i}乡") for i in range(3)]
    villages = [below(town, "village", f"{i}村") for i, town in enumerate([*towns, towns[0]])]
    return [*towns, *villages, below(villages[0], "group", "一组"), below(villages[1], "group", "二组")]
