"""Templates of messages: a code, and a sentence with named places. Scenes register theirs in apps.ready."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.workflow.lifecycle import Text

#: Why a list is taken down before its end.
WITHDRAWAL_REASONS: tuple[tuple[str, Text], ...] = (
    ("mistake", _("It contains a mistake")),
    ("wrong_village", _("It belongs to another village")),
    ("ordered", _("The township ordered it")),
)

_PURPOSES: dict[str, Text] = {
    "recheck": _("Re-check of the month"),
    "complaint": _("A complaint"),
    "audit": _("An audit"),
    "statistics": _("Statistics"),
}


def purpose_label(code: str) -> str:
    """Why a township reads single lines, in words."""
    return str(_PURPOSES.get(code, code))


_templates: dict[str, Text] = {
    "notices.objection_filed": _(
        "An objection was filed against a line of your household in list %(number)s. You will be told the answer."
    ),
    "notices.objection_upheld": _("The objection in list %(number)s was upheld. The line was removed."),
    "notices.objection_dismissed": _("The objection in list %(number)s was dismissed. The line stands."),
}


def register(template: str, text: Text) -> None:
    _templates[template] = text


def text_of(template: str, params: Mapping[str, Any]) -> str:
    """The sentence; a template whose scene was removed still reads as something."""
    text = _templates.get(template)
    if text is None:
        return _t("A message about your affairs. Ask the village office.")
    try:
        return str(text) % params
    except (KeyError, ValueError, TypeError):
        return str(text)
