"""What residents holds about a household, for its own copy of everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.audit.queries import looks_at_household
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.residents import masking
from xinzhi.kernel.residents.models import Household, Membership
from xinzhi.kernel.residents.relations import word_of
from xinzhi.kernel.residents.values import current_values

FIELDS = (
    "name",
    "id_number",
    "birth_date",
    "phone",
    "bank_card",
    "address",
    "wechat_openid",
    "dingtalk_userid",
)
#: In full for the person alone; names and addresses the family knows.
OWN_ONLY = ("id_number", "phone", "bank_card", "wechat_openid", "dingtalk_userid")


def household(*, actor: Actor, household_id: int, at: datetime) -> Sequence[Mapping[str, Any]]:  # noqa: ARG001
    found = Household.objects.select_related("village", "group").get(pk=household_id)
    return [
        {
            _("Number"): found.household_no,
            _("Village"): found.village.name,
            _("Group"): found.group.name if found.group else "",
            _("Since"): found.active_from,
        }
    ]


def members(*, actor: Actor, household_id: int, at: datetime) -> Sequence[Mapping[str, Any]]:  # noqa: ARG001
    """Everybody's place in the household; numbers in full for the reader himself, masked for the others."""
    rows = list(Membership.objects.filter(household_id=household_id).order_by("active_from", "pk"))
    values = current_values({r.person_id for r in rows}, FIELDS)
    return [
        {
            _("Relation"): word_of(row.relation_code),
            _("From"): row.active_from,
            _("Until"): row.active_to,
            **{
                field: _shown(
                    field, values.get(row.person_id, {}).get(field, ""), own=row.person_id == actor.person_id
                )
                for field in FIELDS
            },
        }
        for row in rows
    ]


def _shown(field: str, value: str, *, own: bool) -> str:
    return value if own or not value or field not in OWN_ONLY else masking.mask_value(field, value)


def looks(*, actor: Actor, household_id: int, at: datetime) -> Sequence[Mapping[str, Any]]:  # noqa: ARG001
    """Who looked at the household's data or acted for it, all of it."""
    found: list[Mapping[str, Any]] = []
    cursor: str | None = None
    for _page in range(Record.objects.filter(household_id=household_id).count() // 50 + 1):
        page = looks_at_household(household_id, cursor)
        found += [
            {
                _("When"): look.at.isoformat(),
                _("Who"): look.actor_label,
                _("What"): look.page or look.action,
                _("Purpose"): look.purpose,
            }
            for look in page.items
        ]
        if (cursor := page.next_cursor) is None:
            break
    return found
