"""Builds the actor of a login or of an API key: at most three queries, and only when somebody looks."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import NOBODY, Actor, Channel, Grant

if TYPE_CHECKING:
    from xinzhi.kernel.identity.models import User


def actor_of_request(request: HttpRequest) -> Actor:
    """The actor of the session, or the one an API key or a scanned card has put there."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return NOBODY
    return actor_of(user)


def active_on(day: date) -> Q:
    """The filter for half-open spans `[active_from, active_to)`."""
    return Q(active_from__lte=day) & (Q(active_to__isnull=True) | Q(active_to__gt=day))


def actor_of(user: User, channel: Channel = "web") -> Actor:
    """The actor behind a login: role grants of today, own households, households by proxy.

    A login that is not active, or whose person died or was erased, may do nothing.
    """
    # Imported late: this module is loaded with the middleware, before the app registry is ready.
    from xinzhi.kernel.assembly import registry
    from xinzhi.kernel.identity.models import RoleGrant

    if not user.is_active:
        return NOBODY
    today = clock.today()
    household_ids: tuple[int, ...] = ()
    if user.person_id is not None:
        found = households_of_person(user.person_id, today)
        if found is None:
            return NOBODY
        household_ids = found
    grants = tuple(
        Grant(
            role=row.role,
            region_id=row.region_id or 0,
            scope_path=row.region.scope_path if row.region is not None else "",
            permissions=registry.permissions_of(row.role),
        )
        for row in RoleGrant.objects.filter(active_on(today), user_id=user.pk).select_related("region").order_by("id")
    )
    return Actor(
        user_id=user.pk,
        person_id=user.person_id,
        household_ids=household_ids,
        grants=grants,
        own_permissions=registry.own_permissions() if household_ids else frozenset(),
        channel=channel,
    )


def households_of_person(person_id: int, day: date) -> tuple[int, ...] | None:
    """Households the person belongs to or is a proxy for on that day, in one query.

    None when the person died or was erased: such a login must not work any more.
    """
    person = apps.get_model("residents", "Person")
    membership = apps.get_model("residents", "Membership")
    mandate = apps.get_model("identity", "ProxyMandate")
    alive = Exists(person._default_manager.filter(pk=OuterRef("person_id"), status__in=("living", "left")))
    rows = (
        membership._default_manager.filter(active_on(day), alive, person_id=person_id)
        .values_list("household_id", models.Value(0))
        .union(
            mandate._default_manager.filter(active_on(day), alive, person_id=person_id, revoked_at__isnull=True)
            .values_list("household_id", models.Value(0)),
            person._default_manager.filter(pk=person_id, status__in=("living", "left")).values_list(
                models.Value(0), models.Value(1)
            ),
        )
    )
    found = list(rows)
    if not any(is_marker for _, is_marker in found):
        return None
    return tuple(sorted(household for household, is_marker in found if not is_marker))
