"""Compare the households of a file with the register. Reads in few set-based queries, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.residents.models import PersonalValue
from xinzhi.kernel.residents.roster.reading import FileHousehold, Person, Reading
from xinzhi.kernel.residents.values import current_values, index_of, persons_by_index

_IMPORTED = ("name", "id_number", "birth_date", "phone")
_IN_REGISTER = _(
    "Open the household in the register and put it right there, or correct the cell and import again."
)


@dataclass(slots=True)
class KnownPerson:
    """A person of the register, as far as the import compares him."""

    id: int
    sex_code: str
    birth_year: int | None
    status: str
    is_collective_member: bool
    membership_id: int | None = None
    relation_code: str = ""
    is_head: bool = False
    values: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class KnownHousehold:
    id: int
    group_id: int | None
    status: str
    members: list[KnownPerson] = field(default_factory=list)


@dataclass(slots=True)
class PersonChange:
    """What changes for a person already known; all empty when nothing does."""

    known: KnownPerson
    member: Person
    values: dict[str, str]
    columns: dict[str, Any]
    moves: bool

    @property
    def is_change(self) -> bool:
        return bool(self.values or self.columns or self.moves)


@dataclass(slots=True)
class HouseholdPlan:
    """What is to be done for one household of the file."""

    file: FileHousehold
    known: KnownHousehold | None
    new_persons: list[Person] = field(default_factory=list)
    changes: list[PersonChange] = field(default_factory=list)
    missing: list[KnownPerson] = field(default_factory=list)
    group_changes: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A person of the register whom the file lists in another household of the village."""

    row: int
    person_id: int
    name: str
    is_head: bool
    from_household_id: int
    from_no: str
    to_household_id: int | None
    to_no: str


@dataclass(slots=True)
class Plans:
    """What would be done, and what is not for an import to do."""

    households: list[HouseholdPlan]
    moves: list[Move]


def make_plans(reading: Reading, *, village_id: int, group_ids: dict[str, int]) -> Plans:
    """Plans for the households without problems; what does not fit the register is added to the problems.

    `group_ids` are the groups that exist; a group that does not yet counts as a change.
    """
    candidates = [h for h in reading.households.values() if not h.is_rejected]
    known = _known_households(village_id, [h.number for h in candidates])
    bearers = _bearers(candidates)
    elsewhere = _people(_bearers_elsewhere(candidates, known, bearers))
    plans: list[HouseholdPlan] = []
    for household in candidates:
        plan = _plan(reading, household, known.get(household.number), bearers, elsewhere, village_id)
        if household.is_rejected:
            continue
        if plan.known is not None and household.group:
            plan.group_changes = group_ids.get(household.group, -1) != plan.known.group_id
        plans.append(plan)
    reading.problems.sort(key=lambda p: p.row)
    return Plans(plans, _moves(candidates, known, bearers, elsewhere, village_id))


def _moves(
    households: Iterable[FileHousehold],
    known: dict[str, KnownHousehold],
    bearers: dict[str, int],
    elsewhere: dict[int, tuple[KnownPerson, list[tuple[int, int, str]]]],
    village_id: int,
) -> list[Move]:
    """Who would change households within the village; their households are refused as a whole (`_from_elsewhere`)."""
    found = []
    for household in households:
        here = known.get(household.number)
        for person in household.persons:
            bearer = bearers.get(person.id_number or "")
            if bearer is None or bearer not in elsewhere or elsewhere[bearer][0].status != "living":
                continue
            places = elsewhere[bearer][1]
            if places and all(village == village_id for _household, village, _number in places):
                found.append(
                    Move(
                        person.row, bearer, person.name, person.member.is_head, places[0][0], places[0][2],
                        here.id if here else None, household.number,
                    )
                )  # fmt: skip
    return found


def _plan(
    reading: Reading,
    household: FileHousehold,
    known: KnownHousehold | None,
    bearers: dict[str, int],
    elsewhere: dict[int, tuple[KnownPerson, list[tuple[int, int, str]]]],
    village_id: int,
) -> HouseholdPlan:
    plan = HouseholdPlan(household, known)
    if known is not None and known.status == "closed":
        reading.reject(
            household,
            household.first_row,
            "household_no",
            household.number,
            _("This household is closed in the register."),
            _IN_REGISTER,
        )
        return plan
    here = {m.id: m for m in known.members} if known else {}
    taken: set[int] = set()
    for person in sorted(household.persons, key=lambda p: p.id_number is None):  # the surer matches first
        found = _match(reading, household, person, here, bearers, elsewhere, village_id, taken)
        if household.is_rejected:
            return plan
        if found is None:
            plan.new_persons.append(person)
        else:
            taken.add(found.id)
            plan.changes.append(_change(found, person))
    plan.missing = [member for member in here.values() if member.id not in taken]
    for other in plan.missing:
        if other.is_head:
            head = next(p for p in household.persons if p.member.is_head)
            reading.reject(
                household,
                head.row,
                "name",
                head.name,
                _("The register has another head for household %(number)s, who is not in the file.")
                % {"number": household.number},
                _(
                    "Open the household and enter what happened (change of head, death, moved away), or add the head to the file."
                ),
            )
    return plan


def _match(
    reading: Reading,
    household: FileHousehold,
    person: Person,
    here: dict[int, KnownPerson],
    bearers: dict[str, int],
    elsewhere: dict[int, tuple[KnownPerson, list[tuple[int, int, str]]]],
    village_id: int,
    taken: set[int],
) -> KnownPerson | None:
    """The person of the register this row speaks of: by identity number, else by name within the household."""
    if person.id_number and (bearer := bearers.get(person.id_number)):
        if bearer in here:
            return here[bearer]
        return _from_elsewhere(reading, household, person, elsewhere[bearer], village_id)
    namesakes = [m for m in here.values() if m.values.get("name") == person.name and m.id not in taken]
    if len(namesakes) > 1 and (birth := person.member.values.get("birth_date")):
        namesakes = [m for m in namesakes if m.values.get("birth_date") == birth]
    if len(namesakes) > 1:
        reading.reject(
            household,
            person.row,
            "name",
            person.name,
            _("The register has two members of this name in the household."),
            _("Add the identity number, so that it is clear who is meant."),
        )
        return None
    if namesakes and person.id_number and namesakes[0].values.get("id_number"):
        reading.reject(
            household,
            person.row,
            "id_number",
            person.id_number,
            _("The register has another identity number for this member."),
            _IN_REGISTER,
        )
        return None
    return namesakes[0] if namesakes else None


def _from_elsewhere(
    reading: Reading,
    household: FileHousehold,
    person: Person,
    found: tuple[KnownPerson, list[tuple[int, int, str]]],
    village_id: int,
) -> KnownPerson | None:
    known, places = found
    registered = [(village, number) for _household, village, number in places]
    problem: str | Promise = ""
    if known.status == "deceased":
        problem = _("The register says that the person with this identity number has died.")
    elif any(village != village_id for village, _number in registered):
        problem = _("A person with this identity number is registered in another village.")
    elif registered:
        problem = _("A person with this identity number is registered in household %(number)s.") % {
            "number": registered[0][1]
        }
    if problem:
        reading.reject(
            household,
            person.row,
            "id_number",
            person.id_number or "",
            problem,
            _(
                "Enter the change first (married in, split; see below), or correct the number and import again."
            ),
        )
        return None
    return known


def _change(known: KnownPerson, person: Person) -> PersonChange:
    member = person.member
    values = {name: text for name, text in member.values.items() if known.values.get(name) != text}
    columns: dict[str, Any] = {}
    if member.sex_code != "0" and known.sex_code != member.sex_code:
        columns["sex_code"] = member.sex_code
    if member.birth_year is not None and known.birth_year != member.birth_year:
        columns["birth_year"] = member.birth_year
    if "is_collective_member" in person.stated and known.is_collective_member != member.is_collective_member:
        columns["is_collective_member"] = member.is_collective_member
    if known.status == "left":
        columns["status"] = "living"
    moves = (known.membership_id is None) or (known.relation_code, known.is_head) != (
        member.relation_code,
        member.is_head,
    )
    return PersonChange(known, person, values, columns, moves)


def _bearers(households: Iterable[FileHousehold]) -> dict[str, int]:
    """{identity number of the file: person of the register}."""
    numbers = {
        p.id_number: index_of("id_number", p.id_number) for h in households for p in h.persons if p.id_number
    }
    found = persons_by_index("id_number", [index for index in numbers.values() if index is not None])
    return {number: found[index] for number, index in numbers.items() if index in found}


def _bearers_elsewhere(
    households: Iterable[FileHousehold], known: dict[str, KnownHousehold], bearers: dict[str, int]
) -> set[int]:
    """Persons found by number who are not members of the household under which the file lists them."""
    found: set[int] = set()
    for household in households:
        here = known.get(household.number)
        members = {m.id for m in here.members} if here else set()
        found.update({bearers[p.id_number] for p in household.persons if p.id_number in bearers} - members)
    return found


def _known_households(village_id: int, numbers: list[str]) -> dict[str, KnownHousehold]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT household_no, id, group_id, status FROM residents_household"
            " WHERE village_id = %s AND household_no = ANY(%s)",
            [village_id, numbers],
        )
        found = {number: KnownHousehold(pk, group_id, status) for number, pk, group_id, status in cursor}
        by_id = {known.id: known for known in found.values()}
        cursor.execute(
            "SELECT m.household_id, p.id, p.sex_code, p.birth_year, p.status, p.is_collective_member,"
            "       m.id, m.relation_code, m.is_head"
            "  FROM residents_membership m JOIN residents_person p ON p.id = m.person_id"
            " WHERE m.household_id = ANY(%s) AND m.active_to IS NULL ORDER BY m.id",
            [list(by_id)],
        )
        for household_id, *columns in cursor:
            by_id[household_id].members.append(KnownPerson(*columns))
    _add_values([m for known in found.values() for m in known.members])
    return found


def _people(ids: set[int]) -> dict[int, tuple[KnownPerson, list[tuple[int, int, str]]]]:
    """Persons found by number outside the file's households, with (household, village, number) of where they live."""
    found: dict[int, tuple[KnownPerson, list[tuple[int, int, str]]]] = {}
    if not ids:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, sex_code, birth_year, status, is_collective_member FROM residents_person WHERE id = ANY(%s)",
            [list(ids)],
        )
        for columns in cursor:
            found[columns[0]] = KnownPerson(*columns), []
        cursor.execute(
            "SELECT m.person_id, h.id, h.village_id, h.household_no"
            "  FROM residents_membership m JOIN residents_household h ON h.id = m.household_id"
            " WHERE m.person_id = ANY(%s) AND m.active_to IS NULL AND h.kind = 'hukou'",
            [list(ids)],
        )
        for person_id, *place in cursor:
            found[person_id][1].append((place[0], place[1], place[2]))
    _add_values([known for known, _places in found.values()])
    return found


def _add_values(people: list[KnownPerson]) -> None:
    values = current_values([p.id for p in people], [f for f in PersonalValue.FIELDS if f in _IMPORTED])
    for person in people:
        person.values = values.get(person.id, {})
