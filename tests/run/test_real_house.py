"""The whole house, as a newcomer starts it: with every package and the demo township."""

from __future__ import annotations

import signal
import time

import pytest

from tests.run.conftest import House
from tests.run.test_health import readiness

#: As in the first column of what is printed.
ROLES = (
    "villager", "village_clerk", "council_member", "inspector", "supervisor", "township_officer", "county_officer", "platform_admin",
)  # fmt: skip
REAL = {"DJANGO_SETTINGS_MODULE": "xinzhi.config.settings", "XINZHI_DEMO": ""}


@pytest.mark.slow
def test_a_first_start_that_is_killed_leaves_nothing_half_and_the_next_one_has_logins_for_every_role(
    house: House,
) -> None:
    house.start(until="Demo township", within=60, **REAL)
    time.sleep(2)  # somewhere within the year of deeds
    house.signal(signal.SIGKILL)

    begin = time.monotonic()
    house.start(within=170, **REAL)
    assert time.monotonic() - begin < 170
    said = "".join(house.lines)
    assert "Demo township" in said
    for role in ROLES:
        assert any(line.split()[:1] == [role] for line in house.lines), f"no login for {role} in:\n{said}"
    status, said_of_itself = readiness(house)
    assert (status, said_of_itself["status"]) == (200, "ready")
    assert said_of_itself["checks"] == {"database": "ok", "migrations": "ok", "worker": "ok"}
    assert "登录" in house.get("/login/")
    assert house.signal(signal.SIGINT) == 0

    # later starts take seconds, load nothing twice, and still know the logins
    begin = time.monotonic()
    house.start(**REAL)
    assert time.monotonic() - begin < 20  # 10 s alone; here others run beside it
    assert not any(line.strip() == "Demo township" for line in house.lines)
    assert any(line.split()[:1] == ["villager"] for line in house.lines)
