"""Who has anything to do with a case."""

from __future__ import annotations

from typing import Any

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity import scope
from xinzhi.kernel.workflow.checks import permissions_in
from xinzhi.kernel.workflow.lifecycle import Lifecycle


def has_role_in(actor: Actor, lifecycle: Lifecycle, subject: Any) -> bool:
    """Whether a role gives the actor some permission of the lifecycle where the subject is."""
    by_paths = {tuple(sorted(actor.scope_paths(p))): p for p in permissions_in(lifecycle)}
    for permission in by_paths.values():
        ids = scope.region_ids(actor, permission)
        if ids is None or subject.village_id in ids:
            return True
    return False


def has_to_do_with(actor: Actor, lifecycle: Lifecycle, subject: Any) -> bool:
    """By a role where the subject is, or by a permission for the household it credits."""
    household_id = getattr(subject, "household_id", None)
    own = household_id is not None and any(
        household_id in actor.own_households(p) for p in permissions_in(lifecycle)
    )
    return own or has_role_in(actor, lifecycle, subject)
