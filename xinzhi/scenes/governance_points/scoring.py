"""What a deed is worth, and why. Pure: the same facts always give the same points and the same explanation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.scenes.governance_points.charter import Cap, CharterRule, period_of
from xinzhi.scenes.governance_points.charter_terms import Terms, add_months
from xinzhi.scenes.governance_points.tally import Counted, Tally

__all__ = ["Counted", "Scored", "check_quantity", "counted_of", "explain", "score", "score_with"]

MAX_QUANTITY_TENTHS = 100_000
NO_TERMS = Terms()


class QuantityNeeded(Invalid):
    code = "governance_points.quantity_needed"
    sentence = _("This rule counts by %(unit)s: please give how many, for example 2.")


class QuantityOutOfRange(Invalid):
    code = "governance_points.quantity_out_of_range"
    sentence = _("The quantity must be above 0 and at most %(most)s %(unit)s; found %(found)s.")


class GradeNeeded(Invalid):
    code = "governance_points.grade_needed"
    sentence = _("This rule has the grades %(grades)s; found “%(found)s”.")


@dataclass(frozen=True, slots=True)
class Scored:
    """`raw_tenths` by the rule, `points_tenths` after caps, and the steps that led there (codes and numbers only)."""

    raw_tenths: int
    points_tenths: int
    steps: tuple[dict[str, Any], ...]


def check_quantity(rule: CharterRule, quantity_tenths: int | None, grade: str) -> None:
    """Raise QuantityNeeded, QuantityOutOfRange or GradeNeeded when the deed does not fit its rule."""
    if rule.points_kind == "by_grade":
        if grade not in rule.grades:
            raise GradeNeeded(field="grade", grades="、".join(rule.grades), found=grade[:20])
    elif rule.is_measured:
        if quantity_tenths is None:
            raise QuantityNeeded(field="quantity", unit=rule.unit)
        most = min(rule.max_quantity_tenths or MAX_QUANTITY_TENTHS, MAX_QUANTITY_TENTHS)
        if not 0 < quantity_tenths <= most:
            raise QuantityOutOfRange(
                field="quantity",
                most=format_points(most),
                unit=rule.unit,
                found=format_points(quantity_tenths),
            )


def score(
    rule: CharterRule,
    *,
    done_on: date,
    quantity_tenths: int | None,
    grade: str,
    counted: Iterable[Counted] = (),
    terms: Terms = NO_TERMS,
    person_id: int | None = None,
) -> Scored:
    """Points of a deed in tenths under a rule, given the earlier deeds that count. Raises what `check_quantity` raises."""
    check_quantity(rule, quantity_tenths, grade)
    tally = Tally(replace(c, rule_code=rule.code) if not c.rule_code else c for c in counted)
    return score_with(
        tally, rule, terms, done_on=done_on, quantity_tenths=quantity_tenths, grade=grade, person_id=person_id
    )


def score_with(
    tally: Tally,
    rule: CharterRule,
    terms: Terms,
    *,
    done_on: date,
    quantity_tenths: int | None,
    grade: str,
    person_id: int | None,
) -> Scored:
    """The one way a deed is scored: alone, in a sheet of thousands, and when a year is replayed. The deed fits its rule.

    Fractions of a tenth are cut off, never rounded up: a pool can not be overdrawn by rounding. In this order: what the rule
    says, doubled when repeated (village.md 1.4), the highest of one act (1.4), the caps of the rule, those of the
    household, the share of the category (9.7).
    """
    raw, step = _by_rule(tally, rule, done_on, quantity_tenths, grade)
    steps = [step]
    if (
        rule.repeat_months
        and raw < 0
        and tally.offended(rule.code, add_months(done_on, -rule.repeat_months), done_on)
    ):
        raw *= 2
        steps.append({"step": "repeat", "months": rule.repeat_months, "tenths": raw})
    points = raw
    if rule.group and raw:
        given = tally.act(rule.group, done_on, person_id, is_deduction=raw < 0)
        left = max(0, raw - given) if raw > 0 else min(0, raw - given)
        if left != points:
            points = left
            steps.append({"step": "group", "given": given, "left": left})
    for cap in rule.caps:
        first, after = period_of(done_on, cap.period)
        used, times = tally.of_rule(rule.code, first, after)
        points = _capped(points, cap, used, times, steps, "cap")
    if points > 0:
        for cap in terms.household_caps:
            first, after = period_of(done_on, cap.period)
            used, times = tally.of_all(first, after)
            points = _capped(points, cap, used, times, steps, "household_cap")
        points = _within_share(tally, rule, terms, done_on, points, steps)
    return Scored(raw, points, tuple(steps))


def _by_rule(
    tally: Tally, rule: CharterRule, done_on: date, quantity_tenths: int | None, grade: str
) -> tuple[int, dict[str, Any]]:
    """What the rule itself gives."""
    if rule.points_kind == "by_grade":
        raw = rule.grades[grade]
        return raw, {"step": "grade", "grade": grade, "tenths": raw}
    if rule.points_kind == "per_unit":
        assert quantity_tenths is not None
        product = rule.points_tenths * quantity_tenths
        raw = product // 10 if product >= 0 else -(-product // 10)
        return raw, {
            "step": "per_unit", "each": rule.points_tenths, "quantity": quantity_tenths, "unit": rule.unit, "tenths": raw,
        }  # fmt: skip
    if rule.points_kind == "ladder":
        assert quantity_tenths is not None
        before = tally.amount(done_on.year, rule.code)
        reached, worth = _rung(rule, before + quantity_tenths)
        raw = max(0, worth - _rung(rule, before)[1])
        return raw, {
            "step": "ladder", "before": before, "sum": before + quantity_tenths, "unit": rule.unit, "reached": reached, "tenths": raw,
        }  # fmt: skip
    if rule.points_kind == "per_member":
        members = (quantity_tenths or 10) // 10
        raw = rule.points_tenths * members
        return raw, {"step": "per_member", "each": rule.points_tenths, "members": members, "tenths": raw}
    return rule.points_tenths, {"step": "fixed", "tenths": rule.points_tenths}


def _rung(rule: CharterRule, amount_tenths: int) -> tuple[int, int]:
    """The highest step a sum has reached, and what it is worth altogether; (0, 0) below the first."""
    return next(((at, worth) for at, worth in reversed(rule.ladder) if amount_tenths >= at), (0, 0))


def _capped(points: int, cap: Cap, used: int, times: int, steps: list[dict[str, Any]], name: str) -> int:
    if cap.times is not None and times >= cap.times:
        steps.append({"step": f"{name}_times", "period": cap.period, "times": cap.times, "left": 0})
        return 0
    if cap.points_tenths is not None and points > 0:
        left = max(0, cap.points_tenths - used)
        if points > left:
            steps.append(
                {"step": f"{name}_points", "period": cap.period, "most": cap.points_tenths, "left": left}
            )
            return left
    return points


def _within_share(
    tally: Tally, rule: CharterRule, terms: Terms, done_on: date, points: int, steps: list[dict[str, Any]]
) -> int:
    """No more than keeps the category within its share of the household's year, this deed included.

    p ≤ (s·T − 100·C) / (100 − s) with s the share in percent, T the year and C the category so far. Up to `share_from_tenths` a
    category is not cut: somebody who has just begun has done one thing only.
    """
    percent = terms.percent_of(rule.category)
    if percent is None or points <= 0:
        return points
    total, own = tally.year(done_on.year), tally.category(done_on.year, rule.category)
    left = max(0, terms.share_from_tenths - own, (percent * total - 100 * own) // (100 - percent))
    if points <= left:
        return points
    steps.append(
        {"step": "share", "percent": percent, "from": terms.share_from_tenths, "own": own, "left": left}
    )
    return left


def counted_of(
    points_tenths: int,
    raw_tenths: int,
    rule: CharterRule,
    *,
    done_on: date,
    person_id: int | None,
    quantity_tenths: int | None,
) -> Counted:
    """A scored deed as it counts for those after it."""
    return Counted(
        done_on, points_tenths, rule.code, rule.category, rule.group, person_id,
        (quantity_tenths or 0) if rule.points_kind == "ladder" else 0, raw_tenths < 0,
    )  # fmt: skip


def explain(steps: Sequence[dict[str, Any]]) -> list[str]:
    """The steps of a score as sentences in the reader's language."""
    periods = {
        "day": _g("day"),
        "week": _g("week"),
        "month": _g("month"),
        "quarter": _g("quarter"),
        "year": _g("year"),
    }
    lines = []
    for s in steps:
        match s["step"]:
            case "fixed":
                lines.append(_g("The rule gives %(points)s points.") % {"points": format_points(s["tenths"])})
            case "grade":
                lines.append(
                    _g("Grade “%(grade)s” gives %(points)s points.")
                    % {"grade": s["grade"], "points": format_points(s["tenths"])}
                )
            case "per_unit":
                lines.append(
                    _g("%(quantity)s %(unit)s at %(each)s points make %(points)s points.")
                    % {
                        "quantity": format_points(s["quantity"]),
                        "unit": s["unit"],
                        "each": format_points(s["each"]),
                        "points": format_points(s["tenths"]),
                    }
                )
            case "ladder":
                lines.append(
                    (
                        _g("This year %(before)s %(unit)s before, %(sum)s now; the step of %(reached)s is reached: %(points)s points more.")
                        if s["tenths"]
                        else _g("This year %(before)s %(unit)s before, %(sum)s now; that reaches no new step yet.")
                    )
                    % {
                        "before": format_points(s["before"]),
                        "sum": format_points(s["sum"]),
                        "unit": s["unit"],
                        "reached": format_points(s["reached"]),
                        "points": format_points(s["tenths"]),
                    }
                )  # fmt: skip
            case "per_member":
                lines.append(
                    _g("%(members)s members of the household at %(each)s points make %(points)s points.")
                    % {
                        "members": s["members"],
                        "each": format_points(s["each"]),
                        "points": format_points(s["tenths"]),
                    }
                )
            case "repeat":
                lines.append(
                    _g("It happened again within %(months)s months, so it counts double: %(points)s points.")
                    % {"months": s["months"], "points": format_points(s["tenths"])}
                )
            case "group":
                lines.append(
                    _g(
                        "The same act counts under another rule already (%(given)s points). Only the highest counts: %(left)s points here."
                    )
                    % {"given": format_points(s["given"]), "left": format_points(s["left"])}
                )
            case "household_cap_times":
                lines.append(
                    _g("Your household counts at most %(times)s times per %(period)s, all rules together; they are used up.")
                    % {"times": s["times"], "period": periods[s["period"]]}
                )  # fmt: skip
            case "household_cap_points":
                lines.append(
                    _g("Your household gets at most %(most)s points per %(period)s, all rules together; %(left)s are left.")
                    % {
                        "most": format_points(s["most"]),
                        "period": periods[s["period"]],
                        "left": format_points(s["left"]),
                    }
                )  # fmt: skip
            case "share":
                lines.append(
                    _g("One kind of deed makes at most %(percent)s of 100 of your points of the year; %(left)s are left for this kind now.")
                    % {"percent": s["percent"], "left": format_points(s["left"])}
                )  # fmt: skip
            case "taken":
                lines.append(
                    _g("%(points)s points were taken. Nothing is owed beyond that.")
                    % {"points": format_points(s["tenths"])}
                )
            case "cap_times":
                lines.append(
                    _g("This rule counts at most %(times)s times per %(period)s; they are used up.")
                    % {"times": s["times"], "period": periods[s["period"]]}
                )
            case "cap_points":
                lines.append(
                    _g("This rule gives at most %(most)s points per %(period)s; %(left)s are left.")
                    % {
                        "most": format_points(s["most"]),
                        "period": periods[s["period"]],
                        "left": format_points(s["left"]),
                    }
                )
    return lines
