"""A township's monthly form fills itself: its own workbook, its named cells, each figure with its source."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.sheets.errors import SheetRefused
from xinzhi.kernel.sheets.filling import NameNotACell, NameUnknown, NothingNamed
from xinzhi.scenes.governance_points.models import ReportForm
from xinzhi.scenes.governance_points.reports import forms
from xinzhi.scenes.governance_points.reports.figures import values
from xinzhi.scenes.governance_points.tests.conftest import NOON, Place
from xinzhi.scenes.governance_points.tests.test_overview import LATER, browser, posted

MONTH = clock.local_date(LATER).replace(day=1)


def workbook(**names: str) -> bytes:
    """A form with named cells, and a word of its own that has to stay."""
    book = Workbook()
    sheet = book.active
    sheet.title = "月报"
    sheet["A1"] = "山川乡月报表"
    for name, cell in names.items():
        book.defined_names[name] = DefinedName(name, attr_text=f"'月报'!{cell}")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def keep(place: Place, data: bytes, name: str = "月报", actor=None):
    return forms.keep_form(
        actor=actor or place.township, region_id=place.village.parent_id, name=name, data=data, filename="form.xlsx", at=NOON
    )  # fmt: skip


def opened(place: Place, form_id=None, actor=None):
    content = forms.filled(
        actor=actor or place.township, form_id=form_id, villages={place.village.pk: place.village.name}, month=MONTH, at=LATER
    )  # fmt: skip
    return load_workbook(io.BytesIO(content))


def test_a_form_of_ones_own_is_filled_and_the_rest_stays(place: Place) -> None:
    posted(place, "C01", "C01", "F01")
    form = keep(place, workbook(xz_deeds="$C$4", xz_points_given="$C$5", xz_villages="$A$8"))
    book = opened(place, form.pk)
    sheet = book["月报"]
    assert (sheet["A1"].value, sheet["C4"].value, sheet["C5"].value) == ("山川乡月报表", 3, 20)
    assert [c.value for c in sheet[8]][:4] == [place.village.name, 3, 20, 0]
    sources = [[c.value for c in row] for row in book.worksheets[-1].iter_rows()]
    assert {row[0] for row in sources[1:]} == {"xz_deeds", "xz_points_given", "xz_villages"}
    assert sources[1][1] == "月报!C4" and all(row[3] for row in sources[1:])


def test_the_built_in_form_says_what_the_page_says(place: Place) -> None:
    posted(place, "C01", "F01")
    figures, _tables = values({place.village.pk: place.village.name}, MONTH)
    sheet = opened(place).worksheets[0]
    said = {row[0].value: row[1].value for row in sheet.iter_rows(max_row=20) if row[1].value is not None}
    assert set(map(str, figures.values())) <= set(map(str, said.values()))
    with clock.fixed(LATER + timedelta(days=31)):
        page = browser(place.township).get("/governance_points/desk/reports/").content.decode()
        assert f"{MONTH:%Y-%m}" in page


def test_each_figure_counts_its_month_only(place: Place) -> None:
    posted(place, "C01")
    here = {place.village.pk: place.village.name}
    found, _tables = values(here, MONTH)
    before, tables = values(here, date(2025, 1, 15))
    assert (found["xz_deeds"], found["xz_points_given"], found["xz_households"]) == (1, 5, 2)
    assert (before["xz_deeds"], before["xz_claims"], tables["xz_categories"]) == (0, 0, [])


@pytest.mark.parametrize(
    ("data", "refusal"),
    [(workbook(xz_deed="$A$1"), NameUnknown), (workbook(xz_deeds="$A$1:$B$2"), NameNotACell), (workbook(), NothingNamed),
     (workbook(total="$A$1"), NothingNamed), (b"not a workbook", SheetRefused), (b"", SheetRefused)],
    ids=["unknown name", "a range", "no name", "foreign names only", "no workbook", "empty"],
)  # fmt: skip
def test_a_form_that_cannot_be_filled_is_refused_when_it_is_kept(place: Place, data: bytes, refusal) -> None:
    with pytest.raises(refusal):
        keep(place, data)
    assert not ReportForm.objects.exists()


def test_an_unknown_name_is_told_with_its_cell_and_the_nearest_one(place: Place) -> None:
    with pytest.raises(NameUnknown, match=r"C7.*xz_deed.*xz_deeds"):
        keep(place, workbook(xz_deed="$C$7"))


def test_a_township_s_form_serves_its_villages_and_nobody_else(place: Place) -> None:
    form = keep(place, workbook(xz_deeds="$C$4"))
    assert [f.pk for f in forms.forms(actor=place.clerk)] == [form.pk]
    for actor in (place.clerk, place.inspector, place.villager):
        with pytest.raises(NotFound):
            keep(place, workbook(xz_deeds="$C$4"), actor=actor)
    with pytest.raises(NotFound):
        forms.remove_form(actor=place.clerk, form_id=form.pk, at=NOON)
    again = keep(place, workbook(xz_points_given="$C$4"))  # the same name replaces it
    assert (again.pk, ReportForm.objects.count()) == (form.pk, 1)
    forms.remove_form(actor=place.township, form_id=form.pk, at=NOON)
    assert forms.forms(actor=place.clerk) == []


def test_kept_and_filled_on_the_page(place: Place) -> None:
    township = browser(place.township)
    upload = SimpleUploadedFile("form.xlsx", workbook(xz_deeds="$C$4"))
    assert (
        township.post("/governance_points/desk/reports/", {"name": "月报", "file": upload}).status_code == 302
    )
    form = ReportForm.objects.get()
    sent = township.get(f"/governance_points/desk/reports/fill/?form={form.pk}&month=2026-11")
    assert load_workbook(io.BytesIO(sent.content))["月报"]["C4"].value == 0
    assert township.post("/governance_points/desk/reports/", {"name": "月报"}).status_code == 422
    assert township.get("/governance_points/desk/reports/fill/?form=999999").status_code == 404
    assert township.get("/governance_points/desk/reports/?month=x").status_code == 422
    assert township.post(f"/governance_points/desk/reports/{form.pk}/remove/").status_code == 302
