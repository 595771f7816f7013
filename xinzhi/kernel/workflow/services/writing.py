"""What every step writes: the step, the task that comes next, the note, the audit row. All set-based."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.workflow.deadlines import due_at as moment_due
from xinzhi.kernel.workflow.errors import NoteTooLong
from xinzhi.kernel.workflow.lifecycle import Deadline, Lifecycle, Permission, PermissionBy, Transition
from xinzhi.kernel.workflow.models import Note, Step, Task
from xinzhi.kernel.workflow.services.tables import AnyOf, insert_steps, put_tasks

NOTE_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Act:
    """What is being done, the same for every row of one call."""

    lifecycle: Lifecycle
    action: str
    actor: Actor
    at: datetime
    reason_code: str = ""
    note: str = ""
    request_key: UUID | None = None
    due_at: datetime | None = None
    concerns: tuple[int, ...] = ()


def actor_key(actor: Actor) -> str:
    """The login behind an act: "user:5", "key:2", "system"."""
    if actor.user_id is not None:
        return f"user:{actor.user_id}"
    if actor.api_key_id is not None:
        return f"key:{actor.api_key_id}"
    return actor.person_key


def role_for(actor: Actor, permissions: Iterable[str], household_id: int | None) -> str:
    """The role that let the actor do this: the narrowest grant with the permission, or his own household."""
    if actor.is_system:
        return "system"
    wanted = set(permissions)
    holding = [g for g in actor.grants if wanted & g.permissions]
    if holding:
        return max(holding, key=lambda g: (len(g.scope_path), g.role)).role
    role, _region = audit.acting_role(actor, region_id=None, household_id=household_id)
    return role


def permission_for(permission: Permission, subject: Any) -> str:
    if isinstance(permission, PermissionBy):
        return permission.of(getattr(subject, permission.field))
    return permission


def household_of(subject: Any) -> int | None:
    found: int | None = getattr(subject, "household_id", None)
    return found


def check_note(note: str) -> str:
    """The note without blank edges. Raises NoteTooLong."""
    note = note.replace("\x00", "").strip()
    if len(note) > NOTE_LENGTH:
        raise NoteTooLong(field="note", most=NOTE_LENGTH, found=len(note))
    return note


def write_notes(act: Act, subjects: Sequence[Any]) -> dict[int, int]:
    """One note for each subject, so that each household's can be erased. Returns note id by subject id."""
    if not act.note:
        return {}
    # A villager's words are his household's too; an officer's only those of the case.
    own = () if act.actor.grants else act.actor.household_ids
    shared = {*act.concerns, *own}
    notes = Note.objects.bulk_create(
        Note(
            lifecycle=act.lifecycle.name,
            subject_id=s.pk,
            village_id=s.village_id,
            household_ids=sorted(shared | ({household_of(s)} - {None})),
            author_key=act.actor.person_key,
            text=act.note,
            at=act.at,
        )
        for s in subjects
    )
    return {n.subject_id: n.pk for n in notes if n.subject_id is not None}


def write_steps(
    act: Act, moves: Sequence[tuple[Any, str, str, str]], was_due: dict[int, datetime] | None = None
) -> dict[int, Step]:
    """One step for each (subject, from, to, permission). Of a single one the step itself is returned, by subject id."""
    notes = write_notes(act, [m[0] for m in moves])
    due = was_due or {}
    roles: dict[tuple[str, int | None], str] = {}
    same = {
        "lifecycle": act.lifecycle.name,
        "action": act.action,
        "actor_key": actor_key(act.actor),
        "person_key": act.actor.person_key,
        "channel": act.actor.channel,
        "at": act.at,
        "reason_code": act.reason_code,
        "request_key": act.request_key,
    }
    rows = []
    for subject, source, target, permission in moves:
        household_id = household_of(subject)
        # Only the own household changes the role; anybody else's is the role of the permission.
        own = household_id if household_id in act.actor.household_ids else None
        if (permission, own) not in roles:
            roles[permission, own] = role_for(act.actor, [permission], own)
        rows.append(
            {
                "subject_id": subject.pk,
                "village_id": subject.village_id,
                "household_id": household_id,
                "from_state": source,
                "to_state": target,
                "role": roles[permission, own],
                "was_due_at": due.get(subject.pk),
                "note_id": notes.get(subject.pk),
            }
        )
    ids = insert_steps(same, rows)
    return {
        row["subject_id"]: Step(id=ids[row["subject_id"]], **same, **row) for row in rows if len(rows) == 1
    }


def write_tasks(
    act: Act, subjects: Sequence[Any], target: str, transition: Transition | None, *, is_first: bool = False
) -> None:
    """Open the task of the new state in the place of the one each subject had; at the end there is none.

    `is_first`: nothing was done with the subjects before this act.
    """
    lifecycle, state = act.lifecycle, act.lifecycle.state(target)
    ids = [s.pk for s in subjects]
    if state.terminal:
        Task.objects.filter(AnyOf("subject_id", ids), lifecycle=lifecycle.name).delete()
        return
    deadline = (transition.deadline if transition else None) or state.deadline or Deadline(working_days=7)
    owner = lifecycle.owner_of(transition, state)
    barred = _barred(act, ids, target, owner, is_first)
    same = {
        "lifecycle": lifecycle.name,
        "state": target,
        "opened_at": act.at,
        "due_at": act.due_at or moment_due(deadline, act.at),
        "waiting": state.waiting,
        "recuses": lifecycle.recuses(target, owner),
    }
    put_tasks(
        same,
        [
            {
                "subject_id": s.pk,
                "village_id": s.village_id,
                "household_id": household_of(s),
                "permission": permission_for(owner, s),
                "barred": ",".join(sorted(barred.get(s.pk, ()))),
            }
            for s in subjects
        ],
    )


def _barred(
    act: Act, ids: Sequence[int], target: str, owner: Permission, is_first: bool
) -> dict[int, list[str]]:
    """Who can press none of the buttons of the new state, because four eyes bar him from each."""
    deciding = act.lifecycle.deciding(target, owner)
    if not deciding or not all(t.four_eyes_against for t in deciding):
        return {}
    actions = {a for t in deciding for a in t.four_eyes_against}
    nobody = ("system", "nobody")
    steps: Iterable[tuple[int, str, str]]
    if is_first:
        steps = ((subject_id, act.actor.person_key, act.action) for subject_id in ids)
    else:
        earlier = Step.objects.filter(
            AnyOf("subject_id", ids), lifecycle=act.lifecycle.name, action__in=actions
        )
        steps = earlier.values_list("subject_id", "person_key", "action")
    did: dict[tuple[int, str], set[str]] = defaultdict(set)
    for subject_id, person_key, action in steps:
        if person_key not in nobody:
            did[subject_id, person_key].add(action)
    found: dict[int, list[str]] = defaultdict(list)
    for (subject_id, person_key), done in did.items():
        if all(done & set(t.four_eyes_against) for t in deciding):
            found[subject_id].append(person_key)
    return found


def write_audit(act: Act, subjects: Sequence[Any]) -> None:
    """One audit row for one subject; for many, one for each village with their number and a digest of their ids."""
    action = f"{act.lifecycle.name}.{act.action}"
    if len(subjects) == 1:
        subject = subjects[0]
        audit.record(
            actor=act.actor,
            action=action,
            subject=f"{act.lifecycle.name}:{subject.pk}",
            at=act.at,
            region_id=subject.village_id,
            household_id=household_of(subject),
        )
        return
    by_village: dict[int, list[int]] = defaultdict(list)
    for subject in subjects:
        by_village[subject.village_id].append(subject.pk)
    audit.record_many(
        audit.Entry(
            actor=act.actor,
            action=action,
            subject=f"{act.lifecycle.name}:many",
            at=act.at,
            region_id=village_id,
            count=len(ids),
            digest=hashlib.sha256(",".join(map(str, sorted(ids))).encode()).hexdigest(),
        )
        for village_id, ids in sorted(by_village.items())
    )
