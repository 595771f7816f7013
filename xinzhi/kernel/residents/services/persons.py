"""Personal values: set them, dated; reveal them, for a purpose and on record."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Conflict, Invalid, NotFound
from xinzhi.kernel.residents import scope
from xinzhi.kernel.residents.crypto import PersonCipher, unwrap
from xinzhi.kernel.residents.identity_numbers import check_resident_id
from xinzhi.kernel.residents.models import FormerValue, Person, PersonalValue, PersonKey
from xinzhi.kernel.residents.purposes import require_purpose
from xinzhi.kernel.residents.services.households import EDIT, IdentityNumberTaken
from xinzhi.kernel.residents.texts import OWN_ACCOUNTS, FieldUnknown, clean, clean_source
from xinzhi.kernel.residents.values import current_values
from xinzhi.kernel.residents.writing import Batch, close_values

REVEAL = "residents.person.reveal"


class PersonErased(Conflict):
    code = "residents.person_erased"
    status = 410
    sentence = _("This person was erased at their request. What was known cannot be brought back.")


class ValueUnknown(NotFound):
    code = "residents.value_unknown"
    sentence = _("Nothing is known here yet. It can be entered in the household's page.")


class StatusUnknown(Invalid):
    code = "residents.status_unknown"
    sentence = _(
        "A person is living, left or deceased; found “%(found)s”. To erase a person, use the erasure."
    )


@transaction.atomic
def set_value(*, actor: Actor, person_id: int, field: str, value: str, source: str, at: datetime) -> bool:
    """Set a personal value from `at` on; the former one is closed and kept. Returns whether anything changed.

    An empty value closes the present one (names cannot be emptied). Setting an identity number also sets
    birth date, birth year and sex. Raises PersonNotFound, PersonErased, IdentityNumberTaken and the
    refusals of the field.
    """
    place = scope.person(actor, EDIT, person_id)
    if field not in PersonalValue.FIELDS or field in OWN_ACCOUNTS:
        raise FieldUnknown(found=field[:40])
    return write_value(
        actor=actor, place=place, person_id=person_id, field=field, value=value, source=source, at=at,
        action="residents.set_value",
    )  # fmt: skip


def write_value(
    *, actor: Actor, place: scope.Place, person_id: int, field: str, value: str, source: str, at: datetime, action: str
) -> bool:  # fmt: skip
    """`set_value` once it is judged who may; inside the caller's transaction."""
    person = Person.objects.select_for_update().get(pk=person_id)
    if person.status == "erased":
        raise PersonErased()
    new = {field: clean(field, value) if value or field == "name" else ""}
    clear: dict[str, object] = {}
    if field == "id_number" and new[field]:
        checked = check_resident_id(new[field])
        new["birth_date"] = checked.birth_date.isoformat()
        clear["sex_code"] = checked.sex
    if new.get("birth_date"):
        clear["birth_year"] = int(new["birth_date"][:4])
    known = current_values([person_id], list(new)).get(person_id, {})
    new = {name: text for name, text in new.items() if known.get(name, "") != text}
    if not new:
        return False
    batch = Batch(source=clean_source(source), at=at, on=clock.local_date(at))
    cipher = _cipher_of(person_id)
    close_values([(person_id, name) for name in new], at)
    for name, text in new.items():
        if text:
            batch.add_value(person_id, cipher, name, text)
    try:
        with transaction.atomic():
            batch.write()
    except IntegrityError as error:
        if "residents_id_number_once" in str(error):
            raise IdentityNumberTaken(field="id_number") from None
        raise
    _change_columns(person, clear, source, at)
    audit.record(
        actor=actor,
        action=action,
        subject=f"person:{person_id}",
        at=at,
        region_id=place.village_id,
        household_id=place.household_id,
        fields=sorted(new),
    )
    return True


@transaction.atomic
def change_person(
    *,
    actor: Actor,
    person_id: int,
    source: str,
    at: datetime,
    status: str | None = None,
    is_collective_member: bool | None = None,
) -> bool:
    """Change status (living, left, deceased) or membership of the collective; what it was before is kept."""
    place = scope.person(actor, EDIT, person_id)
    person = Person.objects.select_for_update().get(pk=person_id)
    if person.status == "erased":
        raise PersonErased()
    wanted: dict[str, object] = {}
    if status is not None:
        if status not in ("living", "left", "deceased"):
            raise StatusUnknown(field="status", found=status[:40])
        wanted["status"] = status
    if is_collective_member is not None:
        wanted["is_collective_member"] = is_collective_member
    changed = _change_columns(person, wanted, source, at)
    if changed:
        audit.record(
            actor=actor,
            action="residents.change_person",
            subject=f"person:{person_id}",
            at=at,
            region_id=place.village_id,
            household_id=place.household_id,
            fields=changed,
        )
    return bool(changed)


@transaction.atomic
def reveal(*, actor: Actor, person_id: int, field: str, purpose: str, at: datetime) -> str:
    """One personal value in clear. On record are who, when, which field and for what purpose, never the value.

    Needs `residents.person.reveal` where the person lives, or in one's own household. Raises PersonNotFound,
    Forbidden, PurposeUnknown, PersonErased, ValueUnknown.
    """
    place = scope.person(actor, REVEAL, person_id)
    require_purpose(purpose, clock.local_date(at))
    if field not in PersonalValue.FIELDS or field in OWN_ACCOUNTS:
        raise FieldUnknown(found=field[:40])
    person = Person.objects.select_for_update().get(pk=person_id)  # against an erasure in the same moment
    if person.status == "erased":
        raise PersonErased()
    value = current_values([person_id], [field]).get(person_id, {}).get(field)
    if value is None:
        raise ValueUnknown()
    audit.record(
        actor=actor,
        action="residents.reveal",
        subject=f"person:{person_id}",
        at=at,
        region_id=place.village_id,
        household_id=place.household_id,
        purpose=purpose,
        fields=[field],
    )
    return value


def _change_columns(person: Person, wanted: dict[str, object], source: str, at: datetime) -> list[str]:
    changed = sorted(name for name, value in wanted.items() if getattr(person, name) != value)
    for name in changed:
        before = getattr(person, name)
        FormerValue.objects.create(
            person=person,
            field=name,
            value="" if before is None else str(before),
            source=clean_source(source),
            active_to=at,
        )
        setattr(person, name, wanted[name])
    if changed:
        person.save(update_fields=changed)
    return changed


def _cipher_of(person_id: int) -> PersonCipher:
    key = PersonKey.objects.get(pk=person_id)
    return PersonCipher(unwrap(bytes(key.wrapped_key), key.field_key_id, person_id), person_id)
