"""What did not arrive is seen by the office of the village, without numbers, and dealt with once."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from xinzhi.kernel import jobs
from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.channels.port import Permanent
from xinzhi.kernel.channels.tests.conftest import provider  # noqa: F401
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.foundation.errors import Forbidden, NotFound
from xinzhi.kernel.notices import queries, services
from xinzhi.kernel.notices.models import Delivery
from xinzhi.kernel.notices.services.choices import ChannelUnknown, NothingToBind
from xinzhi.kernel.notices.services.undelivered import NothingMarked, StillNoWay
from xinzhi.kernel.notices.tests.sending import TEMPLATE, family, states, tell
from xinzhi.kernel.notices.tests.village import NOON, attempt
from xinzhi.kernel.residents import services as residents
from xinzhi.kernel.residents.services.contact import NoPersonBehindLogin
from xinzhi.kernel.residents.services.persons import ValueUnknown
from xinzhi.kernel.residents.texts import AccountNotUnderstood, FieldUnknown

PHONE = "13900000001"
OPENID = "oAbCdEfGhIjKlMnOpQrStUvWxYz0"


def work(at=NOON) -> None:
    with clock.fixed(at):
        jobs.run_inline()


@pytest.fixture
def dead(village, sms) -> Delivery:
    """A message that failed because the number does not exist."""
    household, [person] = family(village.here, "101", PHONE)
    sms.answers = [Permanent("address_invalid", "isv.MOBILE_NUMBER_ILLEGAL")]
    tell(household, [person])
    work()
    return Delivery.objects.get()


def test_the_office_sees_what_failed_and_why_in_words_and_no_number(village, dead):
    [row] = queries.undelivered(actor=village.clerk).items
    assert (row.household_no, row.name, row.text) == ("101", "张*明", "Something expires on 2026-12-31.")
    assert (row.channel, row.tries, row.provider_code) == ("sms", 1, "isv.MOBILE_NUMBER_ILLEGAL")
    assert row.reason.startswith("The number or account does not exist.")
    [reason] = queries.reasons(actor=village.clerk)
    assert (reason.failure_code, reason.count) == ("address_invalid", 1)
    assert PHONE not in repr(row) + repr(reason)


def test_another_villages_office_sees_and_changes_nothing(village, dead):
    stranger = village.officer(900_009, place=village.elsewhere)
    assert queries.undelivered(actor=stranger).items == []
    assert services.told_in_person(actor=stranger, delivery_ids=[dead.pk], at=NOON) == 0
    assert services.try_again(actor=stranger, delivery_ids=[dead.pk], at=NOON) == 0
    assert states() == [("sms", "dead", "address_invalid")]


@pytest.mark.parametrize("act", [services.told_in_person, services.try_again])
def test_without_the_right_nothing_is_done(village, dead, act):
    assert attempt(act, actor=village.council, delivery_ids=[dead.pk], at=NOON) is Forbidden
    assert attempt(act, actor=village.clerk, delivery_ids=[], at=NOON) is NothingMarked
    assert attempt(act, actor=village.clerk, delivery_ids=range(1, 502), at=NOON) is NothingMarked
    assert states() == [("sms", "dead", "address_invalid")]


def test_told_in_person_is_done_once_and_on_record(village, dead):
    done = [services.told_in_person(actor=village.clerk, delivery_ids=[dead.pk], at=NOON) for _ in range(2)]
    assert (done, states()) == ([1, 0], [("sms", "told", "address_invalid")])
    assert queries.undelivered(actor=village.clerk).items == []
    assert Record.objects.filter(action="notices.told_in_person", household_id=dead.household_id).count() == 1


def test_tried_again_after_the_number_was_corrected_it_arrives(village, dead, sms):
    residents.set_value(
        actor=SYSTEM, person_id=dead.person_id, field="phone", value="13900000009", source="clerk", at=NOON
    )
    done = [services.try_again(actor=village.clerk, delivery_ids=[dead.pk], at=NOON) for _ in range(2)]
    work()
    assert (done, states()) == ([1, 0], [("sms", "sent", "")])
    assert sms.to == [PHONE, "13900000009"]
    assert len({key for _to, _text, key in sms.sent}) == 1


def test_a_household_without_a_number_can_be_tried_once_it_has_one(village, sms):
    household, [person] = family(village.here, "101", "")
    tell(household, [person])
    [row] = queries.undelivered(actor=village.clerk).items
    assert (row.channel, row.failure_code) == ("", "no_address")
    assert attempt(services.try_again, actor=village.clerk, delivery_ids=[row.id], at=NOON) is StillNoWay
    residents.set_value(actor=SYSTEM, person_id=person, field="phone", value=PHONE, source="clerk", at=NOON)
    assert services.try_again(actor=village.clerk, delivery_ids=[row.id], at=NOON) == 1
    work()
    assert (sms.to, states()) == ([PHONE], [("sms", "sent", "")])


def test_a_list_of_many_costs_as_many_statements_as_of_one(village, sms):
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            queries.undelivered(actor=village.clerk)
            queries.reasons(actor=village.clerk)
        return len(seen)

    tell(*family(village.here, "100", ""))
    one = cost()
    for n in range(200, 220):
        tell(*family(village.here, f"{n}", ""))
    assert cost() == one
    assert len(queries.undelivered(actor=village.clerk, limit=15).items) == 15


# --- one's own channels


def own(person: int, **more) -> Actor:
    return Actor(user_id=1, person_id=person, channel="phone", **more)


def test_an_account_is_bound_by_its_owner_alone_and_lies_encrypted(village, sms, wechat):
    _household, [person] = family(village.here, "101", "")
    for channel, address, actor, refusal in (
        ("wechat", OPENID, Actor(user_id=1), NoPersonBehindLogin),
        ("wechat", OPENID, own(person, proxy_for_household_id=1), NoPersonBehindLogin),
        ("wechat", "13900000001", own(person), AccountNotUnderstood),
        ("wechat", f"{OPENID}\n", own(person), AccountNotUnderstood),
        ("sms", PHONE, own(person), NothingToBind),
        ("fax", PHONE, own(person), ChannelUnknown),
    ):
        found = attempt(services.bind_channel, actor=actor, channel=channel, address=address, at=NOON)
        assert found is refusal, (channel, address)
    assert services.bind_channel(actor=own(person), channel="wechat", address=OPENID, at=NOON)
    assert not services.bind_channel(actor=own(person), channel="wechat", address=OPENID, at=NOON)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM residents_personalvalue v WHERE v::text LIKE %s", [f"%{OPENID}%"]
        )
        assert cursor.fetchone() == (0,)
    [row] = [r for r in queries.own_channels(actor=own(person)) if r.channel == "wechat"]
    assert (row.is_open, row.is_known, row.is_wanted) == (True, True, True)
    assert services.bind_channel(actor=own(person), channel="wechat", address="", at=NOON)
    assert not [r for r in queries.own_channels(actor=own(person)) if r.is_known]


def test_not_even_the_office_binds_or_reads_anothers_account(village, sms, wechat):
    _household, [person] = family(village.here, "101", "")
    given = {"actor": SYSTEM, "person_id": person, "field": "wechat_openid", "at": NOON}
    assert attempt(residents.set_value, **given, value=OPENID, source="clerk") is FieldUnknown
    services.bind_channel(actor=own(person), channel="wechat", address=OPENID, at=NOON)
    assert attempt(residents.reveal, **given, purpose="contact") in (FieldUnknown, ValueUnknown)


def test_choosing_twice_is_choosing_once(village, sms):
    _household, [person] = family(village.here, "101", PHONE)
    for wanted in (False, False, True, True):
        services.choose_channel(actor=own(person), channel="sms", is_wanted=wanted, at=NOON)
    assert Record.objects.filter(action="notices.choose_channel").count() == 2
    assert [r.is_wanted for r in queries.own_channels(actor=own(person)) if r.channel == "sms"] == [True]


def test_quiet_hours_are_set_where_one_holds_the_office(village):
    given = {
        "quiet_from": time(22), "quiet_until": time(6), "most_per_day": 3, "active_from": NOON.date(), "at": NOON,
    }  # fmt: skip
    for actor in (village.clerk, village.officer(900_009, "township_officer", village.elsewhere)):
        assert attempt(services.set_sending_rule, actor=actor, region_id=village.here.pk, **given) is NotFound
    first = services.set_sending_rule(actor=village.township, region_id=village.here.pk, **given)
    again = services.set_sending_rule(
        actor=village.township, region_id=village.here.pk, **given | {"most_per_day": 4}
    )
    assert (again.pk, again.most_per_day) == (first.pk, 4)


# --- the whole way, to a provider that answers as the real ones do


@pytest.fixture
def expiring(village, monkeypatch) -> Delivery:
    """A reminder as the scene sends it, to a household with one phone."""
    from xinzhi.kernel.notices import wording

    monkeypatch.setitem(wording._going, "governance_points.points_expire", wording.OUTSIDE)
    household, [person] = family(village.here, "101", PHONE)
    return lambda: services.send_message(
        person_ids=[person], template="governance_points.points_expire", household_id=household,
        params={"points": "12.5", "day": "2026-12-31"}, source_key="tests.expire", at=NOON,
    )  # fmt: skip


def test_a_reminder_reaches_the_provider_signed_and_is_tried_again_after_a_fault(provider, expiring):  # noqa: F811
    provider.expect("aliyun_500", "aliyun_rate", "aliyun_ok")
    expiring()
    for minutes in (0, 2, 12):
        at = NOON + timedelta(minutes=minutes)
        with clock.fixed(at):
            jobs.run_inline(periodic=False)
            from xinzhi.kernel.notices.jobs import deliver_due

            deliver_due()
            jobs.run_inline()
    row = Delivery.objects.get()
    assert (row.state, row.receipt, row.tries) == ("sent", "9006197469364984^0", 3)
    assert provider.seen == ["aliyun_500", "aliyun_rate", "aliyun_ok"]
    assert set(provider.keys) == {row.key.hex}


def test_a_number_the_provider_refuses_is_seen_by_the_office(provider, expiring, village):  # noqa: F811
    provider.expect("aliyun_number")
    expiring()
    work()
    [row] = queries.undelivered(actor=village.clerk).items
    assert (row.failure_code, row.provider_code) == ("address_invalid", "isv.MOBILE_NUMBER_ILLEGAL")


def test_templates_that_stay_inside_are_the_rule(village):
    from xinzhi.kernel.notices import wording

    outside = {code for code, going in wording._going.items() if going.channels}
    assert "governance_points.deduction_repaired" not in outside
    assert {"governance_points.deduction_noticed", "governance_points.points_expire"} <= outside
    assert {c for c in outside if wording.going_of(c).must} == {"governance_points.deduction_noticed"}
    assert TEMPLATE not in outside
