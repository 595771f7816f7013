"""The few statistics of a fairness report, each with how sure one can be. Pure functions over numbers.

Sources: Gini by the sorted-rank formula; the interval of a ratio of two means on the logarithmic scale (delta method, Welch's degrees of
freedom); the interval of a share after Wilson (1927), of a difference of two shares after Newcombe (1998, method 10); the agreement of
two raters as Shrout and Fleiss' ICC(1,1) (1979).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: The 97.5 % point of the normal distribution: intervals hold the true value 19 times of 20.
Z = 1.959964


@dataclass(frozen=True, slots=True)
class Sample:
    """How many there are, their sum and the sum of their squares."""

    count: int
    total: int
    squares: int

    def __sub__(self, other: Sample) -> Sample:
        return Sample(self.count - other.count, self.total - other.total, self.squares - other.squares)

    @property
    def mean(self) -> float:
        return self.total / self.count if self.count else 0.0

    @property
    def variance(self) -> float:
        """Of the sample, with n − 1."""
        if self.count < 2:
            return 0.0
        return max(0.0, (self.squares - self.total * self.total / self.count) / (self.count - 1))


def sample(values: Sequence[int]) -> Sample:
    return Sample(len(values), sum(values), sum(v * v for v in values))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the interval that holds the true one 19 times of 20."""

    value: float
    low: float
    high: float


def gini(values: Sequence[int]) -> float | None:
    """0 when all have the same, towards 1 when one has all; None when there is nothing to share. Values must not be negative."""
    total, count = sum(values), len(values)
    if not total:
        return None
    ranked = sum(rank * value for rank, value in enumerate(sorted(values), start=1))
    return 2 * ranked / (count * total) - (count + 1) / count


def holders_of_half(values: Sequence[int]) -> int:
    """How many households, those with most first, hold half of everything."""
    half, so_far = sum(values) / 2, 0
    for n, value in enumerate(sorted(values, reverse=True), start=1):
        so_far += value
        if so_far >= half:
            return n
    return 0


def ratio_of_means(group: Sample, others: Sample) -> Estimate | None:
    """The mean of a group over the mean of the others. None where either has nothing, or fewer than two."""
    if min(group.count, others.count) < 2 or not group.total or not others.total:
        return None
    # The relative variance of each mean, which is the variance of its logarithm.
    parts = [s.variance / s.count / s.mean**2 for s in (group, others)]
    spread = sum(parts)
    ratio = group.mean / others.mean
    if not spread:
        return Estimate(ratio, ratio, ratio)
    freedom = spread**2 / sum(p * p / (s.count - 1) for p, s in zip(parts, (group, others), strict=True) if p)
    width = student_975(freedom) * math.sqrt(spread)
    return Estimate(ratio, ratio * math.exp(-width), ratio * math.exp(width))


def student_975(freedom: float) -> float:
    """The 97.5 % point of Student's t (Cornish–Fisher; within 1 % from three degrees of freedom on)."""
    n = max(freedom, 3.0)
    return (
        Z + (Z**3 + Z) / (4 * n) + (5 * Z**5 + 16 * Z**3 + 3 * Z) / (96 * n**2)
        + (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / (384 * n**3)
    )  # fmt: skip


def share(part: int, whole: int) -> Estimate | None:
    """A share with Wilson's interval; None of nothing."""
    if not whole:
        return None
    p, z2 = part / whole, Z * Z
    middle = (p + z2 / (2 * whole)) / (1 + z2 / whole)
    width = Z / (1 + z2 / whole) * math.sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole))
    return Estimate(p, max(0.0, middle - width), min(1.0, middle + width))


def difference_of_shares(part: int, whole: int, other_part: int, other_whole: int) -> Estimate | None:
    """One share less another, with Newcombe's interval; None where either is a share of nothing."""
    one, other = share(part, whole), share(other_part, other_whole)
    if one is None or other is None:
        return None
    value = one.value - other.value
    return Estimate(
        value,
        value - math.hypot(one.value - one.low, other.high - other.value),
        value + math.hypot(one.high - one.value, other.value - other.low),
    )


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two raters of the same thing agree. `icc` is 1 when they always agree, about 0 when only by chance."""

    pairs: int
    mean_difference: float
    icc: float | None


def agreement(pairs: Sequence[tuple[float, float]]) -> Agreement | None:
    """Of pairs of scores of the same thing by two raters; None with fewer than two pairs."""
    if len(pairs) < 2:
        return None
    means = [(a + b) / 2 for a, b in pairs]
    grand = sum(means) / len(means)
    between = 2 * sum((m - grand) ** 2 for m in means) / (len(pairs) - 1)
    within = sum((a - b) ** 2 / 2 for a, b in pairs) / len(pairs)
    whole = between + within
    return Agreement(
        len(pairs),
        sum(abs(a - b) for a, b in pairs) / len(pairs),
        (between - within) / whole if whole else None,
    )
