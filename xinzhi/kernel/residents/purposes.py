"""Why a personal value may be revealed: a short, dated list. Free text is not taken, so none can leak."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Invalid

_START = date(2020, 1, 1)


class PurposeUnknown(Invalid):
    code = "residents.purpose_unknown"
    sentence = _("A personal value is shown only for a purpose of the list; found “%(found)s”. Choose one.")


@dataclass(frozen=True, slots=True)
class Purpose:
    code: str
    label: str | Promise
    active_from: date = _START
    active_to: date | None = None


PURPOSES = (
    Purpose("identity_check", _("Check who stands before me")),
    Purpose("contact", _("Reach the person")),
    Purpose("correct_register", _("Correct the register")),
    Purpose("payment", _("Pay out money")),
    Purpose("complaint", _("Answer a complaint")),
    Purpose("legal_duty", _("Fulfil a legal duty")),
    Purpose("own_data", _("See one's own data")),
)


def active_purposes(on: date) -> list[Purpose]:
    """What may be chosen on that day, for forms."""
    return [p for p in PURPOSES if p.active_from <= on and (p.active_to is None or on < p.active_to)]


def require_purpose(code: str, on: date) -> str:
    """Raises PurposeUnknown."""
    if code not in {p.code for p in active_purposes(on)}:
        raise PurposeUnknown(field="purpose", found=code[:40])
    return code
