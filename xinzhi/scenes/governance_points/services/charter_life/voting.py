"""The villagers' meeting: roll, quorum and tally are entered; its signed minutes are attached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from xinzhi.kernel.events import services as events
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.rules.legal_profile import Standard
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.events import CharterPassed
from xinzhi.scenes.governance_points.life_models import CharterDraft, CharterVote
from xinzhi.scenes.governance_points.queries.charter_drafts import (
    MAJORITY,
    QUORUMS,
    clocks_for,
    households_on_roll,
    look_over,
)
from xinzhi.scenes.governance_points.services.charter import ResolutionNeeded
from xinzhi.scenes.governance_points.services.charter_life import refusals
from xinzhi.scenes.governance_points.services.charter_life.common import locked
from xinzhi.scenes.governance_points.services.council import PlaceNeeded, ScanNeeded

MOST_PEOPLE = 100_000
#: A notice older than this belongs to another meeting.
NOTICE_AGE_DAYS = 90


@dataclass(frozen=True, slots=True)
class Tally:
    """What the meeting's records say. `basis`: "households" (one representative each) or "adults"."""

    basis: str
    notice_on: date
    held_on: date
    place: str
    resolution: str
    entitled: int
    present: int
    votes_for: int
    votes_against: int
    votes_abstaining: int


@transaction.atomic
def enter_vote(*, actor: Actor, draft_id: int, tally: Tally, request_key: UUID, at: datetime) -> CharterDraft:
    """Enter the vote of the villagers' meeting. Passed, its minutes are signed next; not passed, the draft is written on.

    Quorum and majority are those of the place and the day of the meeting, and are kept with the vote. Raises StateHasMoved, BasisUnknown,
    MeetingBeforeDraft, NoticeTooShort, NoticeTooEarly, PlaceNeeded, ResolutionNeeded, NumberNeeded, RollTooSmall, MoreThanOnRoll,
    VotesDoNotAddUp, NoVillageQuorum, NotFound.
    """
    draft = locked(actor, draft_id)
    if draft.state != "checked":
        # The same request again, or somebody who comes late: the workflow tells them apart, and says where the draft stands.
        last = CharterVote.objects.filter(draft=draft).order_by("-round").first()
        action = "lose" if last is not None and not last.passed else "pass"
        workflow.advance(draft, action, actor=actor, at=at, request_key=request_key)
        return draft
    if tally.basis not in QUORUMS:
        raise refusals.BasisUnknown(field="basis", found=tally.basis[:20])
    _judge_days(draft, tally, at)
    clocks = clocks_for(draft.village_id, tally.held_on)
    _judge_notice(tally, clocks["village_meeting.notice"])
    _judge_words(tally)
    registered = households_on_roll(draft.village_id)
    quorum, majority = clocks[QUORUMS[tally.basis]], clocks[MAJORITY]
    _judge_numbers(tally, registered, quorum)
    passed = majority.holds_for(tally.votes_for, tally.present)
    workflow.advance(draft, "pass" if passed else "lose", actor=actor, at=at, request_key=request_key)
    last_round = CharterVote.objects.filter(draft=draft).aggregate(last=Max("round"))["last"] or 0
    CharterVote.objects.create(
        draft=draft, round=last_round + 1, basis=tally.basis, notice_on=tally.notice_on, held_on=tally.held_on,
        place=tally.place.strip(), resolution=tally.resolution.strip(), entitled=tally.entitled, registered=registered,
        present=tally.present, votes_for=tally.votes_for, votes_against=tally.votes_against,
        votes_abstaining=tally.votes_abstaining, passed=passed, quorum_article=quorum.article,
        majority_article=majority.article, rules_digest=look_over(draft, at).digest, entered_by_key=actor.person_key,
        entered_at=at,
    )  # fmt: skip
    if passed:
        events.publish(CharterPassed(draft_id=draft.pk, village_id=draft.village_id, held_on=tally.held_on))
    return draft


def _judge_days(draft: CharterDraft, tally: Tally, at: datetime) -> None:
    today = local_date(at)
    first = draft.checked_on or today
    if not first <= tally.held_on <= today:
        raise refusals.MeetingBeforeDraft(field="held_on", first=first, found=tally.held_on)


def _judge_notice(tally: Tally, notice: Standard) -> None:
    told_before = (tally.held_on - tally.notice_on).days
    if not notice.holds_for(told_before):
        raise refusals.NoticeTooShort(
            field="notice_on", days=notice.days, last=tally.held_on - timedelta(days=notice.days), found=tally.notice_on,
            article=notice.article,
        )  # fmt: skip
    if told_before > NOTICE_AGE_DAYS:
        raise refusals.NoticeTooEarly(field="notice_on", days=NOTICE_AGE_DAYS, found=tally.notice_on)


def _judge_words(tally: Tally) -> None:
    if not tally.place.strip() or len(tally.place.strip()) > 60:
        raise PlaceNeeded(field="place")
    if not tally.resolution.strip() or len(tally.resolution.strip()) > 100:
        raise ResolutionNeeded(field="resolution")


def _judge_numbers(tally: Tally, registered: int, quorum: Standard) -> None:
    for name, least in (
        ("entitled", 1),
        ("present", 1),
        ("votes_for", 0),
        ("votes_against", 0),
        ("votes_abstaining", 0),
    ):
        number = getattr(tally, name)
        if not least <= number <= MOST_PEOPLE:
            raise refusals.NumberNeeded(field=name, least=least, most=MOST_PEOPLE, found=number)
    if tally.basis == "households" and tally.entitled < registered:
        raise refusals.RollTooSmall(field="entitled", registered=registered, found=tally.entitled)
    if tally.present > tally.entitled:
        raise refusals.MoreThanOnRoll(field="present", present=tally.present, entitled=tally.entitled)
    together = tally.votes_for + tally.votes_against + tally.votes_abstaining
    if together != tally.present:
        raise refusals.VotesDoNotAddUp(field="votes_for", present=tally.present, found=together)
    if not quorum.holds_for(tally.present, tally.entitled):
        raise refusals.NoVillageQuorum(
            field="present", needed=quorum.least_of(tally.entitled), entitled=tally.entitled, present=tally.present,
            article=quorum.article,
        )  # fmt: skip


@transaction.atomic
def file_minutes(
    *, actor: Actor, draft_id: int, evidence_ids: Sequence[UUID], request_key: UUID, at: datetime
) -> CharterDraft:
    """Attach the scan of the signed minutes. Raises ScanNeeded, StateHasMoved, NotFound."""
    draft = locked(actor, draft_id)
    if not evidence_ids:
        raise ScanNeeded(field="scan")
    was = draft.state
    workflow.advance(draft, "sign", actor=actor, at=at, request_key=request_key)
    if draft.state != was:
        evidence.attach(ids=evidence_ids, subject=draft.reference, actor=actor, at=at)
    return draft
