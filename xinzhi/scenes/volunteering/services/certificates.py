"""Certificates of confirmed hours (志愿服务记录证明): issued on the day, true as long as the hours are."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import services as assembly
from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import Conflict, Invalid, NotFound
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents.models import Household
from xinzhi.scenes.volunteering.lifecycle import JOIN
from xinzhi.scenes.volunteering.models import Certificate
from xinzhi.scenes.volunteering.queries.hours import confirmed_tenths
from xinzhi.scenes.volunteering.services.signing import PersonNotOfHousehold

#: No letters and digits that look alike on paper; 12 of 31 are 59 bits, more than anybody tries.
ALPHABET, CODE_LENGTH = "23456789ABCDEFGHJKMNPQRSTUVWXYZ", 12


class NoHoursYet(Conflict):
    code = "volunteering.no_hours_yet"
    sentence = _(
        "There are no confirmed hours until %(day)s to certify. Hours count when two persons have confirmed them."
    )


class DayInFuture(Invalid):
    code = "volunteering.day_in_future"
    sentence = _("A certificate goes until today (%(today)s) at the latest; found %(found)s.")


@transaction.atomic
def issue_certificate(
    *,
    actor: Actor,
    request_key: UUID,
    household_id: int,
    person_id: int | None,
    until_day: date,
    at: datetime,
) -> Certificate:
    """Certify the confirmed hours of a member of a household until a day. The same request key again returns the first.

    Raises NotFound, SwitchedOff, PersonNotOfHousehold, DayInFuture, NoHoursYet.
    """
    household = Household.objects.select_related("village").filter(pk=household_id).first()
    if household is None or not actor.may(
        JOIN, scope_path=household.village.scope_path, household_id=household_id
    ):
        raise NotFound()
    assembly.require_enabled("volunteering", region_id=household.village_id)
    if earlier := Certificate.objects.filter(request_key=request_key).first():
        if earlier.household_id != household_id:
            raise NotFound()
        return earlier
    if person_id is None or person_id not in {
        m.person_id for m in residents.members(household_id, local_date(at))
    }:
        raise PersonNotOfHousehold(field="person")
    if until_day > local_date(at):
        raise DayInFuture(field="until", today=local_date(at).isoformat(), found=until_day.isoformat())
    tenths = confirmed_tenths(person_id, until_day, village_id=household.village_id)
    if not tenths:
        raise NoHoursYet(field="until", day=until_day.isoformat())
    issued = Certificate.objects.create(
        village_id=household.village_id, household_id=household_id, person_id=person_id, hours_tenths=tenths, until_day=until_day,
        code="".join(secrets.choice(ALPHABET) for _n in range(CODE_LENGTH)), issued_at=at, issued_by_key=actor.person_key,
        request_key=request_key,
    )  # fmt: skip
    audit.record(
        actor=actor, action="volunteering.certificate.issue", subject=issued.reference, at=at, region_id=household.village_id,
        household_id=household_id,
    )  # fmt: skip
    return issued
