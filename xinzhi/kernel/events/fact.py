"""The shape of a fact: a frozen dataclass of ids and plain values, named and versioned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, NewType

#: A stable word of a code list ("village_clerk", "A-03"); never a text about a person.
Code = NewType("Code", str)

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.v[1-9][0-9]*\Z")
_classes: dict[str, type[Event]] = {}


@dataclass(frozen=True, slots=True)
class Event:
    """The base of every fact. `name` is "<slug>.<what_happened>.v<version>", in the past tense.

    Fields are ids, dates, integers, booleans and codes: a text field is of type `Code` or its name ends in
    `_code`. Personal text stays with residents. A field `village_id` or `region_id` says where it happened;
    scenes switched off there do not hear of it.
    """

    name: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # Not super().__init_subclass__(): slots=True makes a second class, and the zero-argument form breaks there.
        object.__init_subclass__(**kwargs)
        if cls.name:
            _classes[cls.name] = cls

    @property
    def version(self) -> int:
        return int(self.name.rpartition(".v")[2])


def classes() -> dict[str, type[Event]]:
    """All facts whose module has been imported, by name."""
    return dict(_classes)
