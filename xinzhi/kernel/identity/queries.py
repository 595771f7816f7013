"""What others may ask of identity."""

from __future__ import annotations

from collections.abc import Iterable

from xinzhi.kernel.identity.absences import absences_of, standing_in, substitutes_for
from xinzhi.kernel.identity.actors import for_household, proxy_household_ids
from xinzhi.kernel.identity.api_keys import api_keys, permissions_for_keys
from xinzhi.kernel.identity.cards import card_of_token, current_token, household_of_card
from xinzhi.kernel.identity.models import ApiKey, User
from xinzhi.kernel.identity.proxies import mandates
from xinzhi.kernel.identity.users import holders

__all__ = [
    "absences_of",
    "api_keys",
    "card_of_token",
    "current_token",
    "for_household",
    "holders",
    "household_of_card",
    "key_names",
    "labels",
    "mandates",
    "permissions_for_keys",
    "person_keys",
    "proxy_household_ids",
    "standing_in",
    "substitutes_for",
]


def labels(user_ids: Iterable[int]) -> dict[int, str]:
    """Office labels of logins in one query ("" where a login has none)."""
    return dict(User.objects.filter(pk__in=set(user_ids)).values_list("pk", "label"))


def key_names(key_ids: Iterable[int]) -> dict[int, str]:
    """Names of API keys in one query."""
    return dict(ApiKey.objects.filter(pk__in=set(key_ids)).values_list("pk", "name"))


def person_keys(user_ids: Iterable[int]) -> dict[int, str]:
    """The person behind each login ("person:12"), or the login itself where nobody stands behind it. One query."""
    rows = User.objects.filter(pk__in=set(user_ids)).values_list("pk", "person_id")
    return {pk: f"person:{person}" if person else f"user:{pk}" for pk, person in rows}
