"""Reads of council meetings: who belongs to the council, what is on the agenda, what was decided."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from xinzhi.kernel.audit import labels
from xinzhi.kernel.evidence import queries as evidence
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import SHANGHAI, local_date
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.identity import queries as identity
from xinzhi.kernel.identity import scope
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.workflow import queries as workflow
from xinzhi.scenes.governance_points.lifecycle import COUNCIL_REASONS, DEED, MEETING, REPLY_ACTIONS
from xinzhi.scenes.governance_points.models import CouncilMeeting, Deed, MeetingItem

VIEW = "governance_points.council.view"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the council. `household_ids` are his own: about them he does not vote."""

    user_id: int
    person_key: str
    name: str
    household_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One deed on the agenda, with all the council looks at; and, once it met, what it decided."""

    item: MeetingItem
    deed: Deed
    head: str
    photos: Sequence[Any]
    said: Sequence[Any] = ()
    own_members: Sequence[Member] = ()
    recused: Sequence[Member] = ()
    reason: str = ""

    @property
    def voters(self) -> int:
        return self.item.votes_for + self.item.votes_against + self.item.votes_abstaining


@dataclass(frozen=True, slots=True)
class MeetingView:
    """A meeting ready for the page, its pack or its minutes."""

    meeting: CouncilMeeting
    state_label: str
    members: Sequence[Member]
    present_ids: frozenset[int]
    items: Sequence[AgendaItem]
    scans: Sequence[Any]
    counted: dict[str, int] = field(default_factory=dict)

    @property
    def present(self) -> list[Member]:
        return [m for m in self.members if m.user_id in self.present_ids]

    @property
    def absent(self) -> list[Member]:
        return [m for m in self.members if m.user_id not in self.present_ids]


def visible_meetings(actor: Actor) -> QuerySet[CouncilMeeting]:
    return scope.visible(CouncilMeeting.objects.all(), actor, VIEW, household_field=None)


def meetings(*, actor: Actor, village_id: int) -> list[CouncilMeeting]:
    """The latest meetings of a village, newest first."""
    return list(visible_meetings(actor).filter(village_id=village_id).order_by("-year", "-sequence")[:24])


def meeting_for(*, actor: Actor, meeting_id: int) -> CouncilMeeting:
    """One meeting. Raises NotFound."""
    found = visible_meetings(actor).select_related("village").filter(pk=meeting_id).first()
    if found is None:
        raise NotFound()
    return found


def members_of_council(village_id: int, day: date) -> list[Member]:
    """Who holds the role of a council member on a day, with the households of each: four queries."""
    keys = identity.person_keys(identity.holders("council_member", village_id, day))
    persons = {int(k.removeprefix("person:")) for k in keys.values() if k.startswith("person:")}
    own = residents.households_of_persons(persons, on=day)
    names = labels.actor_names(set(keys.values()))
    offices = identity.labels(keys)
    return [
        Member(
            user_id=user_id,
            person_key=key,
            name=names.get(key) or offices.get(user_id) or str(user_id),
            household_ids=frozenset(own.get(int(key.removeprefix("person:")), ()))
            if key in names and key.startswith("person:")
            else frozenset(),
        )
        for user_id, key in sorted(keys.items())
    ]


def meeting_view(*, actor: Actor, meeting_id: int) -> MeetingView:
    """Agenda, attendance, votes and scans of a meeting, in a constant number of queries. Raises NotFound."""
    meeting = meeting_for(actor=actor, meeting_id=meeting_id)
    council = members_of_council(meeting.village_id, local_date(meeting.meets_at))
    present = {a.user_id: a for a in meeting.attendance.all()}
    if meeting.held_at is not None:  # the council of that day, also when the grants have been changed since
        known = {m.user_id: m for m in council}
        names = labels.actor_names({a.person_key for a in present.values()})
        council = [
            known.get(a.user_id) or Member(a.user_id, a.person_key, names.get(a.person_key, str(a.user_id)))
            for a in present.values()
        ]
    items = _items(meeting, council, actor)
    counted: dict[str, int] = {}
    for entry in items:
        counted[entry.item.outcome] = counted.get(entry.item.outcome, 0) + 1
    return MeetingView(
        meeting=meeting,
        state_label=MEETING.label_of(meeting.state),
        members=council,
        present_ids=frozenset(a.user_id for a in present.values() if a.is_present),
        items=items,
        scans=evidence.of_subject(meeting.reference, actor),
        counted=counted,
    )


def _items(meeting: CouncilMeeting, council: Sequence[Member], actor: Actor) -> list[AgendaItem]:
    rows = list(
        MeetingItem.objects.filter(meeting=meeting)
        .select_related("deed__rule", "deed__household")
        .order_by("position")
    )
    heads = residents.head_names({row.deed.household_id for row in rows}, masked=False)
    photos = evidence.of_subjects(
        [s for row in rows for s in (row.deed.evidence_subject, row.deed.reference) if s], actor
    )
    said = workflow.notes_of(
        DEED, [row.deed_id for row in rows if row.deed.raw_tenths < 0], actions=REPLY_ACTIONS
    )
    reasons = {r.code: str(r.label) for r in COUNCIL_REASONS}
    by_id = {m.user_id: m for m in council}
    return [
        AgendaItem(
            item=row,
            deed=row.deed,
            head=heads.get(row.deed.household_id, ""),
            photos=[
                e
                for subject in (row.deed.evidence_subject, row.deed.reference)
                for e in photos.get(subject, ())
                if e.kind == "photo"
            ],
            said=said.get(row.deed_id, ()),
            own_members=[m for m in council if row.deed.household_id in m.household_ids],
            recused=[by_id[u] for u in row.recused_user_ids if u in by_id],
            reason=reasons.get(row.reason_code, ""),
        )
        for row in rows
    ]


def recused_by_kinship(council: Collection[Member], household_id: int) -> frozenset[int]:
    """Who may not vote about a household because he belongs to it."""
    return frozenset(m.user_id for m in council if household_id in m.household_ids)


def recheck_until(at: datetime) -> datetime:
    """The end of the next 10th: what the council approves, the township re-checks before the 10th of the month (Wendeng)."""
    today = local_date(at)
    month = today.month + (1 if today.day > RECHECK_DAY else 0)
    year, month = (today.year + 1, 1) if month > 12 else (today.year, month)
    return datetime.combine(date(year, month, RECHECK_DAY) + timedelta(days=1), datetime.min.time(), SHANGHAI)


RECHECK_DAY = 10
