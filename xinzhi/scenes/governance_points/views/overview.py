"""Overview for village and township: every figure leads to its deeds, every table to Excel, for any past day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.sheets import write_xlsx
from xinzhi.kernel.web.charts import bars
from xinzhi.kernel.web.decorators import page
from xinzhi.scenes.governance_points.overview.budget import BudgetFigures, budgets
from xinzhi.scenes.governance_points.overview.figures import AGES, Overview, overview
from xinzhi.scenes.governance_points.overview.oddities import DAYS, oddities
from xinzhi.scenes.governance_points.overview.titles import VETOED, TitleTable, title_table, who_reached
from xinzhi.scenes.governance_points.queries import statement, villages
from xinzhi.scenes.governance_points.views.desk import attachment
from xinzhi.scenes.governance_points.views.reading import read_day, read_int


def _asked(request: HttpRequest) -> tuple[dict[int, str], dict[int, str], int | None, date]:
    """The reader's villages, the ones shown, the one chosen, the day. Raises NotFound, DateNotUnderstood."""
    mine = villages.named(reader(request), statement.VIEW)
    shown = villages.shown(mine, read_int(request.GET, "village"))
    as_of = read_day(request.GET, "as_of") if request.GET.get("as_of") else clock.today()
    return mine, shown, next(iter(shown)) if len(shown) == 1 else None, as_of


@require_GET
@page(permission=statement.VIEW)
def overview_page(request: HttpRequest) -> HttpResponse:
    """How much waits and how long, what was given for what, where."""
    mine, shown, chosen, as_of = _asked(request)
    found = overview(shown, as_of=as_of, now=clock.now())
    titles = title_table(shown, as_of=as_of, now=clock.now())
    if table := request.GET.get("table"):
        if table == "budget":
            return _budget_excel(budgets(shown, as_of=as_of, now=clock.now()), as_of)
        return _titles_excel(titles, as_of) if table == "titles" else _excel(found, table)
    labels = [f"{m:%m}" for m in found.months]
    context = {
        "found": found,
        "titles": titles,
        "budgets": budgets(shown, as_of=as_of, now=clock.now()),
        "vetoed": VETOED,
        "mine": mine,
        "chosen": chosen,
        "as_of": as_of,
        "today": clock.today(),
        "is_today": as_of == clock.today(),
        "ages": [_("up to %(n)s days") % {"n": n} for n in AGES]
        + [_("more than %(n)s days") % {"n": AGES[-1]}],
        "points_chart": bars(
            _("Points by month, net of what was taken back"),
            labels,
            [t / 10 for t in found.month_totals],
        ),
        "deeds_chart": bars(
            _("Deeds into the ledger by month"), labels, [float(n) for n in found.deeds_by_month]
        ),
    }
    return render(request, "governance_points/overview/overview.html", context)


def _excel(found: Overview, table: str) -> HttpResponse:
    months = [f"{m:%Y-%m}" for m in found.months]
    headers: list[str]
    rows: list[list[str | int | float]]
    if table == "states":
        headers = [_("State"), *(f"≤ {n}" for n in AGES), f"> {AGES[-1]}", _("All")]
        rows = [[r.label, *r.ages, r.total] for r in found.states]
    elif table == "months":
        headers = [_("Category"), *months, _("All")]
        rows = [[r.category, *(t / 10 for t in r.tenths), r.total / 10] for r in found.categories]
    elif table == "villages":
        headers = [_("Village"), _("Waiting"), _("Waiting long"), _("Deeds"), _("Points")]
        rows = [[r.name, r.open, r.older, r.deeds, r.net_tenths / 10] for r in found.villages]
    else:
        raise NotFound()
    note = _("As of %(day)s") % {"day": found.as_of.isoformat()}
    return attachment(write_xlsx(headers, rows, notes=[note]), f"overview-{table}-{found.as_of}.xlsx")


def _titles_excel(titles: TitleTable | None, as_of: date) -> HttpResponse:
    if titles is None:
        raise NotFound()
    headers = [_("Village"), *titles.titles, _("Lost by a veto"), _("Households")]
    rows: list[list[str | int | float]] = [
        [r.name, *(n for _title, n in r.cells), r.vetoed, r.households] for r in titles.rows
    ]
    note = _("As of %(day)s") % {"day": as_of.isoformat()}
    return attachment(write_xlsx(headers, rows, notes=[note]), f"overview-titles-{as_of}.xlsx")


def _budget_excel(found: list[BudgetFigures] | None, as_of: date) -> HttpResponse:
    if found is None:
        raise NotFound()

    def yuan(fen: int | None) -> float | str:
        return "" if fen is None else fen / 100

    headers = [
        _("Village"), _("Budget"), _("Budget used"), _("Budget left"), _("By the end of the year"), _("Points into the ledger this year"),
        _("Points households can still use"), _("Still owed"), _("Money recorded for the year"),
    ]  # fmt: skip
    rows: list[list[str | int | float]] = [
        [r.name, yuan(r.budget_fen), yuan(r.used_fen), yuan(r.left_fen), yuan(r.forecast_fen), r.issued_tenths / 10,
         r.outstanding_tenths / 10, yuan(r.liability_fen), yuan(r.funds_fen)]
        for r in found
    ]  # fmt: skip
    note = _("As of %(day)s") % {"day": as_of.isoformat()}
    return attachment(write_xlsx(headers, rows, notes=[note]), f"overview-budget-{as_of}.xlsx")


@require_GET
@page(permission=statement.VIEW)
def titles_page(request: HttpRequest) -> HttpResponse:
    """The households behind a number of the table: by household number, with what the year has brought."""
    mine, shown, chosen, as_of = _asked(request)
    if chosen is None:
        raise NotFound()
    title = request.GET.get("title", "")[:12]
    is_file = request.GET.get("table") == "households"
    found = who_reached(
        chosen, title=title, as_of=as_of, now=clock.now(), cursor=None if is_file else request.GET.get("cursor"),
        limit=200 if is_file else 50,
    )  # fmt: skip
    if is_file:
        items = list(found.items)
        while found.next_cursor:
            found = who_reached(
                chosen, title=title, as_of=as_of, now=clock.now(), cursor=found.next_cursor, limit=200
            )
            items += found.items
        headers = [_("Household"), _("Given"), _("Taken"), _("Score of the year"), _("Title")]
        rows: list[list[str | int | float]] = [
            [s.household_no, s.given_tenths / 10, s.taken_tenths / 10, s.score_tenths / 10, s.title]
            for s in items
        ]
        note = _("As of %(day)s") % {"day": as_of.isoformat()}
        return attachment(write_xlsx(headers, rows, notes=[note]), f"titles-{as_of}.xlsx")
    heads = residents.head_names([s.household_id for s in found.items], masked=False)
    context = {
        "next_cursor": found.next_cursor, "rows": [(s, heads.get(s.household_id, "")) for s in found.items], "mine": mine, "chosen": chosen,
        "village_name": shown[chosen], "title": title, "is_vetoed": title == VETOED, "as_of": as_of, "today": clock.today(),
    }  # fmt: skip
    return render(request, "governance_points/overview/titles.html", context)


@require_GET
@page(permission=statement.VIEW)
def oddities_page(request: HttpRequest) -> HttpResponse:
    """Patterns worth a second look, with the deeds behind them."""
    mine, shown, chosen, as_of = _asked(request)
    until: datetime = min(clock.start_of_day(as_of + timedelta(days=1)), clock.now())
    context = {
        "items": oddities(list(shown), until=until),
        "names": mine,
        "mine": mine,
        "chosen": chosen,
        "as_of": as_of,
        "today": clock.today(),
        "days": DAYS,
        "several": len(shown) > 1,
    }
    return render(request, "governance_points/overview/oddities.html", context)
