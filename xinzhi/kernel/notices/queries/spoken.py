"""A list as text for the village's loudspeaker: short passages somebody reads out, or a machine does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _t

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.spoken import digit_by_digit, say_day, say_number, say_points
from xinzhi.kernel.notices.queries.publications import LineRow, PublicationRow, board_lines

#: How fast a village announcement is read, characters a second with pauses (Chinese; English letters go faster).
CHARACTERS_PER_SECOND = 4.0
LETTERS_PER_SECOND = 14.0
#: Nobody listens longer: a longer list is broken into passages, each of which says again what it is.
LONGEST_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Passage:
    """What is read in one go; `seconds` is an estimate."""

    text: str
    seconds: int


def spoken(*, actor: Actor, publication_id: int, at: datetime) -> tuple[PublicationRow, list[Passage]]:
    """The list in passages of at most 90 seconds, masked whoever asks, without deductions. Raises NotFound.

    A household is called by its short number and its surname, which is less than the paper shows.
    """
    head, lines = board_lines(actor=actor, publication_id=publication_id, at=at)
    return head, passages(head, [_said(line) for line in lines])


def passages(head: PublicationRow, said: Iterable[str]) -> list[Passage]:
    """The opening, the sentences and the closing, broken where somebody breathes."""
    sentences = list(said)
    if not sentences:
        return []
    opening = _t(
        "Villagers of %(village)s: the list “%(title)s” of %(month)s, number %(number)s, is on display "
        "from %(first)s to %(last)s. It has %(count)s lines."
    ) % {
        "village": head.village_name,
        "title": head.title,
        "month": _say_month(head),
        "number": say_number(_sequence(head)),
        "first": say_day(local_date(head.starts_at)),
        "last": say_day(head.last_day),
        "count": say_number(len(sentences)),
    }
    again = _t("The list “%(title)s” goes on.") % {"title": head.title}
    closing = _t(
        "Whoever finds a line not right says so by %(last)s, at the village office, on the phone or with the household card. "
        "The answer comes within %(days)s working days. That was all."
    ) % {"last": say_day(head.last_day), "days": say_number(7)}
    found: list[list[str]] = [[opening]]
    for sentence in sentences:
        if _seconds([*found[-1], sentence]) > LONGEST_SECONDS:
            found.append([again])
        found[-1].append(sentence)
    if _seconds([*found[-1], closing]) > LONGEST_SECONDS:
        found.append([again])
    found[-1].append(closing)
    return [Passage("\n".join(each), _seconds(each)) for each in found]


def _said(line: LineRow) -> str:
    return _t("Number %(number)s, family %(surname)s: %(label)s, %(points)s points.") % {
        "number": _short(line.household_no),
        "surname": line.name[:1],
        "label": line.label,
        "points": say_points(line.points_tenths or 0),
    }


def _short(household_no: str) -> str:
    """What neighbours call a house: the digits at the end of its number, without leading zeros."""
    digits = re.search(r"\d+\Z", household_no)
    written = digits[0].lstrip("0")[-4:] if digits else ""
    if not written:
        return household_no
    return digit_by_digit(written) if len(written) > 2 and _chinese() else say_number(int(written))


def _say_month(head: PublicationRow) -> str:
    month = local_date(head.starts_at)
    if _chinese():
        return f"{digit_by_digit(str(month.year))}年{say_number(month.month)}月"
    return f"{month:%B %Y}"


def _sequence(head: PublicationRow) -> int:
    return int(re.findall(r"\d+", head.number)[-1])


def _seconds(sentences: list[str]) -> int:
    speed = CHARACTERS_PER_SECOND if _chinese() else LETTERS_PER_SECOND
    return round(sum(len(s) for s in sentences) / speed + 0.5 * len(sentences))


def _chinese() -> bool:
    return (get_language() or "zh").startswith("zh")
