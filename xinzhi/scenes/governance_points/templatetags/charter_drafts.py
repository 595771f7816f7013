"""Small words about clocks and quorums for the pages of charter drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import template

from xinzhi.kernel.rules.legal_profile import Standard

register = template.Library()


@register.filter
def standard(clocks: Mapping[str, Standard], key: str) -> int:
    """The number of days of a clock."""
    return clocks[key].days


@register.filter
def article(clocks: Mapping[str, Standard], key: str) -> str:
    """The article a clock or quorum stands on."""
    return clocks[key].article


@register.filter
def needed_of(clocks: Mapping[str, Standard], households: int | Sequence[object]) -> int:
    """How many households must be represented, of so many or of these."""
    count = households if isinstance(households, int) else len(households)
    return clocks["village_meeting.quorum_households"].least_of(count)
