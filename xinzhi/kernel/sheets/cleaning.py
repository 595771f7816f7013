"""Clean the text of a cell: what cannot be seen goes, full-width digits and letters become plain ones."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_PLAIN: dict[int, str | None] = {0xFF10 + i: chr(0x30 + i) for i in range(10)}
_PLAIN |= {0xFF21 + i: chr(0x41 + i) for i in range(26)} | {0xFF41 + i: chr(0x61 + i) for i in range(26)}
_PLAIN |= {0xFF0D: "-", 0xFF0E: ".", 0xFF0F: "/"}
#: Invisible although Unicode counts them as letters, marks or signs.
_PLAIN |= dict.fromkeys([0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0xFFFE, 0xFFFF])
_PLAIN |= dict.fromkeys([*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
#: Rare characters of names that GB 18030-2000 kept in the private area and GB 18030-2022 has in Unicode proper.
_PLAIN |= {
    0xE816: "\U00020087", 0xE817: "\U00020089", 0xE818: "\U000200cc", 0xE81E: "\u9fb4", 0xE826: "\u9fb5",
    0xE82B: "\u9fb6", 0xE82C: "\u9fb7", 0xE831: "\U000215d7", 0xE832: "\u9fb8", 0xE83B: "\U0002298f",
    0xE843: "\u9fb9", 0xE854: "\u9fba", 0xE855: "\U000241fe", 0xE863: "\u4dae", 0xE864: "\u9fbb",
}  # fmt: skip
_INVISIBLE = frozenset(("Cf", "Cc", "Cs"))
#: What a spreadsheet writes before a text that would otherwise be taken for a formula.
_GUARDED = re.compile(r"'[=+\-@]")


def clean(text: str) -> str:
    """Without zero-width and control characters; one blank for blanks and line breaks; trimmed.

    Full-width digits, Latin letters, hyphen, dot and slash become plain; Chinese punctuation stays as written.
    Characters this Python does not know yet are kept: they may be somebody's name.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_PLAIN))
    if not text.isprintable():
        kept = (" " if c.isspace() else c for c in text)
        text = "".join(c for c in kept if unicodedata.category(c) not in _INVISIBLE)
    text = text.strip()
    if "  " in text:
        text = _SPACES.sub(" ", text)
    return text[1:] if text[:1] == "'" and _GUARDED.match(text) else text


def plain_heading(text: str) -> str:
    """A heading to compare by: “* 户 编号（必填）” and “户编号” are the same."""
    text = unicodedata.normalize("NFKC", clean(text)).lower()
    return re.sub(r"\([^()]*\)|\[[^\[\]]*\]|[\s*:：、_-]", "", text)
