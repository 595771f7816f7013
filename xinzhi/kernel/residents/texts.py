"""Clean what people and spreadsheets write, and the normal forms by which values are found."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.kernel.residents.identity_numbers import check_resident_id
from xinzhi.kernel.residents.identity_numbers import normalise as normal_number

MAX_NAME = 60
_DOTS = re.compile(r"[•‧・⋅∙]")
_NAME = re.compile(r"[^\W_]", re.UNICODE)
_NAME_EXTRAS = frozenset(" ·.-'’()（）")
_BANK_CARD = re.compile(r"\d{12,19}\Z", re.ASCII)
#: WeChat writes 28 of these characters, DingTalk at most 64.
_ACCOUNTS = {
    "wechat_openid": re.compile(r"[A-Za-z0-9_-]{20,64}\Z", re.ASCII),
    "dingtalk_userid": re.compile(r"[A-Za-z0-9_.@-]{1,64}\Z", re.ASCII),
}
#: Bound by their owner alone.
OWN_ACCOUNTS = tuple(_ACCOUNTS)
_PHONE = re.compile(r"(1[3-9]\d{9}|0\d{9,11}|\d{7,8})\Z", re.ASCII)
_DATE = re.compile(
    r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))(?:[ T]00:00(?::00)?)?\Z", re.ASCII
)
_HOUSEHOLD_NO = re.compile(r"[\w./()（）#-]{1,40}\Z")
_SOURCE = re.compile(r"[a-z0-9_.:/-]{1,60}\Z")


class NameNotUnderstood(Invalid):
    code = "residents.name_not_understood"
    sentence = _(
        "A name has 1 to 60 letters or characters, without signs such as < > or digits. Please correct it."
    )


class PhoneNotUnderstood(Invalid):
    code = "residents.phone_not_understood"
    sentence = _(
        "A mobile number has 11 digits, for example 13800000000; a landline its area code. Please correct it."
    )


class BankCardNotUnderstood(Invalid):
    code = "residents.bank_card_not_understood"
    sentence = _("A bank card number has 12 to 19 digits. Please compare it with the card.")


class AccountNotUnderstood(Invalid):
    code = "residents.account_not_understood"
    sentence = _(
        "This is not an identifier WeChat or DingTalk gives out: letters, digits, hyphens only. Bind the account again."
    )


class BirthDateNotUnderstood(Invalid):
    code = "residents.birth_date_not_understood"
    sentence = _("A date of birth is a day that has been, written like 1975-04-09; found “%(found)s”.")


class AddressNotUnderstood(Invalid):
    code = "residents.address_not_understood"
    sentence = _("An address has at most 200 characters, without signs such as < >. Please correct it.")


class HouseholdNumberNotUnderstood(Invalid):
    code = "residents.household_no_not_understood"
    sentence = _("A household number has 1 to 40 letters, digits or hyphens. Please correct it.")


class FieldUnknown(Invalid):
    code = "residents.field_unknown"
    sentence = _("There is no personal field “%(found)s”.")


def visible(text: str) -> str:
    """Without zero-width and control characters, blanks of any kind as one space, trimmed."""
    if text.isprintable():  # nearly always; the rest is slow
        return re.sub(" +", " ", text).strip() if "  " in text else text.strip()
    kept = (" " if c.isspace() else c for c in text)
    return re.sub(
        " +", " ", "".join(c for c in kept if unicodedata.category(c) not in ("Cf", "Cc", "Co", "Cs"))
    ).strip()


def clean(field: str, value: str) -> str:
    """The value as it is stored. Raises the refusal of its field, or IdentityNumber… refusals."""
    if field == "name":
        return clean_name(value)
    if field == "id_number":
        return check_resident_id(value, field="id_number").number
    if field == "phone":
        return clean_phone(value)
    if field == "bank_card":
        digits = normal_number(value)
        if not _BANK_CARD.match(digits):
            raise BankCardNotUnderstood(field=field)
        return digits
    if field == "birth_date":
        return parse_birth_date(value).isoformat()
    if field in _ACCOUNTS:
        if not _ACCOUNTS[field].match(value):
            raise AccountNotUnderstood(field=field)
        return value
    if field == "address":
        text = visible(value)
        if not text or len(text) > 200 or "<" in text or ">" in text:
            raise AddressNotUnderstood(field=field)
        return text
    raise FieldUnknown(found=field[:40])


def clean_name(value: str) -> str:
    """Raises NameNotUnderstood for markup, digits, nothing or more than 60 characters."""
    name = _DOTS.sub("·", unicodedata.normalize("NFC", visible(value)))
    if not 1 <= len(name) <= MAX_NAME or not _NAME.search(name):
        raise NameNotUnderstood(field="name")
    for character in name:
        known = character in _NAME_EXTRAS or unicodedata.category(character)[0] in "LM" or character == "〇"
        if not known:
            raise NameNotUnderstood(field="name")
    return name


def clean_phone(value: str) -> str:
    """Digits only, without +86. Raises PhoneNotUnderstood."""
    digits = re.sub(r"[()+]", "", normal_number(value))
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    elif len(digits) == 15 and digits.startswith("0086"):
        digits = digits[4:]
    if not _PHONE.match(digits):
        raise PhoneNotUnderstood(field="phone")
    return digits


def parse_birth_date(value: str) -> date:
    """1975-04-09, 1975/4/9, 19750409, 1975年4月9日. Raises BirthDateNotUnderstood."""
    text = unicodedata.normalize("NFKC", visible(value))
    found = _DATE.match(text)
    try:
        if found is None:
            raise ValueError
        year, month, day, month2, day2 = found.groups()
        birth = date(int(year), int(month or month2), int(day or day2))
        if birth.year < 1850 or birth > clock.today():
            raise ValueError
    except ValueError:
        raise BirthDateNotUnderstood(field="birth_date", found=text[:30]) from None
    return birth


def findable(field: str, value: str) -> str | None:
    """The normal form under which a clean value is found, None for fields nobody searches by."""
    if field in ("id_number", "phone"):
        return value
    if field == "name":
        return unicodedata.normalize("NFKC", value).casefold().replace(" ", "")
    return None


def clean_household_no(text: str) -> str:
    """Raises HouseholdNumberNotUnderstood."""
    number = visible(text).replace(" ", "")
    if not _HOUSEHOLD_NO.match(number):
        raise HouseholdNumberNotUnderstood(field="household_no")
    return number


def clean_source(source: str) -> str:
    """Provenance is a code; anything else is a programming error (ValueError)."""
    if not _SOURCE.match(source):
        raise ValueError("source must be a code such as 'clerk' or 'roster:2026'")
    return source
