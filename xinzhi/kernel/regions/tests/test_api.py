"""The picker. Regions lie below identity in the house, so the test brings the actor itself."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from ninja.testing import TestClient

from xinzhi.kernel.foundation.actors import NOBODY, Actor
from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.regions import api, services
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.regions.tests.conftest import ADMIN, below

READER = Actor(user_id=2)
client = TestClient(api.router)


def get(path: str, actor: Actor = READER) -> Any:
    return client.get(path, actor=actor)


@pytest.fixture
def town(anji: Region) -> Region:
    return below(anji, "township", "山川乡", "330523206")


def test_regions_are_found_by_name_code_and_place(town: Region) -> None:
    village = below(town, "village", "高家堂村", "330523206203")
    for query in ("q=高家堂", "q=330523206203", f"below={town.pk}", "level=village"):
        assert [r["id"] for r in get(f"?{query}").json()["items"]] == [village.pk], query
    assert get("?q=%25").json()["items"] == []
    assert get("?q=%00").status_code == 200


def test_pages_follow_each_other_without_gap(town: Region) -> None:
    ids = [below(town, "village", f"{n}村").pk for n in range(7)]
    seen, cursor = [], ""
    while True:
        page = get(f"?level=village&limit=3{cursor}").json()
        seen += [r["id"] for r in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ids


def test_one_region_shows_code_and_ancestors_of_the_day(town: Region) -> None:
    services.add_code(actor=ADMIN, region=town, code="330523207", active_from=date(2020, 1, 1))
    assert get(f"/{town.pk}").json()["code"] == "330523207000"
    assert get(f"/{town.pk}?on=2019-12-31").json()["code"] == "330523206000"
    old = get("/by-code/330523206").json()
    assert (old["id"], [r["name"] for r in old["ancestors"]]) == (town.pk, ["浙江省", "湖州市", "安吉县"])
    assert [r["id"] for r in get(f"/{town.parent_id}/children").json()] == [town.pk]


def test_strangers_are_refused_and_unknown_regions_not_found(town: Region) -> None:
    for path in ("", f"/{town.pk}", f"/{town.pk}/children", "/by-code/330523206"):
        with pytest.raises(DomainError) as refusal:
            get(path, NOBODY)
        assert refusal.value.status == 403
    for path in (f"/{10**30}", "/999999", "/by-code/zz", f"/{10**30}/children", f"?below={2**61}"):
        with pytest.raises(DomainError) as refusal:
            get(path)
        assert refusal.value.status == 404
    for query in ("limit=0", "limit=999", "below=0", "level=planet"):
        assert get(f"?{query}").status_code == 422
