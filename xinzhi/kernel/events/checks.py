"""Are the facts what they claim to be? Asked at start."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.checks import CheckMessage, Error

from xinzhi.kernel.assembly import registry
from xinzhi.kernel.assembly.checks import nearest
from xinzhi.kernel.events.fact import Event, classes, doubles, problems


def load_facts() -> None:
    """Import `events.py` of every package, so that a fact read from the table finds its class."""
    for declared in registry.declared():
        if declared.package != "xinzhi.kernel.events" and find_spec(f"{declared.package}.events"):
            import_module(f"{declared.package}.events")


def check_facts(app_configs: Any = None, **_options: Any) -> list[CheckMessage]:  # noqa: ARG001
    """The system check: every fact is declared, named, frozen, and carries ids and codes only."""
    found: list[CheckMessage] = []
    known = classes()
    found += [
        Error(
            f"'{cls.name}' is the name of {cls.__qualname__} and of {known[cls.name].__qualname__}.",
            hint="give the newer one its own name; a changed shape is a new version, '….v2'.",
            id="events.E004",
        )
        for cls in doubles()
        if any(_is_of(cls, declared.package) for declared in registry.declared())
    ]
    for declared in registry.declared():
        own = {name: cls for name, cls in known.items() if _is_of(cls, declared.package)}
        for name, cls in own.items():
            found += [
                Error(f"Fact {cls.__name__} of '{declared.manifest.slug}' {problem}.", id="events.E001")
                for problem in problems(cls)
            ]
            if name not in declared.manifest.publishes:
                found.append(
                    Error(
                        f"'{declared.manifest.slug}' has the fact '{name}' but does not say so.",
                        hint=f"add '{name}' to `publishes` in its manifest.py.",
                        id="events.E002",
                    )
                )
        for name in declared.manifest.publishes:
            if name not in own:
                found.append(
                    Error(
                        f"'{declared.manifest.slug}' says it publishes '{name}', but its events.py has no such fact.",
                        hint=nearest(name, own, "write the dataclass, or remove the name."),
                        id="events.E003",
                    )
                )
    return found


def _is_of(cls: type[Event], package: str) -> bool:
    return cls.__module__ == f"{package}.events" or cls.__module__.startswith(f"{package}.events.")
