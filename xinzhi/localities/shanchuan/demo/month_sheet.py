"""A year of deeds, as monthly score sheets per village: the same files a clerk would bring in."""

from __future__ import annotations

from random import Random

#: Rules that come every month, how often a household has one, by rule number of the demo charter.
MONTHLY = (
    ("A01", 0.08), ("A03", 0.04), ("B01", 0.02), ("C01", 0.13), ("C02", 0.02), ("D01", 0.05), ("D02", 0.02), ("E01", 0.03),
    ("E02", 0.02), ("G02", 0.01), ("H04", 0.01),
)  # fmt: skip


def month_of(
    village_code: str, month: str, household_numbers: list[str], *, seed: int
) -> dict[str, dict[str, str]]:
    """Cells by household number and rule code for one month."""
    pick = Random(f"{seed}:{village_code}:{month}")  # noqa: S311 (demo data must be the same each time)
    cells: dict[str, dict[str, str]] = {}
    for number in household_numbers:
        row = {code: _cell(code, pick) for code, chance in MONTHLY if pick.random() < chance}
        if row:
            cells[number] = row
    return cells


def _cell(code: str, pick: Random) -> str:
    if code == "D02":
        return pick.choice(("1", "2", "1.5", "3"))
    return "2" if code == "A01" and pick.random() < 0.2 else "1"
