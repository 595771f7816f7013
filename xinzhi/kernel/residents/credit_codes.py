"""Unified social credit codes (统一社会信用代码, GB 32100-2015), including rural collectives' (first character N)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.kernel.residents.identity_numbers import normalise

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_FORM = re.compile(rf"[1-9ANY][{ALPHABET}]\d{{6}}[{ALPHABET}]{{10}}\Z", re.ASCII)


class CreditCodeNotUnderstood(Invalid):
    code = "residents.credit_code_not_understood"
    sentence = _(
        "A unified social credit code has 18 characters, digits and capital letters without I, O, S, V and Z, "
        "digits at places 3 to 8. Please compare it with the certificate."
    )


class CreditCodeCheckWrong(Invalid):
    code = "residents.credit_code_check_wrong"
    sentence = _(
        "The last character of this unified social credit code does not fit the others: "
        "at least one character is mistyped. Please compare it with the certificate."
    )


@dataclass(frozen=True, slots=True)
class CreditCode:
    """`department` is the registering department's character (9 market supervision, N agriculture, …)."""

    code: str
    department: str
    region6: str

    @property
    def is_rural_collective(self) -> bool:
        return self.department == "N"


def check_credit_code(code: str, *, field: str | None = None) -> CreditCode:
    """Raises CreditCodeNotUnderstood or CreditCodeCheckWrong."""
    plain = normalise(code)
    if not _FORM.match(plain):
        raise CreditCodeNotUnderstood(field=field)
    if check_character(plain) != plain[17]:
        raise CreditCodeCheckWrong(field=field)
    return CreditCode(code=plain, department=plain[0], region6=plain[2:8])


def check_character(code: str) -> str:
    """The check character for the first 17; where 31 - remainder is 31, it is “0”."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(code, _WEIGHTS, strict=False))
    return ALPHABET[(31 - total % 31) % 31]
