"""From rows of a sheet to households of checked members. No database here."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.kernel.residents import relations
from xinzhi.kernel.residents.members import (
    CheckedMember,
    NewMember,
    RelationUnknown,
    SexUnknown,
    check_member,
)
from xinzhi.kernel.residents.roster.columns import Columns
from xinzhi.kernel.residents.texts import (
    NameNotUnderstood,
    clean_household_no,
    clean_name,
    parse_birth_date,
    visible,
)
from xinzhi.kernel.sheets import Row, RowProblem

_SEX = {
    "": "0",
    "男": "1",
    "女": "2",
    "男性": "1",
    "女性": "2",
    "0": "0",
    "1": "1",
    "2": "2",
    "9": "9",
    "m": "1",
    "f": "2",
}
_SEX |= {"未知": "0", "不详": "9"}
_YES = frozenset(("是", "1", "√", "y", "yes", "true", "有"))
_NO = frozenset(("", "否", "0", "×", "n", "no", "false", "无", "不是"))
_GROUP = re.compile(r"[\w·()（）.-]{1,40}\Z")

_CORRECT = _("Correct the cell and import the file again.")
_COMPARE = _("Compare with the card or the household register, correct the cell and import the file again.")
_WARNINGS: dict[str, Promise] = {
    "upgraded_from_15": _("The old number of 15 digits was extended to 18."),
    "region_unknown": _("The first two digits are not those of a province."),
}


class YesOrNoNotUnderstood(Invalid):
    code = "residents.yes_or_no_not_understood"
    sentence = _("This column says 是 or 否; found “%(found)s”.")


class GroupNotUnderstood(Invalid):
    code = "residents.group_not_understood"
    sentence = _("The name of a group has 1 to 40 characters without signs such as < >.")


@dataclass(slots=True)
class Person:
    """One row of the file."""

    row: int
    member: CheckedMember
    stated: frozenset[str]
    head_name: str = ""

    @property
    def name(self) -> str:
        return self.member.values["name"]

    @property
    def id_number(self) -> str | None:
        return self.member.values.get("id_number")


@dataclass(slots=True)
class FileHousehold:
    """The rows of one household number."""

    number: str
    first_row: int
    group: str = ""
    persons: list[Person] = field(default_factory=list)
    is_rejected: bool = False


@dataclass
class Reading:
    """All households of a file, with what was found wrong."""

    columns: Columns
    households: dict[str, FileHousehold] = field(default_factory=dict)
    rows: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)

    def reject(
        self,
        household: FileHousehold | None,
        row: int,
        column: str,
        value: str,
        problem: str | Promise,
        remedy: str | Promise = _CORRECT,
    ) -> None:
        """Note a problem; the household it belongs to is left out as a whole."""
        self.problems.append(RowProblem(row, self.columns.heading(column), value, str(problem), str(remedy)))
        if household is not None:
            household.is_rejected = True


def read_rows(rows: Iterable[Row], columns: Columns, unreadable: Iterable[RowProblem] = ()) -> Reading:
    """Check every row by itself, then every household, then the file as a whole.

    `unreadable` are cells the sheet itself could not read (merged, lost digits): their households stay out.
    """
    reading = Reading(columns, problems=list(unreadable))
    unreadable_rows = {problem.row for problem in reading.problems}
    previous: FileHousehold | None = None
    for row in rows:
        # under our field where the sheet was read with COLUMNS, else under its heading
        cells = {
            name: visible(row.cells.get(name) or row.cells.get(heading) or "")
            for name, heading in columns.of.items()
        }
        if not any(cells.values()):
            continue
        reading.rows += 1
        household = _household_of(reading, row.number, cells, previous)
        if household is None:
            continue
        previous = household
        household.is_rejected |= row.number in unreadable_rows
        _read_person(reading, household, row.number, cells)
    for household in reading.households.values():
        _check_household(reading, household)
    _check_doubles(reading)
    reading.problems.sort(key=lambda p: p.row)
    return reading


def _household_of(
    reading: Reading, row: int, cells: dict[str, str], previous: FileHousehold | None
) -> FileHousehold | None:
    written = cells["household_no"]
    try:
        number = clean_household_no(written)
    except Invalid as refusal:
        # the row may well belong to the household above: half of that must not go in either
        reading.reject(previous, row, "household_no", written, refusal.message)
        return None
    household = reading.households.get(number)
    if household is None:
        household = reading.households[number] = FileHousehold(number, row)
    group = cells.get("group", "").replace(" ", "")
    if group:
        if not _GROUP.match(group):
            reading.reject(household, row, "group", group, GroupNotUnderstood().message)
        elif not household.group:
            household.group = group
        elif household.group != group:
            reading.reject(
                household,
                row,
                "group",
                group,
                _("The rows of household %(number)s name different groups.") % {"number": number},
            )
    return household


def _read_person(reading: Reading, household: FileHousehold, row: int, cells: dict[str, str]) -> None:
    problems: list[Invalid] = []

    relation = relations.code_of(cells["relation"])
    if relation is None:
        problems.append(RelationUnknown(field="relation", found=cells["relation"][:20]))
    sex = _SEX.get(cells.get("sex", "").lower())
    if sex is None:
        problems.append(SexUnknown(field="sex", found=cells["sex"][:20]))
    member_word = cells.get("is_collective_member", "").lower()
    if member_word not in _YES | _NO:
        problems.append(YesOrNoNotUnderstood(field="is_collective_member", found=member_word[:20]))
    birth = None
    if cells.get("birth_date"):
        try:
            birth = parse_birth_date(cells["birth_date"])
        except Invalid as refusal:
            problems.append(refusal)
    draft = NewMember(
        name=cells["name"],
        relation_code=relation or relations.HEAD,
        sex_code=sex or "0",
        id_number=cells.get("id_number", ""),
        birth_date=birth,
        phone=cells.get("phone", ""),
        is_collective_member=member_word in _YES,
    )
    member = _checked(draft, problems)
    for problem in problems:
        column = problem.field or "name"
        reading.reject(household, row, column, cells.get(column, ""), problem.message, _COMPARE)
    if member is None or problems:
        return
    for warning in member.warnings:
        reading.warnings.append(
            RowProblem(
                row,
                reading.columns.heading("id_number"),
                cells["id_number"],
                str(_WARNINGS.get(warning, warning)),
                str(_("Nothing needs to be done if it is so on the card.")),
            )
        )
    stated = frozenset(name for name, text in cells.items() if text)
    household.persons.append(Person(row, member, stated, cells.get("head_name", "")))


def _checked(draft: NewMember, problems: list[Invalid]) -> CheckedMember | None:
    """Check field by field, so that a row with two mistakes is told both."""
    for _again in range(4):
        try:
            return check_member(draft)
        except Invalid as refusal:
            problems.append(refusal)
            if refusal.field == "id_number":
                draft = replace(draft, id_number="")
            elif refusal.field == "phone":
                draft = replace(draft, phone="")
            elif refusal.field == "birth_date":
                draft = replace(draft, birth_date=None)
            elif refusal.field == "sex":
                draft = replace(draft, sex_code="0")
            elif isinstance(refusal, NameNotUnderstood):
                draft = replace(draft, name="某")
            else:
                return None
    return None


def _same(written: str, clean: str) -> bool:
    try:
        return clean_name(written) == clean
    except NameNotUnderstood:
        return False


def _check_household(reading: Reading, household: FileHousehold) -> None:
    if household.is_rejected:  # a missing head may only be the row that could not be read
        return
    heads = [p for p in household.persons if p.member.is_head]
    if len(heads) != 1:
        row = heads[1].row if heads else household.first_row
        text = (
            _("Household %(number)s has %(found)s heads; it needs exactly one member with the relation 户主.")
            if heads
            else _("Household %(number)s has no head; it needs exactly one member with the relation 户主.")
        )
        reading.reject(
            household, row, "relation", "", text % {"number": household.number, "found": len(heads)}
        )
    elif wrong := next(
        (p for p in household.persons if p.head_name and not _same(p.head_name, heads[0].name)), None
    ):
        reading.reject(
            household,
            wrong.row,
            "head_name",
            wrong.head_name,
            _("The head's name differs from the name of the member marked as head."),
            _COMPARE,
        )
    nameless: dict[str, Person] = {}
    for person in household.persons:
        if person.id_number is None:
            first = nameless.setdefault(person.name, person)
            if first is not person:
                reading.reject(
                    household,
                    person.row,
                    "name",
                    person.name,
                    _("Two members of the household have the same name and no identity number (row %(row)s).")
                    % {"row": first.row},
                    _("Add the identity numbers, or remove the row entered twice."),
                )


def _check_doubles(reading: Reading) -> None:
    """The same identity number twice: every household it stands in is left out, since none is surely right."""
    seen: dict[str, list[tuple[FileHousehold, Person]]] = defaultdict(list)
    for household in reading.households.values():
        for person in household.persons:
            if person.id_number:
                seen[person.id_number].append((household, person))
    for number, places in seen.items():
        if len(places) > 1:
            for household, person in places:
                others = ", ".join(str(p.row) for _h, p in places if p is not person)
                reading.reject(
                    household,
                    person.row,
                    "id_number",
                    number,
                    _("The same identity number stands in row %(rows)s, too.") % {"rows": others},
                    _COMPARE,
                )
