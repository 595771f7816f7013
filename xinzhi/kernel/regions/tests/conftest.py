from __future__ import annotations

from datetime import date

import pytest

from xinzhi.kernel.foundation.actors import Actor, Grant
from xinzhi.kernel.regions import services
from xinzhi.kernel.regions.models import Region

ADMIN = Actor(user_id=1, grants=(Grant("platform_admin", 0, "", frozenset({"regions.region.manage"})),))
LONG_AGO = date(1990, 1, 1)


@pytest.fixture
def anji(db: None) -> Region:
    """浙江省 > 湖州市 > 安吉县."""
    above = None
    for level, name, code in (
        ("province", "浙江省", "33"),
        ("city", "湖州市", "3305"),
        ("county", "安吉县", "330523"),
    ):
        above = services.create_region(
            actor=ADMIN, level=level, name=name, parent=above, code=code, active_from=LONG_AGO
        )
    assert above is not None
    return above


def below(parent: Region, level: str, name: str, code: str | None = None) -> Region:
    return services.create_region(
        actor=ADMIN, level=level, name=name, parent=parent, code=code, active_from=LONG_AGO
    )
