from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.test import Client

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import NOBODY, SYSTEM, Actor
from xinzhi.kernel.foundation.errors import Forbidden
from xinzhi.kernel.identity import api_keys, services
from xinzhi.kernel.identity.actors import actor_of_key
from xinzhi.kernel.identity.models import ApiKey
from xinzhi.kernel.identity.tests.conftest import NOON, World, staff, staff_actor, villager

SCOPE = "residents.household.view"
END = NOON + timedelta(days=30)


def issue(world: World, actor: Actor = SYSTEM, **other: object) -> tuple[ApiKey, str]:
    values = {"name": "program", "scopes": [SCOPE], "region_id": world.village.pk, "expires_at": END} | other
    return services.issue_api_key(actor=actor, **values)  # type: ignore[arg-type]


def bearer(raw: str, path: str = "/api/v1/identity/me", client: Client | None = None) -> object:
    return (client or Client()).get(path, headers={"authorization": f"Bearer {raw}"})


def test_a_key_acts_in_its_region_within_its_scopes(world: World) -> None:
    key, raw = issue(world)
    actor = actor_of_key(raw)
    assert actor is not None
    assert (actor.api_key_id, actor.channel, actor.person_key) == (key.pk, "api", f"key:{key.pk}")
    assert actor.may(SCOPE, scope_path=world.village.scope_path)
    assert not actor.may(SCOPE, scope_path=world.other_village.scope_path)
    assert not actor.may("residents.person.reveal", scope_path=world.village.scope_path)


def test_only_the_digest_is_kept(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        _key, raw = issue(world)
        assert bearer(raw).status_code == 200  # type: ignore[attr-defined]
    secret = raw.split("_", 2)[2]
    assert secret not in " ".join(r.getMessage() for r in caplog.records)
    assert all(secret not in str(value) for value in ApiKey.objects.values_list().get())


@pytest.mark.parametrize(("days", "works"), [(29, True), (30, False)])
def test_a_key_ends(world: World, days: int, works: bool) -> None:
    _key, raw = issue(world)
    with clock.fixed(NOON + timedelta(days=days)):
        assert (actor_of_key(raw) is not None) is works
        assert bearer(raw).status_code == (200 if works else 401)  # type: ignore[attr-defined]


def test_a_revoked_key_is_worth_nothing_at_once(world: World) -> None:
    key, raw = issue(world)
    services.revoke_api_key(actor=SYSTEM, key_id=key.pk)
    services.revoke_api_key(actor=SYSTEM, key_id=key.pk)
    assert actor_of_key(raw) is None


def test_other_texts_are_no_keys(world: World) -> None:
    _key, raw = issue(world)
    prefix = raw[:12]
    for text in (
        "",
        "xz_",
        raw[:-1],
        raw + "A",
        raw.upper(),
        prefix + "A" * 43,
        "xz_aaaaaaaa_" + raw[12:],
        raw + "\n",
        "\x00",
    ):
        assert actor_of_key(text) is None, text


def test_last_use_is_noted_once_a_minute(world: World, django_assert_num_queries: object) -> None:
    key, raw = issue(world)
    with django_assert_num_queries(2):  # type: ignore[operator]
        actor_of_key(raw)
    with django_assert_num_queries(1):  # type: ignore[operator]
        actor_of_key(raw)
    key.refresh_from_db()
    assert key.last_used_at == NOON


def test_who_issues_keys_and_of_what(world: World) -> None:
    admin = staff_actor("root", "platform_admin", None)
    assert issue(world, admin)
    for actor in (
        NOBODY,
        villager(world.mother_person),
        staff_actor("clerk", "village_clerk", world.village),
    ):
        with pytest.raises(Forbidden):
            issue(world, actor)
    for wrong, refusal in (
        ({"scopes": []}, api_keys.KeyNeedsScopes),
        ({"scopes": ["no.such.thing"]}, api_keys.ScopeUnknown),
        ({"scopes": ["identity.user.manage"]}, api_keys.ScopeUnknown),
        ({"expires_at": NOON}, api_keys.ExpiryOutOfRange),
        ({"expires_at": NOON + timedelta(days=800)}, api_keys.ExpiryOutOfRange),
        ({"name": " "}, api_keys.KeyNameMissing),
    ):
        with pytest.raises(refusal):
            issue(world, admin, **wrong)


def test_a_key_cannot_make_keys(world: World) -> None:
    _key, raw = issue(world)
    actor = actor_of_key(raw)
    assert actor is not None
    with pytest.raises(Forbidden):
        issue(world, actor)


def test_a_session_needs_the_csrf_token_on_writes_and_a_key_does_not(world: World) -> None:
    user = staff("root", "platform_admin", None)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    key, raw = issue(world)
    assert client.get("/api/v1/identity/me").json()["user_id"] == user.pk
    assert client.post(f"/api/v1/identity/keys/{key.pk}/revoke").status_code == 403
    client.get("/login/staff/")
    token = client.cookies["csrftoken"].value if "csrftoken" in client.cookies else None
    if token is None:
        client.logout()
        client.get("/login/")
        token = client.cookies["csrftoken"].value
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(f"/api/v1/identity/keys/{key.pk}/revoke", headers={"x-csrftoken": token})
    assert answer.status_code == 200
    # not the right of this key, but no CSRF answer either
    _other, raw = issue(world)
    by_key = Client(enforce_csrf_checks=True).post(
        f"/api/v1/identity/keys/{key.pk}/revoke", headers={"authorization": f"Bearer {raw}"}
    )
    assert by_key.status_code == 404


def test_a_wrong_key_is_not_saved_by_a_session(world: World) -> None:
    client = Client()
    client.force_login(
        staff("root", "platform_admin", None), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert bearer("xz_wrong", client=client).status_code == 401  # type: ignore[attr-defined]
    assert bearer("xz_wrong", "/api/v1/regions", client=client).status_code == 403  # type: ignore[attr-defined]


def test_strangers_get_401(world: World) -> None:
    for path in ("me", "keys", f"households/{world.elder.pk}/mandates"):
        assert Client().get(f"/api/v1/identity/{path}").status_code == 401
    assert Client().post("/api/v1/identity/keys", {}, content_type="application/json").status_code == 401


def test_an_administrator_issues_and_revokes_on_the_page(world: World) -> None:
    client = Client()
    client.force_login(
        staff("root", "platform_admin", None), backend="django.contrib.auth.backends.ModelBackend"
    )
    form = {"name": "<b>tea</b>", "region_code": "330523206", "last_day": "2026-12-31", "scopes": [SCOPE]}
    page = client.post("/keys/", form)
    text = page.content.decode()
    raw = text.split('data-testid="raw-key">')[1].split("<")[0]
    assert page.status_code == 200 and actor_of_key(raw) is not None and "<b>tea" not in text
    assert raw not in client.get("/keys/").content.decode()
    for wrong in ({"region_code": "1"}, {"last_day": "soon"}, {"last_day": "9999-12-31"}, {"scopes": []}):
        refused = client.post("/keys/", form | wrong)
        assert refused.status_code in (404, 422) and "raw-key" not in refused.content.decode()
    client.post(f"/keys/{ApiKey.objects.get().pk}/revoke/")
    assert actor_of_key(raw) is None


def test_others_do_not_see_the_page(world: World) -> None:
    client = Client()
    assert client.get("/keys/").status_code == 302
    client.force_login(
        staff("clerk", "village_clerk", world.village), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert client.get("/keys/").status_code == 403
    assert client.post("/keys/", {}).status_code == 403
