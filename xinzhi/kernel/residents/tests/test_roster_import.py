"""Importing a roster: what goes in, what is refused and how it is said, and that again changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import DomainError, NotFound
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries, services
from xinzhi.kernel.residents.models import (
    FormerValue,
    Household,
    Membership,
    Person,
    PersonalValue,
    PersonKey,
)
from xinzhi.kernel.residents.roster.columns import RosterColumnsMissing, RosterColumnTwice
from xinzhi.kernel.sheets import RowProblem, Table

from .conftest import EXAMPLE_HEADER, LATER, NOON, edited, example_rows, sheet

Importer = Callable[..., services.ImportReport]


@pytest.fixture
def run(clerk: Actor, village: Region) -> Importer:
    def import_it(rows: list[list[str]] | Table, **more: object) -> services.ImportReport:
        table = rows if isinstance(rows, Table) else sheet(rows)
        wanted = {
            "dry_run": False,
            "at": NOON,
            "actor": clerk,
            "village_id": village.pk,
            "source": "roster:test",
        }
        return services.import_roster(table=table, **{**wanted, **more})  # type: ignore[arg-type]

    return import_it


def everything() -> dict[str, int]:
    tables = (Household, Person, Membership, PersonalValue, PersonKey, FormerValue, Region)
    return {model.__name__: model.objects.count() for model in tables}


def test_the_example_gives_three_households_and_twelve_people(
    run: Importer, clerk: Actor, village: Region
) -> None:
    report = run(example_rows())
    assert (report.rows, report.households, report.households_created, report.persons_created) == (
        12,
        3,
        3,
        12,
    )
    assert (report.problems, report.groups_created) == ([], ["示例村一组"])
    page = queries.households(clerk, village.pk)
    assert [(h.household_no, h.head_name, h.member_count) for h in page.items] == [
        ("SC001", "李*试", 3),
        ("SC002", "胡*试", 4),
        ("SC003", "吴*示", 5),
    ]
    assert page.items[0].group_name == "示例村一组"
    assert queries.find_by_id_number("33012019451101024x") is not None
    people = queries.members(page.items[0].id)
    assert [(m.relation_code, m.is_head, m.sex_code, m.birth_year) for m in people] == [
        ("02", True, "1", 1945),
        ("10", False, "2", 1945),
        ("20", False, "1", 1975),
    ]
    assert list(queries.display_names([people[1].person_id]).values()) == ["何虚样"]


def test_what_is_not_needed_is_left_out_and_the_report_says_why(run: Importer) -> None:
    report = run(example_rows())
    assert [item.column for item in report.left_out] == ["户籍性质", "是否股东", "股份数", "是否低保", "备注"]
    assert all(str(item.reason) for item in report.left_out)


@pytest.mark.parametrize("name", ["roster_example.csv", "roster_example.xlsx"])
def test_the_example_files_go_in_and_a_second_time_change_nothing(run: Importer, name: str) -> None:
    table = services.read_roster(Path(__file__).with_name(name))
    first, second = run(table), run(table, at=LATER)
    assert (first.households_created, first.persons_created, first.problems) == (3, 12, [])
    assert (second.changes, second.persons_unchanged) == (0, 12)


def test_the_same_roster_as_csv_after_excel_changes_nothing(run: Importer) -> None:
    folder = Path(__file__).parent
    run(services.read_roster(folder / "roster_example.xlsx"))
    gbk = (folder / "roster_example.csv").read_text("utf-8-sig").encode("gbk")
    assert run(services.read_roster(gbk, "roster.csv")).changes == 0


def test_a_cell_the_sheet_could_not_read_keeps_its_household_out(run: Importer) -> None:
    table = sheet(example_rows())
    table.problems.append(RowProblem(4, "公民身份号码", "3.30E+17", "digits lost", "type it as text"))
    report = run(table)
    assert (report.households_created, report.households_rejected) == (2, 1)
    assert report.problems == table.problems


def test_a_dry_run_says_the_same_and_writes_nothing(run: Importer) -> None:
    before = everything(), Record.objects.count()
    dry = run(example_rows(), dry_run=True)
    assert (everything(), Record.objects.count()) == before
    wet = run(example_rows())
    assert wet.dry_run is False
    assert (dry.households_created, dry.persons_created, dry.groups_created) == (3, 12, ["示例村一组"])
    assert (wet.households_created, wet.persons_created, wet.groups_created) == (3, 12, ["示例村一组"])


def test_the_same_file_again_changes_nothing(run: Importer) -> None:
    run(example_rows())
    before = everything()
    again = run(example_rows(), at=LATER)
    assert everything() == before
    assert (again.changes, again.households_unchanged, again.persons_unchanged) == (0, 3, 12)
    assert run(example_rows(), dry_run=True).changes == 0


def test_progress_counts_households_up_to_the_end(run: Importer) -> None:
    seen: list[tuple[int, int]] = []
    run(example_rows(), progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (3, 3)


def test_a_difference_closes_the_former_row_and_keeps_it(run: Importer) -> None:
    run(example_rows())
    rows = edited(4, "姓名", "周丙丁")
    rows = edited(4, "与户主关系", "长子", rows)
    report = run(rows, at=LATER)
    assert (report.households_updated, report.persons_updated, report.persons_created) == (1, 1, 0)
    person_id = queries.find_by_id_number("330220197504090279")
    names = PersonalValue.objects.filter(person_id=person_id, field="name").order_by("active_from")
    assert [(v.active_from, v.active_to) for v in names] == [(NOON, LATER), (LATER, None)]
    assert queries.display_names([person_id or 0]) == {person_id: "周丙丁"}
    relations = Membership.objects.filter(person_id=person_id).order_by("id")
    assert [(m.relation_code, m.active_to is None) for m in relations] == [("20", False), ("22", True)]
    assert run(rows, at=LATER).changes == 0


def test_a_new_head_in_the_file_takes_over(run: Importer) -> None:
    run(example_rows())
    rows = [[c.replace("李丁试", "何虚样") if i == 1 else c for i, c in enumerate(r)] for r in example_rows()]
    rows = edited(2, "与户主关系", "丈夫", rows)
    rows = edited(3, "与户主关系", "户主", rows)
    report = run(rows, at=LATER)
    assert (report.problems, report.persons_updated) == ([], 2)
    household = Household.objects.get(household_no="SC001")
    assert queries.head_names([household.pk], masked=False) == {household.pk: "何虚样"}


def test_another_group_moves_the_household_and_keeps_the_former_one(run: Importer) -> None:
    run(example_rows())
    rows = example_rows()
    for row in rows[:3]:
        row[EXAMPLE_HEADER.index("村民小组")] = "二组"
    report = run(rows, at=LATER)
    assert (report.households_updated, report.groups_created) == (1, ["二组"])
    household = Household.objects.get(household_no="SC001")
    assert household.group is not None
    assert household.group.name == "二组"
    assert FormerValue.objects.get(household=household).field == "group_id"


@pytest.mark.parametrize(
    ("row", "column", "value", "says"),
    [
        (3, "公民身份号码", "330120194511010245", "mistyped"),
        (3, "公民身份号码", "33012019451131024X", "date of birth"),
        (3, "公民身份号码", "3301201945110102", "18 characters"),
        (3, "出生日期", "1945-11-02", "does not fit the identity number"),
        (3, "出生日期", "1945-02-30", "1975-04-09"),
        (3, "出生日期", "2999-01-01", "1975-04-09"),
        (3, "性别", "男", "does not fit the identity number"),
        (3, "性别", "?", "male or female"),
        (3, "与户主关系", "邻居家的猫", "GB/T 4761"),
        (3, "姓名", "<b>何虚样</b>", "without signs"),
        (3, "姓名", "", "1 to 60"),
        (3, "姓名", "何1", "1 to 60"),
        (3, "户编号", "", "household number"),
        (3, "户编号", "=SC001+1", "household number"),
        (3, "村民小组", "<script>", "without signs"),
        (3, "村民小组", "二组", "different groups"),
        (2, "户主姓名", "别人", "differs"),
        (3, "与户主关系", "户主", "2 heads"),
        (2, "与户主关系", "子", "no head"),
    ],
)
def test_a_problem_names_row_column_and_remedy_and_keeps_the_whole_household_out(
    run: Importer, row: int, column: str, value: str, says: str
) -> None:
    from django.utils import translation

    with translation.override("en"):
        report = run(edited(row, column, value))
    assert (report.households_created, Household.objects.count(), Person.objects.count()) == (2, 2, 9)
    assert not Household.objects.filter(household_no="SC001").exists()
    texts = " | ".join(f"{p.problem}" for p in report.problems)
    assert says in texts
    assert any(p.row in (row, 2, 3) and p.remedy and p.column for p in report.problems)
    named = {p.column for p in report.problems}
    assert named <= set(EXAMPLE_HEADER)


def test_two_mistakes_in_one_row_are_told_at_once(run: Importer) -> None:
    rows = edited(3, "公民身份号码", "330120194511010245")
    rows = edited(3, "姓名", "<i>", rows)
    rows = edited(3, "与户主关系", "???", rows)
    report = run(rows)
    assert {p.column for p in report.problems if p.row == 3} == {"公民身份号码", "姓名", "与户主关系"}


def test_the_same_number_in_two_households_keeps_both_out(run: Importer) -> None:
    rows = edited(5, "公民身份号码", "330220194505010230")
    rows = edited(5, "出生日期", "1945-05-01", rows)
    rows = edited(5, "性别", "男", rows)
    report = run(rows)
    assert (report.households_created, report.households_rejected) == (1, 2)
    assert {p.row for p in report.problems} == {2, 5}


def test_a_person_of_another_village_is_not_taken_over(
    run: Importer, other_village: Region, clerk_of: Callable[[Region], Actor]
) -> None:
    run(example_rows())
    rows = [r[:] for r in example_rows()]
    for row in rows:
        row[0] = row[0].replace("SC", "DL")
    report = run(rows, village_id=other_village.pk, actor=clerk_of(other_village))
    assert (report.households_created, report.households_rejected, Household.objects.count()) == (0, 3, 3)
    assert len(report.problems) >= 3


def test_a_person_of_another_household_of_the_village_is_a_problem_until_he_has_left_it(
    run: Importer, clerk: Actor
) -> None:
    run(example_rows())
    rows = [
        *example_rows(),
        ["SC009", "周丙乙", "户主", "周丙乙", "男", "", "330220197504090279", "", "", "", "", "", ""],
    ]
    first = run([rows[-1]], at=LATER)
    assert (first.households_rejected, first.problems[0].row) == (1, 2)
    person_id = queries.find_by_id_number("330220197504090279")
    assert person_id
    old = Household.objects.get(household_no="SC001")
    services.end_membership(actor=clerk, household_id=old.pk, person_id=person_id, on=LATER.date(), at=LATER)
    second = run([rows[-1]], at=LATER)
    assert (second.problems, second.households_created, second.persons_created) == ([], 1, 0)
    assert queries.households_of_person(person_id) == [Household.objects.get(household_no="SC009").pk]


def test_nobody_is_removed_because_he_is_not_in_the_file(run: Importer) -> None:
    run(example_rows())
    report = run(example_rows()[:2], at=LATER)
    assert (report.changes, report.households_not_in_file) == (0, 2)
    assert Membership.objects.filter(active_to=None).count() == 12


def test_old_numbers_zero_width_characters_and_full_width_digits_are_understood(run: Importer) -> None:
    rows = [
        ["A1", "", "户主", "\u200b王\u200d 乙\ufeff", "", "1970/1/1", "", "一组", "", "", "", "", ""],
        [
            "A2",
            "",
            "户主",
            "买买提·阿不都",
            "女",
            "",
            "３３０２２０１９９８０７２８０３４３",
            "一组",
            "",
            "",
            "",
            "",
            "",
        ],
        ["A3", "", "户主", "赵丙", "", "", "330220750409027", "一组", "", "", "", "", ""],
        ["", "", "", "", "", "", "", "", "", "", "", "", ""],
    ]
    report = run(rows)
    assert (report.rows, report.households_created, report.problems) == (3, 3, [])
    assert [w.row for w in report.warnings] == [4]
    assert queries.find_by_id_number("330220197504090279") is not None
    assert run(rows).changes == 0


def test_a_member_without_a_number_is_found_again_by_name_and_gains_one(run: Importer) -> None:
    run(edited(4, "公民身份号码", ""))
    report = run(example_rows(), at=LATER)
    assert (report.persons_created, report.persons_updated) == (0, 1)
    assert Person.objects.count() == 12


@pytest.mark.parametrize(
    ("header", "refusal"),
    [
        ([h for h in EXAMPLE_HEADER if h != "姓名"], RosterColumnsMissing),
        (["foo"], RosterColumnsMissing),
        ([], RosterColumnsMissing),
        ([*EXAMPLE_HEADER, "身份证号"], RosterColumnTwice),
    ],
)
def test_a_heading_that_does_not_fit_is_refused_with_the_columns_needed(
    run: Importer, header: list[str], refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        run(sheet(example_rows(), header))


def test_a_stranger_cannot_import_into_the_village(
    run: Importer, other_village: Region, clerk_of: Callable[[Region], Actor]
) -> None:
    for actor in (Actor(), clerk_of(other_village), Actor(user_id=3, household_ids=(1,))):
        with pytest.raises(NotFound):
            run(example_rows(), actor=actor)
    assert not Household.objects.exists()


def test_the_import_is_one_audit_row_without_a_word_about_anybody(run: Importer) -> None:
    run(example_rows())
    row = Record.objects.get(action="residents.import_roster")
    assert (row.count, row.actor_key) == (15, "user:1")
    assert all(field.isascii() for field in row.fields)


def test_queries_do_not_grow_with_the_file(run: Importer, django_assert_max_num_queries: Callable) -> None:  # type: ignore[type-arg]
    many = [
        [f"H{n}", "", "户主", "王乙", "", "1970-01-01", "", f"{n % 3}组", "", "", "", "", ""]
        for n in range(300)
    ]
    run([[f"X{n}", "", "户主", "王乙", "", "", "", f"{n}组", "", "", "", "", ""] for n in range(3)])
    with django_assert_max_num_queries(30):
        run(many)
    with django_assert_max_num_queries(20):
        run(many)


@pytest.mark.django_db(transaction=True)
def test_the_same_file_twice_at_the_same_moment_goes_in_once(run: Importer) -> None:
    barrier = threading.Barrier(3)
    reports: list[services.ImportReport] = []

    def one() -> None:
        try:
            barrier.wait(10)
            reports.append(run(example_rows()))
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(r.persons_created for r in reports) == [0, 0, 12]
    assert (Household.objects.count(), Person.objects.count(), PersonalValue.objects.count()) == (3, 12, 36)
    assert Region.objects.filter(name="示例村一组").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_people_in_two_villages_at_the_same_moment_are_registered_once(
    run: Importer, other_village: Region, clerk_of: Callable[[Region], Actor]
) -> None:
    """Whoever is second is told so, and nothing of his file is half in."""
    written, go_on = threading.Event(), threading.Event()

    def first() -> None:
        try:
            with transaction.atomic():
                run(example_rows())
                written.set()
                go_on.wait(10)
        finally:
            connection.close()

    outcome: list[object] = []

    def second() -> None:
        try:
            outcome.append(run(example_rows(), village_id=other_village.pk, actor=clerk_of(other_village)))
        except DomainError as refusal:
            outcome.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert written.wait(10)
    threads[1].start()
    threads[1].join(0.5)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert outcome == ["residents.registered_meanwhile"]
    assert (Household.objects.count(), Person.objects.count()) == (3, 12)
