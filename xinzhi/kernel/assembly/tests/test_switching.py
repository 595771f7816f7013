"""Off in one village: its people read a sentence, its neighbours notice nothing; on again, all is back."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import connections

from xinzhi.kernel.assembly import registry, switching
from xinzhi.kernel.assembly.errors import UnknownScene
from xinzhi.kernel.assembly.models import Switch
from xinzhi.kernel.assembly.services import require_enabled, switch_scene
from xinzhi.kernel.assembly.tests.conftest import Declare
from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import NOBODY, SYSTEM, Actor
from xinzhi.kernel.foundation.errors import Forbidden
from xinzhi.kernel.identity import services as identity
from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.regions import services as regions
from xinzhi.kernel.regions.models import Region

SCENE = "tea"
LONG_AGO = date(2000, 1, 1)


@dataclass(frozen=True)
class Country:
    county: Region
    township: Region
    village: Region
    neighbour: Region


@pytest.fixture
def country(db: None, declare: Declare) -> Country:
    declare(SCENE)
    return make_country()


def make_country() -> Country:
    def region(level: str, name: str, parent: Region | None = None) -> Region:
        return regions.create_region(
            actor=SYSTEM, level=level, name=name, parent=parent, active_from=LONG_AGO
        )

    county = region("county", "安吉县")
    township = region("township", "山川乡", county)
    return Country(
        county, township, region("village", "大里村", township), region("village", "九亩村", township)
    )


def switch(region: Region, on: bool, days: int = 0) -> Switch:
    at = clock.now() + timedelta(days=days)
    return switch_scene(actor=SYSTEM, slug=SCENE, region_id=region.pk, enabled=on, at=at)


def officer(role: str, region: Region) -> Actor:
    user = identity.create_user(actor=SYSTEM, username=f"{role}-{region.pk}")
    identity.grant_role(actor=SYSTEM, user_id=user.pk, role=role, region_id=region.pk, active_from=LONG_AGO)
    return actor_of(User.objects.get(pk=user.pk))


def on_in(country: Country) -> tuple[bool, bool]:
    return registry.is_enabled(SCENE, country.village.pk), registry.is_enabled(SCENE, country.neighbour.pk)


def test_without_a_switch_a_scene_is_on(country):
    assert on_in(country) == (True, True)


def test_the_nearest_switch_up_the_tree_decides(country):
    switch(country.county, False)
    assert on_in(country) == (False, False)
    switch(country.village, True)
    assert on_in(country) == (True, False)
    switch(country.county, True)
    switch(country.village, False)
    assert on_in(country) == (False, True)


def test_an_officer_keeps_what_one_of_his_villages_uses(country):
    clerk, neighbour = officer("village_clerk", country.village), officer("village_clerk", country.neighbour)
    township = officer("township_officer", country.township)
    switch(country.village, False)
    shown = [registry.is_enabled_for(SCENE, actor) for actor in (clerk, neighbour, township, SYSTEM, NOBODY)]
    assert shown == [False, True, True, True, True]

    switch(country.neighbour, False)
    assert registry.is_enabled_for(SCENE, township)  # the township itself is not switched off
    switch(country.township, False)
    assert not registry.is_enabled_for(SCENE, township)


def test_every_change_is_on_record_once_and_history_stays(country):
    for on in (False, False, True, False):
        switch(country.village, on)
    rows = Switch.objects.filter(region=country.village).order_by("id")
    assert [(r.enabled, r.active_to is None) for r in rows] == [(False, False), (True, False), (False, True)]
    said = (
        Record.objects.filter(subject=f"assembly.scene:{SCENE}")
        .order_by("id")
        .values_list("action", flat=True)
    )
    assert list(said) == ["assembly.switch_off", "assembly.switch_on", "assembly.switch_off"]


def test_only_the_county_switches_and_only_at_home(country):
    elsewhere = regions.create_region(actor=SYSTEM, level="county", name="德清县", active_from=LONG_AGO)
    for actor in (officer("village_clerk", country.village), officer("township_officer", country.township), NOBODY,
                  officer("county_officer", elsewhere)):  # fmt: skip
        with pytest.raises(Forbidden):
            switch_scene(actor=actor, slug=SCENE, region_id=country.village.pk, enabled=False, at=clock.now())
    mine = officer("county_officer", country.county)
    switch_scene(actor=mine, slug=SCENE, region_id=country.village.pk, enabled=False, at=clock.now())
    assert on_in(country) == (False, True)


@pytest.mark.parametrize("slug", ["coffee", "ledger", ""])
def test_what_is_no_scene_cannot_be_switched(country, slug):
    with pytest.raises(UnknownScene) as refusal:
        switch_scene(actor=SYSTEM, slug=slug, region_id=country.village.pk, enabled=False, at=clock.now())
    assert "tea" in refusal.value.message


def test_a_page_asks_for_the_switches_once(country, django_assert_num_queries):
    switch(country.village, False)
    switching.begin_request()
    try:
        with django_assert_num_queries(1):
            for _entry in range(5):
                registry.is_enabled_for(SCENE, SYSTEM)
        switch(country.neighbour, False)
        assert on_in(country) == (False, False)  # a switch moved in this request counts at once
    finally:
        switching.end_request()


@pytest.mark.django_db(transaction=True)
def test_officers_at_once_take_turns(declare):
    declare(SCENE)
    country = make_country()
    gate = threading.Barrier(4)
    troubles: list[Exception] = []

    def act(on: bool) -> None:
        try:
            gate.wait()
            switch(country.village, on)
        except Exception as trouble:
            troubles.append(trouble)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=(n % 2 == 0,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert troubles == []
    rows = list(
        Switch.objects.filter(region=country.village).order_by("id").values_list("enabled", "active_to")
    )
    assert [active_to is None for _on, active_to in rows] == [False] * (len(rows) - 1) + [True]
    assert all(first != then for (first, _a), (then, _b) in pairwise(rows)), (
        "a change that changes nothing is no row"
    )
    assert Record.objects.filter(subject=f"assembly.scene:{SCENE}").count() == len(rows)


def test_a_service_refuses_by_name_where_its_scene_is_off(country):
    switch(country.village, False)
    require_enabled(SCENE, region_id=country.neighbour.pk)
    with pytest.raises(Exception, match=f"“{SCENE}”"):
        require_enabled(SCENE, region_id=country.village.pk)
