"""A year's fairness report: how points are spread over households and groups, how those who verify judge, how far raters agree.

The method, in the words the page uses, is in `method.py`. Nothing here names a household; a group of fewer than ten households
gets no figure, because it would say more about persons than about fairness.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.db import connection
from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinzhi.kernel.foundation.clock import start_of_day
from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents.makeup import Makeup, kin_households, makeup
from xinzhi.kernel.rules import ports
from xinzhi.scenes.governance_points.fairness import statistics as st
from xinzhi.scenes.governance_points.models import Deed

#: Fewer households, deeds or judgements than this are not compared.
LEAST = 10

Verdict = Literal["too_few", "no_difference", "less", "more"]


class NoReportOfTheFuture(Invalid):
    code = "governance_points.fairness_year"
    sentence = gettext_lazy(
        "There is a report for the years up to %(last)s; found %(found)s. Choose one of them."
    )


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group of households beside all others: mean tenths of each, their ratio, and what may be said of it."""

    code: str
    label: str
    households: int
    mean_tenths: int | None
    others_mean_tenths: int | None
    ratio: st.Estimate | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class VerifierRow:
    """One who verifies: how many claims he judged, the share he accepted beside the share all others accepted."""

    person_key: str
    judged: int
    accepted: st.Estimate | None
    others_accepted: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class KinRow:
    """Claims of households tied to those who judged them, beside all other claims the same people judged."""

    verifiers_known: int
    kin_judged: int
    kin_accepted: int
    others_judged: int
    others_accepted: int
    difference: st.Estimate | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class CategoryRow:
    category: str
    deeds: int
    tenths: int
    permille: int


@dataclass(frozen=True, slots=True)
class RatingRow:
    label: str
    agreement: st.Agreement | None


@dataclass(frozen=True, slots=True)
class FairnessReport:
    """The figures of villages from the first of January to `last` (included)."""

    year: int
    last: date
    households: int
    with_points: int
    tenths: int
    half_is_with: int
    gini: float | None
    groups: Sequence[GroupRow]
    categories: Sequence[CategoryRow]
    verifiers: Sequence[VerifierRow]
    kin: KinRow
    ratings: Sequence[RatingRow]


def fairness_report(village_ids: Collection[int], *, year: int, today: date) -> FairnessReport:
    """The report of a year, of the present one until today. A constant number of queries; the caller has scoped the villages.

    Raises NoReportOfTheFuture.
    """
    if not today.year - 20 <= year <= today.year:
        raise NoReportOfTheFuture(field="year", last=today.year, found=year)
    first, last = date(year, 1, 1), min(date(year, 12, 31), today)
    homes = makeup(village_ids, last)
    earned = _earned(village_ids, first, last)
    values = [earned.get(h.household_id, 0) for h in homes]
    judged = _judged(village_ids, first, last)
    return FairnessReport(
        year=year,
        last=last,
        households=len(homes),
        with_points=sum(1 for v in values if v),
        tenths=sum(values),
        half_is_with=st.holders_of_half(values),
        gini=st.gini(values),
        groups=_groups(homes, earned),
        categories=_categories(village_ids, first, last),
        verifiers=_verifiers(judged),
        kin=_kin(judged),
        ratings=[
            RatingRow(str(label), st.agreement(pairs(village_ids, first, last)))
            for label, pairs in ports.ratings()
        ],
    )


def _earned(village_ids: Collection[int], first: date, last: date) -> dict[int, int]:
    """Tenths given and not taken back, by household. Deductions are no part of it: they are heard one by one."""
    rows = Deed.objects.filter(
        village_id__in=village_ids, posted_on__range=(first, last), state="posted", points_tenths__gt=0
    )
    return dict(rows.values_list("household_id").annotate(tenths=Sum("points_tenths")))


def _groups(homes: Sequence[Makeup], earned: dict[int, int]) -> list[GroupRow]:
    everybody = st.sample([earned.get(h.household_id, 0) for h in homes])
    members: dict[tuple[int, str], list[int]] = defaultdict(list)
    names = dict(
        Region.objects.filter(pk__in={h.group_id for h in homes if h.group_id}).values_list("pk", "name")
    )
    for home in homes:
        for group in _groups_of(home):
            members[group].append(earned.get(home.household_id, 0))
    labels = {
        "elderly_alone": _("Living alone, 60 and older"),
        "elderly_only": _("Two or more, all 60 and older"),
        "small": _("One or two members"),
        "large": _("Five and more members"),
    }
    wanted = [(code, label, members[0, code]) for code, label in labels.items() if (0, code) in members]
    wanted += [
        (f"group:{pk}", name, members[pk, "group"]) for pk, name in sorted(names.items(), key=lambda n: n[1])
    ]
    return [_compare(code, label, st.sample(found), everybody) for code, label, found in wanted]


def _groups_of(home: Makeup) -> Iterable[tuple[int, str]]:
    if home.is_elderly:
        yield 0, "elderly_alone" if home.size == 1 else "elderly_only"
    if home.size <= 2:
        yield 0, "small"
    if home.size >= 5:
        yield 0, "large"
    if home.group_id is not None:
        yield home.group_id, "group"


def _compare(code: str, label: str, group: st.Sample, everybody: st.Sample) -> GroupRow:
    others = everybody - group
    if min(group.count, others.count) < LEAST:
        return GroupRow(code, label, group.count, None, None, None, "too_few")
    ratio = st.ratio_of_means(group, others)
    return GroupRow(
        code, label, group.count, round(group.mean), round(others.mean), ratio, _verdict(ratio, around=1.0)
    )


def _verdict(found: st.Estimate | None, *, around: float) -> Verdict:
    """What may be said when chance alone would show such a difference less than once in twenty times."""
    if found is None:
        return "too_few"
    if found.high < around:
        return "less"
    return "more" if found.low > around else "no_difference"


def _categories(village_ids: Collection[int], first: date, last: date) -> list[CategoryRow]:
    rows = list(
        Deed.objects.filter(
            village_id__in=village_ids, posted_on__range=(first, last), state="posted", points_tenths__gt=0
        )
        .values_list("rule__category")
        .annotate(deeds=Count("id"), tenths=Sum("points_tenths"))
        .order_by("-tenths", "rule__category")
    )
    whole = sum(tenths for _c, _n, tenths in rows)
    return [CategoryRow(c, deeds, tenths, round(1000 * tenths / whole)) for c, deeds, tenths in rows]


#: (who judged, whose claim, accepted, returned)
Judged = Sequence[tuple[str, int, int, int]]

#: Through the deeds of the villages, whose steps are read by index: steps alone know no village's order.
_JUDGED = """
SELECT s.person_key, s.household_id, count(*) FILTER (WHERE s.action = 'verify'), count(*) FILTER (WHERE s.action = 'return')
  FROM governance_points_deed d
  JOIN workflow_step s ON s.lifecycle = 'governance_points.deed' AND s.subject_id = d.id
 WHERE d.village_id = ANY(%s) AND d.claimed_at < %s AND s.at >= %s AND s.at < %s
   AND s.from_state = 'submitted' AND s.action IN ('verify', 'return') AND s.person_key NOT IN ('system', 'nobody')
   AND s.channel <> 'import'
 GROUP BY 1, 2
"""


def _judged(village_ids: Collection[int], first: date, last: date) -> Judged:
    begin, end = start_of_day(first), start_of_day(last + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(_JUDGED, [list(village_ids), end, begin, end])
        return [(who, home or 0, yes, no) for who, home, yes, no in cursor.fetchall()]


def _verifiers(judged: Judged) -> list[VerifierRow]:
    """Each beside all others, those with most to judge first."""
    by_person: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for who, _home, yes, no in judged:
        by_person[who][0] += yes
        by_person[who][1] += no
    all_yes = sum(yes for yes, _no in by_person.values())
    everything = all_yes + sum(no for _yes, no in by_person.values())
    rows = []
    for who, (yes, no) in sorted(by_person.items(), key=lambda p: (-sum(p[1]), p[0])):
        mine, others, others_yes = yes + no, everything - yes - no, all_yes - yes
        enough = min(mine, others) >= LEAST
        difference = st.difference_of_shares(yes, mine, others_yes, others) if enough else None
        rows.append(
            VerifierRow(
                person_key=who,
                judged=mine,
                accepted=st.share(yes, mine) if mine >= LEAST else None,
                others_accepted=others_yes / others if enough else None,
                verdict=_verdict(difference, around=0.0),
            )
        )
    return rows


def _kin(judged: Judged) -> KinRow:
    """Only of those whose login belongs to a person of the register; others' kin is not known."""
    persons = {int(who.removeprefix("person:")) for who, *_rest in judged if who.startswith("person:")}
    kin = {f"person:{pk}": homes for pk, homes in kin_households(persons).items()}
    theirs, others = [0, 0], [0, 0]
    for who, home, yes, no in judged:
        if who in kin:
            counted = theirs if home in kin[who] else others
            counted[0] += yes
            counted[1] += yes + no
    enough = min(theirs[1], others[1]) >= LEAST
    difference = st.difference_of_shares(*theirs, *others) if enough else None
    return KinRow(
        verifiers_known=len(kin),
        kin_judged=theirs[1],
        kin_accepted=theirs[0],
        others_judged=others[1],
        others_accepted=others[0],
        difference=difference,
        verdict=_verdict(difference, around=0.0),
    )


def years(today: date) -> list[int]:
    """The years one may ask for, the latest first."""
    return list(range(today.year, today.year - 4, -1))
