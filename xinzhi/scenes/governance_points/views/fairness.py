"""Is it fair? A page for everybody in the village, and the same with those who verify for its offices."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from xinzhi.kernel.audit.labels import actor_names
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.sheets import write_xlsx
from xinzhi.kernel.web.charts import bars
from xinzhi.kernel.web.decorators import page
from xinzhi.scenes.governance_points.fairness import words
from xinzhi.scenes.governance_points.fairness.report import FairnessReport, fairness_report, years
from xinzhi.scenes.governance_points.queries import deeds, statement, villages
from xinzhi.scenes.governance_points.views.desk import attachment
from xinzhi.scenes.governance_points.views.reading import own_household_id, read_int


def _context(request: HttpRequest, village_ids: list[int]) -> dict[str, Any]:
    today = clock.today()
    year = read_int(request.GET, "year")
    found = fairness_report(village_ids, year=year or today.year, today=today)
    return {
        "found": found,
        "years": years(today),
        "groups": [words.group_line(row) for row in found.groups],
        "others": [words.verifiers_line(found.verifiers), words.kin_line(found.kin)],
        "gini": None if found.gini is None else f"{found.gini:.2f}",
        "chart": bars(
            _("Points by category"),
            [row.category[:6] for row in found.categories[:8]],
            [row.tenths / 10 for row in found.categories[:8]],
        ),
        "method": words.method(),
    }


@require_GET
@page(permission=deeds.VIEW)
def fairness(request: HttpRequest) -> HttpResponse:
    """For a household: its village's report. No names of households or of those who verify."""
    household = statement.household_for(actor=reader(request), household_id=own_household_id(request))
    context = _context(request, [household.village_id])
    return render(request, "governance_points/fairness/phone.html", {**context, "village": household.village})


@require_GET
@page(permission=statement.VIEW)
def fairness_desk(request: HttpRequest) -> HttpResponse:
    """For the offices: one village or all of them, with those who verify; as Excel."""
    mine = villages.named(reader(request), statement.VIEW)
    shown = villages.shown(mine, read_int(request.GET, "village"))
    context = _context(request, list(shown))
    found: FairnessReport = context["found"]
    names = actor_names({row.person_key for row in found.verifiers})
    verifiers = [(names.get(row.person_key, "–"), row, words.verifier_said(row)) for row in found.verifiers]
    if request.GET.get("table"):
        return _excel(found, verifiers)
    return render(
        request,
        "governance_points/fairness/desk.html",
        {**context, "mine": mine, "chosen": next(iter(shown)) if len(shown) == 1 else None,
         "verifiers": [(name, row, said, words.hundredths(row.accepted.value if row.accepted else None),
                        words.hundredths(row.others_accepted)) for name, row, said in verifiers]},
    )  # fmt: skip


def _excel(found: FairnessReport, verifiers: list[Any]) -> HttpResponse:
    rows: list[list[str | int | float]] = [
        [_("Households"), found.households, "", "", ""],
        [_("Households with points"), found.with_points, "", "", ""],
        [_("Half of all points is with so many households"), found.half_is_with, "", "", ""],
        [_("Spread (Gini)"), "" if found.gini is None else round(found.gini, 3), "", "", ""],
    ]
    for group in found.groups:
        r = group.ratio
        rows.append(
            [group.label, group.households, *((round(r.value, 3), round(r.low, 3), round(r.high, 3)) if r else ("", "", ""))]
        )  # fmt: skip
    for category in found.categories:
        rows.append([category.category, category.deeds, category.tenths / 10, "", ""])
    for name, row, _said in verifiers:
        a = row.accepted
        rows.append(
            [
                name,
                row.judged,
                *((round(a.value, 3), round(a.low, 3), round(a.high, 3)) if a else ("", "", "")),
            ]
        )
    headers = [_("What"), _("Number"), _("Figure"), _("from"), _("to")]
    notes = [
        _("From 1 January to %(day)s") % {"day": found.last.isoformat()},
        *words.method(),
    ]
    return attachment(write_xlsx(headers, rows, notes=notes), f"fairness-{found.year}.xlsx")
