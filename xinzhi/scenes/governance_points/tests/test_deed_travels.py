"""A deed travels from claim to statement, and nobody verifies what he should not."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, connections

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.foundation.errors import DomainError, Forbidden, NotFound
from xinzhi.kernel.ledger import queries as ledger
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.notices.models import PublicationLine
from xinzhi.kernel.rules.queries import NoVersionInForce
from xinzhi.kernel.workflow import services as workflow
from xinzhi.kernel.workflow.errors import FourEyes, OwnHousehold, StateHasMoved
from xinzhi.scenes.governance_points.charter import CharterRule
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries import deeds, statement, story
from xinzhi.scenes.governance_points.services import charter, claims, correction, publishing, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON, RULES, TODAY, Place, key, make_place


def travel(place: Place, deed: Deed) -> Deed:
    """Verify, publish, and let the publication end."""
    verification.verify_deed(actor=place.inspector, deed_id=deed.pk, at=NOON)
    publishing.publish_deeds(actor=place.clerk, request_key=key(), village_id=place.village.pk, at=NOON)
    place.let_publication_end()
    deed.refresh_from_db()
    return deed


def test_a_deed_travels_from_claim_to_statement(place):
    deed = place.claim()
    assert (deed.state, deed.points_tenths, place.balance()) == ("submitted", 50, 0)
    travel(place, deed)
    assert (deed.state, place.balance()) == ("posted", 50)

    lines = statement.statement(actor=place.villager, household_id=place.household.pk).items
    assert [(x.deed_id, x.amount_tenths, x.rule_code, x.version_number) for x in lines] == [
        (deed.pk, 50, "C01", 1)
    ]
    told = story.story(actor=place.villager, deed_id=deed.pk)
    assert [e.action for e in told.timeline] == ["claimed", "verify", "publish", "post"]
    assert told.publication is not None
    assert ledger.verify() == []


def test_points_count_only_when_the_publication_has_ended(place):
    deed = place.claim()
    verification.verify_deed(actor=place.inspector, deed_id=deed.pk, at=NOON)
    publication = publishing.publish_deeds(
        actor=place.clerk, request_key=key(), village_id=place.village.pk, at=NOON
    )
    before_end = publication.ends_at - timedelta(minutes=1)
    notices.close_lines_of(publication_id=publication.pk, at=before_end)
    assert place.balance() == 0
    notices.close_lines_of(publication_id=publication.pk, at=publication.ends_at + timedelta(minutes=1))
    notices.close_lines_of(publication_id=publication.pk, at=publication.ends_at + timedelta(minutes=2))
    assert place.balance() == 50


def test_the_same_request_twice_is_one_deed(place):
    request_key = key()
    first = place.claim(request_key=request_key)
    second = place.claim(request_key=request_key)
    assert (first.pk, Deed.objects.count()) == (second.pk, 1)


def test_a_household_cannot_claim_for_another(place):
    with pytest.raises(NotFound):
        place.claim(household_id=place.neighbour.pk)
    with pytest.raises(NotFound):
        place.claim(actor=place.other_clerk)
    assert Deed.objects.count() == 0


def test_who_entered_a_deed_cannot_verify_it_but_his_colleague_can(place):
    deed = place.claim("D02", actor=place.clerk, quantity_tenths=20)
    assert (deed.claimant, deed.points_tenths) == ("office", 160)
    with pytest.raises(FourEyes):
        verification.verify_deed(actor=place.clerk, deed_id=deed.pk, at=NOON)
    verification.verify_deed(actor=place.clerk2, deed_id=deed.pk, at=NOON)
    deed.refresh_from_db()
    assert deed.state == "verified"


def test_nobody_verifies_a_deed_of_his_own_household(place):
    from xinzhi.kernel.identity import services as identity
    from xinzhi.kernel.identity.actors import actor_of
    from xinzhi.kernel.identity.models import User
    from xinzhi.kernel.residents.models import Membership

    son = Membership.objects.filter(household=place.household, is_head=False).get().person_id
    user = identity.create_user(
        actor=SYSTEM, username="son", password="bamboo-forest-73", label="巡查员", person_id=son
    )
    identity.grant_role(actor=SYSTEM, user_id=user.pk, role="inspector", region_id=place.village.pk)
    with clock.fixed(NOON):
        inspector = actor_of(User.objects.get(pk=user.pk))
    deed = place.claim()
    with pytest.raises(OwnHousehold):
        verification.verify_deed(actor=inspector, deed_id=deed.pk, at=NOON)


def test_the_rule_says_who_verifies(place):
    deed = place.claim("F01")
    with pytest.raises(Forbidden):
        verification.verify_deed(actor=place.inspector, deed_id=deed.pk, at=NOON)
    verification.verify_deed(actor=place.council, deed_id=deed.pk, at=NOON)


def test_caps_are_judged_when_a_deed_is_verified(place):
    claimed = [place.claim(done_on=TODAY - timedelta(days=n)) for n in range(4)]
    moved = verification.verify_deeds(actor=place.inspector, deed_ids=[d.pk for d in claimed], at=NOON)
    assert len(moved.advanced) == 4
    points = list(Deed.objects.order_by("done_on").values_list("points_tenths", flat=True))
    assert points == [50, 50, 20, 0]  # the rule's monthly cap is 12 points


def test_a_deed_is_scored_by_the_version_in_force_on_its_day(place):
    richer = (
        CharterRule(
            "C01",
            "生态环境",
            "参加村庄清洁行动",
            "fixed",
            points_tenths=90,
            evidence="record",
            verifier="inspector",
        ),
        *RULES[1:],
    )
    charter.adopt_charter(
        actor=place.clerk, village_id=place.village.pk, charter_rules=richer, resolution="决议2号",
        active_from=TODAY - timedelta(days=3), at=NOON,
    )  # fmt: skip
    before, after = place.claim(done_on=TODAY - timedelta(days=5)), place.claim(done_on=TODAY)
    assert (before.points_tenths, after.points_tenths) == (50, 90)
    assert (before.rule.version.number, after.rule.version.number) == (1, 2)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"done_on": TODAY + timedelta(days=1)}, claims.DeedInTheFuture),
        ({"done_on": date(2026, 1, 5)}, claims.DeedTooLate),
        ({"done_on": date(2025, 12, 31)}, NoVersionInForce),
        ({"rule_code": "ZZ9"}, claims.RuleNotInForce),
        ({"rule_code": "X01"}, claims.DeductionNeedsHearing),
        ({"rule_code": "P01"}, claims.PhotoNeeded),
        ({"rule_code": "D02", "quantity_tenths": -10}, DomainError),
        ({"rule_code": "D02"}, DomainError),
        ({"person_id": 2**40}, claims.PersonNotInHousehold),
    ],
)
def test_a_claim_that_cannot_be_is_refused_with_a_sentence(place, changes, refusal):
    code = changes.pop("rule_code", "C01")
    with pytest.raises(refusal) as raised:
        place.claim(code, **changes)
    assert raised.value.message
    assert Deed.objects.count() == 0


def test_an_objection_stops_its_own_line_only(place):
    mine, other = place.claim(), place.claim(actor=place.neighbours, household_id=place.neighbour.pk)
    verification.verify_deeds(actor=place.inspector, deed_ids=[mine.pk, other.pk], at=NOON)
    publishing.publish_deeds(actor=place.clerk, request_key=key(), village_id=place.village.pk, at=NOON)
    line = PublicationLine.objects.get(subject_id=mine.pk)
    objection = notices.object_to_line(
        actor=place.neighbours, line_id=line.pk, grounds_code="not_done", request_key=key(), at=NOON
    )
    place.let_publication_end()
    assert (place.balance(), place.balance(place.neighbour)) == (0, 50)

    notices.decide_objection(
        actor=place.council,
        objection_id=objection.pk,
        outcome="upheld",
        reason_code="not_done",
        at=NOON + timedelta(days=2),
    )
    mine.refresh_from_db()
    assert (mine.state, place.balance()) == ("refused", 0)


def test_a_wrong_entry_is_taken_back_and_both_stay_visible(place):
    deed = travel(place, place.claim())
    request_key = key()
    for _again in range(2):
        correction.reverse_deed(
            actor=place.clerk,
            request_key=request_key,
            deed_id=deed.pk,
            reason_code="duplicate",
            at=NOON + timedelta(days=21),
        )
    lines = statement.statement(actor=place.villager, household_id=place.household.pk).items
    assert place.balance() == 0
    assert [(x.amount_tenths, x.is_reversal, x.is_reversed) for x in lines] == [
        (-50, True, False),
        (50, False, True),
    ]
    assert ledger.verify() == []


def test_a_claim_can_be_withdrawn_until_somebody_verified_it(place):
    deed = place.claim()
    workflow.advance(deed, "withdraw", actor=place.villager, at=NOON)
    assert deed.state == "withdrawn"
    with pytest.raises(StateHasMoved):
        verification.verify_deed(actor=place.inspector, deed_id=deed.pk, at=NOON)


def test_lists_show_only_what_the_reader_may_see(place):
    mine = place.claim()
    decoy = place.claim(actor=place.neighbours, household_id=place.neighbour.pk)
    seen = {
        name: {row.id for row in deeds.deeds(actor=getattr(place, name)).items}
        for name in ("villager", "neighbours", "clerk", "township", "other_clerk")
    }
    assert seen == {
        "villager": {mine.pk}, "neighbours": {decoy.pk}, "clerk": {mine.pk, decoy.pk}, "township": {mine.pk, decoy.pk},
        "other_clerk": set(),
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_two_clerks_verify_the_same_deed_and_one_wins():
    with clock.fixed(NOON):
        place = make_place()
        deed = place.claim("D02", quantity_tenths=20)
    barrier, outcomes = Barrier(2), []

    def verify(actor):
        barrier.wait()
        try:
            verification.verify_deed(actor=actor, deed_id=deed.pk, at=NOON)
            outcomes.append("verified")
        except StateHasMoved:
            outcomes.append("moved")
        finally:
            connections.close_all()

    threads = [Thread(target=verify, args=(actor,)) for actor in (place.clerk, place.clerk2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved", "verified"]


@pytest.mark.django_db(transaction=True)
def test_eight_claims_at_once_do_not_pass_a_cap():
    with clock.fixed(NOON):
        place = make_place()
        claimed = [place.claim(done_on=TODAY - timedelta(days=n)) for n in range(8)]
    barrier = Barrier(8)

    def verify(deed):
        barrier.wait()
        verification.verify_deed(actor=place.inspector, deed_id=deed.pk, at=NOON)
        connections.close_all()

    threads = [Thread(target=verify, args=(d,)) for d in claimed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(Deed.objects.values_list("points_tenths", flat=True)) == 120


def test_verifying_many_takes_as_many_statements_as_verifying_few(place, django_assert_max_num_queries):
    def statements(count: int) -> int:
        from django.test.utils import CaptureQueriesContext

        made = [
            place.claim("D02", quantity_tenths=10, done_on=TODAY - timedelta(days=n % 20))
            for n in range(count)
        ]
        with CaptureQueriesContext(connection) as seen:
            verification.verify_deeds(actor=place.clerk, deed_ids=[d.pk for d in made], at=NOON)
        return len(seen)

    assert statements(2) == statements(40)
