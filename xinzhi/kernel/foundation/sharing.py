"""Divide a whole number into whole parts that add up to it again (largest remainder, 最大余额法)."""

from __future__ import annotations

from collections.abc import Sequence


def share_out(total: int, weights: Sequence[tuple[str, int]]) -> list[int]:
    """The parts of `total` (≥ 0) by weight (≥ 0), in the order given; they always add up to `total`.

    Each part is its exact quota rounded down; what is left goes one by one to the largest remainders, of equal
    ones first to the key that sorts first as text. No part is ever more than one away from its quota.
    Raises ValueError when there is something to divide and nobody to give it to.
    """
    whole = sum(weight for _key, weight in weights)
    if total < 0 or any(weight < 0 for _key, weight in weights) or (total and not whole):
        raise ValueError("a total that is not negative is divided by weights that are not all zero")
    if not total:
        return [0] * len(weights)
    parts = [total * weight // whole for _key, weight in weights]
    order = sorted(range(len(weights)), key=lambda n: (-(total * weights[n][1] % whole), weights[n][0]))
    for n in order[: total - sum(parts)]:
        parts[n] += 1
    return parts
