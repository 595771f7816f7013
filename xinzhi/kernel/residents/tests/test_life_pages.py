"""The pages and the API of a household: every act shows before → after first, and says what it refuses at its field."""

from __future__ import annotations

import json
from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.identity import services as identity
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.residents import queries, services
from xinzhi.kernel.residents.models import Household, LifeEvent, Membership
from xinzhi.kernel.residents.tests.conftest import LATER, NOON
from xinzhi.kernel.residents.tests.test_life_events import DAY, seats
from xinzhi.kernel.residents.tests.test_residents_api import client_of
from xinzhi.kernel.residents.views.acts import ACTS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def first_of_may(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with clock.fixed(LATER):
        yield


@pytest.fixture
def desk(village):
    """The village office at its screen."""
    user = identity.create_user(actor=SYSTEM, username="clerk", password="bamboo-forest-73", label="clerk")
    identity.grant_role(actor=SYSTEM, user_id=user.pk, role="village_clerk", region_id=village.pk)
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(User.objects.get(pk=user.pk), backend="django.contrib.auth.backends.ModelBackend")
    return client


def forms(family, who):
    """A good form of each act, and who belongs to the family afterwards."""
    on = {"on": DAY.isoformat(), "basis": "household_book"}
    paper = {"on": DAY.isoformat(), "basis": "written_agreement"}
    return {
        "split": ({**paper, "person": [who["丙"], who["丁"]], "household_no": "12-1", "new_household_head": who["丙"], "share_by": "agreed", "share": "37.5"}, "甲乙戊"),
        "merge": ({**paper, "into": "7"}, ""),
        "birth": ({"name": "李试辛", "relation": "42", "sex": "2", "birth_date": DAY.isoformat(), "basis": "birth_certificate"}, "甲乙丙丁戊辛"),
        "death": ({**on, "person": who["甲"], "head": who["乙"]}, "乙丙丁戊"),
        "marriage-in": ({**on, "name": "赵试庚", "from_household": "7", "relation": "38"}, "甲乙丙丁戊庚"),
        "marriage-out": ({**on, "person": who["丁"]}, "甲乙丙戊"),
        "move-away": ({**on, "person": [who["丙"], who["丁"]]}, "甲乙戊"),
        "head": ({**on, "person": who["乙"]}, "甲乙丙丁戊"),
    }  # fmt: skip


@pytest.mark.parametrize("slug", [act.slug for act in ACTS if act.slug != "come-back"])
def test_each_act_is_shown_and_only_then_done(desk, family, neighbours, who, slug):
    form, left = forms(family, who)[slug]
    address = f"/residents/households/{family.pk}/{slug}/"
    assert desk.get(address).status_code == 200
    sent = {**form, "request_key": str(uuid4())}
    shown = desk.post(address, {**sent, "step": "look"})
    assert shown.status_code == 200 and "现在还没有登记" in shown.content.decode()
    assert (LifeEvent.objects.count(), set(seats(family))) == (0, set("甲乙丙丁戊"))
    confirm = {**sent, "step": "confirm", "agreed": "1", "seen": shown.context["rehearsal"].seen}
    for _click in range(2):
        done = desk.post(address, confirm)
        assert (done.status_code, done.headers["Location"]) == (302, f"/residents/households/{family.pk}/")
    assert (LifeEvent.objects.count(), set(seats(family))) == (1, set(left))
    page = desk.get(f"/residents/households/{family.pk}/").content.decode()
    assert "户口簿" in page or "协议" in page or "出生医学证明" in page


def test_the_confirmation_shows_both_sides_and_what_people_will_be_to_the_head(desk, family, who):
    form, _left = forms(family, who)["split"]
    shown = desk.post(f"/residents/households/{family.pk}/split/", {**form, "step": "look"})
    here, there = shown.context["rehearsal"].sides
    assert [(s.name[-1], s.relation_code) for s in there.after] == [("丙", "02"), ("丁", "12")]
    assert ([s.name[-1] for s in here.before], [s.name[-1] for s in here.after]) == (
        list("甲乙丙丁戊"),
        list("甲乙戊"),
    )
    assert (here.is_new, there.is_new, there.number) == (False, True, "12-1")
    assert Household.objects.filter(household_no="12-1").count() == 0
    # a relation that was corrected beside the name is the one that is written
    desk.post(
        f"/residents/households/{family.pk}/split/",
        {**form, "step": "confirm", "agreed": "1", f"relation-{who['丁']}": "10"},
    )
    assert seats(Household.objects.get(household_no="12-1")) == {"丙": "02", "丁": "10"}


@pytest.mark.parametrize(
    ("slug", "changes", "words"),
    [
        ("split", {"person": []}, "请至少选择"),
        ("split", {"household_no": "7"}, "7"),
        ("split", {"share": "一半"}, "百分数"),
        ("split", {"new_household_head": ""}, "户主"),
        ("merge", {"into": "没有"}, "本村没有"),
        ("merge", {"into": "12"}, "不能和自己合并"),
        ("birth", {"birth_date": "2026-13-01"}, "需要日期"),
        ("death", {"head": ""}, "接任户主"),
        ("death", {"on": "2026-05-02"}, "今天之后"),
        ("head", {"person": ""}, "请重新打开这一户"),
        ("marriage-in", {"name": "没有这个人"}, "不是"),
        ("marriage-in", {"relation": "02"}, "已有户主"),
        ("marriage-out", {"basis": "听说"}, "证明材料"),
    ],
)
def test_what_cannot_be_comes_back_with_a_sentence_and_what_was_typed(
    desk, family, neighbours, who, slug, changes, words
):
    form, _left = forms(family, who)[slug]
    answer = desk.post(f"/residents/households/{family.pk}/{slug}/", {**form, **changes, "step": "look"})
    text = answer.content.decode()
    assert 400 <= answer.status_code < 500 and words in text
    assert LifeEvent.objects.count() == 0
    for kept in ("household_no", "into", "name"):
        if (value := {**form, **changes}.get(kept)) and kept in form:
            assert f'value="{value}"' in text


def test_a_confirmation_without_agreement_asks_again_and_a_stale_one_shows_the_new_state(
    desk, family, who, clerk
):
    form, _left = forms(family, who)["split"]
    address = f"/residents/households/{family.pk}/split/"
    asked = desk.post(address, {**form, "step": "confirm"})
    assert asked.status_code == 422 and "双方签字" in asked.content.decode()
    seen = asked.context["rehearsal"].seen
    services.record_birth(
        actor=clerk, request_key=uuid4(), household_id=family.pk, basis="birth_certificate", at=LATER,
        member=services.NewMember(name="李试辛", relation_code="42", birth_date=DAY),
    )  # fmt: skip
    stale = desk.post(address, {**form, "step": "confirm", "agreed": "1", "seen": seen})
    assert stale.status_code == 409 and "辛" in stale.content.decode()
    assert LifeEvent.objects.filter(kind="split").count() == 0


def test_who_had_left_comes_back_from_the_page(desk, clerk, family, who):
    services.record_moving_away(
        actor=clerk, request_key=uuid4(), household_id=family.pk, person_ids=[who["丁"]], on=DAY, basis="household_book", at=LATER
    )  # fmt: skip
    address = f"/residents/households/{family.pk}/come-back/"
    assert "周试丁" in desk.get(address).content.decode()
    form = {
        "person": who["丁"],
        "relation": "38",
        "on": "2026-04-20",
        "basis": "household_book",
        "step": "confirm",
    }
    assert desk.post(address, form).status_code == 302
    assert seats(family)["丁"] == "38"


def test_a_look_at_the_household_is_noted_and_the_page_asks_no_more_for_more_members(desk, clerk, family):
    def asked():
        with CaptureQueriesContext(connection) as caught:
            assert desk.get(f"/residents/households/{family.pk}/").status_code == 200
        return len(caught)

    asked()
    before = asked()
    for n, day in enumerate((1, 2, 3)):
        services.record_birth(
            actor=clerk, request_key=uuid4(), household_id=family.pk, basis="birth_certificate", at=LATER,
            member=services.NewMember(name="李试" + "辛壬癸"[n], relation_code="42", birth_date=date(2026, 4, day)),
        )  # fmt: skip
    asked()  # the first look at an event reads the words for who entered it
    assert asked() <= before + 2
    assert Record.objects.filter(page="residents.household", household_id=family.pk).count() == 4
    assert desk.get(f"/residents/households/{family.pk}/no-such-act/").status_code == 404


def test_a_program_splits_after_a_dry_run(village, family, who):
    program = client_of(village)
    body = {
        "on": DAY.isoformat(),
        "basis": "written_agreement",
        "person_ids": [who["丙"], who["丁"]],
        "household_no": "12-1",
        "head_id": who["丙"],
    }

    def send(**changes):
        ask = "?dry_run=true" if changes.pop("dry_run", False) else ""
        return program.post(
            f"/api/v1/residents/households/{family.pk}/split{ask}", json.dumps({**body, **changes}),
            content_type="application/json", headers={"Idempotency-Key": key},
        )  # fmt: skip

    key = str(uuid4())
    dry = send(dry_run=True).json()
    assert (dry["event_id"], [s["number"] for s in dry["sides"]], Household.objects.count()) == (
        None,
        ["12", "12-1"],
        2,
    )
    assert send().json()["code"] == "residents.agreement_needed"
    done = [send(agreed=True, seen=dry["seen"]).json() for _retry in range(2)]
    assert done[0] == done[1] and done[0]["kind"] == "split"
    assert set(seats(Household.objects.get(pk=done[0]["other_household_id"]))) == {"丙", "丁"}
    [event] = program.get(f"/api/v1/residents/households/{family.pk}/history").json()
    assert (event["kind"], event["to_no"], sorted(event["person_ids"])) == (
        "split",
        "12-1",
        sorted(body["person_ids"]),
    )


def test_a_member_of_another_village_is_not_named_on_the_form(desk, clerk_of, other_village, family):
    far = services.register_household(
        actor=clerk_of(other_village), village_id=other_village.pk, household_no="9", source="clerk", at=NOON,
        members=[services.NewMember(name="孙试远")],
    )  # fmt: skip
    stranger = Membership.objects.get(household=far).person_id
    answer = desk.get(f"/residents/households/{family.pk}/marriage-in/?person={stranger}")
    assert answer.status_code == 404 and "孙试远" not in answer.content.decode()
    assert queries.display_names([stranger])
