"""The acts scenes can see. A charter names one in a rule; so the scene need not know the charter, nor the charter the scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise

Measure = Literal["once", "quantity", "grade"]


@dataclass(frozen=True, slots=True)
class Act:
    """Something a scene confirms: "courtyards.graded", "volunteering.hours_served".

    `measure`: "once" counts the deed itself, "quantity" comes with tenths of `unit`, "grade" with one of `grades` (code → label).
    """

    code: str
    label: str | Promise
    measure: Measure = "once"
    unit: str | Promise = ""
    grades: tuple[tuple[str, str | Promise], ...] = ()


_acts: dict[str, Act] = {}


def register_act(act: Act) -> None:
    """Called in a scene's apps.ready."""
    _acts[act.code] = act


def acts() -> list[Act]:
    """Every act some installed scene can see, by code."""
    return [_acts[code] for code in sorted(_acts)]


def act_of(code: str) -> Act | None:
    """None when the scene that saw it was removed."""
    return _acts.get(code)
