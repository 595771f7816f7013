"""The points council meets: it is called with an agenda, decides by vote, and its signed minutes are filed.

The council deliberates at least once a month, before anything is published (Wendeng measures; village.md 1.5).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import services as assembly
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import Conflict, Invalid, NotFound
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.lifecycle import COUNCIL_REASONS, DEED, KEEP_MEETINGS, MEETING
from xinzhi.scenes.governance_points.models import CouncilMeeting, Deed, MeetingAttendance, MeetingItem
from xinzhi.scenes.governance_points.queries.charter import charter_on
from xinzhi.scenes.governance_points.queries.council import (
    Member,
    members_of_council,
    recheck_until,
    recused_by_kinship,
)
from xinzhi.scenes.governance_points.queries.deeds import waiting_for_council
from xinzhi.scenes.governance_points.services.charter import village_for

#: Most deeds of one meeting: a month of a large village, and a pack people can still carry.
MOST_ITEMS = 2_000
#: A meeting may be entered some days after it took place, and is called at most this long ahead.
DAYS_BACK, DAYS_AHEAD = 31, 90
#: The minutes of a meeting are entered within these days after it.
ENTERED_WITHIN = timedelta(days=3)


class MeetingCalledAlready(Conflict):
    code = "governance_points.meeting_called_already"
    sentence = _("A meeting has been called already and not been held. Hold it or call it off first.")


class PlaceNeeded(Invalid):
    code = "governance_points.place_needed"
    sentence = _("Say where the council meets, in at most 60 characters.")


class MeetingOutOfReach(Invalid):
    code = "governance_points.meeting_out_of_reach"
    sentence = _("A meeting lies at most %(back)s days back and %(ahead)s days ahead; found %(found)s.")


class NoCouncil(Conflict):
    code = "governance_points.no_council"
    sentence = _(
        "Nobody holds the role of a council member in this village. Ask the township to name the council."
    )


class NoQuorum(Conflict):
    code = "governance_points.no_quorum"
    sentence = _(
        "More than half of the %(members)s members must be there; found %(present)s. Call another day if they can not come."
    )


class VotesDoNotFit(Invalid):
    code = "governance_points.votes_do_not_fit"
    sentence = _("No. %(position)s: %(voters)s may vote, but %(found)s votes were entered.")


class NobodyMayVote(Conflict):
    code = "governance_points.nobody_may_vote"
    sentence = _("No. %(position)s: nobody of those present may vote about this household. Postpone it.")


class RefusalNeedsReason(Invalid):
    code = "governance_points.refusal_needs_reason"
    sentence = _(
        "No. %(position)s was not approved. Choose the reason, so that it can be explained to the household."
    )


class ItemMissing(Invalid):
    code = "governance_points.item_missing"
    sentence = _(
        "Every deed on the agenda needs a decision; %(missing)s have none. Postpone what was not discussed."
    )


class MeetingNotHeld(Conflict):
    code = "governance_points.meeting_not_held"
    sentence = _("The meeting has not been held yet. Enter its decisions first.")


class ScanNeeded(Invalid):
    code = "governance_points.scan_needed"
    sentence = _("Add a photo or a PDF of the signed minutes.")


@dataclass(frozen=True, slots=True)
class Vote:
    """What was decided about one item. Who is not against and does not abstain is in favour."""

    item_id: int
    against: int = 0
    abstaining: int = 0
    recused: frozenset[int] = frozenset()
    is_postponed: bool = False
    reason_code: str = ""


@transaction.atomic
def call_meeting(
    *, actor: Actor, request_key: UUID, village_id: int, meets_at: datetime, place: str, at: datetime
) -> CouncilMeeting:
    """Call a meeting; everything that waits for the council is on its agenda. The same key again returns the first.

    Raises PlaceNeeded, MeetingOutOfReach, NoCouncil, MeetingCalledAlready and what `village_for` raises.
    """
    village = village_for(actor=actor, village_id=village_id, permission=KEEP_MEETINGS)
    Region.objects.select_for_update(no_key=True).get(
        pk=village.pk
    )  # one meeting at a time, one number after the other
    if earlier := CouncilMeeting.objects.filter(request_key=request_key, village=village).first():
        return earlier
    place = place.strip()
    if not place or len(place) > 60:
        raise PlaceNeeded(field="place")
    if not at - timedelta(days=DAYS_BACK) <= meets_at <= at + timedelta(days=DAYS_AHEAD):
        raise MeetingOutOfReach(
            field="meets_on", back=DAYS_BACK, ahead=DAYS_AHEAD, found=local_date(meets_at)
        )
    if not members_of_council(village.pk, local_date(meets_at)):
        raise NoCouncil()
    if CouncilMeeting.objects.filter(village=village, state="prepared").exists():
        raise MeetingCalledAlready()
    year = local_date(meets_at).year
    last = CouncilMeeting.objects.filter(village=village, year=year).aggregate(last=Max("sequence"))["last"]
    meeting = CouncilMeeting(
        village=village,
        year=year,
        sequence=(last or 0) + 1,
        meets_at=meets_at,
        place=place,
        called_by_key=actor.person_key,
        request_key=request_key,
    )
    due = max(meets_at, at) + ENTERED_WITHIN
    workflow.start(
        meeting, lifecycle=MEETING, action="called", actor=actor, at=at, request_key=request_key, due_at=due
    )
    _fill_agenda(meeting, at)
    return meeting


@transaction.atomic
def refresh_agenda(*, actor: Actor, meeting_id: int, at: datetime) -> int:
    """Put on the agenda what has been verified since, and take off what no longer waits. Returns how many are on it."""
    meeting = _locked(actor, meeting_id)
    if meeting.state == "prepared":
        _fill_agenda(meeting, at)
    return meeting.items.count()


def _fill_agenda(meeting: CouncilMeeting, at: datetime) -> None:
    charter = charter_on(meeting.village_id, local_date(at))
    waiting = waiting_for_council(meeting.village_id, charter).order_by("rule_code", "done_on", "pk")[
        :MOST_ITEMS
    ]
    ids = list(waiting.values_list("pk", flat=True))
    known = dict(meeting.items.values_list("deed_id", "position"))
    meeting.items.exclude(deed_id__in=ids).delete()
    last = max(known.values(), default=0)
    fresh = [pk for pk in ids if pk not in known]
    MeetingItem.objects.bulk_create(
        MeetingItem(meeting=meeting, deed_id=pk, position=last + nth) for nth, pk in enumerate(fresh, start=1)
    )


def _locked(actor: Actor, meeting_id: int) -> CouncilMeeting:
    found = (
        CouncilMeeting.objects.select_for_update(of=("self",))
        .select_related("village")
        .filter(pk=meeting_id)
        .first()
    )
    if found is None or not actor.may(KEEP_MEETINGS, scope_path=found.village.scope_path):
        raise NotFound()
    assembly.require_enabled("governance_points", region_id=found.village_id)
    return found


@transaction.atomic
def call_off(*, actor: Actor, meeting_id: int, request_key: UUID, at: datetime) -> CouncilMeeting:
    """The meeting does not take place; what was on its agenda waits for the next one."""
    meeting = _locked(actor, meeting_id)
    workflow.advance(meeting, "call_off", actor=actor, at=at, request_key=request_key)
    meeting.items.all().delete()
    return meeting


@transaction.atomic
def hold_meeting(
    *,
    actor: Actor,
    meeting_id: int,
    present: Iterable[int],
    votes: Sequence[Vote],
    note: str = "",
    request_key: UUID,
    at: datetime,
) -> CouncilMeeting:
    """Enter who was there and what was decided about each item; every deed takes its step in the same transaction.

    More than half of the members make a quorum; an item passes with more than half of those who may vote about it
    (village.md 1.5, after the Organic Law art. 22). Members of a household never vote about it.
    Raises NoQuorum, VotesDoNotFit, NobodyMayVote, RefusalNeedsReason, ItemMissing, StateHasMoved, NotFound.
    """
    meeting = _locked(actor, meeting_id)
    was = meeting.state
    workflow.advance(meeting, "hold", actor=actor, at=at, note=note, request_key=request_key)
    if was == "held":  # the same request again
        return meeting
    council = members_of_council(meeting.village_id, local_date(meeting.meets_at))
    there = {m.user_id for m in council} & set(present)
    if not council:
        raise NoCouncil()
    if 2 * len(there) <= len(council):
        raise NoQuorum(members=len(council), present=len(there))
    items = list(meeting.items.select_related("deed").order_by("position"))
    by_item = {v.item_id: v for v in votes}
    if missing := [i for i in items if i.pk not in by_item]:
        raise ItemMissing(missing=len(missing))
    for item in items:
        _decide(item, by_item[item.pk], there, council)
    MeetingItem.objects.bulk_update(
        items,
        ["outcome", "votes_for", "votes_against", "votes_abstaining", "recused_user_ids", "reason_code"],
        batch_size=500,
    )
    MeetingAttendance.objects.bulk_create(
        MeetingAttendance(
            meeting=meeting, user_id=m.user_id, person_key=m.person_key, is_present=m.user_id in there
        )
        for m in council
    )
    CouncilMeeting.objects.filter(pk=meeting.pk).update(held_at=at, members=len(council))
    _move_deeds(meeting, items, actor=actor, at=at)
    return meeting


def _decide(item: MeetingItem, vote: Vote, there: set[int], council: Sequence[Member]) -> None:
    """Count one vote into the item."""
    recused = (vote.recused | recused_by_kinship(council, item.deed.household_id)) & there
    item.recused_user_ids = sorted(recused)
    if vote.is_postponed:
        item.outcome = "postponed"
        return
    voters = len(there) - len(recused)
    if voters == 0:
        raise NobodyMayVote(position=item.position)
    if vote.against < 0 or vote.abstaining < 0 or vote.against + vote.abstaining > voters:
        raise VotesDoNotFit(
            field=f"against-{item.pk}",
            position=item.position,
            voters=voters,
            found=vote.against + vote.abstaining,
        )
    item.votes_against, item.votes_abstaining = vote.against, vote.abstaining
    item.votes_for = voters - vote.against - vote.abstaining
    if 2 * item.votes_for > voters:
        item.outcome = "approved"
        return
    if vote.reason_code not in {r.code for r in COUNCIL_REASONS}:
        raise RefusalNeedsReason(field=f"reason-{item.pk}", position=item.position)
    item.outcome, item.reason_code = "returned", vote.reason_code


def _move_deeds(meeting: CouncilMeeting, items: Sequence[MeetingItem], *, actor: Actor, at: datetime) -> None:
    """Every decided deed takes its step, alike ones together."""
    rechecked = charter_on(meeting.village_id, local_date(at)).rechecked_codes
    steps: dict[tuple[str, str], list[int]] = defaultdict(list)
    for item in items:
        deed: Deed = item.deed
        if item.outcome == "approved":
            again = deed.rule_code in rechecked and deed.raw_tenths > 0
            steps["approve_for_recheck" if again else "approve", ""].append(deed.pk)
        elif item.outcome == "returned":
            steps["council_drop" if deed.raw_tenths < 0 else "council_return", item.reason_code].append(
                deed.pk
            )
    for (action, reason), ids in sorted(steps.items()):
        workflow.advance_many(
            DEED, ids, action, actor=actor, at=at, reason_code=reason, per_row_refusals=False,
            due_at=recheck_until(at) if action == "approve_for_recheck" else None,
        )  # fmt: skip


@transaction.atomic
def file_minutes(
    *, actor: Actor, meeting_id: int, evidence_ids: Sequence[UUID], request_key: UUID, at: datetime
) -> CouncilMeeting:
    """Attach the scan of the signed minutes. Raises ScanNeeded, MeetingNotHeld, StateHasMoved, NotFound."""
    meeting = _locked(actor, meeting_id)
    if not evidence_ids:
        raise ScanNeeded(field="scan")
    if meeting.state == "prepared":
        raise MeetingNotHeld()
    workflow.advance(meeting, "file", actor=actor, at=at, request_key=request_key)
    evidence.attach(ids=evidence_ids, subject=meeting.reference, actor=actor, at=at)
    return meeting
