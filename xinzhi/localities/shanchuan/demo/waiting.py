"""What waits in a village today: something at every stage of a deed's way."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.services import login_of_person
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.residents.values import current_values
from xinzhi.kernel.workflow import services as workflow
from xinzhi.localities.shanchuan.demo import deliberating
from xinzhi.localities.shanchuan.demo.pictures import picture
from xinzhi.localities.shanchuan.demo.places import Village
from xinzhi.localities.shanchuan.demo.staff import SHOWN_VILLAGE, Login
from xinzhi.localities.shanchuan.demo.when import key, moment
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.services import claims, correction, publishing, verification


def leave(village: Village, region: Region, staff: dict[str, Actor], today: date, seed: int) -> None:
    """A list on display with an objection; claims to verify, to publish, sent back; deductions being heard; an entry taken back."""
    pick = Random(f"{seed}:{village.code}:today")  # noqa: S311 (demo data must be the same each time)
    now = clock.now() if clock.today() == today else moment(today, 10)
    households = list(Household.objects.filter(village=region, status="active").order_by("household_no")[:60])
    chosen = pick.sample(households, 17)
    deliberating.hearings(chosen[15:], staff["clerk"], today)
    claimed_at = moment(today - timedelta(days=4), 10)
    with clock.fixed(claimed_at):
        for nth, household in enumerate(chosen[:4]):
            _claim(household, nth, claimed_at)
    _verify_claims(region, staff["inspector"], 4, claimed_at + timedelta(hours=6))
    _list_with_objection(region, staff["clerk"], chosen[14], claimed_at + timedelta(days=2))
    with clock.fixed(now):
        for nth, household in enumerate(chosen[4:14], start=4):
            _claim(household, nth, now)
        _verify_claims(region, staff["inspector"], 2, now)
        _send_one_back(region, staff["inspector"], now)
        _take_one_back(region, staff["clerk"], now)
        if village.slug == SHOWN_VILLAGE.slug:
            deliberating.meeting(region, staff["clerk"], today)


def _claims_waiting(region: Region) -> list[Deed]:
    return list(
        Deed.objects.filter(
            village=region, state="submitted", channel="phone", verifier_role="inspector"
        ).order_by("pk")
    )


def _verify_claims(region: Region, inspector: Actor, how_many: int, at: datetime) -> None:
    ids = [d.pk for d in _claims_waiting(region)[:how_many]]
    verification.verify_deeds(actor=inspector, deed_ids=ids, at=at)


def _list_with_objection(region: Region, clerk: Actor, neighbour: Household, at: datetime) -> None:
    """A list of the week stands on display; a neighbour doubts its first line."""
    with clock.fixed(at):
        publication = publishing.publish_deeds(
            actor=clerk, request_key=key("publish", region.pk, "week"), village_id=region.pk, at=at
        )
    head = residents.head_ids([neighbour.pk]).get(neighbour.pk)
    line = publication.lines.order_by("position").first()
    if head is None or line is None:
        return
    objected_at = at + timedelta(days=1)
    with clock.fixed(objected_at):
        notices.object_to_line(
            actor=actor_of(login_of_person(head, at=objected_at), "phone"),
            line_id=line.pk,
            grounds_code="not_done",
            note="我记得那天只做了一半。",
            request_key=key("object", region.pk),
            at=objected_at,
        )


def _send_one_back(region: Region, inspector: Actor, at: datetime) -> None:
    for deed in _claims_waiting(region)[:1]:
        workflow.advance(deed, "return", actor=inspector, at=at, reason_code="photo_unclear")


def _take_one_back(region: Region, clerk: Actor, at: datetime) -> None:
    posted = Deed.objects.filter(village=region, state="posted").order_by("-pk").first()
    if posted is not None:
        correction.reverse_deed(
            actor=clerk,
            request_key=key("reverse", region.pk),
            deed_id=posted.pk,
            reason_code="duplicate",
            at=at,
        )


CLAIMED = ("C01", "D02", "A03", "C02", "E02", "C01", "D02", "H01", "A03", "C01", "F01", "E01", "C03", "D01")


def _claim(household: Household, nth: int, now: datetime) -> None:
    head = residents.head_ids([household.pk]).get(household.pk)
    if head is None:
        return
    actor = actor_of(login_of_person(head, at=now), "phone")
    code = CLAIMED[nth % len(CLAIMED)]
    photo = evidence.store(
        actor=actor, data=picture(f"{household.household_no}:{code}"), filename="photo.jpg", village_id=household.village_id,
        household_id=household.pk, at=now, request_key=key("photo", household.pk, code),
    )  # fmt: skip
    claims.claim_deed(
        actor=actor, request_key=key("claim", household.pk, code), household_id=household.pk, rule_code=code,
        done_on=clock.local_date(now) - timedelta(days=1 + nth % 5), quantity_tenths=10 if code == "D02" else None,
        grade="本科" if code == "H01" else "", evidence_ids=[photo.pk], at=now,
    )  # fmt: skip


def villager_logins() -> list[Login]:
    """Two villagers of the village shown who have claimed something and have a phone."""
    claimed = dict(
        Deed.objects.filter(channel="phone", village__codes__code=SHOWN_VILLAGE.code)
        .order_by("pk")
        .values_list("household_id", "household__household_no")
    )
    heads = residents.head_ids(claimed)
    found: list[Login] = []
    for household_id, household_no in claimed.items():
        head = heads.get(household_id)
        phone = current_values([head], ["phone"]).get(head, {}).get("phone", "") if head else ""
        if phone and len(found) < 2:
            found.append(Login("villager", f"{SHOWN_VILLAGE.name} {household_no}", phone, ""))
    return found
