"""Substitutes: who is away names somebody who holds his roles until he is back (代班). What either did stays his own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.audit.labels import actor_names
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from xinzhi.kernel.identity.actors import active_on
from xinzhi.kernel.identity.models import Absence, Role, RoleGrant, User
from xinzhi.kernel.identity.permissions import GRANT_ROLES, GRANTABLE

LONGEST = timedelta(days=92)
#: Supervisors of a village are none of those they supervise (村民委员会组织法 art. 32): no standing in across that line.
WATCHERS = frozenset({Role.SUPERVISOR})
WATCHED = frozenset(
    {Role.VILLAGE_CLERK, Role.COUNCIL_MEMBER, Role.ACCOUNTANT, Role.SHOPKEEPER, Role.INSPECTOR}
)


class AbsenceNotFound(NotFound):
    code = "identity.absence_not_found"
    sentence = _("This absence was not found, or is not yours to change.")


class AbsenceTooLong(Invalid):
    code = "identity.absence_too_long"
    sentence = _(
        "An absence ends on or after its first day, not before today, and within 92 days; found %(first)s to %(last)s. "
        "For longer, the township grants the role anew."
    )


class AwayAlready(Conflict):
    code = "identity.away_already"
    sentence = _(
        "An absence from %(first)s to %(last)s is entered already. End it first, or choose other days."
    )


class SubstituteUnfit(Invalid):
    code = "identity.substitute_unfit"
    sentence = _(
        "The substitute holds an office in the same place or above it. Choose somebody from the list."
    )


class SupervisorStaysApart(Invalid):
    code = "identity.supervisor_stays_apart"
    sentence = _(
        "Supervisors and those they supervise do not stand in for each other "
        "(Organic Law of the Villagers Committees, art. 32). Choose somebody else."
    )


@dataclass(frozen=True, slots=True)
class Stand:
    """One absence as shown: `last_day` is included."""

    id: int
    user_id: int
    who: str
    substitute: str
    first_day: date
    last_day: date
    is_over: bool


@transaction.atomic
def set_absence(
    *,
    actor: Actor,
    substitute_id: int,
    first_day: date,
    last_day: date,
    user_id: int | None = None,
    at: datetime,
) -> Absence:
    """Name who stands in, from the first to the last day (included): for oneself, or for somebody whose role one grants.

    Raises Forbidden, AbsenceTooLong, AwayAlready, SubstituteUnfit, SupervisorStaysApart.
    """
    away = user_id or actor.user_id
    if away is None:
        raise Forbidden()
    # Two at once must not both find the days free.
    user = User.objects.select_for_update().filter(pk=away, is_active=True).first()
    grants = _grants_of([away])
    if user is None or not grants or not _may_set(actor, away, grants):
        raise Forbidden()
    if not max(first_day, clock.local_date(at)) <= last_day < first_day + LONGEST:
        raise AbsenceTooLong(first=first_day.isoformat(), last=last_day.isoformat(), field="last_day")
    _must_fit(away, substitute_id, grants)
    end = last_day + timedelta(days=1)
    open_ones = Absence.objects.filter(user_id=away, ended_at__isnull=True)
    if other := open_ones.filter(active_from__lt=end, active_to__gt=first_day).first():
        raise AwayAlready(
            first=other.active_from.isoformat(), last=(other.active_to - timedelta(days=1)).isoformat()
        )
    absence = Absence.objects.create(
        user_id=away, substitute_id=substitute_id, active_from=first_day, active_to=end,
        set_by=actor.person_key, set_at=at,
    )  # fmt: skip
    audit.record(
        actor=actor,
        action="identity.set_absence",
        subject=f"user:{away}",
        at=at,
        region_id=grants[0].region_id,
    )
    return absence


@transaction.atomic
def end_absence(*, actor: Actor, absence_id: int, at: datetime) -> Absence:
    """He is back earlier: the substitute's rights end at once. Also by the substitute himself. Raises AbsenceNotFound."""
    absence = Absence.objects.select_for_update().filter(pk=absence_id).first()
    if absence is None:
        raise AbsenceNotFound()
    grants = _grants_of([absence.user_id])
    if actor.user_id != absence.substitute_id and not _may_set(actor, absence.user_id, grants):
        raise AbsenceNotFound()
    if absence.ended_at is None:
        absence.ended_at = at
        absence.save(update_fields=["ended_at"])
        audit.record(
            actor=actor,
            action="identity.end_absence",
            subject=f"user:{absence.user_id}",
            at=at,
            region_id=grants[0].region_id if grants else None,
        )
    return absence


def _grants_of(user_ids: Sequence[int]) -> list[RoleGrant]:
    rows = RoleGrant.objects.filter(active_on(clock.today()), user_id__in=user_ids, region__isnull=False)
    return list(rows.exclude(role=Role.PLATFORM_ADMIN).select_related("region").order_by("id"))


def _may_set(actor: Actor, user_id: int, grants: Sequence[RoleGrant]) -> bool:
    if actor.is_system or (actor.user_id == user_id and actor.api_key_id is None):
        return True
    return bool(grants) and all(
        any(
            g.role in GRANTABLE.get(mine.role, frozenset())
            and GRANT_ROLES in mine.permissions
            and g.region is not None
            and g.region.scope_path.startswith(mine.scope_path)
            for mine in actor.grants
        )
        for g in grants
    )


def _must_fit(user_id: int, substitute_id: int, grants: Sequence[RoleGrant]) -> None:
    theirs = _grants_of([substitute_id])
    if substitute_id == user_id or not _near(grants, theirs):
        raise SubstituteUnfit(field="substitute_id")
    if _apart(grants, theirs):
        raise SupervisorStaysApart(field="substitute_id")


def _near(grants: Sequence[RoleGrant], theirs: Sequence[RoleGrant]) -> bool:
    """An office in one of the same places, or above one of them."""
    return any(
        g.region is not None and t.region is not None and g.region.scope_path.startswith(t.region.scope_path)
        for g in grants
        for t in theirs
    )


def _apart(grants: Sequence[RoleGrant], theirs: Sequence[RoleGrant]) -> bool:
    mine, other = {g.role for g in grants}, {t.role for t in theirs}
    return bool((mine & WATCHERS and other & WATCHED) or (mine & WATCHED and other & WATCHERS))


def substitutes_for(actor: Actor) -> list[tuple[int, str]]:
    """Whom the actor may name, as (login, words), from his own places and those above. Three queries."""
    if actor.user_id is None:
        return []
    grants = _grants_of([actor.user_id])
    above = {int(part) for g in grants if g.region for part in g.region.scope_path.split("/") if part}
    rows = RoleGrant.objects.filter(
        active_on(clock.today()), region_id__in=above, user__is_active=True
    ).exclude(user_id=actor.user_id)
    ids = sorted(set(rows.exclude(role=Role.PLATFORM_ADMIN).values_list("user_id", flat=True)))
    by_user: dict[int, list[RoleGrant]] = {}
    for grant in _grants_of(ids):
        by_user.setdefault(grant.user_id, []).append(grant)
    fit = {pk: held for pk, held in by_user.items() if _near(grants, held) and not _apart(grants, held)}
    words = _words(list(fit))
    return sorted(((pk, words.get(pk, "")) for pk in fit), key=lambda row: row[1])


def _words(user_ids: Sequence[int]) -> dict[int, str]:
    """The name behind a login, or its office label, or its login name. A constant number of queries."""
    users = {u.pk: u for u in User.objects.filter(pk__in=user_ids)}
    keys = {pk: f"person:{u.person_id}" if u.person_id else f"user:{pk}" for pk, u in users.items()}
    names = actor_names(set(keys.values()))
    return {pk: names.get(keys[pk], "") or u.label or u.username for pk, u in users.items()}


def absences_of(actor: Actor, *, at: datetime, limit: int = 30) -> list[Stand]:
    """The actor's own absences and those in which he stands in, newest first."""
    if actor.user_id is None:
        return []
    found = Absence.objects.filter(Q(user_id=actor.user_id) | Q(substitute_id=actor.user_id))
    return _shown(list(found.order_by("-active_from", "-id")[:limit]), at)


def standing_in(actor: Actor, *, at: datetime) -> list[Stand]:
    """For whom the actor stands in today."""
    if actor.user_id is None:
        return []
    rows = Absence.objects.filter(
        active_on(clock.local_date(at)), substitute_id=actor.user_id, ended_at__isnull=True
    )
    return _shown(list(rows.order_by("active_to", "id")), at)


def _shown(rows: Sequence[Absence], at: datetime) -> list[Stand]:
    if not rows:
        return []
    words = _words([*{r.user_id for r in rows} | {r.substitute_id for r in rows}])
    today = clock.local_date(at)
    return [
        Stand(
            id=r.pk,
            user_id=r.user_id,
            who=words.get(r.user_id, ""),
            substitute=words.get(r.substitute_id, ""),
            first_day=r.active_from,
            last_day=r.active_to - timedelta(days=1),
            is_over=r.ended_at is not None or r.active_to <= today,
        )
        for r in rows
    ]
