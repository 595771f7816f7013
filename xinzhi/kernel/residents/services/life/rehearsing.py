"""Do an act and undo it: what a page shows before it is confirmed is what will happen, and what it would refuse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from xinzhi.kernel.residents import ports, queries
from xinzhi.kernel.residents.models import Household, LifeEvent
from xinzhi.kernel.residents.ports import Held
from xinzhi.kernel.residents.relations import word_of
from xinzhi.kernel.residents.services.life.acting import state_of


@dataclass(frozen=True, slots=True)
class Seat:
    """A member's place in a household."""

    person_id: int
    name: str
    relation_code: str
    is_head: bool
    changed: bool

    @property
    def relation(self) -> str:
        return word_of(self.relation_code)


@dataclass(frozen=True, slots=True)
class Side:
    """One household before and after. `number` is there also of one that does not exist yet."""

    household_id: int
    number: str
    is_new: bool
    closes: bool
    before: tuple[Seat, ...]
    after: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class HeldLine:
    """What is held for the households, in the order of the sides: (before, after)."""

    label: str
    amounts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What an act would do. `seen` is the state it was judged on: sent back, it makes sure that nothing changed since."""

    kind: str
    seen: str
    sides: tuple[Side, ...]
    held: tuple[HeldLine, ...]


def rehearse(act: Callable[[], LifeEvent], *, household_ids: Sequence[int]) -> Rehearsal:
    """Carry out an act inside a transaction that is undone, and say what it did to these households and to what it made.

    The first of `household_ids` is the one the page is about. Raises whatever the act refuses.
    """
    with transaction.atomic():
        seen = state_of(household_ids[0])
        before = queries.members_of(household_ids)
        known = Household.objects.in_bulk(list(household_ids))
        held_before = _held(list(known.values()))
        event = act()
        concerned = [
            pk for pk in dict.fromkeys([*household_ids, event.household_id, event.other_household_id]) if pk
        ]
        after = queries.members_of(concerned)
        households = Household.objects.in_bulk(concerned)
        held_after = _held(list(households.values()))
        people = [m.person_id for rows in (*before.values(), *after.values()) for m in rows]
        names = queries.display_names(people)
        sides = []
        for pk in concerned:
            was = {m.person_id: m.relation_code for m in before.get(pk, [])}
            now = {m.person_id: m.relation_code for m in after.get(pk, [])}
            sides.append(
                Side(
                    household_id=pk if pk in known else 0,
                    number=households[pk].household_no,
                    is_new=pk not in known,
                    closes=pk in known and known[pk].status != households[pk].status,
                    before=_seats(before.get(pk, []), names, now),
                    after=_seats(after.get(pk, []), names, was),
                )
            )
        earlier = {line.label: line.amounts for line in held_before}
        held = tuple(
            HeldLine(
                line.label,
                tuple(
                    (earlier.get(line.label, {}).get(pk, ""), line.amounts.get(pk, "")) for pk in concerned
                ),
            )
            for line in held_after
        )
        found = Rehearsal(event.kind, seen, tuple(sides), held)
        transaction.set_rollback(True)
    return found


def _held(households: Sequence[Household]) -> list[Held]:
    if not households:
        return []
    village_id = households[0].village_id
    ids = [h.pk for h in households]
    return [line for f in ports.followers() for line in f.held_for(ids, village_id=village_id)]


def _seats(
    rows: Sequence[queries.MemberRow], names: dict[int, str], other: dict[int, str]
) -> tuple[Seat, ...]:
    """`other`: the relations at the other end of the act; a seat that is not the same there has changed."""
    return tuple(
        Seat(
            person_id=m.person_id,
            name=names.get(m.person_id, ""),
            relation_code=m.relation_code,
            is_head=m.is_head,
            changed=other.get(m.person_id) != m.relation_code,
        )
        for m in rows
    )
