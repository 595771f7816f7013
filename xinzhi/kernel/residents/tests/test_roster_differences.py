"""A changed roster shows its differences first, and what it does not do."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.identity import services as identity
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.jobs.models import Progress
from xinzhi.kernel.residents import queries, services
from xinzhi.kernel.residents.jobs import import_waiting_roster
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.residents.tests.conftest import EXAMPLE_HEADER, LATER, NOON, edited, example_rows, sheet
from xinzhi.kernel.testing.canaries import canaries_in_text

pytestmark = pytest.mark.django_db
HEADER = [*EXAMPLE_HEADER, "手机号"]


@pytest.fixture(autouse=True)
def first_of_may(settings, tmp_path):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STATE_DIR = tmp_path
    with clock.fixed(LATER):
        yield


@pytest.fixture
def look(clerk, village):
    def looked(rows, *, header=EXAMPLE_HEADER, dry_run=True):
        return services.import_roster(
            actor=clerk, village_id=village.pk, table=sheet(rows, header), dry_run=dry_run, source="roster:test",
            at=LATER if dry_run else NOON,
        )  # fmt: skip

    looked(example_rows(), dry_run=False)
    return looked


def told(report):
    return [(d.household_no, d.person, d.field, d.old, d.new) for d in report.differences]


def test_the_same_file_has_no_differences(look):
    report = look(example_rows())
    assert (report.differences, report.not_in_file, report.moves, report.other_households) == ([], [], [], [])


def test_a_change_is_told_field_by_field_and_only_told(look):
    rows = edited(4, "与户主关系", "女", edited(3, "姓名", "何新样"))
    rows = edited(
        4,
        "村民小组",
        "示例村二组",
        edited(2, "村民小组", "示例村二组", edited(3, "村民小组", "示例村二组", rows)),
    )
    rows = edited(13, "是否股东", "是", rows)
    report = look(rows)
    assert told(report) == [
        ("SC001", "", "group", "示例村一组", "示例村二组"),
        ("SC001", "何新样", "name", "何虚样", "何新样"),
        ("SC001", "周丙乙", "relation", "子", "女"),
    ]
    assert report.differences_total == 3
    again = look(rows, dry_run=False)
    assert told(again) == told(report), "what was shown is what was done"
    assert look(rows).differences == []


def test_numbers_and_phones_are_masked_on_both_sides(look):
    rows = [[*row, ""] for row in example_rows()]
    rows[0][-1] = "13987650001"
    look(rows, header=HEADER, dry_run=False)
    rows[0][-1] = "13987650002"
    report = look(rows, header=HEADER)
    [line] = told(report)
    assert line[:3] == ("SC001", "李丁试", "phone") and line[3] and line[4]
    assert (
        canaries_in_text(json.dumps(told(report), ensure_ascii=False), ["13987650001", "13987650002"]) == []
    )


def test_new_households_and_new_members_are_told(look):
    rows = [
        *example_rows(),
        [
            "SC001",
            "李丁试",
            "孙子",
            "周戊新",
            "男",
            "2020-01-01",
            "",
            "示例村一组",
            "农业",
            "否",
            "0",
            "否",
            "",
        ],
    ]
    rows.append(
        [
            "SC009",
            "郑新示",
            "户主",
            "郑新示",
            "男",
            "1980-01-01",
            "",
            "示例村一组",
            "农业",
            "是",
            "1",
            "否",
            "",
        ]
    )
    assert told(look(rows)) == [
        ("SC001", "周戊新", "new_member", "", "孙子"),
        ("SC009", "", "new_household", "", "郑新示"),
    ]


def test_who_is_not_in_the_file_is_listed_and_stays(look):
    report = look(example_rows()[1:7][:1] + example_rows()[3:6] + example_rows()[:1])
    # SC001 without its son, SC002 without its daughter, SC003 not at all
    assert [(n.household_no, n.person) for n in report.not_in_file] == [
        ("SC001", "周丙乙"),
        ("SC002", "张示验"),
    ]
    assert [(n.household_no, n.person) for n in report.other_households] == [("SC003", "吴样示")]
    assert report.not_in_file_total == 2
    look(example_rows()[:2], dry_run=False)
    assert len(queries.members(Household.objects.get(household_no="SC001").pk)) == 3


def test_who_would_change_households_is_proposed_together_and_moved_by_nobody(look):
    rows = edited(8, "户编号", "SC007", edited(7, "户编号", "SC007"))
    for row in (7, 8):
        rows = edited(row, "户主姓名", "徐构样", rows)
    rows = edited(7, "与户主关系", "户主", rows)
    rows = edited(8, "与户主关系", "妹妹", rows)
    for report in (look(rows), look(rows, dry_run=False)):
        [move] = report.moves
        assert (move.from_no, move.to_no, move.to_household_id, move.names) == (
            "SC002",
            "SC007",
            None,
            ("徐构样", "张示验"),
        )
        assert move.head_id == move.person_ids[0]
        assert report.households_rejected == 1 and report.problems
    assert not Household.objects.filter(household_no="SC007").exists()


@pytest.fixture
def desk(village):
    user = identity.create_user(actor=SYSTEM, username="clerk", password="bamboo-forest-73", label="clerk")
    identity.grant_role(actor=SYSTEM, user_id=user.pk, role="village_clerk", region_id=village.pk)
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(User.objects.get(pk=user.pk), backend="django.contrib.auth.backends.ModelBackend")
    return client


def run_jobs(captured):
    """What was deferred, run as a worker would."""
    while captured:
        import_waiting_roster(**captured.pop(0))


def test_the_page_shows_the_differences_and_brings_them_in_without_the_file_again(
    desk, look, village, monkeypatch
):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from xinzhi.kernel.residents import jobs

    captured: list[dict[str, object]] = []
    monkeypatch.setattr(
        jobs.jobs, "defer", lambda _kind, **what: captured.append({**what, "upload": str(what["upload"])})
    )
    rows = edited(3, "姓名", "何新样")
    text = "\n".join(",".join(row) for row in [EXAMPLE_HEADER, *rows])
    sent = desk.post(
        "/residents/roster/",
        {"village": village.pk, "dry_run": "1", "roster": SimpleUploadedFile("roster.csv", text.encode())},
    )
    run_jobs(captured)
    shown = desk.get(sent.headers["Location"]).content.decode()
    assert "何虚样" in shown and "何新样" in shown and "导入这些变化" in shown
    looked = Progress.objects.get().pk
    done = desk.post(f"/residents/roster/{looked}/bring-in/")
    run_jobs(captured)
    assert (
        "何新样"
        in queries.display_names(
            [m.person_id for m in queries.members(Household.objects.get(household_no="SC001").pk)]
        ).values()
    )
    assert desk.get(done.headers["Location"]).status_code == 200
    twice = desk.post(f"/residents/roster/{looked}/bring-in/")
    assert twice.status_code == 409 and "已经导入过" in twice.content.decode()
    assert captured == []
