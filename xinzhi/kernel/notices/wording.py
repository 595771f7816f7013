"""Templates of messages: a code, and a sentence with named places. Scenes register theirs in apps.ready."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.workflow.lifecycle import Text

_templates: dict[str, Text] = {
    "notices.objection_filed": _("An objection was filed against a line of your household in list %(number)s. You will be told the answer."),
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
