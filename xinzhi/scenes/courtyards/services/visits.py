"""Take in what was seen at a courtyard, one visit or a whole phone full of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import services as assembly
from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import Conflict, DomainError, Invalid, NotFound
from xinzhi.kernel.workflow.errors import OwnHousehold
from xinzhi.kernel.workflow.services.judging import own_household_ids
from xinzhi.scenes.courtyards.lifecycle import SCORE, YARD
from xinzhi.scenes.courtyards.models import OUTCOMES, Visit, Yard
from xinzhi.scenes.courtyards.queries.sheets import sheet_of_round
from xinzhi.scenes.courtyards.services.grading import RECHECK_TURN, settle
from xinzhi.scenes.courtyards.services.rounds import RoundClosed
from xinzhi.scenes.courtyards.sheet import Sheet

#: One batch from a phone (village.md 7.4: at least 500 records wait on it; they come in parts).
MOST_AT_ONCE = 100
MOST_PHOTOS = 6


class OutcomeUnknown(Invalid):
    code = "courtyards.outcome_unknown"
    sentence = _("A visit is scored, not at home or declined; found “%(found)s”.")


class ConsentNeeded(Invalid):
    code = "courtyards.consent_needed"
    sentence = _(
        "Ask the people of the house before you go in, and note what they said; no consent was noted for this courtyard."
    )


class ConsentAfterwards(Invalid):
    code = "courtyards.consent_afterwards"
    sentence = _(
        "Consent comes before the score: it was noted at %(consented)s, the score at %(scored)s. Ask again and score anew."
    )


class LaneOnlyWhereEmpty(Invalid):
    code = "courtyards.lane_only_where_empty"
    sentence = _(
        "Only an empty house is scored from the lane. Here somebody lives: ask, or note that nobody was at home."
    )


class VetoUnknown(Invalid):
    code = "courtyards.veto_unknown"
    sentence = _(
        "The sheet names no “%(found)s” among what voids the title. Open the courtyard and choose again."
    )


class VisitPhotoNeeded(Invalid):
    code = "courtyards.photo_needed"
    sentence = _("A score needs a photo of the yard. Take one from the yard, never of the rooms.")


class TooManyPhotos(Invalid):
    code = "courtyards.too_many_photos"
    sentence = _("At most %(most)s photos belong to a visit; found %(found)s. Choose the best.")


class ScoredAlready(Conflict):
    code = "courtyards.scored_already"
    sentence = _(
        "You have scored this courtyard in this round already, on %(day)s with %(total)s. That score stands; a second of the "
        "same person does not count. If it was wrong, tell the village office."
    )


class NoMoreRatersNeeded(Conflict):
    code = "courtyards.no_more_raters_needed"
    sentence = _(
        "Others have scored this courtyard meanwhile (%(state)s). Your score was not counted; nothing of theirs was changed."
    )


class RecordOfAnother(Conflict):
    code = "courtyards.record_of_another"
    sentence = _("This record was made by somebody else. Log in as the one who made it and send it then.")


@dataclass(frozen=True, slots=True)
class Record:
    """A visit as the phone tells it. `marks` are points by line; times are the phone's own."""

    record_key: UUID
    yard_id: int
    outcome: str
    scored_at: datetime
    consent: str = ""
    consented_at: datetime | None = None
    marks: Mapping[str, int] = field(default_factory=dict)
    vetoes: Sequence[str] = ()
    rater_id: int | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that came along: its own key, so that it is kept once."""

    key: UUID
    data: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a record: the visit, or the refusal."""

    record_key: UUID
    visit: Visit | None = None
    refusal: DomainError | None = None


def sync_visits(
    *,
    actor: Actor,
    records: Sequence[Record],
    photos: Mapping[UUID, Sequence[Photo]],
    evidence_ids: Mapping[UUID, Sequence[UUID]] | None = None,
    sent_at: datetime | None = None,
    at: datetime,
) -> list[Answer]:
    """Take in a batch in its order, each record in a transaction of its own, and answer for each.

    Sent again, nothing changes and the answers are the same. A refused record holds nobody up. `sent_at` is the phone's
    clock when it sent: by its error the times of the records are set right.
    """
    ahead = sent_at - at if sent_at else timedelta()
    sheets: dict[int, Sheet] = {}
    answers = []
    for record in records:
        try:
            visit = record_visit(
                actor=actor, record=record, photos=photos.get(record.record_key, ()),
                evidence_ids=(evidence_ids or {}).get(record.record_key, ()), phone_ahead=ahead, sheets=sheets, at=at,
            )  # fmt: skip
            answers.append(Answer(record.record_key, visit=visit))
        except DomainError as refusal:
            answers.append(Answer(record.record_key, refusal=refusal))
    return answers


@transaction.atomic
def record_visit(
    *,
    actor: Actor,
    record: Record,
    photos: Sequence[Photo] = (),
    evidence_ids: Sequence[UUID] = (),
    phone_ahead: timedelta = timedelta(),
    sheets: dict[int, Sheet] | None = None,
    at: datetime,
) -> Visit:
    """Keep a visit with its photos, and grade the courtyard when it was the last one needed. The same record key again returns it.

    Not at home and declined leave the courtyard as it is, without a score. Raises NotFound, RecordOfAnother, RoundClosed,
    OwnHousehold, OutcomeUnknown, ConsentNeeded, ConsentAfterwards, LaneOnlyWhereEmpty, MarksIncomplete, MarksDoNotFit,
    VetoUnknown, VisitPhotoNeeded, TooManyPhotos, ScoredAlready, NoMoreRatersNeeded and what evidence raises.
    """
    yard = (
        Yard.objects.select_for_update(of=("self",))
        .select_related("village", "round")
        .filter(pk=record.yard_id)
        .first()
    )
    if yard is None or not actor.may(SCORE, scope_path=yard.village.scope_path):
        raise NotFound()
    if record.rater_id is not None and record.rater_id != actor.user_id:
        raise RecordOfAnother()
    if earlier := Visit.objects.filter(record_key=record.record_key).first():
        if earlier.rater_key != actor.person_key or earlier.yard_id != yard.pk:
            raise RecordOfAnother()
        return earlier
    assembly.require_enabled("courtyards", region_id=yard.village_id)
    if yard.household_id in own_household_ids(actor, at):
        raise OwnHousehold()
    if record.outcome not in OUTCOMES:
        raise OutcomeUnknown(found=record.outcome[:20])
    if yard.round.closed_at is not None and yard.state != "rectifying":
        raise RoundClosed(day=local_date(yard.round.closed_at).isoformat())
    visited_at = max(min(record.scored_at - phone_ahead, at), min(yard.round.opened_at, at))
    visit = Visit(
        yard=yard, record_key=record.record_key, outcome=record.outcome, rater_key=actor.person_key, rater_user_id=actor.user_id,
        visited_at=visited_at, received_at=at,
    )  # fmt: skip
    is_scored = record.outcome == "scored"
    if is_scored:
        sheet = _sheet(yard, sheets)
        _check_consent(record, yard)
        visit.consent, visit.consented_at = record.consent, record.consented_at
        visit.total_tenths = sheet.total_tenths(record.consent, record.marks)
        visit.marks, visit.vetoes = dict(record.marks), _vetoes(record, sheet)
        how_many = len(photos) + len(evidence_ids)
        if not how_many:
            raise VisitPhotoNeeded(field="photo")
        if how_many > MOST_PHOTOS:
            raise TooManyPhotos(field="photo", most=MOST_PHOTOS, found=how_many)
        visit.turn = _turn(yard, actor, visited_at)
    kept = [
        evidence.store(actor=actor, data=p.data, household_id=yard.household_id, at=at, request_key=p.key)
        for p in photos
    ]
    visit.photo_ids = [*(e.pk for e in kept), *evidence_ids] if is_scored else []
    if visit.photo_ids:
        evidence.attach(ids=visit.photo_ids, subject=yard.reference, actor=actor, at=at)
    visit.save(force_insert=True)
    audit.record(
        actor=actor, action="courtyards.visit", subject=yard.reference, at=at, region_id=yard.village_id,
        household_id=yard.household_id,
    )  # fmt: skip
    if is_scored:
        settle(yard, sheet, raters=yard.round.raters, actor=actor, at=at)
    return visit


def _sheet(yard: Yard, sheets: dict[int, Sheet] | None) -> Sheet:
    known = sheets if sheets is not None else {}
    if yard.round.version_id not in known:
        known[yard.round.version_id] = sheet_of_round(yard.round.version_id)
    return known[yard.round.version_id]


def _check_consent(record: Record, yard: Yard) -> None:
    """Civil Code art. 1033: nobody enters or photographs a dwelling without consent."""
    if record.consent not in ("lane", "yard", "rooms") or record.consented_at is None:
        raise ConsentNeeded(field="consent")
    if record.consent == "lane" and yard.yard_class != "empty":
        raise LaneOnlyWhereEmpty(field="consent")
    if record.consented_at > record.scored_at:
        raise ConsentAfterwards(
            field="consent",
            consented=f"{record.consented_at:%H:%M:%S}",
            scored=f"{record.scored_at:%H:%M:%S}",
        )


def _vetoes(record: Record, sheet: Sheet) -> list[str]:
    known = {i.code for i in sheet.of("veto")}
    for code in record.vetoes:
        if code not in known:
            raise VetoUnknown(field="vetoes", found=code[:20])
    return sorted(set(record.vetoes))


def _turn(yard: Yard, actor: Actor, visited_at: datetime) -> int:
    """Which look this is. Raises ScoredAlready, NoMoreRatersNeeded."""
    if yard.state == "rectifying" and visited_at > yard.state_since:
        return RECHECK_TURN  # what was seen before the household was given time is no second look
    visits = list(yard.visits.filter(turn__gt=0).order_by("turn"))
    for visit in visits:
        if visit.rater_key == actor.person_key:
            total = f"{(visit.total_tenths or 0) / 10:g}"
            raise ScoredAlready(day=local_date(visit.visited_at).isoformat(), total=total)
    if yard.state not in ("open", "third"):
        raise NoMoreRatersNeeded(state=YARD.state(yard.state).label)
    return len(visits) + 1
