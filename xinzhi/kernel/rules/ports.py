"""What scenes bring to a charter: the acts they can see, and what two raters said of the same thing.

A charter names an act in a rule; so the scene need not know the charter, nor the charter the scene.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
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


#: Pairs of scores, by two raters who rated the same thing, in villages within two days (both included).
Ratings = Callable[[Collection[int], date, date], list[tuple[float, float]]]

_ratings: dict[str, tuple[str | Promise, Ratings]] = {}


def register_ratings(code: str, label: str | Promise, ratings: Ratings) -> None:
    """Called in a scene's apps.ready by who has things rated twice; a fairness report says how far the raters agree."""
    _ratings[code] = (label, ratings)


def ratings() -> list[tuple[str | Promise, Ratings]]:
    """Label and pairs of every kind of rating, by code."""
    return [_ratings[code] for code in sorted(_ratings)]
