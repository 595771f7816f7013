"""Who holds something for a household follows when it splits or merges, in the same transaction.

A fact is told after the commit, at least once, sometime. Points that wait for that would belong to nobody meanwhile,
so whoever keeps balances, open cases or mandates registers a follower in apps.ready. It is called inside the act, after
the rows of residents are written; what it refuses undoes the whole act. Followers run in the order of their names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from xinzhi.kernel.foundation.actors import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Which part of what a household holds goes over: `parts` of `whole`, by the number of members or as agreed."""

    parts: int
    whole: int
    by_members: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """A split (分户) or a merger (并户), as followers see it. `person_ids` are the members who go over."""

    kind: str
    event_id: int
    request_key: UUID
    village_id: int
    from_household_id: int
    from_no: str
    to_household_id: int
    to_no: str
    person_ids: tuple[int, ...]
    share: Share
    happened_on: date


@dataclass(frozen=True, slots=True)
class Held:
    """Something that is held for households, in words of the reader: `label`, and how much for each household id."""

    label: str
    amounts: Mapping[int, str]


class Follower:
    """What a package does when households split or merge, and when a person died; nothing, unless it says otherwise."""

    def held_for(self, household_ids: Sequence[int], *, village_id: int) -> Sequence[Held]:  # noqa: ARG002
        """What is held for households of one village: shown before and after, on the page that asks for confirmation."""
        return ()

    def follow(self, succession: Succession, *, actor: Actor, at: datetime) -> None:
        """Let what is held go over. The caller holds the transaction and the locks of both households."""

    def died(self, *, person_id: int, actor: Actor, at: datetime) -> None:
        """End what ends with a life."""


_followers: dict[str, Follower] = {}


def register_follower(name: str, follower: Follower) -> None:
    """Called in apps.ready; `name` is the slug of the package."""
    _followers[name] = follower


def followers() -> list[Follower]:
    return [follower for _name, follower in sorted(_followers.items())]
