from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import NOBODY, SYSTEM, Actor
from xinzhi.kernel.identity import proxies, queries, services
from xinzhi.kernel.identity.models import ProxyMandate, User
from xinzhi.kernel.identity.tests.conftest import NOON, SON, STRANGER, World, staff, staff_actor, villager
from xinzhi.kernel.residents.queries import find_by_phone

END = date(2026, 6, 1)


def give(actor: Actor, world: World, **other: object) -> ProxyMandate:
    values = {
        "household_id": world.elder.pk,
        "person_id": world.son_person,
        "relation": "child",
        "active_to": END,
    } | other
    return services.give_proxy(actor=actor, **values)  # type: ignore[arg-type]


def test_a_mandate_holds_until_its_day(world: World) -> None:
    give(staff_actor("clerk", "village_clerk", world.village), world)
    assert world.elder.pk in villager(world.son_person).household_ids
    with clock.fixed(clock.start_of_day(END) - timedelta(seconds=1)):
        assert world.elder.pk in villager(world.son_person).household_ids
    with clock.fixed(clock.start_of_day(END)):
        assert villager(world.son_person).household_ids == (world.son.pk,)


@pytest.mark.parametrize("who", ["clerk", "member", "proxy himself"])
def test_a_mandate_is_ended_by_those_it_concerns(world: World, who: str) -> None:
    mandate = give(SYSTEM, world)
    actor = {
        "clerk": lambda: staff_actor("clerk", "village_clerk", world.village),
        "member": lambda: villager(world.mother_person),
        "proxy himself": lambda: villager(world.son_person),
    }[who]()
    services.revoke_proxy(actor=actor, mandate_id=mandate.pk)
    services.revoke_proxy(actor=SYSTEM, mandate_id=mandate.pk)  # again: nothing changes
    mandate.refresh_from_db()
    assert mandate.revoked_by == actor.person_key
    assert villager(world.son_person).household_ids == (world.son.pk,)
    give(SYSTEM, world)  # and it may be given anew


def test_others_neither_give_nor_end_nor_see_mandates(world: World) -> None:
    mandate = give(SYSTEM, world)
    for actor in (
        NOBODY,
        villager(find_by_phone(STRANGER)[0]),
        staff_actor("other", "village_clerk", world.other_village),
        staff_actor("inspector", "inspector", world.village),
    ):
        with pytest.raises(proxies.MandateNotFound):
            services.revoke_proxy(actor=actor, mandate_id=mandate.pk)
        with pytest.raises(proxies.MandateNotFound):
            give(actor, world)
        with pytest.raises(proxies.MandateNotFound):
            queries.mandates(actor, world.elder.pk)


def test_a_proxy_makes_no_further_proxies(world: World) -> None:
    give(SYSTEM, world)
    with pytest.raises(proxies.MandateNotFound):
        give(villager(world.son_person), world, person_id=find_by_phone(STRANGER)[0])


def test_a_member_gives_a_mandate_himself(world: World) -> None:
    mandate = give(villager(world.mother_person), world)
    assert mandate.given_by == f"person:{world.mother_person}"
    assert Record.objects.filter(action="identity.give_proxy", household_id=world.elder.pk).count() == 1


def test_mandates_that_cannot_be_are_refused(world: World) -> None:
    for end in (NOON.date(), date(2020, 1, 1), date(2036, 1, 1)):
        with pytest.raises(proxies.MandateTooLong):
            give(SYSTEM, world, active_to=end)
    with pytest.raises(proxies.AlreadyProxy):
        give(SYSTEM, world, person_id=world.mother_person)
    with pytest.raises(proxies.ProxyUnknown):
        give(SYSTEM, world, person_id=2**40)
    give(SYSTEM, world)
    with pytest.raises(proxies.AlreadyProxy):
        give(SYSTEM, world)
    with clock.fixed(clock.start_of_day(END)):
        give(SYSTEM, world, active_to=date(2026, 9, 1))  # the first one is over


def test_the_household_sees_its_proxies_and_ends_them_on_the_page(world: World) -> None:
    mandate = give(SYSTEM, world)
    client = Client()
    client.force_login(
        services.login_of_person(world.mother_person, at=NOON),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    page = client.get("/me/who-may-act/").content.decode()
    assert "陈小明" in page and "2026-06-01" in page
    assert client.get(f"/me/who-may-act/{mandate.pk}/end/").status_code == 405
    client.post(f"/me/who-may-act/{mandate.pk}/end/")
    mandate.refresh_from_db()
    assert mandate.revoked_at == NOON


def test_a_proxy_chooses_for_whom_he_acts(world: World) -> None:
    give(SYSTEM, world)
    client = Client()
    client.force_login(
        services.login_of_person(world.son_person, at=NOON),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    page = client.get("/me/who-may-act/").content.decode()
    assert "陈*婆" in page and "陈阿婆" not in page
    client.post("/me/act-for/", {"household": world.elder.pk})
    assert client.get("/api/v1/identity/me").json()["proxy_for_household_id"] == world.elder.pk
    assert client.post("/me/act-for/", {"household": world.decoy.pk}).status_code == 404
    assert client.post("/me/act-for/", {"household": "x\x00"}).status_code == 404
    client.post("/me/act-for/end/")
    assert client.get("/api/v1/identity/me").json()["proxy_for_household_id"] is None


def form(**other: str) -> dict[str, str]:
    return {"name": "陈小明", "phone": SON, "relation": "child", "months": "12", "consent": "paper"} | other


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_mother_names_her_son_on_her_phone(world: World) -> None:
    mother = browser(services.login_of_person(world.mother_person, at=NOON))
    assert mother.post("/me/who-may-act/", form()).status_code == 302
    mandate = ProxyMandate.objects.get()
    assert (mandate.household_id, mandate.person_id, mandate.consent) == (
        world.elder.pk,
        world.son_person,
        "own",
    )
    assert world.elder.pk in villager(world.son_person).household_ids


def test_the_office_enters_what_was_signed_and_needs_the_consent(world: World) -> None:
    clerk = browser(staff("clerk", "village_clerk", world.village))
    page = f"/households/{world.elder.pk}/proxies/"
    refused = clerk.post(page, form(consent=""))
    assert refused.status_code == 422 and not ProxyMandate.objects.exists()
    assert clerk.post(page, form()).status_code == 302
    assert ProxyMandate.objects.get().consent == "paper"
    assert clerk.get(f"{page}paper/").status_code == 200
    ended = clerk.post(f"/me/who-may-act/{ProxyMandate.objects.get().pk}/end/", {"at_desk": "1"})
    assert ended.headers["Location"] == page


@pytest.mark.parametrize(
    "wrong", [{"name": "陈大明"}, {"phone": STRANGER}, {"phone": "1"}, {"name": ""}, {"relation": "boss"}]
)
def test_name_and_phone_must_fit_and_neither_is_given_away(world: World, wrong: dict[str, str]) -> None:
    mother = browser(services.login_of_person(world.mother_person, at=NOON))
    page = mother.post("/me/who-may-act/", form(**wrong))
    assert page.status_code == 422 and not ProxyMandate.objects.exists()
    assert "李某某" not in page.content.decode()


def test_a_proxy_names_nobody(world: World) -> None:
    give(SYSTEM, world)
    son = browser(services.login_of_person(world.son_person, at=NOON))
    son.post("/me/act-for/", {"household": str(world.elder.pk)})
    son.post("/me/who-may-act/", form(name="李某某", phone=STRANGER))
    assert (
        not ProxyMandate.objects.filter(household_id=world.elder.pk)
        .exclude(person_id=world.son_person)
        .exists()
    )
