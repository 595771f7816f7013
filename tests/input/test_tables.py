"""Tables brought in on pages: files that are none, cells that cannot be, and what offices really send."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.input.files import TABLES, UPLOADS
from tests.input.pages import assert_said_clearly, screen_of, sentences_of
from tests.input.world import nothing_changes
from xinzhi.kernel import jobs
from xinzhi.kernel.residents.models import Household, Person
from xinzhi.kernel.residents.roster import waiting
from xinzhi.kernel.sheets.tests.books import book
from xinzhi.scenes.governance_points.models import Deed

#: A roster is read by a job, which notes how far it is.
NOTED = ("jobs_",)


def send(screen, world, name, filename, content):
    """Bring a file in on its page; of a roster the answer is the page of its report."""
    upload = UPLOADS[name]
    typed = upload.typed(world) | {upload.field: SimpleUploadedFile(filename, content)}
    answer = screen.post(upload.path, typed)
    if name == "roster" and answer.status_code == 302:
        jobs.run_inline()
        answer = screen.get(answer.headers["Location"])
    return answer


def said(answer) -> str:
    return " ".join(sentences_of(answer))


@pytest.mark.parametrize("file", TABLES)
@pytest.mark.parametrize("name", UPLOADS)
def test_a_file_that_is_no_such_table_is_refused_in_words(world, at_screen, name, file):
    filename, content, words = TABLES[file]
    screen = at_screen("clerk")
    with nothing_changes(*NOTED):
        answer = send(screen, world, name, filename, content)
    assert answer.status_code in (200, 413, 422)
    assert words in said(answer).replace("roster.", "表."), said(answer)
    assert screen_of(answer).scripts == 0
    assert "onerror" not in screen_of(answer).handlers


@pytest.mark.parametrize(
    ("name", "cell"), [(name, cell) for name, upload in UPLOADS.items() for cell in upload.bad_cells]
)
def test_a_cell_that_cannot_be_is_named_with_its_row_and_nothing_goes_in(world, at_screen, name, cell):
    upload = UPLOADS[name]
    column, value, words = upload.bad_cells[cell]
    row = list(upload.row)
    row[column] = value
    screen = at_screen("clerk")
    with nothing_changes(*NOTED):
        answer = send(screen, world, name, "表.xlsx", book([upload.header, row]))
    assert words in said(answer)
    assert "2" in said(answer)  # the row
    assert screen_of(answer).scripts == 0


@pytest.mark.parametrize("name", UPLOADS)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda sheet: sheet.__setitem__("C2", "=1+1"), "公式"),
        (lambda sheet: sheet.merge_cells("A2:A3"), "合并"),
        (lambda sheet: sheet.__setitem__("C2", "#REF!"), "错误值"),
    ],
    ids=["a formula without its result", "merged cells among the rows", "an error value"],
)
def test_a_workbook_whose_cells_cannot_be_read_names_them(world, at_screen, name, change, words):
    upload = UPLOADS[name]
    second = [f"{upload.row[0]}x", *upload.row[1:]]
    rows = [upload.row] if name == "roster" and words != "合并" else [upload.row, second]
    screen = at_screen("clerk")
    with nothing_changes(*NOTED):
        answer = send(screen, world, name, "表.xlsx", book([upload.header, *rows], change))
    assert words in said(answer)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("name", UPLOADS)
def test_a_csv_of_any_office_goes_in(world, at_screen, name, encoding):
    upload = UPLOADS[name]
    text = "\r\n".join(",".join(map(str, row)) for row in (upload.header, upload.row))
    before = (Deed.objects.count(), Person.objects.count())
    answer = send(at_screen("clerk"), world, name, "表.csv", text.encode(encoding))
    assert answer.status_code in (200, 302), said(answer)
    if name != "charter":
        assert (Deed.objects.count(), Person.objects.count()) != before


def test_the_same_household_twice_in_a_sheet_is_named(world, at_screen):
    upload = UPLOADS["score sheet"]
    screen = at_screen("clerk")
    with nothing_changes():
        answer = send(screen, world, "score sheet", "表.xlsx", book([upload.header, upload.row, upload.row]))
    assert_said_clearly(answer, "第 2 行")


def test_the_same_person_in_two_households_is_named_and_neither_goes_in(world, at_screen):
    upload = UPLOADS["roster"]
    rows = [("GJ0098", "户主", "郑演示", "男", "", "33052319800101001X", ""), ("GJ0099", "户主", "郑演示", "男", "", "33052319800101001X", "")]  # fmt: skip
    screen = at_screen("clerk")
    with nothing_changes(*NOTED):
        answer = send(screen, world, "roster", "表.xlsx", book([upload.header, *rows]))
    assert "身份" in said(answer)
    assert "33052319800101001X" not in answer.content.decode()  # masked in the report


def test_what_people_type_with_other_keyboards_is_understood(world, at_screen):
    """Full-width digits, an identity number of 15 digits, a name with characters nobody sees."""
    upload = UPLOADS["roster"]
    row = (
        "ＧＪ００９９",
        "户主",
        "郑\u200b演\ufeff示\u202e",
        "男",
        "",
        "330523800101001",
        "１３９００００００１１",
    )
    answer = send(at_screen("clerk"), world, "roster", "表.xlsx", book([upload.header, row]))
    assert answer.status_code == 200
    assert Household.objects.filter(village=world.village, household_no="GJ0099").count() == 1, said(answer)


def test_a_month_that_has_not_begun_or_lies_before_the_charter_is_named(world, at_screen):
    upload = UPLOADS["score sheet"]
    screen = at_screen("clerk")
    content = book([upload.header, upload.row])
    for month, words in {"2027-01": "2027-01", "2025-12": "规则", "0001-01": "规则", "2026-02-30": "", "9999-12": "9999-12"}.items():  # fmt: skip
        typed = {"month": month, "dry_run": "0", "sheet": SimpleUploadedFile("表.xlsx", content)}
        with nothing_changes():
            answer = screen.post(upload.path, typed)
        if month != "2026-02-30":  # a month is read as far as it goes
            assert_said_clearly(answer, words)


def test_a_roster_goes_in_whatever_name_it_waits_under(world, at_screen, monkeypatch):
    """A file waits under a random name, and one of a thousand of them holds what looks like a telephone number."""
    monkeypatch.setattr(waiting, "uuid4", lambda: UUID("6d0c5a3e-6f43-4a1f-9e0e-a13900000001"))
    upload = UPLOADS["roster"]
    answer = send(at_screen("clerk"), world, "roster", "表.xlsx", book([upload.header, upload.row]))
    assert answer.status_code == 200
    assert Household.objects.filter(village=world.village, household_no="GJ0099").exists()
