"""Numbers and accounts by which a person is told something: bound by himself, read in bulk by whoever sends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Forbidden
from xinzhi.kernel.residents import scope
from xinzhi.kernel.residents.models import Person, PersonalValue
from xinzhi.kernel.residents.services.persons import write_value
from xinzhi.kernel.residents.texts import OWN_ACCOUNTS, FieldUnknown
from xinzhi.kernel.residents.values import current_values

CONTACTS = ("phone", *OWN_ACCOUNTS)


class NoPersonBehindLogin(Forbidden):
    code = "residents.no_person_behind_login"
    sentence = _("This login belongs to no resident, so there is nobody to tell. Log in with your own phone.")


@transaction.atomic
def bind_contact(*, actor: Actor, field: str, value: str, at: datetime) -> bool:
    """Bind an account of WeChat or DingTalk to oneself, or with an empty value unbind it. Returns whether anything changed.

    Nobody binds for another, not even the office. Raises NoPersonBehindLogin, FieldUnknown, AccountNotUnderstood,
    PersonNotFound, PersonErased.
    """
    if field not in OWN_ACCOUNTS:
        raise FieldUnknown(found=field[:40])
    if actor.person_id is None or actor.proxy_for_household_id is not None:
        raise NoPersonBehindLogin()
    places = scope.places(actor.person_id)
    if not places:
        raise scope.PersonNotFound()
    return write_value(
        actor=actor, place=places[0], person_id=actor.person_id, field=field, value=value, source="own", at=at,
        action="residents.bind_contact",
    )  # fmt: skip


@transaction.atomic
def read_contacts(
    *, actor: Actor, villages: Mapping[int, int | None], field: str, subject: str, at: datetime
) -> dict[int, str]:
    """The current numbers or accounts of many persons, to send them something. Three statements however many.

    `villages` are the persons with the village each message comes from. On record is one row for each village: how many
    were read, which field, for the purpose "contact" (PIPL art. 6, 51). The erased are left out. The caller keeps the
    values no longer than it sends.
    """
    if field not in CONTACTS:
        raise FieldUnknown(found=field[:40])
    here = set(
        Person.objects.select_for_update(no_key=True)  # against an erasure in the same moment
        .filter(pk__in=list(villages))
        .exclude(status__in=("erased", "deceased"))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    found = {pk: values[field] for pk, values in current_values(here, [field]).items() if field in values}
    counts = Counter(villages[pk] for pk in found)
    audit.record_many(
        [
            audit.Entry(
                actor=actor,
                action="residents.read_contacts",
                subject=subject,
                at=at,
                region_id=village_id,
                purpose="contact",
                fields=[field],
                count=count,
            )
            for village_id, count in counts.items()
        ]
    )
    return found


def reachable(person_ids: Collection[int], fields: Collection[str]) -> dict[int, dict[str, bytes | None]]:
    """Which of these persons have which number or account, with its blind index: nothing is decrypted. One statement."""
    rows = PersonalValue.objects.filter(
        person_id__in=list(person_ids), field__in=list(fields), active_to=None
    ).exclude(person__status__in=("erased", "deceased"))
    found: dict[int, dict[str, bytes | None]] = {}
    for person_id, field, index in rows.values_list("person_id", "field", "blind_index"):
        found.setdefault(person_id, {})[field] = None if index is None else bytes(index)
    return found
