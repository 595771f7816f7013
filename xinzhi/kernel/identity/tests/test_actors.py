from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from xinzhi.kernel.foundation.actors import NOBODY, SYSTEM
from xinzhi.kernel.identity import services
from xinzhi.kernel.identity.actors import actor_of, for_household, proxy_household_ids
from xinzhi.kernel.identity.middleware import ActorMiddleware
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.identity.tests.conftest import NOON, TODAY, World, staff, villager
from xinzhi.kernel.residents import services as residents


def request_of(user: object) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = user  # type: ignore[assignment]
    request.session = SessionStore()
    ActorMiddleware(lambda r: HttpResponse())(request)
    return request


def test_nobody_looks_nothing_is_asked(world: World, django_assert_num_queries: object) -> None:
    user = staff("clerk", "village_clerk", world.village)
    with django_assert_num_queries(0):  # type: ignore[operator]
        request_of(user)
        assert not request_of(AnonymousUser()).actor.is_authenticated  # type: ignore[attr-defined]


def test_an_actor_takes_at_most_three_queries_however_many_grants(
    world: World, django_assert_max_num_queries: object
) -> None:
    user = staff("clerk", "village_clerk", world.village, person_id=world.son_person)
    for role in ("inspector", "accountant", "shopkeeper"):
        for region in (world.village, world.other_village, world.far_village):
            services.grant_role(actor=SYSTEM, user_id=user.pk, role=role, region_id=region.pk)
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        actor = request_of(User.objects.only("id", "is_active", "person_id").get(pk=user.pk)).actor  # type: ignore[attr-defined]
        assert len(actor.grants) == 10
        assert actor.household_ids == (world.son.pk,)


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [(0, None, True), (1, None, False), (-5, 0, False), (-5, 1, True), (-5, -1, False)],
)
def test_a_grant_holds_on_its_days(world: World, starts: int, ends: int | None, holds: bool) -> None:
    user = services.create_user(actor=SYSTEM, username="clerk", password="long-enough-7")
    services.grant_role(
        actor=SYSTEM,
        user_id=user.pk,
        role="village_clerk",
        region_id=world.village.pk,
        active_from=TODAY + timedelta(days=starts),
        active_to=None if ends is None else TODAY + timedelta(days=ends),
    )
    assert actor_of(user).has_role("village_clerk") is holds


def test_revoking_a_role_ends_it_today(world: World) -> None:
    user = staff("clerk", "village_clerk", world.village)
    grant = user.role_grants.get()
    services.revoke_role(actor=SYSTEM, grant_id=grant.pk)
    assert not actor_of(user).grants
    assert user.role_grants.count() == 1  # the row stays


def test_a_villager_has_his_household_and_no_role(world: World) -> None:
    actor = villager(world.mother_person)
    assert (actor.household_ids, actor.grants, actor.channel) == ((world.elder.pk,), (), "phone")
    assert actor.may("residents.household.view", household_id=world.elder.pk)
    assert not actor.may("residents.household.view", household_id=world.decoy.pk)
    assert not actor.may("residents.household.view", scope_path=world.village.scope_path)


def test_who_is_erased_may_nothing_any_more(world: World) -> None:
    user = staff("clerk", "village_clerk", world.village, person_id=world.mother_person)
    assert actor_of(user).grants
    residents.erase_person(actor=SYSTEM, person_id=world.mother_person, reason="requested", at=NOON)
    assert actor_of(user) == NOBODY


def test_two_logins_of_one_person_are_one_for_four_eyes(world: World) -> None:
    desk = staff("clerk", "village_clerk", world.village, person_id=world.son_person)
    second = staff("clerk2", "supervisor", world.village, person_id=world.son_person)
    assert actor_of(desk).person_key == actor_of(second).person_key


def test_a_mandate_opens_the_household_and_says_so(world: World) -> None:
    services.give_proxy(
        actor=SYSTEM,
        household_id=world.elder.pk,
        person_id=world.son_person,
        relation="child",
        active_to=date(2027, 1, 1),
    )
    son = villager(world.son_person)
    assert son.household_ids == (world.son.pk, world.elder.pk)
    assert proxy_household_ids(son) == {world.elder.pk}
    assert son.proxy_for_household_id is None  # he has a household of his own: he must choose
    assert for_household(son, world.elder.pk).proxy_for_household_id == world.elder.pk
    assert for_household(son, world.son.pk).proxy_for_household_id is None
