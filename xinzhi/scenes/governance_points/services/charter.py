"""Adopt a charter: from an Excel sheet or from the workbench."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import services as assembly
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import Invalid, NotFound
from xinzhi.kernel.ledger import services as ledger
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.rules import services as rules
from xinzhi.kernel.rules.models import RuleVersion
from xinzhi.kernel.sheets import RowProblem, Table
from xinzhi.scenes.governance_points.charter import (
    CHARTER,
    PUBLICATION_DAYS_DEFAULT,
    PUBLICATION_DAYS_RANGE,
    CharterRule,
)
from xinzhi.scenes.governance_points.charter_sheet import read_charter
from xinzhi.scenes.governance_points.charter_terms import Terms, settings_of

MANAGE = "governance_points.charter.manage"


class PublicationDaysOutOfRange(Invalid):
    code = "governance_points.publication_days_out_of_range"
    sentence = _("A list is published for %(least)s to %(most)s days; found %(found)s.")


class ResolutionNeeded(Invalid):
    code = "governance_points.resolution_needed"
    sentence = _(
        "Name the meeting resolution that adopted the charter, for example “Village assembly 2026-3”."
    )


class CharterTooFarAhead(Invalid):
    code = "governance_points.charter_too_far_ahead"
    sentence = _("A charter begins within a year from now; found %(found)s. Check the year.")


class CharterEmpty(Invalid):
    code = "governance_points.charter_empty"
    sentence = _("A charter needs at least one rule; none could be read.")


class NotAVillage(Invalid):
    code = "governance_points.not_a_village"
    sentence = _("Choose a village: charters, deeds and lists belong to villages.")


@dataclass(frozen=True, slots=True)
class CharterReport:
    """What an import found; `version` is None on a dry run or when there were problems."""

    rules: tuple[CharterRule, ...]
    problems: tuple[RowProblem, ...]
    version: RuleVersion | None


def village_for(*, actor: Actor, village_id: int, permission: str) -> Region:
    """The village, when the actor holds the permission there. Raises NotFound, Forbidden, NotAVillage, SwitchedOff."""
    village = Region.objects.filter(pk=village_id).first()
    if village is None:
        raise NotFound()
    actor.require(permission, scope_path=village.scope_path)
    if village.level != "village":
        raise NotAVillage()
    assembly.require_enabled("governance_points", region_id=village.pk)
    return village


@transaction.atomic
def import_charter(
    *,
    actor: Actor,
    village_id: int,
    table: Table,
    resolution: str,
    active_from: date,
    publication_days: int = PUBLICATION_DAYS_DEFAULT,
    council_deliberates: bool = False,
    dry_run: bool,
    at: datetime,
) -> CharterReport:
    """Read a charter sheet; without problems and unless it is a dry run, adopt it.

    A sheet with a single wrong row adopts nothing: a charter is voted on as a whole.
    """
    village_for(actor=actor, village_id=village_id, permission=MANAGE)
    read = read_charter(table)
    if dry_run or read.problems or not read.rules:
        return CharterReport(read.rules, read.problems, None)
    version = adopt_charter(
        actor=actor, village_id=village_id, charter_rules=read.rules, resolution=resolution, active_from=active_from,
        publication_days=publication_days, council_deliberates=council_deliberates, terms=read.terms, at=at,
    )  # fmt: skip
    return CharterReport(read.rules, (), version)


@transaction.atomic
def adopt_charter(
    *,
    actor: Actor,
    village_id: int,
    charter_rules: Sequence[CharterRule],
    resolution: str,
    active_from: date,
    publication_days: int = PUBLICATION_DAYS_DEFAULT,
    council_deliberates: bool = False,
    terms: Terms | None = None,
    at: datetime,
) -> RuleVersion:
    """Put a charter in force from a day. The same charter again returns the version it already is.

    `council_deliberates`: the points council decides about every verified deed before it is published. `terms`: titles, caps over
    all rules, validity and the like.

    Raises ResolutionNeeded, PublicationDaysOutOfRange, CharterTooFarAhead, CharterEmpty, VersionStartsTooEarly.
    """
    village = village_for(actor=actor, village_id=village_id, permission=MANAGE)
    least, most = PUBLICATION_DAYS_RANGE
    if not least <= publication_days <= most:
        raise PublicationDaysOutOfRange(
            field="publication_days", least=least, most=most, found=publication_days
        )
    if not resolution.strip():
        raise ResolutionNeeded(field="resolution")
    if active_from > local_date(at) + timedelta(
        days=366
    ):  # no later charter could ever follow a mistyped year
        raise CharterTooFarAhead(field="active_from", found=active_from)
    if not charter_rules:
        raise CharterEmpty()
    version = rules.draft_version(
        actor=actor,
        kind=CHARTER,
        region_id=village.pk,
        rules=[r.to_new_rule() for r in charter_rules],
        settings=settings_of(
            publication_days=publication_days, council_deliberates=council_deliberates, terms=terms or Terms()
        ),
        resolution=resolution.strip()[:200],
        active_from=active_from,
        at=at,
    )
    ledger.open_book(code=f"village-{village.pk}", region_id=village.pk, at=at)
    return rules.put_in_force(actor=actor, version_id=version.pk, at=at)
