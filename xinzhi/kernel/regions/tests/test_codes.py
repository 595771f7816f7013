from __future__ import annotations

import csv
import threading
from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Forbidden
from xinzhi.kernel.regions import codes, queries, services
from xinzhi.kernel.regions.divisions import DivisionRowWrong, plain_name
from xinzhi.kernel.regions.models import Region, RegionCode
from xinzhi.kernel.regions.tests.conftest import ADMIN, LONG_AGO, below

TABLE = [
    ("330523206201", "船村村委会"),
    ("330523206203", "高家堂村委会"),
    ("330523206", "山川乡"),
    ("330523111", "天子湖镇"),
]


@pytest.mark.parametrize(
    ("written", "full", "level"),
    [
        ("33", "330000000000", "province"),
        ("3305", "330500000000", "city"),
        ("330523", "330523000000", "county"),
        ("330523206", "330523206000", "township"),
        ("330523206203", "330523206203", "village"),
        ("３３０５２３206203 ", "330523206203", "village"),
        ("441900003", "441900003000", "township"),  # 东莞: a township without a county
    ],
)
def test_codes_are_understood(written: str, full: str, level: str) -> None:
    assert (codes.normal_code(written), codes.level_of_code(written)) == (full, level)


@pytest.mark.parametrize(
    "written",
    ["", "3", "330", "33052", "3305232", "33052320620", "3305232062030", "030523206203", "33052320620x",
     "330523000203", "330523906201", "٣٣٠٥٢٣", "330523\n"[:6] + "\x00", "<b>33</b>"],
)  # fmt: skip
def test_other_things_are_refused_with_a_sentence(written: str) -> None:
    with pytest.raises(codes.CodeNotUnderstood) as refusal:
        codes.normal_code(written)
    assert "330523206203" in refusal.value.message


@given(st.text(max_size=14))
def test_a_code_is_twelve_digits_or_refused(written: str) -> None:
    try:
        full = codes.normal_code(written)
    except codes.CodeNotUnderstood:
        return
    assert len(full) == 12 and full.isascii() and full.isdigit() and codes.normal_code(full) == full


def test_a_code_of_another_level_is_refused(anji: Region) -> None:
    with pytest.raises(codes.CodeOfOtherLevel):
        below(anji, "township", "山川乡", "330523206203")


def test_a_code_has_one_holder_at_a_time(anji: Region) -> None:
    one = below(anji, "township", "甲乡", "330523206")
    two = below(anji, "township", "乙乡", "330523205")
    with pytest.raises(services.CodeTaken):
        services.add_code(actor=ADMIN, region=two, code="330523206", active_from=date(2020, 1, 1))
    # once free, it may go to somebody else, and each day has its own answer
    services.add_code(actor=ADMIN, region=one, code="330523207", active_from=date(2010, 1, 1))
    services.add_code(actor=ADMIN, region=two, code="330523206", active_from=date(2020, 1, 1))
    assert queries.region_by_code("330523206", on=date(2009, 12, 31)) == one
    assert queries.region_by_code("330523206", on=date(2020, 1, 1)) == two
    assert queries.region_by_code("330523206") == two


def test_the_same_code_again_changes_nothing(anji: Region) -> None:
    town = below(anji, "township", "甲乡", "330523206")
    services.add_code(actor=ADMIN, region=town, code="330523206000", active_from=date(2020, 1, 1))
    assert RegionCode.objects.filter(region=town).count() == 1


def test_gbt2260_codes_have_six_digits(anji: Region) -> None:
    services.add_code(actor=ADMIN, region=anji, code="330523", system="gbt2260", active_from=LONG_AGO)
    assert queries.code_of(anji, system="gbt2260") == "330523"
    with pytest.raises(codes.CodeNotUnderstood):
        services.add_code(actor=ADMIN, region=anji, code="330523206", system="gbt2260", active_from=LONG_AGO)


def test_the_database_refuses_a_malformed_code(anji: Region) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RegionCode.objects.create(region=anji, system="stat12", code="33052320620X", active_from=LONG_AGO)


def test_unknown_codes_are_not_found(anji: Region) -> None:
    for code in ("330523999", "zzz", "11", "33" * 40):
        with pytest.raises(queries.RegionNotFound):
            queries.region_by_code(code)


@pytest.mark.parametrize(
    ("official", "plain"),
    [("船村村委会", "船村村"), ("大里村委会", "大里村"), ("山川乡", "山川乡"), ("玉华社区居委会", "玉华社区"),
     ("祥溪居委会", "祥溪社区"), (" 高家堂村民委员会", "高家堂村")],
)  # fmt: skip
def test_committees_become_places(official: str, plain: str) -> None:
    assert plain_name(official) == plain


def test_an_official_table_comes_in_once(anji: Region, django_assert_max_num_queries: object) -> None:
    first = services.import_divisions(actor=ADMIN, rows=TABLE)
    assert len(first.created) == 4
    village = queries.region_by_code("330523206203")
    assert (village.name, village.level) == ("高家堂村", "village")
    assert [r.name for r in queries.ancestors(village)] == ["浙江省", "湖州市", "安吉县", "山川乡"]
    again = services.import_divisions(actor=ADMIN, rows=reversed(TABLE))
    assert not again.changed and again.unchanged == 4


def test_importing_takes_the_same_number_of_queries_for_many_rows(
    anji: Region, django_assert_max_num_queries: object
) -> None:
    rows = [(f"330523{100 + t}", f"{t}镇") for t in range(20)]
    rows += [(f"330523{100 + t}{201 + v}", f"{t}-{v}村") for t in range(20) for v in range(30)]
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        report = services.import_divisions(actor=ADMIN, rows=rows)
    assert len(report.created) == 620


def test_an_import_sees_a_changed_code_and_a_changed_name(anji: Region) -> None:
    services.import_divisions(actor=ADMIN, rows=[("330523109", "天子湖镇"), ("330523206", "山川")])
    before = queries.region_by_code("330523109")
    report = services.import_divisions(actor=ADMIN, rows=TABLE, on=date(2010, 1, 1))
    assert report.recoded == [before.pk]
    assert queries.region_by_code("330523111") == queries.region_by_code("330523109") == before
    assert queries.region_by_code("330523206").name == "山川乡"


@pytest.mark.parametrize(
    "rows",
    [
        [("330523206", "山川乡"), ("33052320620", "船村村")],
        [("330523206", "山川乡"), ("330523206", "别的乡")],
        [("330523206", "山川乡"), ("330523206201", "  ")],
        [("330523206", "山川乡"), ("110101001", "东华门街道")],
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_imported(anji: Region, rows: list[tuple[str, str]]) -> None:
    with pytest.raises(DivisionRowWrong) as refusal:
        services.import_divisions(actor=ADMIN, rows=rows)
    assert refusal.value.context["row"] == 2
    assert not Region.objects.filter(level="township").exists()


def test_only_an_administrator_of_everything_imports(anji: Region) -> None:
    with pytest.raises(Forbidden):
        services.import_divisions(actor=Actor(user_id=5), rows=TABLE)


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_create_each_region_once(anji: Region) -> None:
    def run() -> None:
        try:
            services.import_divisions(actor=ADMIN, rows=TABLE)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Region.objects.filter(level__in=["township", "village"]).count() == 4


def test_the_public_table_of_anji_comes_in(anji: Region) -> None:
    """The rows of one public edition, kept beside this test (see the README for the source)."""
    with (Path(__file__).parent / "anji.csv").open(encoding="utf-8") as file:
        report = services.import_divisions(
            actor=ADMIN, rows=[(r["code"], r["name"]) for r in csv.DictReader(file)]
        )
    assert len(report.created) == 21
    assert [r.name for r in queries.children(ADMIN, queries.region_by_code("330523206"))] == [
        "船村村", "大里村", "高家堂村", "九亩村", "马家弄村", "山川村",
    ]  # fmt: skip
