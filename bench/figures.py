"""What a measurement says: a line for the eye now, and a row of the table at the end of `make bench`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from unicodedata import east_asian_width

#: Where the rows of one run are gathered; `bench/__main__.py` sets it for the measurements it starts.
GATHERED_IN = "BENCH_FIGURES"
WIDTH = 64


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. `is_met` is None where nothing was promised."""

    measurement: str
    figure: str
    aim: str = ""
    is_met: bool | None = None

    @property
    def verdict(self) -> str:
        return "" if self.is_met is None else "met" if self.is_met else "MISSED"


def report(measurement: str, figure: str, *, aim: str = "", is_met: bool | None = None) -> None:
    """Print a figure, and keep it for the table when a run gathers them."""
    found = Figure(measurement, figure, aim, is_met)
    beside = f"   (aim {aim}: {found.verdict})" if aim else ""
    print(f"{_padded(measurement, WIDTH)} {figure}{beside}", flush=True)
    if gathered := os.environ.get(GATHERED_IN):
        with Path(gathered).open("a") as file:
            file.write(json.dumps(asdict(found), ensure_ascii=False) + "\n")


def table(gathered: Path) -> str:
    """The gathered figures as “measurement | figure | aim | met or missed”, and how many aims were missed."""
    found = [Figure(**json.loads(line)) for line in gathered.read_text().splitlines()]
    rows = [("measurement", "figure", "aim", "")]
    rows += [(f.measurement, f.figure, f.aim, f.verdict) for f in found]
    widths = [max(_width(row[n]) for row in rows) for n in range(4)]
    lines = [" | ".join(_padded(cell, width) for cell, width in zip(r, widths, strict=True)) for r in rows]
    lines.insert(1, "-|-".join("-" * width for width in widths))
    judged = [f for f in found if f.is_met is not None]
    lines.append(f"{sum(bool(f.is_met) for f in judged)} of {len(judged)} aims met")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _width(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
