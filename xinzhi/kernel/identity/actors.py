"""Builds the actor of a login or of an API key: at most three queries, and only when somebody looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import NOBODY, Actor, Channel, Grant

if TYPE_CHECKING:
    from xinzhi.kernel.identity.models import User

#: The permission to act for a household whose card somebody shows (village cadres hold it in their village).
ACT_BY_CARD = "identity.card.act"
#: Where the session keeps for which household somebody is acting.
ACTING_FOR = "acting_for"


def actor_of_request(request: HttpRequest) -> Actor:
    """The actor behind a request: an API key where one is sent (nothing else counts then), or the session."""
    header = request.headers.get("Authorization", "")
    if header[:7].lower() == "bearer " and request.path.startswith("/api/"):
        return actor_of_key(header[7:].strip()) or NOBODY
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return NOBODY
    return acting_for(actor_of(user), request.session.get(ACTING_FOR))


def active_on(day: date) -> Q:
    """The filter for half-open spans `[active_from, active_to)`."""
    return Q(active_from__lte=day) & (Q(active_to__isnull=True) | Q(active_to__gt=day))


def actor_of(user: User, channel: Channel | None = None) -> Actor:
    """The actor behind a login: role grants of today (also of those he stands in for), own households, households by proxy. Two queries.

    A login that is not active, or whose person died or was erased, may do nothing. The households somebody
    has by mandate only stand in `extra["proxy_household_ids"]`; who has no other household acts as proxy
    from the start when it is a single one. Without a channel: "web" for holders of a role, else "phone".
    """
    # Imported late: this module is loaded with the middleware, before the app registry is ready.
    from xinzhi.kernel.assembly import registry
    from xinzhi.kernel.identity.models import Absence, Role, RoleGrant

    if not user.is_active:
        return NOBODY
    today = clock.today()
    own: set[int] = set()
    by_mandate: set[int] = set()
    if user.person_id is not None:
        found = households_of_person(user.person_id, today)
        if found is None:
            return NOBODY
        own, by_mandate = found
    # Of who is away today, his substitute holds the offices (never a platform administrator's); not those he stands in for.
    away = Absence.objects.filter(active_on(today), substitute_id=user.pk, ended_at__isnull=True)
    standing_in = Q(user_id__in=away.values("user_id"), user__is_active=True) & ~Q(role=Role.PLATFORM_ADMIN)
    rows = (
        RoleGrant.objects.filter(active_on(today), Q(user_id=user.pk) | standing_in)
        .select_related("region")
        .order_by("id")
    )
    grants = tuple(
        Grant(
            role=row.role,
            region_id=row.region_id or 0,
            scope_path=row.region.scope_path if row.region is not None else "",
            permissions=registry.permissions_of(row.role),
        )
        for row in rows
    )
    return Actor(
        user_id=user.pk,
        person_id=user.person_id,
        household_ids=(*sorted(own), *sorted(by_mandate)),
        grants=grants,
        own_permissions=registry.own_permissions() if own or by_mandate else frozenset(),
        channel=channel or ("web" if grants else "phone"),
        proxy_for_household_id=next(iter(by_mandate)) if not own and len(by_mandate) == 1 else None,
        extra={"proxy_household_ids": ",".join(map(str, sorted(by_mandate)))} if by_mandate else {},
    )


def proxy_household_ids(actor: Actor) -> frozenset[int]:
    """The households the actor may act for by mandate, not as a member."""
    return frozenset(int(part) for part in actor.extra.get("proxy_household_ids", "").split(",") if part)


def for_household(actor: Actor, household_id: int) -> Actor:
    """The same actor, marked as a proxy where he acts for this household by mandate. Records then say so."""
    if household_id in proxy_household_ids(actor) and actor.proxy_for_household_id != household_id:
        return replace(actor, proxy_for_household_id=household_id)
    return actor


def acting_for(actor: Actor, choice: Any) -> Actor:
    """The actor after somebody opened a household's card or chose a mandate (kept in the session for a while).

    Every request asks again whether the card is still valid and the permission still held; a choice that no
    longer holds has no effect. The household comes first in `household_ids`; his own ones stay, so that
    four-eyes rules see them.
    """
    if not isinstance(choice, dict) or not actor.is_authenticated:
        return actor
    try:
        household_id, until = int(choice["household"]), float(choice["until"])
        card = None if choice.get("card") is None else int(choice["card"])
        version = int(choice.get("version") or 0)
    except (KeyError, TypeError, ValueError):
        return actor
    if until < clock.now().timestamp():
        return actor
    if card is None:
        return for_household(actor, household_id)
    row = (
        apps.get_model("identity", "HouseholdCard")
        ._default_manager.filter(pk=card, version=version, revoked_at__isnull=True, household_id=household_id)
        .select_related("household__village")
        .first()
    )
    if row is None or not may_act_by_card(actor, household_id, row.household.village.scope_path):
        return actor
    from xinzhi.kernel.assembly import registry

    return replace(
        actor,
        channel="card",
        household_ids=(household_id, *(h for h in actor.household_ids if h != household_id)),
        own_permissions=registry.own_permissions(),
        proxy_for_household_id=household_id,
    )


def may_act_by_card(actor: Actor, household_id: int, village_path: str) -> bool:
    """Whether somebody who holds this household's card may act for it: its proxies and cadres with the permission."""
    return household_id in proxy_household_ids(actor) or any(
        village_path.startswith(path) for path in actor.scope_paths(ACT_BY_CARD)
    )


def households_of_person(person_id: int, day: date) -> tuple[set[int], set[int]] | None:
    """Households the person belongs to, and those he is a proxy for, on that day; in one query.

    None when the person died or was erased: such a login must not work any more.
    """
    person = apps.get_model("residents", "Person")._default_manager
    membership = apps.get_model("residents", "Membership")._default_manager
    mandate = apps.get_model("identity", "ProxyMandate")._default_manager
    alive = Exists(person.filter(pk=OuterRef("person_id"), status__in=("living", "left")))

    def tagged(queryset: models.QuerySet[Any], id_field: str, tag: int) -> models.QuerySet[Any]:
        tagged_rows = queryset.annotate(tag=models.Value(tag, output_field=models.IntegerField()))
        return cast("models.QuerySet[Any]", tagged_rows.values_list(id_field, "tag"))

    rows = tagged(membership.filter(active_on(day), alive, person_id=person_id), "household_id", 1).union(
        tagged(
            mandate.filter(
                active_on(day),
                alive,
                person_id=person_id,
                revoked_at__isnull=True,
                household__status="active",
            ),
            "household_id",
            2,
        ),
        tagged(person.filter(pk=person_id, status__in=("living", "left")), "pk", 0),
    )
    found = list(rows)
    if not any(tag == 0 for _id, tag in found):
        return None
    own = {household for household, tag in found if tag == 1}
    return own, {household for household, tag in found if tag == 2} - own


def actor_of_key(raw_key: str) -> Actor | None:
    """The actor of an API key, None for a key that is unknown, revoked or over. One query, now and then two."""
    from xinzhi.kernel.identity import api_keys

    key = api_keys.check(raw_key)
    if key is None:
        return None
    scopes = frozenset(key.scopes)
    grant = Grant(
        role="api_key", region_id=key.region_id, scope_path=key.region.scope_path, permissions=scopes
    )
    return Actor(api_key_id=key.pk, grants=(grant,), channel="api", api_scopes=scopes)
