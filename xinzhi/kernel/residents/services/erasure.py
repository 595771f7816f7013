"""Forget a person: values and key go, ids, sums and history without words stay."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.kernel.residents import forgetting, scope
from xinzhi.kernel.residents.models import FormerValue, Membership, Person, PersonalValue, PersonKey
from xinzhi.kernel.residents.writing import close_memberships

REASONS = ("requested", "no_longer_needed", "entered_by_mistake", "consent_withdrawn")


class ErasureReasonUnknown(Invalid):
    code = "residents.erasure_reason_unknown"
    sentence = _("Please choose the reason for the erasure from the list; found “%(found)s”.")


@transaction.atomic
def erase_person(*, actor: Actor, person_id: int, reason: str, at: datetime) -> None:
    """Destroy everything that names or finds the person. Erasing again changes nothing.

    What remains is anonymous: the id, dated memberships without words, and whatever ledger and audit keep
    by id. Copies in backups become unreadable once the backup of the key has run out (see README).
    Raises PersonNotFound, Forbidden, ErasureReasonUnknown.
    """
    place = scope.person(actor, "residents.person.erase", person_id)
    if reason not in REASONS:
        raise ErasureReasonUnknown(field="reason", found=reason[:40])
    person = Person.objects.select_for_update().get(pk=person_id)
    if person.status == "erased":
        return
    open_memberships = Membership.objects.filter(person=person, active_to=None).values_list("pk", flat=True)
    close_memberships(list(open_memberships), clock.local_date(at))
    person.status, person.sex_code, person.birth_year, person.erased_at = "erased", "0", None, at
    person.is_collective_member = False
    person.save()  # before the values: the database lets only an erased person's values go
    FormerValue.objects.filter(person=person).delete()
    PersonalValue.objects.filter(person=person).delete()
    PersonKey.objects.filter(person=person).delete()
    forgetting.forget(person_id, at)
    audit.record(
        actor=actor,
        action="residents.erase_person",
        subject=f"person:{person_id}",
        at=at,
        region_id=place.village_id,
        household_id=place.household_id,
        purpose=reason,
    )
