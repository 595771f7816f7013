"""What must hold before a deed takes a step: asked once for all its rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import Conflict, DomainError
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries.charter import charters_of


class CouncilDecidesFirst(Conflict):
    code = "governance_points.council_decides_first"
    sentence = _(
        "The charter wants the points council to decide before anything is published. Put it on the agenda of a meeting."
    )


class NotADeduction(Conflict):
    code = "governance_points.not_a_deduction"
    sentence = _("Only a deduction can be made good; this entry gives points.")


def deductions_only(rows: Iterable[Deed], *, actor: Actor, at: datetime) -> dict[int, DomainError]:  # noqa: ARG001
    """Making good is for deductions."""
    return {row.pk: NotADeduction() for row in rows if row.raw_tenths >= 0}


def deliberated(rows: Iterable[Deed], *, actor: Actor, at: datetime) -> dict[int, DomainError]:  # noqa: ARG001
    """A verified deed is published without the council only where charter and rule do not ask for it."""
    verified = [row for row in rows if row.state == "verified"]
    today = local_date(at)
    charters = charters_of({row.village_id for row in verified}, {today}) if verified else {}
    refused: dict[int, DomainError] = {}
    for row in verified:
        charter = charters.get((row.village_id, today))
        if charter and (charter.council_deliberates or row.rule_code in charter.rechecked_codes):
            refused[row.pk] = CouncilDecidesFirst()
    return refused
