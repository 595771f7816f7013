"""Carry out an import: one transaction, all households without problems, by COPY."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.core.files.base import File
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.foundation.errors import Conflict
from xinzhi.kernel.regions import services as region_services
from xinzhi.kernel.regions.models import Level, Region
from xinzhi.kernel.residents import scope
from xinzhi.kernel.residents.crypto import PersonCipher, unwrap
from xinzhi.kernel.residents.models import FormerValue, Household, Person, PersonKey
from xinzhi.kernel.residents.roster import differences
from xinzhi.kernel.residents.roster.columns import COLUMNS, read_columns
from xinzhi.kernel.residents.roster.planning import HouseholdPlan, PersonChange, Plans, make_plans
from xinzhi.kernel.residents.roster.reading import Reading, read_rows
from xinzhi.kernel.residents.roster.report import ImportReport
from xinzhi.kernel.residents.texts import clean_source
from xinzhi.kernel.residents.writing import Batch, close_memberships, close_values, draw_ids
from xinzhi.kernel.sheets import Table, read_table

IMPORT = "residents.roster.import"
_LOCK_CLASS = 702_002  # one import per village at a time
_CHUNK = 2000

Progress = Callable[[int, int], None]


class RegisteredMeanwhile(Conflict):
    code = "residents.registered_meanwhile"
    sentence = _(
        "While this roster was being imported, somebody else registered one of its households or persons. "
        "Nothing was imported. Please import the file again."
    )


def read_roster(file: BinaryIO | File[Any] | bytes | Path, filename: str = "") -> Table:
    """Read an Excel or CSV file as a roster. Raises the refusals of `sheets.read_table`."""
    return read_table(file, filename, columns=COLUMNS)


def import_roster(
    *,
    actor: Actor,
    village_id: int,
    table: Table,
    dry_run: bool,
    source: str,
    at: datetime,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring a village's roster into the register, or say what would happen (`dry_run`).

    Households with a problem are left out as a whole, all others go in together. The same file again
    changes nothing; what differs closes the former row and adds a new one. Nobody is removed because he is
    not in the file. `progress(done, total)` counts households. Raises VillageNotFound, RosterColumnsMissing,
    RosterColumnTwice, RegisteredMeanwhile.
    """
    village = scope.village(actor, IMPORT, village_id)
    source = clean_source(source)
    columns = read_columns(table.header)
    reading = read_rows(table.rows, columns, table.problems)
    report = ImportReport(dry_run=dry_run, left_out=columns.left_out)
    try:
        with transaction.atomic():
            if not dry_run:
                _lock(village_id)
            groups = _groups(village)
            planned = make_plans(reading, village_id=village_id, group_ids=groups)
            plans = planned.households
            _compare(report, planned, groups)
            report.groups_created = sorted({p.file.group for p in plans if p.file.group} - groups.keys())
            if not dry_run:
                on = clock.local_date(at)
                for name in report.groups_created:
                    group = region_services.create_region(
                        actor=SYSTEM, level=Level.GROUP, name=name, parent=village, active_from=on, at=at
                    )
                    groups[name] = group.pk
                _apply(plans, village_id, groups, Batch(source=source, at=at, on=on), progress)
            _count(report, reading, plans)
            _count_others(report, village_id, reading)
            if not dry_run:
                audit.record(
                    actor=actor,
                    action="residents.import_roster",
                    subject=f"region:{village_id}",
                    at=at,
                    region_id=village_id,
                    fields=sorted(columns.of),
                    count=report.changes,
                )
    except IntegrityError as error:
        if "residents_" in str(error):
            raise RegisteredMeanwhile() from None
        raise
    return report


def _lock(village_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, village_id % 2**31])


def _groups(village: Region) -> dict[str, int]:
    """{name: id} of groups and natural villages; of the same name the first counts."""
    rows = Region.objects.filter(
        scope_path__startswith=village.scope_path,
        level__in=(Level.GROUP, Level.NATURAL_VILLAGE, Level.GRID),
        active_to__isnull=True,
    )
    found: dict[str, int] = {}
    for pk, name in rows.order_by("id").values_list("id", "name"):
        found.setdefault(name, pk)
    return found


def _apply(
    plans: Sequence[HouseholdPlan],
    village_id: int,
    groups: dict[str, int],
    batch: Batch,
    progress: Progress | None,
) -> None:
    for start in range(0, len(plans), _CHUNK):
        chunk = plans[start : start + _CHUNK]
        changes = [(plan, change) for plan in chunk for change in plan.changes if change.is_change]
        _close_what_changes(changes, batch)
        _change_columns([change for _plan, change in changes], batch)
        _change_groups([plan for plan in chunk if plan.group_changes], groups, batch)
        new = [plan for plan in chunk if plan.known is None]
        household_ids = dict(
            zip((id(p) for p in new), draw_ids("residents_household", len(new)), strict=True)
        )
        person_ids = iter(draw_ids("residents_person", sum(len(plan.new_persons) for plan in chunk)))
        for plan in chunk:
            if plan.known is None:
                household_id = household_ids[id(plan)]
                batch.add_household(
                    household_id,
                    village_id=village_id,
                    group_id=groups.get(plan.file.group),
                    number=plan.file.number,
                    kind="hukou",
                )
            else:
                household_id = plan.known.id
            for person in plan.new_persons:
                person_id = next(person_ids)
                batch.add_person(person_id, person.member)
                batch.add_membership(
                    household_id, person_id, person.member.relation_code, person.member.is_head
                )
            for change in plan.changes:
                if change.moves:
                    member = change.member.member
                    batch.add_membership(household_id, change.known.id, member.relation_code, member.is_head)
        batch.write()
        if progress:
            progress(min(start + _CHUNK, len(plans)), len(plans))


def _close_what_changes(changes: Sequence[tuple[HouseholdPlan, PersonChange]], batch: Batch) -> None:
    closing = [(c.known.id, name) for _plan, c in changes for name in c.values if name in c.known.values]
    if closing:
        close_values(closing, batch.at)
    memberships = [c.known.membership_id for _plan, c in changes if c.moves and c.known.membership_id]
    if memberships:
        close_memberships(memberships, batch.on)
    with_values = [c for _plan, c in changes if c.values]
    keys = PersonKey.objects.in_bulk([c.known.id for c in with_values])
    for change in with_values:
        key = keys[change.known.id]
        cipher = PersonCipher(unwrap(bytes(key.wrapped_key), key.field_key_id, key.pk), key.pk)
        for name, text in change.values.items():
            batch.add_value(change.known.id, cipher, name, text)


def _change_columns(changes: Sequence[PersonChange], batch: Batch) -> None:
    former: list[FormerValue] = []
    persons: list[Person] = []
    names: set[str] = set()
    found = Person.objects.select_for_update().in_bulk([c.known.id for c in changes if c.columns])
    for change in changes:
        if not change.columns:
            continue
        person = found[change.known.id]
        for name, value in change.columns.items():
            former.append(_former(batch, name, getattr(person, name), person=person))
            setattr(person, name, value)
            names.add(name)
        persons.append(person)
    FormerValue.objects.bulk_create(former)
    if persons:
        Person.objects.bulk_update(persons, sorted(names), batch_size=500)


def _change_groups(plans: Sequence[HouseholdPlan], groups: dict[str, int], batch: Batch) -> None:
    found = Household.objects.select_for_update().in_bulk([p.known.id for p in plans if p.known])
    former: list[FormerValue] = []
    for plan in plans:
        household = found[plan.known.id]  # type: ignore[union-attr]
        former.append(_former(batch, "group_id", household.group_id, household=household))
        household.group_id = groups[plan.file.group]
    FormerValue.objects.bulk_create(former)
    Household.objects.bulk_update(found.values(), ["group"], batch_size=500)


def _former(batch: Batch, name: str, value: Any, **of: Any) -> FormerValue:
    text = "" if value is None else str(value)
    return FormerValue(field=name, value=text, source=batch.source, active_to=batch.at, **of)


def _compare(report: ImportReport, planned: Plans, groups: dict[str, int]) -> None:
    """Before anything is written: afterwards there is no difference any more."""
    found = differences.differences(planned.households, {pk: name for name, pk in groups.items()})
    missing = differences.not_in_file(planned.households)
    report.differences, report.differences_total = found[: differences.MOST], len(found)
    report.not_in_file, report.not_in_file_total = missing[: differences.MOST], len(missing)
    report.moves = differences.proposed(planned.moves)


def _count(report: ImportReport, reading: Reading, plans: Sequence[HouseholdPlan]) -> None:
    report.rows = reading.rows
    report.households = len(reading.households)
    report.households_rejected = sum(h.is_rejected for h in reading.households.values())
    report.problems, report.warnings = reading.problems, reading.warnings
    for plan in plans:
        changed = sum(change.is_change for change in plan.changes)
        report.persons_created += len(plan.new_persons)
        report.persons_updated += changed
        report.persons_unchanged += len(plan.changes) - changed
        if plan.known is None:
            report.households_created += 1
        elif changed or plan.new_persons or plan.group_changes:
            report.households_updated += 1
        else:
            report.households_unchanged += 1


def _count_others(report: ImportReport, village_id: int, reading: Reading) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM residents_household"
            " WHERE village_id = %s AND status = 'active' AND NOT household_no = ANY(%s)",
            [village_id, list(reading.households)],
        )
        report.households_not_in_file = cursor.fetchone()[0]
    if report.households_not_in_file:
        report.other_households = differences.households_not_in_file(village_id, list(reading.households))
