"""Logins of staff and the roles they hold."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from xinzhi.kernel.identity.actors import active_on
from xinzhi.kernel.identity.models import Absence, Role, RoleGrant, User
from xinzhi.kernel.identity.permissions import GRANT_ROLES, GRANTABLE, MANAGE_USERS
from xinzhi.kernel.regions import queries as regions


class UserNameTaken(Conflict):
    code = "identity.user_name_taken"
    sentence = _("The user name is already taken. Choose another one.")


class UserNameNotUnderstood(Invalid):
    code = "identity.user_name_not_understood"
    sentence = _(
        "A user name has 3 to 80 letters, digits, dots, dashes or underscores, and does not begin with “person-”."
    )


class PasswordTooWeak(Invalid):
    code = "identity.password_too_weak"
    sentence = _("%(problems)s")


class UserNotFound(NotFound):
    code = "identity.user_not_found"
    sentence = _("This user was not found, or is not yours to change.")


class RoleNotGranted(Invalid):
    code = "identity.role_not_granted"
    sentence = _(
        "“%(found)s” is no role that can be granted. Villagers have their rights by their household."
    )


class RoleNeedsRegion(Invalid):
    code = "identity.role_needs_region"
    sentence = _("This role needs the region it holds in. Choose one.")


class AlreadyGranted(Conflict):
    code = "identity.already_granted"
    sentence = _("The user holds this role in this region already.")


@transaction.atomic
def create_user(
    *,
    actor: Actor,
    username: str,
    password: str | None = None,
    label: str = "",
    person_id: int | None = None,
    is_staff: bool = False,
    at: datetime | None = None,
) -> User:
    """A login for staff, without a password that works until one is set. `label` names an office, not a person.

    Raises Forbidden, UserNameNotUnderstood, UserNameTaken, PasswordTooWeak.
    """
    if not actor.may(GRANT_ROLES):
        actor.require(MANAGE_USERS)
    if is_staff:
        actor.require(MANAGE_USERS, scope_path="")
    username = username.strip()
    plain = username.replace(".", "").replace("-", "").replace("_", "")
    if not 3 <= len(username) <= 80 or not plain.isalnum() or username.startswith("person-"):
        raise UserNameNotUnderstood(field="username")
    if password is not None:
        _strong_enough(password)
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                username,
                password,
                label=label.strip(),
                person_id=person_id,
                is_staff=is_staff,
                is_superuser=is_staff,
            )
    except IntegrityError:
        raise UserNameTaken(field="username") from None
    audit.record(actor=actor, action="identity.create_user", subject=f"user:{user.pk}", at=at or clock.now())
    return user


def _strong_enough(password: str) -> None:
    try:
        validate_password(password)
    except ValidationError as problem:
        raise PasswordTooWeak(problems=" ".join(problem.messages), field="password") from None


@transaction.atomic
def set_password(*, actor: Actor, user_id: int, password: str, at: datetime | None = None) -> None:
    """Set a login's password: the administrator anybody's, everybody his own. Ends its other sessions."""
    if actor.user_id != user_id or actor.api_key_id is not None:
        actor.require(MANAGE_USERS, scope_path="")
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise UserNotFound()
    _strong_enough(password)
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record(actor=actor, action="identity.set_password", subject=f"user:{user.pk}", at=at or clock.now())


@transaction.atomic
def deactivate_user(*, actor: Actor, user_id: int, at: datetime | None = None) -> None:
    """Close a login; its rows and what it did stay."""
    actor.require(MANAGE_USERS, scope_path="")
    if not User.objects.filter(pk=user_id).update(is_active=False):
        raise UserNotFound()
    audit.record(
        actor=actor, action="identity.deactivate_user", subject=f"user:{user_id}", at=at or clock.now()
    )


@transaction.atomic
def grant_role(
    *,
    actor: Actor,
    user_id: int,
    role: str,
    region_id: int | None,
    active_from: date | None = None,
    active_to: date | None = None,
    at: datetime | None = None,
) -> RoleGrant:
    """Give a login a role in a region from a day (today) until a day (not included) or without end.

    Officers grant the roles below their own inside their region, to anybody but themselves; see GRANTABLE.
    Raises Forbidden, RoleNotGranted, RoleNeedsRegion, AlreadyGranted, UserNotFound, RegionNotFound.
    """
    at = at or clock.now()
    if role not in Role.values or role == Role.VILLAGER:
        raise RoleNotGranted(found=str(role)[:40], field="role")
    if region_id is None and role != Role.PLATFORM_ADMIN:
        raise RoleNeedsRegion(field="region_id")
    path = "" if region_id is None else regions.path_of(region_id)
    _may_grant(actor, role, path)
    if actor.user_id == user_id and not actor.is_system:
        raise Forbidden()
    if not User.objects.filter(pk=user_id, is_active=True).exists():
        raise UserNotFound(field="user_id")
    try:
        with transaction.atomic():
            grant = RoleGrant.objects.create(
                user_id=user_id,
                role=role,
                region_id=region_id,
                active_from=active_from or clock.local_date(at),
                active_to=active_to,
                granted_by=actor.person_key,
                granted_at=at,
            )
    except IntegrityError:
        raise AlreadyGranted(field="role") from None
    audit.record(
        actor=actor,
        action=f"identity.grant_role:{role}",
        subject=f"user:{user_id}",
        at=at,
        region_id=region_id,
    )
    return grant


def _may_grant(actor: Actor, role: str, path: str) -> None:
    if actor.is_system:
        return
    may = any(
        role in GRANTABLE.get(grant.role, frozenset())
        and GRANT_ROLES in grant.permissions
        and path.startswith(grant.scope_path)
        for grant in actor.grants
    )
    if not may:
        raise Forbidden()


@transaction.atomic
def revoke_role(
    *, actor: Actor, grant_id: int, on: date | None = None, at: datetime | None = None
) -> RoleGrant:
    """End a role grant on a day (today); the row stays. Raises UserNotFound, Forbidden."""
    at = at or clock.now()
    grant = (
        RoleGrant.objects.select_for_update(of=("self",)).select_related("region").filter(pk=grant_id).first()
    )
    if grant is None:
        raise UserNotFound()
    _may_grant(actor, grant.role, grant.region.scope_path if grant.region else "")
    grant.active_to = max(on or clock.local_date(at), grant.active_from)
    grant.save(update_fields=["active_to"])
    audit.record(
        actor=actor,
        action=f"identity.revoke_role:{grant.role}",
        subject=f"user:{grant.user_id}",
        at=at,
        region_id=grant.region_id,
    )
    return grant


def holders(role: str, region_id: int, day: date | None = None) -> list[int]:
    """Ids of active logins that hold the role in this region or above it on that day, and of who stands in for them."""
    path = regions.path_of(region_id)
    above = [int(part) for part in path.split("/")[:-1]]
    day = day or clock.today()
    rows = RoleGrant.objects.filter(active_on(day), role=role, region_id__in=above, user__is_active=True)
    found = set(rows.values_list("user_id", flat=True))
    away = Absence.objects.filter(
        active_on(day), user_id__in=found, ended_at__isnull=True, substitute__is_active=True
    )
    return sorted(found | set(away.values_list("substitute_id", flat=True)))
