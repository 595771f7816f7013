"""Who reads a list, and what he may read of it: the public display matrix (village.md 6.4) as code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.notices.lifecycle import ENTER, FILE
from xinzhi.kernel.notices.models import Publication
from xinzhi.kernel.residents.models import Household

READ = "notices.publication.read"
READ_IN_FULL = "notices.publication.read_in_full"
READ_FOR_PURPOSE = "notices.publication.read_for_purpose"
PURPOSES = ("recheck", "complaint", "audit", "statistics")

Kind = Literal["public", "villager", "office", "township"]


@dataclass(frozen=True, slots=True)
class Audience:
    """`kind` decides what is shown; `own` are the reader's households in the list's village."""

    kind: Kind
    own: frozenset[int] = frozenset()
    may_file: bool = False
    may_enter: bool = False


def audience_of(actor: Actor, publication: Publication) -> Audience:
    """public: no lines · villager: masked, inside the window · office: in full · township: with a purpose."""
    path = publication.village.scope_path
    candidates = set(actor.own_households(READ)) | set(actor.own_households(FILE))
    own: frozenset[int] = frozenset()
    if candidates:
        here = Household.objects.filter(pk__in=candidates, village_id=publication.village_id)
        own = frozenset(here.values_list("pk", flat=True))
    may_file = bool(own & set(actor.own_households(FILE)))
    may_enter = actor.may(ENTER, scope_path=path)
    if actor.may(READ_IN_FULL, scope_path=path):
        return Audience("office", own, may_file, may_enter)
    if actor.may(READ_FOR_PURPOSE, scope_path=path):
        return Audience("township", own, may_file, may_enter)
    if own & set(actor.own_households(READ)):
        return Audience("villager", own, may_file, may_enter)
    return Audience("public")
