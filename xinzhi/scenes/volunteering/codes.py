"""The code an organiser shows or prints: signed, of one activity, until a minute. It says where somebody is to check in, never who or where he is."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.clock import SHANGHAI
from xinzhi.kernel.foundation.errors import Conflict, NotFound
from xinzhi.scenes.volunteering.counting import AFTER
from xinzhi.scenes.volunteering.models import Activity

#: A code on a screen is soon another one; one on paper lasts for the activity.
ON_SCREEN = timedelta(minutes=10)
_ID_BYTES, _MINUTE_BYTES, _MAC_BYTES = 5, 4, 10


class CodeNotValid(NotFound):
    code = "volunteering.code_not_valid"
    sentence = _("This is not the code of an activity. Scan the organiser's code again.")


class CodeExpired(Conflict):
    code = "volunteering.code_expired"
    sentence = _(
        "This code held until %(until)s. Scan the code the organiser shows now, or ask to be noted by hand."
    )


def _mac(payload: bytes) -> bytes:
    key = settings.SECRETS.index_key.encode()
    return hmac.new(key, b"volunteering-check-in\x1f" + payload, hashlib.sha256).digest()[:_MAC_BYTES]


def code_of(activity: Activity, *, at: datetime, on_paper: bool = False) -> tuple[str, datetime]:
    """The text of a code, and until when it holds (at most an hour after the planned end)."""
    last = activity.ends_at + AFTER
    until = last if on_paper else min(at + ON_SCREEN, last)
    minute = int(until.timestamp()) // 60
    payload = activity.pk.to_bytes(_ID_BYTES, "big") + minute.to_bytes(_MINUTE_BYTES, "big")
    token = base64.urlsafe_b64encode(payload + _mac(payload)).decode().rstrip("=")
    return token, datetime.fromtimestamp(minute * 60, tz=UTC)


def activity_id_of(token: str, *, at: datetime) -> int:
    """The activity a code is of. Raises CodeNotValid, CodeExpired."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise CodeNotValid() from None
    payload, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if len(payload) != _ID_BYTES + _MINUTE_BYTES or not hmac.compare_digest(mac, _mac(payload)):
        raise CodeNotValid()
    until = datetime.fromtimestamp(int.from_bytes(payload[_ID_BYTES:], "big") * 60, tz=UTC)
    if at > until:
        raise CodeExpired(until=f"{until.astimezone(SHANGHAI):%H:%M}")
    return int.from_bytes(payload[:_ID_BYTES], "big")
