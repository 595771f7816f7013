"""The shape of a fact: a frozen dataclass of ids and plain values, named and versioned."""

from __future__ import annotations

import re
import types
import typing
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Any, ClassVar, NewType, Union
from uuid import UUID

#: A stable word of a code list ("village_clerk", "A-03"); never a text about a person.
Code = NewType("Code", str)

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.v[1-9][0-9]*\Z")
_CODE_VALUE = re.compile(r"[A-Za-z0-9_.:/+\-]{0,120}\Z")
_PERSONAL = re.compile(r"(?<!\d)(\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")
_PLAIN: tuple[Any, ...] = (int, bool, date, datetime, UUID, Code)
_classes: dict[str, type[Event]] = {}
_doubles: list[type[Event]] = []


@dataclass(frozen=True, slots=True)
class Event:
    """The base of every fact. `name` is "<slug>.<what_happened>.v<version>", in the past tense.

    Fields are ids, dates, integers, booleans and codes: a text field is of type `Code` or its name ends in
    `_code`. Personal text stays with residents. A field `village_id` or `region_id` says where it happened;
    scenes switched off there do not hear of it.
    """

    name: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # Not super(): slots=True makes a second class of it, and the zero-argument form breaks there.
        object.__init_subclass__(**kwargs)
        if cls.__dict__.get("name"):
            # slots=True makes every class twice, in the same place; another place is another fact.
            known = _classes.setdefault(cls.name, cls)
            if (known.__module__, known.__qualname__) == (cls.__module__, cls.__qualname__):
                _classes[cls.name] = cls
            else:
                _doubles.append(cls)

    @property
    def version(self) -> int:
        return int(self.name.rpartition(".v")[2])


def classes() -> dict[str, type[Event]]:
    """All facts whose module has been imported, by name."""
    return dict(_classes)


def doubles() -> list[type[Event]]:
    """Facts that came later under a name that was taken."""
    return list({(cls.__module__, cls.__qualname__): cls for cls in _doubles}.values())


def problems(cls: type[Event]) -> list[str]:
    """What is wrong with the shape of a fact, each with its remedy; an empty list when it is sound."""
    found = []
    if not NAME.match(cls.name):
        found.append(f"is named '{cls.name}'; a name looks like 'governance_points.deed_posted.v1'")
    if not is_dataclass(cls) or not cls.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        found.append("is not frozen; decorate it with @dataclass(frozen=True, slots=True)")
        return found
    hints = typing.get_type_hints(cls)
    for field in fields(cls):
        if not _is_plain(hints[field.name], field.name):
            found.append(
                f"has the field '{field.name}' of type {field.type}; a fact carries ids, dates, integers, booleans "
                "and codes. Text about persons stays with residents: pass the id. A code is of type `Code`, or its "
                "name ends in `_code`"
            )
    return found


def _is_plain(hint: Any, name: str) -> bool:
    origin = typing.get_origin(hint)
    if origin in (Union, types.UnionType):
        return all(_is_plain(part, name) for part in typing.get_args(hint) if part is not type(None))
    if origin is tuple:
        return all(_is_plain(part, name) for part in typing.get_args(hint) if part is not Ellipsis)
    if hint is str:
        return name == "code" or name.endswith(("_code", "_codes"))
    return hint in _PLAIN


def dump(event: Event) -> dict[str, Any]:
    """The payload as JSON keeps it. Raises ValueError when a text value is not a code."""
    return {field.name: _dump(getattr(event, field.name), event, field.name) for field in fields(event)}


def _dump(value: Any, event: Event, name: str) -> Any:
    if isinstance(value, str):
        if not _CODE_VALUE.match(value) or _PERSONAL.search(value):
            raise ValueError(
                f"{event.name}: '{name}' must be a code, found a text of {len(value)} characters. "
                "Hint: facts carry ids and codes; the reader asks the owner for the rest."
            )
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple | list):
        return [_dump(part, event, name) for part in value]
    if value is None or isinstance(value, int):
        return value
    raise ValueError(f"{event.name}: '{name}' must be a plain value, found {type(value).__name__}.")


def load(cls: type[Event], payload: dict[str, Any]) -> Event:
    """The fact again. Fields a newer version of the code added need a default; unknown ones are left out."""
    hints = typing.get_type_hints(cls)
    known = {field.name for field in fields(cls)}
    return cls(**{name: _load(hints[name], value) for name, value in payload.items() if name in known})


def _load(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin = typing.get_origin(hint)
    if origin in (Union, types.UnionType):
        return _load(next(part for part in typing.get_args(hint) if part is not type(None)), value)
    if origin is tuple:
        return tuple(_load(typing.get_args(hint)[0], part) for part in value)
    if hint is datetime:
        return datetime.fromisoformat(value)
    if hint is date:
        return date.fromisoformat(value)
    if hint is UUID:
        return UUID(value)
    return value
