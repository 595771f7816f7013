"""What can be counted: sizes, caps, evidence, a basis for what is taken, the same deed paid twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.scenes.governance_points.charter import CharterRule
from xinzhi.scenes.governance_points.linting.finding import Finding
from xinzhi.scenes.governance_points.linting.topics import ORGANIC_LAW
from xinzhi.scenes.governance_points.linting.words import plain, words_of

#: One deed gives at most 100 points, and the largest deductions found in practice are 50 (village.md 1.3).
MOST_TENTHS, HARSH_TENTHS = 1_000, 500
PRACTICE = "各地公布的积分细则：单项最高 100 分，扣分最高 50 分"
AGREED_PENALTIES = "湖州市法治乡村建设条例第十四条：村规民约可以提出约束要求和违约惩戒措施；" + ORGANIC_LAW
EVIDENCE = "威海市文登区农村居民信用管理办法第三十二条：扣分须先告知本人并附证据"
ONE_ACT_ONCE = "威海市文登区农村居民信用管理办法第十七条：同一行为适用多项的，只取最高一项"

#: A basis names something that can be looked up.
_NAMES_A_RULE = re.compile("法|条例|办法|规定|规则|村规民约|章程|决议|公约|守则|细则|标准|制度")
#: Words that say nothing about which deed it is.
_FILLING = re.compile("参加|参与|开展|积极|主动|组织|活动|村级|本村|村里|进行")
#: Of two titles that share so much of their pairs of characters, one is asked about.
ALIKE = 0.6
_PAID = re.compile(
    "工资|报酬|误工(费|补贴)|务工|值班|履职|本职|(村干部|网格员|保洁员|护林员|协管员).{0,4}(工作|上班|履|巡查|保洁)"
)


def check_rule(rule: CharterRule) -> Iterator[Finding]:
    """What one rule alone shows."""
    yield from _size(rule)
    yield from _basis_and_evidence(rule)
    if not rule.is_deduction:
        yield from _caps(rule)
        if paid := _PAID.search(words_of(rule)):
            yield Finding(
                "paid_already", "warning", rule.code, _("Paid already"),
                _("Who is paid for it would be rewarded a second time."), ONE_ACT_ONCE,
                _("Reward what goes beyond the paid duty, or leave the rule out."), paid[0], rule.title,
            )  # fmt: skip


def _worth(rule: CharterRule) -> list[int]:
    """What one deed is worth at most, in tenths, each way it can be graded."""
    if rule.points_kind == "by_grade":
        return list(rule.grades.values())
    if rule.points_kind == "per_unit" and rule.max_quantity_tenths:
        return [rule.points_tenths * rule.max_quantity_tenths // 10]
    return [rule.points_tenths]


def _size(rule: CharterRule) -> Iterator[Finding]:
    worth = max(_worth(rule), key=abs, default=0)
    shown = format_points(worth, sign=True)
    if abs(worth) > MOST_TENTHS:
        yield Finding(
            "too_large", "error", rule.code, _("Too many points for one deed"),
            _("One entry would outweigh a year of the others; nobody would believe the sum."), PRACTICE,
            _("Stay within 100 points; lower the points or the quantity at a time."), shown,
        )  # fmt: skip
    elif worth < -HARSH_TENTHS:
        yield Finding(
            "harsh", "warning", rule.code, _("A very large deduction"),
            _("A single entry would take more than most households earn in a year."), PRACTICE,
            _("Take at most 50 points, and let the household make it good."), shown,
        )  # fmt: skip


def _basis_and_evidence(rule: CharterRule) -> Iterator[Finding]:
    if rule.is_deduction and not _NAMES_A_RULE.search(plain(rule.legal_basis)):
        yield Finding(
            "no_basis", "error", rule.code, _("A deduction without a basis"),
            _("Points are taken only for what the village rules or a law have forbidden before, in words one can look up."),
            AGREED_PENALTIES, _("Name the article: of the village rules, a regulation or a law."), rule.legal_basis,
        )  # fmt: skip
    if rule.evidence == "none":
        yield Finding(
            "no_evidence", "error" if rule.is_deduction else "warning", rule.code, _("No evidence asked for"),
            _("What nobody can look at, nobody can verify, object to or answer."), EVIDENCE,
            _("Ask for a photo, a record of the village or a document."), rule.title,
        )  # fmt: skip


def _caps(rule: CharterRule) -> Iterator[Finding]:
    if rule.points_kind == "per_unit" and rule.max_quantity_tenths is None and not rule.caps:
        yield Finding(
            "unbounded", "warning", rule.code, _("No limit at all"),
            _("One entry by quantity could be worth any number of points."), PRACTICE,
            _("Say how much counts at a time, or give the rule a cap."), rule.unit,
        )  # fmt: skip
    elif not rule.caps and rule.evidence != "document":
        yield Finding(
            "no_cap", "warning", rule.code, _("No cap"),
            _("Without a cap a few households can collect most of the points with one easy deed."), PRACTICE,
            _("Say how often it counts in a day, a month or a year."), rule.title,
        )  # fmt: skip


def check_doubles(rules: Sequence[CharterRule]) -> Iterator[Finding]:
    """The same deed under two numbers: an error when the words are the same, a question when they are alike."""
    named = [(rule, _core(rule.title)) for rule in rules]
    for (first, one), (second, other) in combinations(named, 2):
        if first.is_deduction != second.is_deduction:
            continue
        same = one == other
        if not same and _likeness(one, other) < ALIKE:
            continue
        yield Finding(
            "double", "error" if same else "warning", second.code,
            _("Taken twice") if first.is_deduction else _("Rewarded twice"),
            _("One deed would count under two rules; only the higher one may."), ONE_ACT_ONCE,
            _("Keep one of the two, or say in the titles what tells them apart."), f"{first.code} {first.title}", second.title,
        )  # fmt: skip


def _core(title: str) -> str:
    words = plain(title)
    stripped = _FILLING.sub("", words)
    return stripped if len(stripped) >= 2 else words


def _likeness(one: str, other: str) -> float:
    """Shared pairs of characters among all (Jaccard); 1 when one title of some length stands in the other."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= 4 and shorter in longer:
        return 1.0
    pairs_one = {one[i : i + 2] for i in range(len(one) - 1)}
    pairs_other = {other[i : i + 2] for i in range(len(other) - 1)}
    together = pairs_one | pairs_other
    return len(pairs_one & pairs_other) / len(together) if together else 0.0
