"""Import of official division tables: code and name per row."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import DomainError, Invalid
from xinzhi.kernel.regions import queries
from xinzhi.kernel.regions.codes import ancestors_of_code, level_of_code, normal_code
from xinzhi.kernel.regions.models import CodeSystem, Level, Region, RegionCode, RegionPlacement, draw_ids
from xinzhi.kernel.regions.tree import SINCE_EVER, lock_tree


class DivisionRowWrong(Invalid):
    code = "regions.division_row_wrong"
    sentence = _("Row %(row)s of the division table: %(problem)s Nothing was imported.")


class NameMissing(Invalid):
    code = "regions.name_missing"
    sentence = _("The name is missing.")


class CodeTwice(Invalid):
    code = "regions.code_twice"
    sentence = _("The code %(code)s stands in the table twice, with different names.")


class AboveMissing(Invalid):
    code = "regions.above_missing"
    sentence = _("No region above %(code)s is known. Import the county or township first.")


@dataclass(slots=True)
class DivisionReport:
    """Ids of what an import did. `recoded`: the region was known under another code, which has ended."""

    created: list[int] = field(default_factory=list)
    renamed: list[int] = field(default_factory=list)
    recoded: list[int] = field(default_factory=list)
    unchanged: int = 0

    @property
    def changed(self) -> bool:
        return bool(self.created or self.renamed or self.recoded)


def plain_name(name: str) -> str:
    """The place's name from the name of its committee: 大里村委会 → 大里村, 玉华社区居委会 → 玉华社区."""
    name = re.sub(r"\s+", "", name)
    name = re.sub(r"社区居(民)?委(员)?会$", "社区", name)
    name = re.sub(r"居(民)?委(员)?会$", "社区", name)
    return re.sub(r"村(民)?委(员)?会$", "村", name)


@transaction.atomic
def import_divisions(
    *,
    actor: Actor,
    rows: Iterable[tuple[str, str]],
    on: date | None = None,
    at: datetime | None = None,
) -> DivisionReport:
    """Bring the tree up to an official table of (code, name) rows; the same table again changes nothing.

    A known code with another name renames the region. An unknown code whose name is known at the same
    level below the same region, while that region's present code is missing from the table, is a change of
    code, dated `on` (today). Everything else unknown is created, in force since ever. Rows may come in any order;
    all or nothing. Needs regions.region.manage everywhere. Raises DivisionRowWrong.
    """
    actor.require("regions.region.manage", scope_path="")
    lock_tree()
    on = on or clock.today()
    table = _read(rows)
    tree = _Known(table)
    report = DivisionReport()
    unknown: list[tuple[str, str]] = []
    for code, (number, name) in sorted(table.items()):  # a code sorts before those below it
        region = tree.by_code.get(code)
        if region is None:
            parent = tree.parent(number, code, unknown)
            region = tree.same_place(parent, code, name, table) if parent is not None else None
            if region is None:
                unknown.append((code, name))
                continue
            _recode(region, code, on)
            tree.by_code[code] = region
            report.recoded.append(region.pk)
        if region.name != name:
            Region.objects.filter(pk=region.pk).update(name=name)
            report.renamed.append(region.pk)
        elif region.pk not in report.recoded:
            report.unchanged += 1
    report.created = _create_all(unknown, tree, on)
    queries.forget_cached()
    if report.changed:
        audit.record(
            actor=actor,
            action="regions.import_divisions",
            subject="regions",
            at=at or clock.now(),
            count=len(report.created) + len(report.renamed) + len(report.recoded),
        )
    return report


def _read(rows: Iterable[tuple[str, str]]) -> dict[str, tuple[int, str]]:
    """Row number and plain name by 12-digit code."""
    table: dict[str, tuple[int, str]] = {}
    for number, (code, name) in enumerate(rows, start=1):
        try:
            full, plain = normal_code(code), plain_name(name)
            if not plain:
                raise NameMissing(field="name")
            if table.setdefault(full, (number, plain))[1] != plain:
                raise CodeTwice(code=full, field="code")
        except DomainError as problem:
            raise DivisionRowWrong(row=number, problem=problem.message, field=problem.field) from problem
    return table


class _Known:
    """What the tree knows of the codes of a table, read in three queries."""

    def __init__(self, table: dict[str, tuple[int, str]]) -> None:
        wanted = set(table) | {above for code in table for above in ancestors_of_code(code)}
        current = RegionCode.objects.filter(system=CodeSystem.STAT12, active_to__isnull=True)
        self.by_code: dict[str, Region] = {
            row.code: row.region for row in current.filter(code__in=wanted).select_related("region")
        }
        below = current.filter(
            region__parent__in=list(self.by_code.values()), region__active_to__isnull=True
        ).select_related("region")
        self.by_place = {
            (row.region.parent_id, row.region.level, row.region.name): (row.code, row.region) for row in below
        }
        self.once_used = set(
            RegionCode.objects.filter(
                system=CodeSystem.STAT12, code__in=list(table), active_to__isnull=False
            ).values_list("code", flat=True)
        )

    def parent(self, number: int, code: str, unknown: list[tuple[str, str]]) -> Region | None:
        """The known region above; None for a root or below one that is about to be created."""
        fresh = {c for c, _name in unknown}
        for above in ancestors_of_code(code):
            if above in fresh:
                return None
            if above in self.by_code:
                return self.by_code[above]
        if level_of_code(code) != Level.PROVINCE:
            raise DivisionRowWrong(row=number, problem=AboveMissing(code=code).message, field="code")
        return None

    def same_place(
        self, parent: Region, code: str, name: str, table: dict[str, tuple[int, str]]
    ) -> Region | None:
        """The region of this name below the parent whose present code the table no longer has."""
        present, region = self.by_place.get((parent.pk, level_of_code(code).value, name), ("", None))
        return region if present not in table else None


def _recode(region: Region, code: str, on: date) -> None:
    RegionCode.objects.filter(region=region, system=CodeSystem.STAT12, active_to__isnull=True).update(
        active_to=on
    )
    RegionCode.objects.create(region=region, system=CodeSystem.STAT12, code=code, active_from=on)


def _create_all(unknown: list[tuple[str, str]], tree: _Known, on: date) -> list[int]:
    """Create regions top down in three statements, however many there are."""
    ids = draw_ids(len(unknown))
    regions: list[Region] = []
    codes: list[RegionCode] = []
    for pk, (code, name) in zip(ids, unknown, strict=True):
        parent = next(
            (tree.by_code[above] for above in ancestors_of_code(code) if above in tree.by_code), None
        )
        region = Region(
            pk=pk,
            parent=parent,
            level=level_of_code(code),
            name=name,
            scope_path=f"{parent.scope_path if parent else ''}{pk}/",
            active_from=SINCE_EVER,
        )
        # A number another region bore before is this one's only from now on.
        since = on if code in tree.once_used else SINCE_EVER
        tree.by_code[code] = region
        regions.append(region)
        codes.append(RegionCode(region=region, system=CodeSystem.STAT12, code=code, active_from=since))
    Region.objects.bulk_create(regions, batch_size=2000)
    RegionCode.objects.bulk_create(codes, batch_size=2000)
    RegionPlacement.objects.bulk_create(
        [RegionPlacement(region=r, parent_id=r.parent_id, active_from=r.active_from) for r in regions],
        batch_size=2000,
    )
    return ids
