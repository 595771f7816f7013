"""How the grades of a scene's act are found in a rule: by code, or by name in any language of the house."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import override

from xinzhi.kernel.rules.ports import Act


def names_of(label: str | Promise) -> set[str]:
    """What it is called, in every language."""
    found = set()
    for code, _name in settings.LANGUAGES:
        with override(code):
            found.add(str(label))
    return found


def grade_in(grades: Mapping[str, int], act: Act | None, code: str) -> str:
    """The rule's own word for this grade of the act, "" where the rule gives nothing for it."""
    if code in grades:
        return code
    label = dict(act.grades).get(code) if act is not None else None
    return next((name for name in names_of(label) if name in grades), "") if label is not None else ""
