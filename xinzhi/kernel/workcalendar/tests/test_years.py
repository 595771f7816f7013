from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import NOBODY, SYSTEM, Actor, Grant
from xinzhi.kernel.foundation.errors import Forbidden
from xinzhi.kernel.identity.models import RoleGrant, User
from xinzhi.kernel.workcalendar import queries, services, tables
from xinzhi.kernel.workcalendar.commands import group
from xinzhi.kernel.workcalendar.models import ImportedDay

TABLE = "day,kind,name\n" + "".join(f"2031-10-0{d},off,国庆节\n" for d in range(1, 8)) + "".join(
    f"2031-0{m}-01,off,x\n" for m in (1, 2, 4, 5)
) + "2031-10-11,work,国庆节\n"  # fmt: skip
ADMIN = Actor(user_id=1, grants=(Grant("platform_admin", 0, "", frozenset({services.IMPORT})),))


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    queries.forget_cached()
    yield
    queries.forget_cached()


@pytest.mark.django_db
def test_an_imported_year_counts_and_is_no_longer_provisional() -> None:
    assert queries.year_is_provisional(2031)
    assert queries.is_working_day(date(2031, 10, 1)) and not queries.is_working_day(date(2031, 10, 11))
    assert services.import_year(actor=ADMIN, year=2031, table=TABLE, source="notice") == 12
    assert not queries.year_is_provisional(2031)
    assert not queries.is_working_day(date(2031, 10, 1)) and queries.is_working_day(date(2031, 10, 11))
    assert Record.objects.filter(action="workcalendar.import_year", subject="year:2031", count=12).exists()


@pytest.mark.django_db
def test_the_same_year_again_replaces_it_even_a_bundled_one() -> None:
    for _ in range(2):
        services.import_year(actor=ADMIN, year=2031, table=TABLE.encode("gb18030"), source="notice")
    assert ImportedDay.objects.count() == 12
    services.import_year(actor=ADMIN, year=2024, table=TABLE.replace("2031", "2024"), source="revised notice")
    assert not queries.is_working_day(date(2024, 5, 1)) and queries.is_working_day(date(2024, 2, 12))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "row",
    [
        "2031-10-32,off,x",
        "2032-10-01,off,x",
        "2031-10-01,off,x",
        "2031-11-01,holiday,x",
        "2031-11-01",
        "x\x00,off",
        '"2031',
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_imported(row: str) -> None:
    with pytest.raises(tables.CalendarRowWrong) as refusal:
        services.import_year(actor=ADMIN, year=2031, table=TABLE + row, source="notice")
    assert refusal.value.context["row"] == 14
    assert not ImportedDay.objects.exists() and queries.year_is_provisional(2031)


@pytest.mark.django_db
def test_half_a_notice_is_refused() -> None:
    for table in ("", "day,kind,name\n", "2031-10-01,off,x\n"):
        with pytest.raises(tables.CalendarIncomplete):
            services.import_year(actor=ADMIN, year=2031, table=table, source="notice")
    with pytest.raises(services.NotText):
        services.import_year(actor=ADMIN, year=2031, table=b"\xff\xff\xff", source="notice")
    with pytest.raises(services.SourceMissing):
        services.import_year(actor=ADMIN, year=2031, table=TABLE, source=" ")
    with pytest.raises(services.YearOutOfRange):
        services.import_year(actor=ADMIN, year=9999, table=TABLE, source="notice")


@pytest.mark.django_db
def test_only_the_platform_administrator_imports() -> None:
    clerk = Actor(user_id=2, grants=(Grant("village_clerk", 3, "1/2/3/", frozenset({services.IMPORT})),))
    for actor in (NOBODY, Actor(user_id=2), clerk):
        with pytest.raises(Forbidden):
            services.import_year(actor=actor, year=2031, table=TABLE, source="notice")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("today", "missing"),
    [
        (date(2026, 10, 31), []),
        (date(2026, 11, 1), [2027]),
        (date(2027, 1, 1), [2027]),
        (date(2025, 12, 31), []),
    ],
)
def test_the_administrator_is_warned_in_time(today: date, missing: list[int]) -> None:
    assert queries.provisional_years(today) == missing


@pytest.mark.django_db
def test_a_span_into_an_unknown_year_is_provisional() -> None:
    assert not queries.span_is_provisional(date(2026, 1, 1), date(2026, 12, 31))
    assert queries.span_is_provisional(date(2026, 12, 31), date(2027, 1, 1))


@pytest.mark.django_db
def test_calendars_are_read_once(django_assert_num_queries: object) -> None:
    queries.is_working_day(date(2026, 1, 1))
    with django_assert_num_queries(0):  # type: ignore[operator]
        for _ in range(50):
            queries.add_working_days(date(2026, 1, 1), 30)


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_leave_one_whole_calendar() -> None:
    barrier, problems = threading.Barrier(2), []

    def run(table: str) -> None:
        try:
            barrier.wait()
            services.import_year(actor=ADMIN, year=2031, table=table, source="notice")
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(t,)) for t in (TABLE, TABLE + "2031-12-31,off,x\n")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert ImportedDay.objects.filter(year_id=2031).count() in (12, 13)


@pytest.mark.django_db
def test_the_command_imports_and_warns(tmp_path: Path) -> None:
    file = tmp_path / "2031.csv"
    file.write_text(TABLE, encoding="utf-8")
    done = CliRunner().invoke(group, ["import", "2031", str(file), "--source", "notice"])
    assert done.exit_code == 0 and "12 days" in done.output
    wrong = CliRunner().invoke(group, ["import", "2032", str(file), "--source", "notice"])
    assert wrong.exit_code == 1 and "Row 2" in wrong.output
    with clock.fixed(clock.start_of_day(date(2040, 1, 2))):
        assert "2040 has no official calendar" in CliRunner().invoke(group, ["status"]).output


@pytest.mark.django_db
def test_deadlines_over_http() -> None:
    client = Client()
    path = "/api/v1/workcalendar/deadline?at=2024-09-27T16:30:00&hours=28"
    assert client.get(path).status_code == 401
    user = User.objects.create_user("root", "long-enough-7")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(path).json() == {"due_at": "2024-10-09T16:30:00+08:00", "is_provisional": False}
    due = client.get("/api/v1/workcalendar/due-day?start=2026-12-30&working_days=5").json()
    assert due == {"due_date": "2027-01-06", "is_provisional": True}
    for query in ("hours=-1", "hours=nan", "hours=inf", "hours=1e99", "hours="):
        assert client.get(f"/api/v1/workcalendar/deadline?at=2024-09-27T16:30:00&{query}").status_code == 422
    for moment in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        assert client.get(f"/api/v1/workcalendar/deadline?at={moment}&hours=1").status_code == 200
    assert len(client.get("/api/v1/workcalendar/years/2025").json()["days"]) == 33
    body = {"table": TABLE, "source": "notice"}
    put = lambda: client.put("/api/v1/workcalendar/years/2031", body, content_type="application/json")  # noqa: E731
    assert put().status_code == 403
    RoleGrant.objects.create(
        user=user,
        role="platform_admin",
        active_from=date(2020, 1, 1),
        granted_by="system",
        granted_at=clock.now(),
    )
    assert put().json() == {"year": 2031, "count": 12}
    assert services.import_year(actor=SYSTEM, year=2031, table=TABLE, source="notice") == 12
