"""What governance points holds about a household, for its own copy of everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.scenes.governance_points.lifecycle import DEED
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries.statement import statement


def deeds(*, actor: Actor, household_id: int, at: datetime) -> Sequence[Mapping[str, Any]]:  # noqa: ARG001
    """Every deed, whatever became of it."""
    rows = Deed.objects.filter(household_id=household_id).select_related("rule__version").order_by("pk")
    return [
        {
            _("Number"): deed.pk, _("Day"): deed.done_on, _("Rule"): deed.rule_code, _("Deed"): deed.rule.title,
            _("Charter"): deed.rule.version.number, _("Points"): format_points(deed.points_tenths, sign=True),
            _("State"): DEED.label_of(deed.state), _("Entered"): deed.claimed_at.isoformat(), _("Ledger entry"): deed.journal_id,
        }
        for deed in rows
    ]  # fmt: skip


def movements(*, actor: Actor, household_id: int, at: datetime) -> Sequence[Mapping[str, Any]]:  # noqa: ARG001
    """Every movement of the spendable balance."""
    found: list[Mapping[str, Any]] = []
    cursor: str | None = None
    while True:
        page = statement(actor=actor, household_id=household_id, cursor=cursor, limit=200)
        found += [
            {
                _("Ledger entry"): line.journal_id, _("Day"): line.effective_date, _("Deed"): line.title,
                _("Points"): format_points(line.amount_tenths, sign=True),
                _("Balance"): format_points(line.balance_after_tenths or 0),
            }
            for line in page.items
        ]  # fmt: skip
        if (cursor := page.next_cursor) is None:
            return found
