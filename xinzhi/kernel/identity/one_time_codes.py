"""Login by phone and one-time code.

Answers never tell whether a number is registered: asking for a code and entering a wrong one look the same
for every number, and the limits count for every number. Codes live five minutes and bear five tries; only
the last one asked for counts. Numbers and addresses are kept as keyed digests, codes as salted keyed hashes.
"""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext, gettext_lazy

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.channels import background, configuration
from xinzhi.kernel.channels.port import Letter
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Invalid, TooMany
from xinzhi.kernel.identity import digests
from xinzhi.kernel.identity.models import OneTimeCode, User

_ = gettext_lazy

#: As it is filed with the provider of short messages; its one value is called code.
TEMPLATE = "identity.login_code"
LIFETIME = timedelta(minutes=5)
MAX_TRIES = 5
GAP = timedelta(minutes=1)
PER_DAY = 10
#: A village office's people share one address, so these are wide; guessing is stopped per number.
PER_ADDRESS = ((timedelta(minutes=10), 30), (timedelta(days=1), 300))
KEEP = timedelta(days=2)
#: Numbers of the demo's invented people; only their codes are ever shown, and only with settings.DEMO.
DEMO_PREFIXES = ("1380000", "1390000", "1990000")


class PhoneNotUnderstood(Invalid):
    code = "identity.phone_not_understood"
    sentence = _("A mobile number has 11 digits, for example 13800000000. Please check what you entered.")


class CodeWrong(Invalid):
    code = "identity.code_wrong"
    sentence = _("This code is wrong or no longer valid. Check the last message, or ask for a new code.")


class CodeTooSoon(TooMany):
    code = "identity.code_too_soon"
    sentence = _("A code was just sent. You can ask for another one in %(seconds)s seconds.")


class TooManyCodes(TooMany):
    code = "identity.too_many_codes"
    sentence = _(
        "Too many codes were asked for. Please try again later, or ask the village office to help you."
    )


@dataclass(frozen=True, slots=True)
class RequestedCode:
    """`shown` is the code itself, only in the demo and only for demo numbers; else None."""

    expires_at: datetime
    shown: str | None = None


def normal_phone(phone: str) -> str:
    """The 11 digits of a mobile number written with spaces, dashes, full-width digits or +86. Raises PhoneNotUnderstood."""
    digits = re.sub(r"[\s\-\u200b-\u200f\ufeff]", "", unicodedata.normalize("NFKC", str(phone))[:40])
    digits = re.sub(r"^(\+86|0086)", "", digits)
    if not re.fullmatch(r"1[3-9][0-9]{9}", digits):
        raise PhoneNotUnderstood(field="phone")
    return digits


def request_code(*, phone: str, ip: str = "", at: datetime) -> RequestedCode:
    """Send a code to a registered number; the answer is the same for any number.

    Raises PhoneNotUnderstood, CodeTooSoon (one a minute), TooManyCodes (ten a day for a number; a limit per address).
    """
    phone = normal_phone(phone)
    phone_index, ip_index = digests.keyed("login-phone", phone), digests.keyed("login-ip", ip)
    code = f"{secrets.randbelow(1_000_000):06d}"
    salt = secrets.token_hex(16)
    with transaction.atomic(durable=True):
        _one_at_a_time(phone_index, ip_index)
        _within_limits(phone_index, ip_index, at)
        OneTimeCode.objects.filter(created_at__lt=at - KEEP).delete()
        row = OneTimeCode.objects.create(
            phone_index=phone_index,
            ip_index=ip_index,
            salt=salt,
            code_hash=digests.keyed("login-code", salt, code),
            created_at=at,
            expires_at=at + LIFETIME,
        )
    sender = configuration.sms_for_codes()
    if persons_of(phone):
        # Neither a slow nor a broken provider may change the answer, or it would tell that the number is registered.
        text = gettext("Your code is %(code)s, valid for 5 minutes. Tell it to nobody.") % {"code": code}
        letter = Letter(TEMPLATE, {"code": code}, text)
        background.send_soon(sender, to=phone, letter=letter, key=f"login-{row.pk}", at=at)
    is_shown = getattr(settings, "DEMO", False) and sender.is_sandbox and phone.startswith(DEMO_PREFIXES)
    return RequestedCode(expires_at=row.expires_at, shown=code if is_shown else None)


def _one_at_a_time(*indexes: str) -> None:
    with connection.cursor() as cursor:
        for index in indexes:  # first the number, then the address: one order everywhere
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [digests.lock_number(index)])


def _within_limits(phone_index: str, ip_index: str, at: datetime) -> None:
    of_phone = OneTimeCode.objects.filter(phone_index=phone_index, created_at__gt=at - timedelta(days=1))
    times = list(of_phone.order_by("-created_at").values_list("created_at", flat=True)[:PER_DAY])
    if times and at - times[0] < GAP:
        raise CodeTooSoon(seconds=max(1, int((GAP - (at - times[0])).total_seconds())))
    if len(times) >= PER_DAY:
        raise TooManyCodes()
    for span, most in PER_ADDRESS:
        if OneTimeCode.objects.filter(ip_index=ip_index, created_at__gt=at - span).count() >= most:
            raise TooManyCodes()


def check_code(*, phone: str, code: str, at: datetime) -> list[int]:
    """Use up a code; the persons of that number. Of two who enter it at the same moment one wins.

    A try counts even when it is refused, so this must not run inside a transaction of the caller.
    Raises PhoneNotUnderstood, CodeWrong.
    """
    phone = normal_phone(phone)
    digits = re.sub(r"\s", "", unicodedata.normalize("NFKC", str(code)))[:12]
    with transaction.atomic(durable=True):
        is_right = _try(digests.keyed("login-phone", phone), digits, at)
    persons = persons_of(phone) if is_right else []
    if not persons:
        raise CodeWrong(field="code")
    return persons


def _try(phone_index: str, digits: str, at: datetime) -> bool:
    row = (
        OneTimeCode.objects.select_for_update()
        .filter(phone_index=phone_index)
        .order_by("-created_at", "-id")
        .first()
    )
    if row is None or row.used_at is not None or row.expires_at <= at or row.attempts >= MAX_TRIES:
        return False
    row.attempts += 1
    is_right = hmac.compare_digest(row.code_hash, digests.keyed("login-code", row.salt, digits))
    row.used_at = at if is_right else None
    row.save(update_fields=["attempts", "used_at"])
    return is_right


def persons_of(phone: str) -> list[int]:
    """Persons with this number who may log in: the living, in the order of their ids."""
    from xinzhi.kernel.residents import queries as residents

    person = apps.get_model("residents", "Person")
    found = residents.find_by_phone(phone)
    return list(
        person._default_manager.filter(pk__in=found, status__in=("living", "left"))
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def verify_code(*, phone: str, code: str, at: datetime) -> User:
    """The login behind a number and its code. Where several persons share the number, the first one;
    pages use `check_code` and let them choose. Raises PhoneNotUnderstood, CodeWrong."""
    return login_of_person(check_code(phone=phone, code=code, at=at)[0], at=at)


@transaction.atomic
def login_of_person(person_id: int, *, at: datetime) -> User:
    """The person's login: the one given to him, or one made now. Raises CodeWrong where it was closed."""
    user = User.objects.filter(person_id=person_id, is_active=True).order_by("pk").first()
    if user is None:
        user, is_new = User.objects.get_or_create(
            username=f"person-{person_id}", defaults={"person_id": person_id, "password": "!"}
        )
        if is_new:
            audit.record(
                actor=Actor(user_id=user.pk, person_id=person_id, channel="phone"),
                action="identity.create_own_login",
                subject=f"user:{user.pk}",
                at=at,
            )
    if not user.is_active:
        raise CodeWrong(field="code")
    return user
