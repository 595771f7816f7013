"""Identity numbers (公民身份号码, GB 11643-1999).

Hard checks are the form, the birth date and the check digit. The area code is the one in force at first
registration, long gone for many people (anybody born in Anji before the code entered its table), so an
unknown one is only a warning. The same 18 characters serve residence permits of people from Hong Kong,
Macao and Taiwan (81, 82, 83) and foreigners' permanent residence cards of 2023 (beginning with 9).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import Invalid

Kind = Literal["resident", "hong_kong", "macao", "taiwan", "foreigner"]

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_EIGHTEEN = re.compile(r"[1-9]\d{16}[\dX]\Z", re.ASCII)
_FIFTEEN = re.compile(r"[1-9]\d{14}\Z", re.ASCII)
_PROVINCE_LIST = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83"
)
_PROVINCES = frozenset(_PROVINCE_LIST.split())
_KINDS: dict[str, Kind] = {"81": "hong_kong", "82": "macao", "83": "taiwan"}
_OLDEST = date(1850, 1, 1)


class IdentityNumberNotUnderstood(Invalid):
    code = "residents.identity_number_not_understood"
    sentence = _(
        "An identity number has 18 characters: 17 digits and a digit or X. "
        "Found %(found)s characters. Please compare it with the card."
    )


class IdentityNumberDateWrong(Invalid):
    code = "residents.identity_number_date_wrong"
    sentence = _(
        "Characters 7 to 14 of an identity number are the date of birth. "
        "Found %(found)s, which is not a possible date of birth. Please compare it with the card."
    )


class IdentityNumberCheckWrong(Invalid):
    code = "residents.identity_number_check_wrong"
    sentence = _(
        "The last character of this identity number does not fit the others: "
        "at least one character is mistyped. Please compare it with the card."
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """A number that can be right. `sex` is the GB/T 2261.1 code; `warnings` are stable words."""

    number: str
    birth_date: date
    sex: str
    region6: str
    kind: Kind
    warnings: tuple[str, ...] = ()


def normalise(number: str) -> str:
    """Upper case, half-width, without blanks, hyphens, zero-width characters or a leading apostrophe."""
    if number.isascii() and number.isalnum():  # nearly always
        return number.upper()
    plain = unicodedata.normalize("NFKC", number).upper()
    return "".join(
        c for c in plain if not c.isspace() and c not in "-'‐‑‒–—" and unicodedata.category(c) != "Cf"
    )


def check_resident_id(number: str, *, field: str | None = None) -> Checked:
    """Check an identity number of 18 or (old) 15 characters; 15 are upgraded to 18.

    Raises IdentityNumberNotUnderstood, IdentityNumberDateWrong or IdentityNumberCheckWrong.
    """
    plain = normalise(number)
    warnings: list[str] = []
    if len(plain) == 15:
        plain = upgrade_15(plain, field=field)
        warnings.append("upgraded_from_15")
    if not _EIGHTEEN.match(plain):
        raise IdentityNumberNotUnderstood(field=field, found=len(plain))
    birth_date = _birth_date(plain[6:14], field)
    if check_character(plain) != plain[17]:
        raise IdentityNumberCheckWrong(field=field)
    kind: Kind = "foreigner" if plain[0] == "9" else _KINDS.get(plain[:2], "resident")
    if kind != "foreigner" and plain[:2] not in _PROVINCES:
        warnings.append("region_unknown")
    return Checked(
        number=plain,
        birth_date=birth_date,
        sex="1" if int(plain[16]) % 2 else "2",
        region6=plain[:6],
        kind=kind,
        warnings=tuple(warnings),
    )


def upgrade_15(number: str, *, field: str | None = None) -> str:
    """The 18 characters of an old number of 15 digits (GB 11643-1989).

    Sequence numbers 996 to 999 were kept for people over a hundred, born in the 19th century.
    """
    plain = normalise(number)
    if not _FIFTEEN.match(plain):
        raise IdentityNumberNotUnderstood(field=field, found=len(plain))
    century = "18" if plain[12:] in ("996", "997", "998", "999") else "19"
    seventeen = plain[:6] + century + plain[6:]
    _birth_date(seventeen[6:14], field)
    return seventeen + check_character(seventeen)


def check_character(number: str) -> str:
    """The check character for the first 17 digits (ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11]


def _birth_date(text: str, field: str | None) -> date:
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise IdentityNumberDateWrong(field=field, found=text) from None
    if not _OLDEST <= day <= clock.today():
        raise IdentityNumberDateWrong(field=field, found=text)
    return day
