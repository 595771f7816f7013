"""Clean the text of a cell: what cannot be seen goes, full-width digits and letters become plain ones."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPACES = re.compile(r"\s+")
_FULL_WIDTH = {0xFF10 + i: 0x30 + i for i in range(10)}
_FULL_WIDTH |= {0xFF21 + i: 0x41 + i for i in range(26)} | {0xFF41 + i: 0x61 + i for i in range(26)}
_FULL_WIDTH |= {0xFF0D: 0x2D, 0xFF0E: 0x2E, 0xFF0F: 0x2F}
_INVISIBLE = frozenset(("Cf", "Cc", "Cs", "Co", "Cn"))
#: What a spreadsheet writes before a text that would otherwise be taken for a formula.
_GUARDED = re.compile(r"'(?=[=+\-@])")


def clean(text: str) -> str:
    """Without zero-width, control and private characters; one blank for blanks and line breaks; trimmed.

    Full-width digits, Latin letters, hyphen, dot and slash become plain; Chinese punctuation stays as written.
    """
    if text.isascii() and text.isprintable():
        text = text.strip()
        if "  " in text:
            text = _SPACES.sub(" ", text)
        return text[1:] if text[:1] == "'" and _GUARDED.match(text) else text
    return _clean_slowly(text)


@lru_cache(maxsize=65536)
def _clean_slowly(text: str) -> str:
    text = text.translate(_FULL_WIDTH)
    if not text.isprintable():
        kept = (" " if c.isspace() else c for c in text)
        text = "".join(c for c in kept if unicodedata.category(c) not in _INVISIBLE)
    text = unicodedata.normalize("NFC", text)
    return (
        _GUARDED.sub("", _SPACES.sub(" ", text).strip(), count=1)
        if text[:1] == "'"
        else _SPACES.sub(" ", text).strip()
    )


def plain_heading(text: str) -> str:
    """A heading to compare by: “* 户 编号（必填）” and “户编号” are the same."""
    text = unicodedata.normalize("NFKC", clean(text)).lower()
    return re.sub(r"\([^()]*\)|\[[^\[\]]*\]|[\s*:：、_-]", "", text)
