"""What a deed is worth, and why. Pure: the same facts always give the same points and the same explanation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.scenes.governance_points.charter import CharterRule, period_of

MAX_QUANTITY_TENTHS = 100_000


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
class Counted:
    """An earlier deed of the same household under the same rule that counts towards caps."""

    done_on: date
    points_tenths: int


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
    elif rule.points_kind == "per_unit":
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
) -> Scored:
    """Points of a deed in tenths under a rule, given the earlier deeds that count towards its caps.

    Fractions of a tenth are cut off, never rounded up: a pool can not be overdrawn by rounding.
    Raises what `check_quantity` raises.
    """
    check_quantity(rule, quantity_tenths, grade)
    if rule.points_kind == "by_grade":
        raw = rule.grades[grade]
        steps: list[dict[str, Any]] = [{"step": "grade", "grade": grade, "tenths": raw}]
    elif rule.points_kind == "per_unit":
        assert quantity_tenths is not None
        product = rule.points_tenths * quantity_tenths
        raw = product // 10 if product >= 0 else -(-product // 10)
        steps = [
            {
                "step": "per_unit",
                "each": rule.points_tenths,
                "quantity": quantity_tenths,
                "unit": rule.unit,
                "tenths": raw,
            }
        ]
    else:
        raw = rule.points_tenths
        steps = [{"step": "fixed", "tenths": raw}]

    points = raw
    earlier = list(counted)
    for cap in rule.caps:
        first, after = period_of(done_on, cap.period)
        within = [c for c in earlier if first <= c.done_on < after]
        if cap.times is not None and len([c for c in within if c.points_tenths]) >= cap.times:
            points = 0
            steps.append({"step": "cap_times", "period": cap.period, "times": cap.times, "left": 0})
        if cap.points_tenths is not None and raw > 0:
            left = max(0, cap.points_tenths - sum(c.points_tenths for c in within))
            if points > left:
                points = left
                steps.append(
                    {"step": "cap_points", "period": cap.period, "most": cap.points_tenths, "left": left}
                )
    return Scored(raw, points, tuple(steps))


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
