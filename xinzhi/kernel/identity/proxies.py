"""Mandates: a child, a cadre or a neighbour acts for an elder's household (代办), until a day, recorded as such."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Conflict, Invalid, NotFound
from xinzhi.kernel.identity.actors import proxy_household_ids
from xinzhi.kernel.identity.households import is_member, village_of_household
from xinzhi.kernel.identity.models import ProxyMandate
from xinzhi.kernel.identity.permissions import GIVE_PROXIES, VIEW_PROXIES
from xinzhi.kernel.residents import queries as residents

LONGEST = timedelta(days=731)


class MandateNotFound(NotFound):
    code = "identity.mandate_not_found"
    sentence = _("This household or mandate was not found, or it is not yours to change.")


class AlreadyProxy(Conflict):
    code = "identity.already_proxy"
    sentence = _("This person may already act for the household. End the present mandate first, or keep it.")


class MandateTooLong(Invalid):
    code = "identity.mandate_too_long"
    sentence = _("A mandate ends after its first day and within two years; found %(found)s.")


class ProxyUnknown(Invalid):
    code = "identity.proxy_unknown"
    sentence = _(
        "Nobody with this name and phone number is registered. Check both, or ask the village office to register the person."
    )


class ConsentNeeded(Invalid):
    code = "identity.consent_needed"
    sentence = _(
        "The household's own consent is needed: a signed paper, or said in the office before two people."
    )


def person_of(*, name: str, phone: str) -> int:
    """Who is meant: name and phone must fit, so that nobody learns whose number it is by trying. Raises ProxyUnknown."""
    found = residents.find_by_phone(phone)
    names = residents.display_names(found)
    wanted = "".join(name.split())
    fitting = [pk for pk in found if wanted and "".join(names.get(pk, "").split()) == wanted]
    if len(fitting) != 1:
        raise ProxyUnknown(field="phone")
    return fitting[0]


@transaction.atomic
def give_proxy(
    *,
    actor: Actor,
    household_id: int,
    person_id: int,
    relation: str,
    active_to: date,
    active_from: date | None = None,
    consent: str = "paper",
    at: datetime | None = None,
) -> ProxyMandate:
    """Let a person act for a household until a day (not included).

    Given by a cadre of the village, when the elder has signed on paper or said so in the office (`consent`), or by a member of
    the household itself; never by a proxy. Raises MandateNotFound, AlreadyProxy, MandateTooLong, ProxyUnknown, ConsentNeeded.
    """
    at = at or clock.now()
    village_id = _may_change(actor, household_id)
    if is_member(actor.person_id, household_id, clock.local_date(at)):
        consent = ProxyMandate.Consent.OWN
    elif consent not in (ProxyMandate.Consent.PAPER, ProxyMandate.Consent.OFFICE):
        raise ConsentNeeded(field="consent")
    start = active_from or clock.local_date(at)
    if not start < active_to <= start + LONGEST:
        raise MandateTooLong(found=active_to.isoformat(), field="active_to")
    if relation not in ProxyMandate.Relation.values:
        raise Invalid(field="relation")
    person = apps.get_model("residents", "Person")._default_manager
    if not person.filter(pk=person_id, status__in=("living", "left")).exists():
        raise ProxyUnknown(field="person_id")
    if is_member(person_id, household_id, start):
        raise AlreadyProxy(field="person_id")
    # A mandate that is over makes room for the next one; the row stays.
    ProxyMandate.objects.filter(
        household_id=household_id, person_id=person_id, revoked_at__isnull=True, active_to__lte=start
    ).update(revoked_at=at, revoked_by="expired")
    try:
        with transaction.atomic():
            mandate = ProxyMandate.objects.create(
                household_id=household_id,
                person_id=person_id,
                relation=relation,
                active_from=start,
                active_to=active_to,
                consent=consent,
                given_by=actor.person_key,
                given_at=at,
            )
    except IntegrityError:
        raise AlreadyProxy(field="person_id") from None
    audit.record(
        actor=actor,
        action="identity.give_proxy",
        subject=f"mandate:{mandate.pk}",
        at=at,
        household_id=household_id,
        region_id=village_id,
    )
    return mandate


@transaction.atomic
def revoke_proxy(*, actor: Actor, mandate_id: int, at: datetime | None = None) -> ProxyMandate:
    """End a mandate at once: by the household, its village's cadre, or the proxy himself. Raises MandateNotFound."""
    at = at or clock.now()
    mandate = ProxyMandate.objects.select_for_update().filter(pk=mandate_id).first()
    if mandate is None:
        raise MandateNotFound()
    if mandate.person_id != actor.person_id:
        _may_change(actor, mandate.household_id)
    if mandate.revoked_at is None:
        mandate.revoked_at, mandate.revoked_by = at, actor.person_key
        mandate.save(update_fields=["revoked_at", "revoked_by"])
        audit.record(
            actor=actor,
            action="identity.revoke_proxy",
            subject=f"mandate:{mandate.pk}",
            at=at,
            household_id=mandate.household_id,
        )
    return mandate


def _may_change(actor: Actor, household_id: int) -> int:
    """The household's village, for its cadres and its own members. A proxy does not make further proxies."""
    village_id, path = village_of_household(household_id) or (0, None)
    if path is None:
        raise MandateNotFound()
    by_role = any(path.startswith(p) for p in actor.scope_paths(GIVE_PROXIES))
    as_member = household_id in actor.own_households(GIVE_PROXIES) and _is_own(actor, household_id)
    if not by_role and not as_member:
        raise MandateNotFound()
    return village_id


def _is_own(actor: Actor, household_id: int) -> bool:
    if household_id in proxy_household_ids(actor) or actor.proxy_for_household_id == household_id:
        return False
    return is_member(actor.person_id, household_id, clock.today())


def mandates(actor: Actor, household_id: int) -> list[ProxyMandate]:
    """Who may or might act for the household, newest first. Raises MandateNotFound."""
    _village_id, path = village_of_household(household_id) or (0, None)
    if path is None or not actor.may(VIEW_PROXIES, scope_path=path, household_id=household_id):
        raise MandateNotFound()
    return list(ProxyMandate.objects.filter(household_id=household_id).order_by("-pk")[:50])
