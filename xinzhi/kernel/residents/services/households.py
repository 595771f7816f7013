"""Register households and say who belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Conflict, Invalid
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import scope
from xinzhi.kernel.residents.members import CheckedMember, NewMember, check_member
from xinzhi.kernel.residents.models import FormerValue, Household, Membership
from xinzhi.kernel.residents.texts import clean_household_no, clean_source
from xinzhi.kernel.residents.values import index_of, persons_by_index
from xinzhi.kernel.residents.writing import Batch, close_memberships, draw_ids

EDIT = "residents.household.edit"


class HouseholdNumberTaken(Conflict):
    code = "residents.household_no_taken"
    sentence = _(
        "The household number %(number)s is already in use in this village. Choose another or open that one."
    )


class IdentityNumberTaken(Conflict):
    code = "residents.identity_number_taken"
    sentence = _(
        "A person with this identity number is already registered. Open that person instead of a new one."
    )


class HeadMissing(Invalid):
    code = "residents.head_missing"
    sentence = _("A household has exactly one head; found %(found)s. Mark one member as the head (户主).")


class KindUnknown(Invalid):
    code = "residents.kind_unknown"
    sentence = _("A household is of kind hukou, resident_non_member or operator; found “%(found)s”.")


class GroupElsewhere(Invalid):
    code = "residents.group_elsewhere"
    sentence = _("This group does not lie in the household's village. Choose one of that village.")


class ChangeUnknown(Invalid):
    code = "residents.change_unknown"
    sentence = _("“%(found)s” cannot be changed here.")


@transaction.atomic
def register_household(
    *,
    actor: Actor,
    village_id: int,
    household_no: str,
    group_id: int | None = None,
    kind: str = "hukou",
    members: Sequence[NewMember] = (),
    source: str,
    at: datetime,
) -> Household:
    """A new household with its members (a household of an operator may have none yet).

    `source` is a code such as "clerk" or "roster", never text about a person. Raises VillageNotFound,
    HouseholdNumberTaken, IdentityNumberTaken, HeadMissing and the refusals of the members' fields.
    """
    village = scope.village(actor, EDIT, village_id)
    if kind not in Household.KINDS:
        raise KindUnknown(field="kind", found=str(kind)[:40])
    number = clean_household_no(household_no)
    if group_id is not None:
        _require_group_of(village, group_id)
    checked = [check_member(member) for member in members]
    require_one_head(checked, kind=kind)
    if Household.objects.filter(village_id=village_id, household_no=number).exists():
        raise HouseholdNumberTaken(field="household_no", number=number)
    require_new_numbers(checked)
    batch = Batch(source=clean_source(source), at=at, on=clock.local_date(at))
    [household_id] = draw_ids("residents_household", 1)
    batch.add_household(household_id, village_id=village_id, group_id=group_id, number=number, kind=kind)
    for person_id, member in zip(draw_ids("residents_person", len(checked)), checked, strict=True):
        batch.add_person(person_id, member)
        batch.add_membership(household_id, person_id, member.relation_code, member.is_head)
    write_batch(batch, number)
    audit.record(
        actor=actor,
        action="residents.register_household",
        subject=f"household:{household_id}",
        at=at,
        region_id=village_id,
        household_id=household_id,
        count=len(checked),
    )
    return Household.objects.get(pk=household_id)


@transaction.atomic
def add_member(*, actor: Actor, household_id: int, member: NewMember, source: str, at: datetime) -> int:
    """A new person in a household; returns his id. Raises HeadMissing when he would be a second head."""
    household = scope.household(actor, EDIT, household_id, lock=True)
    checked = check_member(member)
    if (
        checked.is_head
        and Membership.objects.filter(household=household, is_head=True, active_to=None).exists()
    ):
        raise HeadMissing(found=2)
    require_new_numbers([checked])
    batch = Batch(source=clean_source(source), at=at, on=clock.local_date(at))
    [person_id] = draw_ids("residents_person", 1)
    batch.add_person(person_id, checked)
    batch.add_membership(household_id, person_id, checked.relation_code, checked.is_head)
    write_batch(batch, household.household_no)
    _audit(actor, "residents.add_member", household, at, subject=f"person:{person_id}")
    return person_id


@transaction.atomic
def end_membership(*, actor: Actor, household_id: int, person_id: int, on: date, at: datetime) -> None:
    """The person no longer belongs to the household from `on` (moved, married out, died). Again: no change."""
    household = scope.household(actor, EDIT, household_id, lock=True)
    ids = list(
        Membership.objects.filter(household=household, person_id=person_id, active_to=None).values_list(
            "pk", flat=True
        )
    )
    if not ids:
        return
    close_memberships(ids, on)
    _audit(actor, "residents.end_membership", household, at, subject=f"person:{person_id}")


@transaction.atomic
def change_household(
    *,
    actor: Actor,
    household_id: int,
    source: str,
    at: datetime,
    group_id: int | None = None,
    kind: str | None = None,
    status: str | None = None,
    elder_mode: bool | None = None,
) -> Household:
    """Change what is given; what it was before stays in FormerValue. Closing keeps the row and its history."""
    household = scope.household(actor, EDIT, household_id, lock=True)
    wanted: dict[str, object] = {
        name: value
        for name, value in (
            ("group_id", group_id),
            ("kind", kind),
            ("status", status),
            ("elder_mode", elder_mode),
        )
        if value is not None and getattr(household, name) != value
    }
    if kind is not None and kind not in Household.KINDS:
        raise KindUnknown(field="kind", found=kind[:40])
    if status is not None and status not in Household.STATUSES:
        raise ChangeUnknown(field="status", found=status[:40])
    if group_id is not None:
        _require_group_of(household.village, group_id)
    if not wanted:
        return household
    for name, value in wanted.items():
        FormerValue.objects.create(
            household=household,
            field=name,
            value=str(getattr(household, name)),
            source=clean_source(source),
            active_to=at,
        )
        setattr(household, name, value)
    household.active_to = clock.local_date(at) if household.status == "closed" else None
    household.save()
    _audit(actor, "residents.change_household", household, at, fields=sorted(wanted))
    return household


def require_one_head(members: Sequence[CheckedMember], *, kind: str) -> None:
    """Raises HeadMissing unless exactly one member is the head (none is needed where there are no members)."""
    heads = sum(member.is_head for member in members)
    if heads != 1 and (members or kind == "hukou"):
        raise HeadMissing(found=heads)


def _require_group_of(village: Region, group_id: int) -> None:
    if not regions.path_of(group_id).startswith(village.scope_path) or group_id == village.pk:
        raise GroupElsewhere(field="group_id")


def require_new_numbers(members: Sequence[CheckedMember]) -> None:
    """Raises IdentityNumberTaken."""
    indexes = [index_of("id_number", m.values["id_number"]) for m in members if "id_number" in m.values]
    wanted = [index for index in indexes if index is not None]
    if len(set(wanted)) != len(wanted) or (wanted and persons_by_index("id_number", wanted)):
        raise IdentityNumberTaken(field="id_number")


def write_batch(batch: Batch, number: str) -> None:
    """Write; what somebody else wrote in the same moment becomes the same refusal as what stood there before."""
    try:
        with transaction.atomic():
            batch.write()
    except IntegrityError as error:
        if "residents_household_no" in str(error):
            raise HouseholdNumberTaken(field="household_no", number=number) from None
        if "residents_id_number_once" in str(error):
            raise IdentityNumberTaken(field="id_number") from None
        if "residents_one_head" in str(error):
            raise HeadMissing(found=2) from None
        raise


def _audit(
    actor: Actor,
    action: str,
    household: Household,
    at: datetime,
    *,
    subject: str = "",
    fields: Sequence[str] = (),
) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=subject or f"household:{household.pk}",
        at=at,
        region_id=household.village_id,
        household_id=household.pk,
        fields=fields,
    )
