"""Messages leave the house once, at decent hours, and what does not arrive is seen by somebody."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.kernel import jobs
from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.channels.port import Permanent, Temporary
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.foundation.clock import SHANGHAI
from xinzhi.kernel.notices import services
from xinzhi.kernel.notices.models import Delivery, Message
from xinzhi.kernel.notices.quiet import next_allowed, next_morning
from xinzhi.kernel.notices.services import delivering
from xinzhi.kernel.notices.services.leaving import send_soon
from xinzhi.kernel.notices.services.sending_rules import RuleInThePast
from xinzhi.kernel.notices.tests.sending import MUST, TEMPLATE, URGENT, family, states, tell
from xinzhi.kernel.notices.tests.village import NOON
from xinzhi.kernel.residents import services as residents

PHONE, OTHER = "13900000001", "13900000002"
OPENID = "oAbCdEfGhIjKlMnOpQrStUvWxYz0"
NIGHT = datetime(2026, 3, 2, 22, 15, tzinfo=SHANGHAI)
MORNING = datetime(2026, 3, 3, 7, 30, tzinfo=SHANGHAI)


def run(at: datetime) -> None:
    """The worker at a moment, its clock included."""
    with clock.fixed(at):
        for channel in delivering.channels_with_work(at):
            send_soon(channel)
        jobs.run_inline()


def own(person: int) -> Actor:
    return Actor(user_id=1, person_id=person, channel="phone")


# --- who is told, and by what


def test_a_message_goes_out_with_its_receipt_and_stays_in_the_app(village, sms):
    household, [person] = family(village.here, "101", PHONE)
    tell(household, [person])
    run(NOON)
    row = Delivery.objects.get()
    assert sms.sent == [(PHONE, "Something expires on 2026-12-31.", row.key.hex)]
    assert (row.state, row.receipt, row.tries, row.village_id) == ("sent", "receipt-1", 1, village.here.pk)
    assert Message.objects.filter(person_id=person).count() == 1


def test_the_same_fact_twice_is_sent_once(village, sms):
    household, [person] = family(village.here, "101", PHONE)
    assert (tell(household, [person]), tell(household, [person])) == (1, 0)
    run(NOON)
    run(NOON + timedelta(hours=1))
    assert sms.to == [PHONE]


def test_each_of_a_household_is_told_once_and_a_shared_telephone_rings_once(village, sms):
    household, persons = family(village.here, "101", PHONE, PHONE, OTHER, "")
    tell(household, persons)
    run(NOON)
    assert sorted(sms.to) == [PHONE, OTHER]


def test_two_facts_to_the_same_telephone_are_two_messages(village, sms):
    household, [person] = family(village.here, "101", PHONE)
    tell(household, [person], "1")
    tell(household, [person], "2")
    run(NOON)
    assert sms.to == [PHONE, PHONE]


def test_a_household_nobody_can_reach_is_one_case_for_the_office(village, sms):
    household, persons = family(village.here, "101", "", "")
    tell(household, persons)
    run(NOON)
    assert sms.sent == []
    assert states() == [("", "dead", "no_address")]


def test_a_template_that_is_for_the_app_only_leaves_nothing_behind(village, sms):
    household, [person] = family(village.here, "101", PHONE)
    with CaptureQueriesContext(connection) as seen:
        tell(household, [person], template="tests.inside")
    assert not any("notices_delivery" in q["sql"] for q in seen.captured_queries)
    assert states() == []


def test_without_a_connected_channel_nothing_is_planned(village, no_channels):
    household, [person] = family(village.here, "101", PHONE)
    tell(household, [person])
    assert states() == []


def test_wechat_comes_before_the_short_message_that_costs(village, sms, wechat):
    household, [person] = family(village.here, "101", PHONE)
    services.bind_channel(actor=own(person), channel="wechat", address=OPENID, at=NOON)
    tell(household, [person])
    run(NOON)
    assert (wechat.to, sms.to) == ([OPENID], [])


def test_who_blocked_wechat_is_told_by_short_message(village, sms, wechat):
    household, [person] = family(village.here, "101", PHONE)
    services.bind_channel(actor=own(person), channel="wechat", address=OPENID, at=NOON)
    wechat.answers = [Permanent("blocked", 43004)]
    tell(household, [person])
    run(NOON)
    assert states() == [("wechat", "moved", "blocked"), ("sms", "sent", "")]
    assert sms.to == [PHONE]


def test_the_planning_of_many_costs_as_many_statements_as_of_one(village, sms):
    def cost(numbers: range) -> int:
        made = [family(village.here, f"{n}", f"139000{n:05d}") for n in numbers]
        with CaptureQueriesContext(connection) as seen:
            services.send_messages(
                [
                    services.NewMessage(persons, TEMPLATE, f"t:{household}", {"day": "2026-12-31"}, household)
                    for household, persons in made
                ],
                at=NOON,
            )
        return len(seen)

    cost(range(100, 101))  # its job waits already for the others
    assert cost(range(200, 201)) == cost(range(300, 320))


# --- what he wants


@pytest.mark.parametrize(("template", "told"), [(TEMPLATE, []), (MUST, [PHONE])])
def test_who_said_no_is_told_only_what_he_must_not_miss(village, sms, template, told):
    household, [person] = family(village.here, "101", PHONE)
    services.choose_channel(actor=own(person), channel="sms", is_wanted=False, at=NOON)
    tell(household, [person], template=template)
    run(NOON)
    assert sms.to == told
    assert ("", "dead", "no_address") not in states()  # that he does not want it is no case for the office


def test_who_says_no_while_it_waits_is_not_told(village, sms):
    household, [person] = family(village.here, "101", PHONE)
    tell(household, [person], at=NIGHT)
    run(NIGHT)
    services.choose_channel(actor=own(person), channel="sms", is_wanted=False, at=NIGHT)
    run(MORNING)
    assert (sms.sent, states()) == ([], [("sms", "cancelled", "")])


# --- when


def test_at_night_it_waits_for_the_morning_and_is_not_lost(village, sms):
    household, [person] = family(village.here, "101", PHONE)
    tell(household, [person], at=NIGHT)
    run(NIGHT)
    assert (sms.sent, Delivery.objects.get().next_at) == ([], MORNING)
    run(MORNING - timedelta(seconds=1))
    assert sms.sent == []
    run(MORNING)
    assert sms.to == [PHONE]


def test_what_is_urgent_goes_at_night_too(village, sms):
    household, [person] = family(village.here, "101", PHONE)
    tell(household, [person], template=URGENT, at=NIGHT)
    run(NIGHT)
    assert sms.to == [PHONE]


def test_the_nearest_rule_of_the_day_decides_and_a_later_one_waits_for_its_day(village, sms):
    town = village.township
    household, [person] = family(village.here, "101", PHONE)
    for region_id, begins, day in (
        (village.here.parent_id, time(23), date(2026, 3, 2)),
        (village.here.pk, time(22), date(2026, 3, 9)),
    ):
        services.set_sending_rule(
            actor=town, region_id=region_id, quiet_from=begins, quiet_until=time(7), most_per_day=5,
            active_from=day, at=NOON,
        )  # fmt: skip
    tell(household, [person], "today", at=NIGHT)
    run(NIGHT)
    assert sms.to == [PHONE]  # the township begins at 23
    later = NIGHT + timedelta(days=7)
    tell(household, [person], "later", at=later)
    run(later)
    assert sms.to == [PHONE]  # the village's own at 22


def test_quiet_hours_of_yesterday_cannot_be_changed(village):
    with pytest.raises(RuleInThePast):
        services.set_sending_rule(
            actor=village.township, region_id=village.here.pk, quiet_from=time(21), quiet_until=time(7),
            most_per_day=5, active_from=date(2026, 3, 1), at=NOON,
        )  # fmt: skip


def test_a_person_is_told_five_times_a_day_and_the_rest_the_next_morning(village, sms):
    household, [person] = family(village.here, "101", PHONE)
    for n in range(7):
        tell(household, [person], f"{n}")
    run(NOON)
    assert len(sms.sent) == 5
    run(MORNING)
    assert len(sms.sent) == 7


TIMES = st.times().map(lambda t: t.replace(microsecond=0))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)), TIMES, TIMES)
def test_quiet_hours_end_within_a_day_at_their_end_and_never_earlier_than_asked(naive, begins, ends):
    at = naive.replace(tzinfo=SHANGHAI)
    allowed = next_allowed(at, begins, ends)
    assert at <= allowed < at + timedelta(days=1)
    assert next_allowed(allowed, begins, ends) == allowed
    assert allowed == at or allowed.astimezone(SHANGHAI).time() == ends
    tomorrow = next_morning(at, begins, ends)
    assert tomorrow.astimezone(SHANGHAI).date() == at.date() + timedelta(days=1)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
    st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu"]),
)
def test_it_is_night_in_shanghai_wherever_the_machine_thinks_it_is(naive, zone):
    at = naive.replace(tzinfo=SHANGHAI)
    elsewhere = at.astimezone(ZoneInfo(zone))
    assert next_allowed(elsewhere, time(21), time(7, 30)) == next_allowed(at, time(21), time(7, 30))


# --- when it fails


def test_a_fault_is_tried_again_with_growing_pauses_and_then_left_to_the_office(village, sms):
    household, [person] = family(village.here, "101", PHONE)
    sms.answers = [Temporary("provider_trouble", 500)] * 9
    pauses, at = [], datetime(2026, 3, 2, 8, tzinfo=SHANGHAI)
    tell(household, [person], at=at)
    for _ in range(8):
        run(at)
        row = Delivery.objects.get()
        if row.state != "waiting":
            break
        pauses.append(row.next_at - at)
        at = next_allowed(row.next_at, time(21), time(7, 30))
    assert pauses == list(delivering.GAPS)
    assert (row.state, row.failure_code, row.provider_code, row.tries) == (
        "dead",
        "provider_trouble",
        "500",
        6,
    )
    assert len({key for _to, _text, key in sms.sent}) == 1  # the same key at every try


@pytest.mark.parametrize("reason", ["address_invalid", "blocked", "sender_refused"])
def test_what_trying_cannot_mend_is_not_tried_again(village, sms, reason):
    household, [person] = family(village.here, "101", PHONE)
    sms.answers = [Permanent(reason)]
    tell(household, [person])
    run(NOON)
    run(NOON + timedelta(hours=5))
    assert (len(sms.sent), states()) == (1, [("sms", "dead", reason)])


def test_a_fault_that_passes_leaves_no_trace_of_failure(village, sms):
    household, [person] = family(village.here, "101", PHONE)
    sms.answers = [Temporary("rate_limited", "isv.BUSINESS_LIMIT_CONTROL")]
    tell(household, [person])
    run(NOON)
    assert states() == [("sms", "waiting", "rate_limited")]
    run(NOON + timedelta(minutes=2))
    assert (len(sms.sent), states()) == (2, [("sms", "sent", "")])


def test_a_message_nobody_knows_about_is_sent_twice_at_most(village, sms):
    household, [person] = family(village.here, "101", PHONE)
    sms.answers = [Temporary("timeout", unsure=True)] * 3
    tell(household, [person])
    run(NOON)
    run(NOON + timedelta(minutes=2))
    run(NOON + timedelta(hours=3))
    assert (len(sms.sent), states()) == (2, [("sms", "dead", "timeout")])


@pytest.mark.parametrize(("drops_repeats", "sent", "end"), [(False, 2, "dead"), (True, 4, "sent")])
def test_a_worker_that_dies_between_sending_and_noting_sends_twice_at_most_unless_repeats_are_dropped(
    village, sms, drops_repeats, sent, end
):
    # given a sender whose worker dies right after the provider took the message
    household, [person] = family(village.here, "101", PHONE)
    sms.is_idempotent = drops_repeats
    tell(household, [person])

    class Killed(BaseException):
        pass

    sms.answers = [Killed()] * 3
    for n in range(3):
        at = NOON + timedelta(minutes=5 * n)
        with clock.fixed(at):
            try:
                delivering.deliver("sms")
            except Killed:
                assert Delivery.objects.get().state == "sending"
    # when another one starts
    run(NOON + timedelta(hours=1))
    # then it was sent no more often, with the same key each time
    assert (len(sms.sent), Delivery.objects.get().state) == (sent, end)
    assert len({key for _to, _text, key in sms.sent}) == 1


def test_the_sweep_finds_what_a_killed_worker_left_behind(village, sms):
    household, [person] = family(village.here, "101", PHONE)
    tell(household, [person])
    Delivery.objects.update(state="sending", started_at=NOON, tries=1)
    assert delivering.channels_with_work(NOON + timedelta(minutes=1)) == []
    assert delivering.channels_with_work(NOON + timedelta(minutes=3)) == ["sms"]


def test_a_channel_switched_off_while_something_waits_hands_it_to_the_office(village, sms, disconnect):
    household, [person] = family(village.here, "101", PHONE)
    tell(household, [person])
    disconnect("sms")
    run(NOON)
    assert (sms.sent, states()) == ([], [("sms", "dead", "channel_off")])


# --- what must not get out


def test_a_value_that_looks_like_an_identity_number_is_refused_before_anything_is_sent(village, sms):
    household, [person] = family(village.here, "101", PHONE)
    tell(household, [person])
    # given a row that came past the service, as an import or a repair by hand might write it
    Message.objects.update(params={"day": "330523197003070013"})
    run(NOON)
    assert (sms.sent, states()) == ([], [("sms", "dead", "looks_personal")])


def test_an_erased_person_is_not_told_and_what_waited_is_cancelled(village, sms):
    household, [person] = family(village.here, "101", PHONE)
    tell(household, [person], at=NIGHT)
    run(NIGHT)
    residents.erase_person(actor=SYSTEM, person_id=person, reason="requested", at=NIGHT)
    assert states() == [("sms", "cancelled", "")]
    run(MORNING)
    assert sms.sent == []


def test_a_person_erased_while_his_message_is_under_way_stays_forgotten(village, sms):
    household, [person] = family(village.here, "101", PHONE)
    tell(household, [person])
    sms.before = lambda: residents.erase_person(actor=SYSTEM, person_id=person, reason="requested", at=NOON)
    sms.answers = [Temporary("rate_limited")]
    run(NOON)
    assert states() == [("sms", "cancelled", "")]


def test_numbers_are_read_once_for_a_batch_on_record_and_stand_nowhere(village, sms):
    for n in range(5):
        household, persons = family(village.here, f"30{n}", f"1390000100{n}")
        tell(household, persons)
    run(NOON)
    record = Record.objects.get(action="residents.read_contacts")
    assert (record.count, record.purpose, record.fields, record.region_id) == (
        5, "contact", ["phone"], village.here.pk,
    )  # fmt: skip
    with connection.cursor() as cursor:
        for table in ("notices_delivery", "notices_message", "procrastinate_jobs", "audit_record"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%%1390000100%%'")
            assert cursor.fetchone() == (0,), table
