"""Numbers that must not stand in any list: identity numbers, phones, bank cards."""

from __future__ import annotations

import re
import unicodedata

from xinzhi.kernel.notices.errors import LooksPersonal

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
#: Digits as people break them up: single blanks, dashes, dots or underscores between them.
_BROKEN_UP = re.compile(r"(?<!\d)\d(?:[ \t\u00a0._·\-‐-―−]?\d){6,}[ \-]?[Xx]?(?![\d])")
_LONG = re.compile(r"\d{7,}[Xx]?")
_PHONE = re.compile(r"(?:0?0?86)?1[3-9]\d{9}\Z")


def luhn(digits: str) -> bool:
    """Whether the check digit of a bank card number is right (ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def plain(text: str) -> str:
    """The text as a reader sees it: compatibility forms folded (full-width digits), invisible characters gone."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def _ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)


def _is_personal(digits: str) -> bool:
    body = digits.upper()
    if _PHONE.match(body):
        return True
    if re.fullmatch(r"\d{17}[\dX]", body) or re.fullmatch(r"\d{15}", body):
        return True
    return body.isdigit() and 16 <= len(body) <= 19 and luhn(body)


def personal_number_in(text: str) -> str | None:
    """The first number in the text that looks like an identity, phone or card number, or None.

    Unbroken runs of eleven digits and more are refused whatever they are; broken-up ones only in those patterns, so
    that “2026-11-01 2026-11-30” passes.
    """
    seen = _ascii_digits(plain(text))
    for run in _LONG.findall(seen):
        if len(run.rstrip("Xx")) >= 11:
            return str(run)
    for match in _BROKEN_UP.finditer(seen):
        digits = re.sub(r"[^\dXx]", "", match.group())
        if _is_personal(digits) and not _is_dates(match.group()):
            return digits
    return None


def _is_dates(written: str) -> bool:
    day = r"\d{4}[-.]\d{1,2}[-.]\d{1,2}"
    return re.fullmatch(rf"{day}(?:[ \-‐-―−]{day})?", written.strip()) is not None


def refuse_personal_number(text: str, *, where: str, field: str | None = None) -> None:
    """Raise LooksPersonal when the text holds such a number; the number itself is never repeated."""
    found = personal_number_in(text)
    if found is not None:
        raise LooksPersonal(
            field=field, where=where, masked=f"{found[:1]}{'*' * (len(found) - 2)}{found[-1:]}"
        )


def scrub(text: str) -> str:
    """The text for a list, with anything that looks like such a number starred out: the last line of defence."""
    seen = _ascii_digits(plain(text))
    if personal_number_in(seen) is None:
        return text
    starred = _BROKEN_UP.sub(lambda m: re.sub(r"[\dXx]", "*", m.group()), seen)
    return _LONG.sub(lambda m: "*" * len(m.group()), starred)
