"""The figures of a fairness report in words: what a villager reads, and the method behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from xinzhi.kernel.residents.makeup import ELDERLY_AGE
from xinzhi.scenes.governance_points.fairness.report import LEAST, GroupRow, KinRow, Verdict, VerifierRow
from xinzhi.scenes.governance_points.fairness.statistics import Estimate


@dataclass(frozen=True, slots=True)
class Line:
    """A figure, what may be said of it, and how sure it is. `tone` is "", "loss" or "gain": colour is never the only sign."""

    label: str
    said: str
    figures: str = ""
    tone: str = ""


_TONES: dict[Verdict, str] = {"less": "loss", "more": "gain"}


def group_line(row: GroupRow) -> Line:
    said = {
        "too_few": _("too few households to say anything"),
        "no_difference": _("no clear difference from the others"),
        "less": _("clearly fewer points than the others"),
        "more": _("clearly more points than the others"),
    }[row.verdict]
    label = _("%(group)s (%(n)s households)") % {"group": row.label, "n": row.households}
    return Line(label, said, times(row.ratio), _TONES.get(row.verdict, ""))


def times(ratio: Estimate | None) -> str:
    """ "0.82 times (0.71 to 0.95)"."""
    if ratio is None:
        return ""
    return _("%(value)s times (%(low)s to %(high)s)") % {
        "value": f"{ratio.value:.2f}", "low": f"{ratio.low:.2f}", "high": f"{ratio.high:.2f}"
    }  # fmt: skip


def hundredths(value: float | None) -> str:
    return "" if value is None else f"{value * 100:.0f} %"


def verifier_said(row: VerifierRow) -> str:
    return {
        "too_few": _("too few to say anything"),
        "no_difference": _("as the others"),
        "less": _("accepts clearly less than the others"),
        "more": _("accepts clearly more than the others"),
    }[row.verdict]


def verifiers_line(rows: Sequence[VerifierRow]) -> Line:
    """For everybody: how many judge unlike the others, without saying who."""
    unlike = sum(1 for r in rows if r.verdict in ("less", "more"))
    label = _("Those who verify (%(n)s people)") % {"n": len(rows)}
    if all(r.verdict == "too_few" for r in rows):
        return Line(label, _("too few judgements to compare them"))
    if not unlike:
        return Line(label, _("nobody judges clearly unlike the others"))
    return Line(label, _("%(n)s of them judge clearly unlike the others") % {"n": unlike}, tone="loss")


def kin_line(row: KinRow) -> Line:
    label = _("Claims judged by somebody's kin (%(n)s)") % {"n": row.kin_judged}
    if not row.verifiers_known:
        return Line(label, _("not known: no login of those who verify belongs to a person of the register"))
    said = {
        "too_few": _("too few to say anything"),
        "no_difference": _("accepted as often as other claims"),
        "less": _("accepted clearly less often than other claims"),
        "more": _("accepted clearly more often than other claims"),
    }[row.verdict]
    return Line(label, said, tone="loss" if row.verdict == "more" else "")


def method() -> list[str]:
    """How it was worked out, a paragraph each."""
    return [
        _("Points are those given in the year and not taken back. Deductions are not counted here: each is heard by itself."),
        _("Households are those of the last day of the report with at least one member. Old is who reaches %(age)s in that year, after the Law on the Protection of the Rights and Interests of the Elderly.")
        % {"age": ELDERLY_AGE},
        _("A group is set beside all other households: its mean points over theirs. The figures in brackets hold the true value nineteen times of twenty (ratio of means on the logarithmic scale, Welch). Only when they do not reach 1.00 we say “clearly”."),
        _("With fewer than %(least)s households or judgements no comparison is made: it would be chance, and it would tell of persons.")
        % {"least": LEAST},
        _("The spread is the Gini coefficient over all households, also those without points: 0 when all have the same, 1 when one has everything. A spread alone is no injustice: who does more gets more."),
        _("Who verifies is set beside all others by the share of claims accepted at the first look (interval after Newcombe). Claims differ, so a difference is a reason to look, not a verdict."),
        _("Kin are households that split from, married into or merged with a verifier's own, as far as the register knows. Nobody can verify for his own household."),
        _("Raters are compared where the same thing was rated by two people: the mean difference, and the intraclass correlation after Shrout and Fleiss."),
        _("Households whose members work away are not set apart: the register does not say who is away."),
    ]  # fmt: skip
