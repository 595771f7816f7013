"""The acts of a household's page: which fields each form has, and which service it calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.amounts import PointsNotUnderstood, parse_points
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.residents import history, queries, services
from xinzhi.kernel.residents.members import NewMember
from xinzhi.kernel.residents.models import Household, LifeEvent
from xinzhi.kernel.residents.services.life.refusals import (
    MergedWithItself,
    NotAMember,
    ShareNotUnderstood,
)
from xinzhi.kernel.residents.texts import visible
from xinzhi.kernel.web.forms import read_day, read_ids, read_int


class HouseholdNotKnown(NotFound):
    code = "residents.household_not_known"
    status = 422
    sentence = _(
        "There is no household “%(found)s” in this village. Check the number in the list of households."
    )


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent about one household. `agreed` is asked for at the confirmation only."""

    actor: Actor
    household: Household
    data: QueryDict
    request_key: UUID
    at: datetime
    agreed: bool = True
    seen: str = ""

    @property
    def basis(self) -> str:
        return self.data.get("basis", "")

    def day(self, name: str = "on") -> date:
        return read_day(self.data, name)

    def person(self) -> int:
        """Raises NotAMember when nobody was chosen."""
        found = read_int(self.data, "person")
        if found is None:
            raise NotAMember(field="person", number=self.household.household_no)
        return found

    def relations(self) -> dict[int, str]:
        """What was chosen beside each name when the page asked to confirm."""
        prefix = "relation-"
        return {
            int(name.removeprefix(prefix)): str(self.data[name])
            for name in self.data
            if name.startswith(prefix)
            and name.removeprefix(prefix).isdecimal()
            and len(name) < 28
            and self.data[name]
        }

    def other(self, name: str) -> Household | None:
        """Another household of the village by its number, None when nothing was written. Raises HouseholdNotKnown."""
        written = visible(self.data.get(name, ""))[:40]
        if not written:
            return None
        found = history.in_village(self.actor, self.household.village_id, written)
        if found is None:
            raise HouseholdNotKnown(field=name, found=written)
        return found

    def member(self) -> NewMember:
        """Somebody new. Raises DateNotUnderstood; the service refuses the rest."""
        return NewMember(
            name=self.data.get("name", ""),
            relation_code=self.data.get("relation", ""),
            sex_code=self.data.get("sex", "0"),
            id_number=self.data.get("id_number", ""),
            birth_date=self.day("birth_date") if self.data.get("birth_date") else None,
            phone=self.data.get("phone", ""),
            is_collective_member=self.data.get("is_collective_member") == "1",
        )


def _birth(form: Form) -> LifeEvent:
    return services.record_birth(
        actor=form.actor, request_key=form.request_key, household_id=form.household.pk, member=form.member(), basis=form.basis,
        at=form.at,
    )  # fmt: skip


def _death(form: Form) -> LifeEvent:
    return services.record_death(
        actor=form.actor, request_key=form.request_key, household_id=form.household.pk, person_id=form.person(), on=form.day(),
        basis=form.basis, new_head_id=read_int(form.data, "head"), relations=form.relations(), at=form.at,
    )  # fmt: skip


def _marriage_in(form: Form) -> LifeEvent:
    """Somebody new, or a member of another household of the village, found by its number and his name."""
    former = form.other("from_household")
    person_id = None
    if former is not None:
        names = queries.display_names([m.person_id for m in queries.members(former.pk)])
        written = visible(form.data.get("name", ""))
        person_id = next((pk for pk, name in names.items() if name == written), None)
        if person_id is None:
            raise NotAMember(field="name", number=former.household_no)
    return services.record_marriage_in(
        actor=form.actor, request_key=form.request_key, household_id=form.household.pk, on=form.day(), basis=form.basis,
        member=None if person_id else form.member(), person_id=person_id, relation_code=form.data.get("relation", ""),
        at=form.at,
    )  # fmt: skip


def _marriage_out(form: Form) -> LifeEvent:
    to = form.other("to_household")
    return services.record_marriage_out(
        actor=form.actor, request_key=form.request_key, household_id=form.household.pk, person_id=form.person(), on=form.day(),
        basis=form.basis, to_household_id=to.pk if to else None, relation_code=form.data.get("relation", ""),
        new_head_id=read_int(form.data, "head"), relations=form.relations(), at=form.at,
    )  # fmt: skip


def _moved_away(form: Form) -> LifeEvent:
    return services.record_moving_away(
        actor=form.actor, request_key=form.request_key, household_id=form.household.pk, person_ids=read_ids(form.data, "person"),
        on=form.day(), basis=form.basis, new_head_id=read_int(form.data, "head"), relations=form.relations(), at=form.at,
    )  # fmt: skip


def _came_back(form: Form) -> LifeEvent:
    return services.record_return(
        actor=form.actor, request_key=form.request_key, household_id=form.household.pk, person_id=form.person(),
        relation_code=form.data.get("relation", ""), on=form.day(), basis=form.basis, at=form.at,
    )  # fmt: skip


def _head(form: Form) -> LifeEvent:
    return services.change_head(
        actor=form.actor, request_key=form.request_key, household_id=form.household.pk, new_head_id=form.person(), on=form.day(),
        basis=form.basis, relations=form.relations(), at=form.at,
    )  # fmt: skip


def _split(form: Form) -> LifeEvent:
    going = read_ids(form.data, "person")
    split = services.Split(
        household_id=form.household.pk, person_ids=going, household_no=form.data.get("household_no", ""),
        head_id=read_int(form.data, "new_household_head") or 0, on=form.day(), basis=form.basis,
        new_head_id=read_int(form.data, "head"), share_permille=_share(form.data), relations=form.relations(),
        new_relations=form.relations(),
    )  # fmt: skip
    return services.split_household(
        actor=form.actor,
        request_key=form.request_key,
        split=split,
        agreed=form.agreed,
        at=form.at,
        seen=form.seen,
    )


def _share(data: QueryDict) -> int | None:
    """Tenths of a per cent, or None to divide by the number of members. Raises ShareNotUnderstood."""
    if data.get("share_by") != "agreed":
        return None
    written = data.get("share", "")
    try:
        return parse_points(written)
    except PointsNotUnderstood:
        raise ShareNotUnderstood(field="share", found=written[:20]) from None


def _merge(form: Form) -> LifeEvent:
    into = form.other("into")
    if into is None or into.pk == form.household.pk:
        raise MergedWithItself(field="into") if into else HouseholdNotKnown(field="into", found="")
    merger = services.Merger(
        household_id=form.household.pk, into_household_id=into.pk, on=form.day(), basis=form.basis, relations=form.relations()
    )  # fmt: skip
    return services.merge_households(
        actor=form.actor,
        request_key=form.request_key,
        merger=merger,
        agreed=form.agreed,
        at=form.at,
        seen=form.seen,
    )


@dataclass(frozen=True, slots=True)
class Act:
    """`fields` are those of the form, in the order of the page. `others`: fields that name another household."""

    slug: str
    kind: str
    label: str | Promise
    help: str | Promise
    icon: str
    fields: tuple[str, ...]
    do: Callable[[Form], LifeEvent]
    others: tuple[str, ...] = ()
    needs_agreement: bool = False

    @property
    def asks_relations(self) -> bool:
        """Whether others get another relation to a head, which the confirmation proposes and lets correct."""
        return bool({"head", "next_head", "into"} & set(self.fields))


_POINTS_STAY = _("The points stay with the household.")
ACTS: tuple[Act, ...] = (
    Act(
        "split", "split", _("Split"), _("Some of the members found a household of their own, with a number and a head. Points are divided."),
        "split", ("persons", "household_no", "new_household_head", "head", "share", "on", "basis"), _split, needs_agreement=True,
    ),
    Act(
        "merge", "merged", _("Merge"), _("All members and all points go over to another household; this one is closed and stays readable."),
        "merge", ("into", "on", "basis"), _merge, others=("into",), needs_agreement=True,
    ),
    Act(
        "birth", "birth", _("Birth"), _("A child belongs to the household from the day of its birth."), "baby",
        ("name", "relation", "sex", "birth_date", "id_number", "basis"), _birth,
    ),
    Act("death", "death", _("Death"), _POINTS_STAY, "flower", ("person", "head", "on", "basis"), _death),
    Act(
        "marriage-in", "marriage_in", _("Married in"), _POINTS_STAY, "heart",
        ("name", "from_household", "relation", "sex", "birth_date", "id_number", "phone", "on", "basis"), _marriage_in,
        others=("from_household",),
    ),
    Act(
        "marriage-out", "marriage_out", _("Married out"), _POINTS_STAY, "heart-handshake",
        ("person", "to_household", "relation", "head", "on", "basis"), _marriage_out, others=("to_household",),
    ),
    Act("move-away", "moved_away", _("Moved away"), _POINTS_STAY, "log-out", ("persons", "head", "on", "basis"), _moved_away),
    Act("come-back", "came_back", _("Came back"), _POINTS_STAY, "log-in", ("former", "relation", "on", "basis"), _came_back),
    Act("head", "head_changed", _("Change the head"), _POINTS_STAY, "user-check", ("next_head", "on", "basis"), _head),
)  # fmt: skip
BY_SLUG = {act.slug: act for act in ACTS}
BY_KIND = {act.kind: act for act in ACTS}
