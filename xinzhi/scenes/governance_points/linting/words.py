"""How a rule is read: as one line without the blanks and signs that split a word (“信 访”, “信-访”, full-width letters)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from xinzhi.scenes.governance_points.charter import CharterRule

#: Stands between parts of a rule, so that no word arises from the end of one and the beginning of the next.
BREAK = "|"


def plain(text: str) -> str:
    """Letters, digits and characters only, in one form."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LN")


def words_of(rule: CharterRule) -> str:
    """What the rule says people do, in one line: category, title, unit, grades. Its legal basis is not read."""
    parts: Iterable[str] = (rule.category, rule.title, rule.unit, *rule.grades)
    return BREAK.join(plain(p) for p in parts if p)
