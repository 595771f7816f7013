"""By which channels a person is told, as he sees it himself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xinzhi.kernel.channels import configuration
from xinzhi.kernel.channels.port import CODES, LABELS
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.notices.services.leaving import reach_of, unwanted_of


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """`is_open`: the village sends by it at all; `is_known`: we have his number or account."""

    channel: str
    label: str
    is_open: bool
    is_known: bool
    is_wanted: bool


def own_channels(*, actor: Actor) -> Sequence[ChannelRow]:
    """The actor's own channels; nothing for a login without a person."""
    if actor.person_id is None or actor.proxy_for_household_id is not None:
        return []
    person = actor.person_id
    states = configuration.states()
    known = reach_of([person], CODES).get(person, {})
    unwanted = unwanted_of([person])
    return [
        ChannelRow(
            code, str(LABELS[code]), states[code] != "off", code in known, (person, code) not in unwanted
        )
        for code in CODES
    ]
