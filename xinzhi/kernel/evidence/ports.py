"""How scenes say who may see what evidence belongs to. What nobody registered stays closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from xinzhi.kernel.foundation.actors import Actor

#: Gets subjects of its prefix, returns those whose evidence the actor may see.
AccessRule = Callable[[Actor, Iterable[str]], set[str]]

_rules: dict[str, AccessRule] = {}


def register_access(subject_prefix: str, rule: AccessRule) -> None:
    """Register the rule for subjects that begin with the prefix, e.g. "governance_points.deed:".

    Called in `apps.ready`. Raises ValueError when the prefix overlaps with another one.
    """
    if not subject_prefix.endswith(":"):
        raise ValueError(f"A subject prefix ends with ':', found {subject_prefix!r}.")
    for known in _rules:
        if known != subject_prefix and (known.startswith(subject_prefix) or subject_prefix.startswith(known)):
            raise ValueError(f"The subject prefixes {known!r} and {subject_prefix!r} overlap.")
    _rules[subject_prefix] = rule


def unregister_access(subject_prefix: str) -> None:
    """Forget a rule (tests, scenes switched off)."""
    _rules.pop(subject_prefix, None)


def visible_subjects(actor: Actor, subjects: Iterable[str]) -> set[str]:
    """Those of the subjects whose evidence the actor may see; one call per prefix."""
    by_prefix: dict[str, set[str]] = {}
    for subject in subjects:
        prefix = f"{subject.partition(':')[0]}:"
        by_prefix.setdefault(prefix, set()).add(subject)
    visible: set[str] = set()
    for prefix, asked in by_prefix.items():
        rule = _rules.get(prefix)
        if rule is not None:
            visible |= set(rule(actor, asked)) & asked
    return visible
