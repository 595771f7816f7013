from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from xinzhi.kernel.audit.labels import actor_names
from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.foundation.actors import NOBODY, SYSTEM, Actor
from xinzhi.kernel.foundation.errors import Forbidden
from xinzhi.kernel.identity import queries, services, users
from xinzhi.kernel.identity.models import Role, RoleGrant
from xinzhi.kernel.identity.permissions import GRANTABLE
from xinzhi.kernel.identity.tests.conftest import NOON, World, staff, staff_actor, villager


def test_officers_grant_the_roles_below_their_own_inside_their_region(world: World) -> None:
    township = staff_actor("town", "township_officer", world.town)
    newcomer = services.create_user(actor=township, username="newcomer", password="long-enough-7")
    services.grant_role(actor=township, user_id=newcomer.pk, role="village_clerk", region_id=world.village.pk)
    for role, region in (
        ("township_officer", world.town),
        ("county_officer", world.village),
        ("platform_admin", world.village),
        ("village_clerk", world.far_village),
        ("village_clerk", world.county),
    ):
        with pytest.raises(Forbidden):
            services.grant_role(actor=township, user_id=newcomer.pk, role=role, region_id=region.pk)


@pytest.mark.parametrize("role", [r for r in Role.values if r not in GRANTABLE and r != "villager"])
def test_village_roles_grant_nothing(world: World, role: str) -> None:
    actor = staff_actor("someone", role, world.village)
    other = services.create_user(actor=SYSTEM, username="other")
    with pytest.raises(Forbidden):
        services.grant_role(actor=actor, user_id=other.pk, role="inspector", region_id=world.village.pk)
    with pytest.raises(Forbidden):
        services.create_user(actor=actor, username="another")


def test_nobody_grants_himself_a_role(world: World) -> None:
    admin = staff_actor("root", "platform_admin", None)
    assert admin.user_id is not None
    with pytest.raises(Forbidden):
        services.grant_role(
            actor=admin, user_id=admin.user_id, role="village_clerk", region_id=world.village.pk
        )


def test_strangers_and_villagers_do_nothing_here(world: World) -> None:
    for actor in (NOBODY, villager(world.mother_person), Actor(user_id=999)):
        with pytest.raises(Forbidden):
            services.create_user(actor=actor, username="newcomer")
        with pytest.raises(Forbidden):
            services.deactivate_user(actor=actor, user_id=1)
        with pytest.raises(Forbidden):
            services.set_password(actor=actor, user_id=1, password="long-enough-7")


def test_villager_is_not_a_role_to_grant_and_roles_need_a_region(world: World) -> None:
    user = services.create_user(actor=SYSTEM, username="newcomer")
    for role in ("villager", "king", ""):
        with pytest.raises(users.RoleNotGranted):
            services.grant_role(actor=SYSTEM, user_id=user.pk, role=role, region_id=world.village.pk)
    with pytest.raises(users.RoleNeedsRegion):
        services.grant_role(actor=SYSTEM, user_id=user.pk, role="village_clerk", region_id=None)


def test_the_database_refuses_a_role_everywhere(world: World) -> None:
    user = services.create_user(actor=SYSTEM, username="newcomer")
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(
            user=user,
            role="village_clerk",
            region=None,
            active_from=NOON.date(),
            granted_by="x",
            granted_at=NOON,
        )


def test_the_same_grant_twice_is_refused(world: World) -> None:
    user = staff("clerk", "village_clerk", world.village)
    with pytest.raises(users.AlreadyGranted):
        services.grant_role(actor=SYSTEM, user_id=user.pk, role="village_clerk", region_id=world.village.pk)


@pytest.mark.parametrize("name", ["", "ab", "person-1", "a b c", "<b>x</b>", "x\x00y", "x" * 81])
def test_odd_user_names_are_refused(world: World, name: str) -> None:
    with pytest.raises(users.UserNameNotUnderstood):
        services.create_user(actor=SYSTEM, username=name)


def test_weak_passwords_and_taken_names_are_refused(world: World) -> None:
    services.create_user(actor=SYSTEM, username="clerk", password="long-enough-7")
    with pytest.raises(users.PasswordTooWeak):
        services.create_user(actor=SYSTEM, username="other", password="short")
    with pytest.raises(users.UserNameTaken):
        services.create_user(actor=SYSTEM, username="clerk")


def test_acts_are_in_the_audit(world: World) -> None:
    staff("clerk", "village_clerk", world.village)
    actions = set(Record.objects.values_list("action", flat=True))
    assert {"identity.create_user", "identity.grant_role:village_clerk"} <= actions


def test_holders_of_a_role_are_found_from_below(world: World) -> None:
    clerk, town = (
        staff("clerk", "village_clerk", world.village),
        staff("town", "township_officer", world.town),
    )
    staff("far", "village_clerk", world.far_village)
    assert queries.holders("village_clerk", world.village.pk) == [clerk.pk]
    assert queries.holders("township_officer", world.village.pk) == [town.pk]
    assert queries.holders("village_clerk", world.other_village.pk) == []


def test_the_audit_knows_the_words_for_logins_and_keys(world: World) -> None:
    user = services.create_user(actor=SYSTEM, username="clerk", label="甲村文书")
    key, _raw = services.issue_api_key(
        actor=SYSTEM,
        name="茶园系统",
        scopes=["residents.household.view"],
        region_id=world.village.pk,
        expires_at=NOON + timedelta(days=1),
    )
    keys = [f"user:{user.pk}", f"key:{key.pk}", "system"]
    assert actor_names(keys) == {f"user:{user.pk}": "甲村文书", f"key:{key.pk}": "茶园系统"}
