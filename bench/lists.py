"""How long people wait with a county's years behind them: lists, inboxes, statements and overviews, whole request at the server.

python -m bench.lists                  10,000 and then 1,000,000 deeds (4,000,000 entries) of 100,000 households, in a database of its own
python -m bench.lists --size 100000    BENCH_FULL=1 takes 5,000,000 deeds

The peer of a page is the same page with 10,000 deeds: it must not be much slower because there is more.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

from bench.county import MOST_DEEDS, add_deeds, add_households
from bench.figures import report

AIM_P95_MS, AIM_QUERIES = 100, 8
SMALL, LARGE, FULL = 10_000, 1_000_000, 5_000_000
HOUSEHOLDS = 100_000
REPEATS = 60
HOME = "330523206203"
AIM = f"p95 < {AIM_P95_MS} ms"


def lay_county(households: int) -> int:
    """The demo township with its offices and charters, and so many households more; the village whose pages are read."""
    from xinzhi.kernel.foundation import clock
    from xinzhi.kernel.regions.queries import region_by_code
    from xinzhi.localities.shanchuan.demo import load
    from xinzhi.localities.shanchuan.demo.places import VILLAGES

    load._lay_ground(clock.today(), 1, lambda _line: None)
    village = region_by_code(HOME)
    others = [region_by_code(v.code).pk for v in VILLAGES if v.code != HOME]
    add_households([village.pk, *others], households, at=clock.now())
    return village.pk


def run(sizes: tuple[int, ...]) -> None:
    """Measure on the connected database at each size, one after the other."""
    from django.db import connection

    began = time.perf_counter()
    village = lay_county(HOUSEHOLDS)
    print(f"{HOUSEHOLDS:,} households written in {time.perf_counter() - began:.0f} s", flush=True)
    clients = readers(village)
    medians: dict[str, list[float]] = {}
    there = 0
    for size in sizes:
        print(add_deeds(there + 1, size, home=village), flush=True)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")  # as the database does by itself before long
        there = size
        for name, (who, address, most) in pages(village).items():
            took, queries = measure(lambda who=who, address=address: clients[who].get(address))
            p95 = statistics.quantiles(took, n=20)[-1]
            medians.setdefault(name, []).append(statistics.median(took))
            if size == sizes[-1]:
                against = medians[name][-1] / medians[name][0]
                report(
                    f"{name}, {size:,} deeds",
                    f"p95 {p95:.0f} ms, p50 {medians[name][-1]:.0f} ms, {queries} queries, {against:.2f} times that of {sizes[0]:,}",
                    aim=AIM + (f", ≤ {most} queries" if most else ""),
                    is_met=p95 < AIM_P95_MS and (not most or queries <= most),
                )
            else:
                print(f"{size:>10,} deeds  {name:44} p95 {p95:4.0f} ms  {queries} queries", flush=True)


def pages(village: int) -> dict[str, tuple[str, str, int]]:
    """Who reads which address, and in how many queries at most (0: as many as it needs, they do not grow)."""
    from xinzhi.kernel.foundation.paging import encode_cursor
    from xinzhi.scenes.governance_points.models import Deed

    household = Deed.objects.get(pk=MOST_DEEDS).household_id
    deeds = f"/governance_points/desk/deeds/?village={village}"
    ids = Deed.objects.filter(village_id=village).order_by("-pk").values_list("pk", flat=True)
    middle = ids[len(ids) // 2]
    return {
        "clerk: 50 newest deeds": ("clerk", deeds, AIM_QUERIES),
        "clerk: 50 deeds still to verify": ("clerk", f"{deeds}&state=submitted", AIM_QUERIES),
        "clerk: a state that hardly any deed is in": ("clerk", f"{deeds}&state=returned", AIM_QUERIES),
        "clerk: half way down the list": ("clerk", f"{deeds}&cursor={encode_cursor(middle)}", AIM_QUERIES),
        "API: 50 newest deeds": (
            "clerk",
            f"/api/v1/governance-points/deeds?village_id={village}&limit=50",
            AIM_QUERIES,
        ),
        "clerk: inbox": ("clerk", "/workflow/inbox/", 0),
        "inspector: inbox": ("inspector", "/workflow/inbox/", 0),
        "clerk: households": ("clerk", f"/governance_points/desk/households/?village={village}", 0),
        "clerk: statement of a household": ("clerk", f"/governance_points/desk/households/{household}/", 0),
        "villager: home": ("villager", "/governance_points/", 0),
        "villager: statement": ("villager", "/governance_points/statement/", 0),
        "clerk: overview of the village": (
            "clerk",
            f"/governance_points/desk/overview/?village={village}",
            0,
        ),
        "township: overview of all villages": ("township", "/governance_points/desk/overview/", 0),
        "clerk: what stood out": (
            "clerk",
            f"/governance_points/desk/overview/oddities/?village={village}",
            0,
        ),
    }


def readers(village: int) -> dict[str, Any]:
    """A logged-in browser for each of them; the villager is the head of the first household."""
    from django.test import Client

    from xinzhi.kernel.foundation import clock
    from xinzhi.kernel.identity import services as identity
    from xinzhi.kernel.identity.models import User
    from xinzhi.kernel.residents import queries as residents
    from xinzhi.kernel.residents.models import Household

    first = Household.objects.filter(village_id=village).earliest("pk").pk
    villager = identity.login_of_person(residents.head_ids([first])[first], at=clock.now())
    users = {
        who: User.objects.get(username=name)
        for who, name in (
            ("clerk", "gaojiatang-clerk"),
            ("inspector", "gaojiatang-inspector"),
            ("township", "township"),
        )
    } | {"villager": villager}
    clients = {}
    for who, user in users.items():
        clients[who] = Client(headers={"accept-language": "zh-hans"})
        clients[who].force_login(user)
    return clients


def measure(ask: Callable[[], Any]) -> tuple[list[float], int]:
    """Milliseconds of each repeat, and the queries of one."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ask()  # the first visit remembers the village
    with CaptureQueriesContext(connection) as captured:
        answer = ask()
        queries = len(captured)
        if answer.status_code != 200:
            raise SystemExit(f"The page answered {answer.status_code}: {answer.content[:200]!r}")
    took = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return took, queries


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, help="deeds (default 1,000,000; 5,000,000 with BENCH_FULL=1)")
    size = parser.parse_args().size or (FULL if os.environ.get("BENCH_FULL") == "1" else LARGE)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinzhi.config.settings")
    os.environ["XINZHI_TEST_DB"] = os.environ.get("XINZHI_BENCH_DB", "bench_lists")
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    settings.ALLOWED_HOSTS = ["testserver"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with tempfile.TemporaryDirectory() as folder:
            settings.STATE_DIR = folder  # the logins of this throw-away township
            run((SMALL, size))
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


if __name__ == "__main__":
    main()
