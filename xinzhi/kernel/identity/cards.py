"""The printed household card: a signed number that opens nothing by itself.

The token holds card id, version and a keyed signature, 23 characters: a QR code small enough for paper.
Only somebody logged in who may act for that household gets anywhere with it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.identity.models import HouseholdCard
from xinzhi.kernel.identity.permissions import ISSUE_CARDS

_ID_BYTES, _VERSION_BYTES, _MAC_BYTES = 5, 2, 10


class CardNotValid(NotFound):
    code = "identity.card_not_valid"
    sentence = _(
        "This card is not valid, or you may not act for its household. Ask the village office for a new card."
    )


def _mac(payload: bytes) -> bytes:
    key = settings.SECRETS.index_key.encode()
    return hmac.new(key, b"household-card\x1f" + payload, hashlib.sha256).digest()[:_MAC_BYTES]


def token_of(card: HouseholdCard) -> str:
    """The text to print."""
    payload = card.pk.to_bytes(_ID_BYTES, "big") + card.version.to_bytes(_VERSION_BYTES, "big")
    return base64.urlsafe_b64encode(payload + _mac(payload)).decode().rstrip("=")


def _read(token: str) -> tuple[int, int]:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise CardNotValid() from None
    payload, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if len(payload) != _ID_BYTES + _VERSION_BYTES or not hmac.compare_digest(mac, _mac(payload)):
        raise CardNotValid()
    return int.from_bytes(payload[:_ID_BYTES], "big"), int.from_bytes(payload[_ID_BYTES:], "big")


@transaction.atomic
def issue_card(*, actor: Actor, household_id: int, at: datetime | None = None) -> str:
    """A new card for the household; every earlier one stops working. Returns the token to print.

    Raises CardNotValid for a household that is not there or not the actor's to serve.
    """
    at = at or clock.now()
    village_id = _served_village(actor, household_id)
    card, is_new = HouseholdCard.objects.get_or_create(
        household_id=household_id, defaults={"issued_by": actor.person_key, "issued_at": at}
    )
    if not is_new:
        card = HouseholdCard.objects.select_for_update().get(pk=card.pk)
        card.version += 1
        card.issued_by, card.issued_at, card.revoked_at = actor.person_key, at, None
        card.save()
    audit.record(
        actor=actor,
        action="identity.issue_card",
        subject=f"card:{card.pk}.{card.version}",
        at=at,
        household_id=household_id,
        region_id=village_id,
    )
    return token_of(card)


@transaction.atomic
def revoke_card(*, actor: Actor, household_id: int, at: datetime | None = None) -> None:
    """The household's card stops working (lost, stolen). A second time changes nothing."""
    at = at or clock.now()
    village_id = _served_village(actor, household_id)
    changed = HouseholdCard.objects.filter(household_id=household_id, revoked_at__isnull=True).update(
        revoked_at=at
    )
    if changed:
        audit.record(
            actor=actor,
            action="identity.revoke_card",
            subject=f"household:{household_id}",
            at=at,
            household_id=household_id,
            region_id=village_id,
        )


def _served_village(actor: Actor, household_id: int) -> int:
    from xinzhi.kernel.identity.households import village_of_household

    village_id, path = village_of_household(household_id) or (0, None)
    if path is None or not actor.may(ISSUE_CARDS, scope_path=path, household_id=household_id):
        raise CardNotValid()
    return village_id


@transaction.atomic
def current_token(actor: Actor, household_id: int, *, at: datetime | None = None) -> str:
    """The token of the household's valid card, to show or print again; the first one is issued here.

    Raises CardNotValid as `issue_card`.
    """
    _served_village(actor, household_id)
    card = HouseholdCard.objects.filter(household_id=household_id, revoked_at__isnull=True).first()
    return token_of(card) if card else issue_card(actor=actor, household_id=household_id, at=at)


def card_of_token(token: str) -> HouseholdCard:
    """The card, if the token is genuine, of the present version and not revoked. Raises CardNotValid.

    Says nothing about who may use it: see `actors.may_act_by_card`.
    """
    card_id, version = _read(token)
    card = (
        HouseholdCard.objects.select_related("household__village")
        .filter(pk=card_id, version=version, revoked_at__isnull=True, household__status="active")
        .first()
    )
    if card is None:
        raise CardNotValid()
    return card


def household_of_card(token: str) -> int:
    """The household of a valid card. Raises CardNotValid."""
    return card_of_token(token).household_id
