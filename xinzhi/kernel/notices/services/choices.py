"""By which channels a person wants to be told."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.channels.port import CODES
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.kernel.notices.models import ChannelChoice
from xinzhi.kernel.notices.services.leaving import FIELD_OF
from xinzhi.kernel.residents import services as residents
from xinzhi.kernel.residents.services.contact import NoPersonBehindLogin
from xinzhi.kernel.residents.texts import OWN_ACCOUNTS


class ChannelUnknown(Invalid):
    code = "notices.channel_unknown"
    sentence = _("Messages go by text message, WeChat or DingTalk; found “%(found)s”. Choose one of them.")


class NothingToBind(Invalid):
    code = "notices.nothing_to_bind"
    sentence = _("A phone number is entered by the village office. WeChat and DingTalk can be bound here.")


@transaction.atomic
def choose_channel(*, actor: Actor, channel: str, is_wanted: bool, at: datetime) -> ChannelChoice:
    """Want, or do not want, to be told by a channel. Only for oneself; saying it again changes nothing.

    What somebody would lose a right by not hearing still goes. Raises ChannelUnknown, NoPersonBehindLogin.
    """
    if channel not in CODES:
        raise ChannelUnknown(field="channel", found=channel[:20])
    if actor.person_id is None or actor.proxy_for_household_id is not None:
        raise NoPersonBehindLogin()
    choice, is_new = ChannelChoice.objects.select_for_update().get_or_create(
        person_id=actor.person_id, channel=channel, defaults={"is_wanted": is_wanted, "at": at}
    )
    if not is_new and choice.is_wanted != is_wanted:
        choice.is_wanted, choice.at, is_new = is_wanted, at, True
        choice.save(update_fields=["is_wanted", "at"])
    if is_new:
        audit.record(
            actor=actor, action="notices.choose_channel", subject=f"person:{actor.person_id}", at=at, purpose=channel
        )  # fmt: skip
    return choice


def bind_channel(*, actor: Actor, channel: str, address: str, at: datetime) -> bool:
    """Bind the openid of WeChat or the userid of DingTalk to oneself; an empty one unbinds. Returns whether anything changed.

    The value lies encrypted with the person's others. Whoever calls this has learnt it from the provider itself (OAuth); it is
    not proven here. Raises ChannelUnknown, NothingToBind, and the refusals of `residents.bind_contact`.
    """
    if channel not in CODES:
        raise ChannelUnknown(field="channel", found=channel[:20])
    if FIELD_OF[channel] not in OWN_ACCOUNTS:
        raise NothingToBind(field="channel")
    return residents.bind_contact(actor=actor, field=FIELD_OF[channel], value=address, at=at)
