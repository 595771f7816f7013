"""What a file would change, household by household and field by field: shown before anything is written.

Identity numbers and phones are masked; both sides of a difference are, so a change of a masked digit still counts as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.residents import queries
from xinzhi.kernel.residents.masking import mask_value
from xinzhi.kernel.residents.relations import word_of
from xinzhi.kernel.residents.roster.planning import HouseholdPlan, Move, PersonChange

#: A page lists so many; the counts beside them are of all.
MOST = 300
_MASKED = ("id_number", "phone")
FIELDS: dict[str, str | Promise] = {
    "new_household": _("new household"),
    "new_member": _("new member"),
    "group": _("group"),
    "relation": _("relation to the head"),
    "name": _("name"),
    "id_number": _("identity number"),
    "birth_date": _("date of birth"),
    "birth_year": _("year of birth"),
    "phone": _("phone"),
    "sex_code": _("sex"),
    "is_collective_member": _("member of the collective"),
    "status": _("status"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a household or a person. `household_id` is None while the household is not registered."""

    household_no: str
    household_id: int | None
    row: int
    person: str
    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class NotInFile:
    """Somebody of the register whom the file does not name. He stays; what became of him is for somebody to say."""

    household_no: str
    household_id: int
    person_id: int
    person: str


@dataclass(frozen=True, slots=True)
class ProposedMove:
    """Members of one household whom the file lists under another: an act of its own, never done by an import.

    `to_household_id` is None where the file's household is not registered: then it is a split.
    """

    from_no: str
    from_household_id: int
    to_no: str
    to_household_id: int | None
    person_ids: tuple[int, ...]
    names: tuple[str, ...]
    head_id: int | None


def differences(plans: Iterable[HouseholdPlan], group_names: Mapping[int, str]) -> list[Difference]:
    """Everything the plans would write, in the order of the file."""
    found: list[Difference] = []
    for plan in plans:
        number, pk = plan.file.number, plan.known.id if plan.known else None
        if plan.known is None:
            names = "、".join(person.name for person in plan.file.persons)
            found.append(Difference(number, None, plan.file.first_row, "", "new_household", "", names))
            continue
        if plan.group_changes:
            old = group_names.get(plan.known.group_id or 0, "")
            found.append(Difference(number, pk, plan.file.first_row, "", "group", old, plan.file.group))
        for change in plan.changes:
            found += [
                Difference(number, pk, change.member.row, change.member.name, *line)
                for line in _lines(change)
            ]
        found += [
            Difference(
                number, pk, person.row, person.name, "new_member", "", word_of(person.member.relation_code)
            )
            for person in plan.new_persons
        ]
    return found


def _lines(change: PersonChange) -> Iterable[tuple[str, str, str]]:
    known, member = change.known, change.member.member
    for field, new in change.values.items():
        yield field, _shown(field, known.values.get(field, "")), _shown(field, new)
    for field, value in change.columns.items():
        yield field, _word(field, getattr(known, field)), _word(field, value)
    if change.moves:
        yield "relation", word_of(known.relation_code), word_of(member.relation_code)


def _shown(field: str, value: str) -> str:
    return mask_value(field, value) if value and field in _MASKED else value


def _word(field: str, value: object) -> str:
    if value is None:
        return ""
    words: dict[str, dict[object, str]] = {
        "sex_code": {"1": _g("male"), "2": _g("female")},
        "is_collective_member": {True: _g("yes"), False: _g("no")},
        "status": {"living": _g("lives here"), "left": _g("has left"), "deceased": _g("has died")},
    }
    return str(words.get(field, {}).get(value, value))


def not_in_file(plans: Iterable[HouseholdPlan]) -> list[NotInFile]:
    """Members of the file's households whom it does not name."""
    return [
        NotInFile(plan.file.number, plan.known.id, person.id, person.values.get("name", ""))
        for plan in plans
        if plan.known
        for person in plan.missing
    ]


def households_not_in_file(village_id: int, numbers: Sequence[str]) -> list[NotInFile]:
    """Heads of the village's households of which the file has no row; of an empty one, nobody."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.household_no, h.id, coalesce(m.person_id, 0) FROM residents_household h"
            " LEFT JOIN residents_membership m ON m.household_id = h.id AND m.is_head AND m.active_to IS NULL"
            " WHERE h.village_id = %s AND h.status = 'active' AND NOT h.household_no = ANY(%s)"
            " ORDER BY h.household_no LIMIT %s",
            [village_id, list(numbers), MOST],
        )
        rows = cursor.fetchall()
    names = queries.display_names([person_id for _no, _pk, person_id in rows if person_id])
    return [NotInFile(number, pk, person_id, names.get(person_id, "")) for number, pk, person_id in rows]


def proposed(moves: Iterable[Move]) -> list[ProposedMove]:
    """Moves from one household to another, those who go together in one."""
    together: dict[tuple[int, str], list[Move]] = {}
    for move in moves:
        together.setdefault((move.from_household_id, move.to_no), []).append(move)
    return [
        ProposedMove(
            from_no=group[0].from_no,
            from_household_id=group[0].from_household_id,
            to_no=group[0].to_no,
            to_household_id=group[0].to_household_id,
            person_ids=tuple(m.person_id for m in group),
            names=tuple(m.name for m in group),
            head_id=next((m.person_id for m in group if m.is_head), None),
        )
        for group in together.values()
    ]
