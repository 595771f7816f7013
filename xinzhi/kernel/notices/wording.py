"""Templates of messages: a code, and a sentence with named places. Scenes register theirs in apps.ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.channels.port import CODES
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


@dataclass(frozen=True, slots=True)
class Going:
    """How a template leaves the house, beside the in-app list: by the first of `channels` that reaches the person.

    `urgent` goes in quiet hours and beyond the daily cap as well. `must` goes to who has opted out too: only where somebody loses
    a right when he does not hear of it in time.
    """

    channels: tuple[str, ...] = ()
    urgent: bool = False
    must: bool = False


#: In the app only: what is good news or can wait.
IN_APP = Going()
#: Also outside: what has a deadline or costs somebody something.
OUTSIDE = Going(channels=CODES)

_templates: dict[str, Text] = {
    "notices.objection_filed": _(
        "An objection was filed against a line of your household in list %(number)s. You will be told the answer."
    ),
    "notices.objection_upheld": _("The objection in list %(number)s was upheld. The line was removed."),
    "notices.objection_appealed": _(
        "The answer about a line of your household in list %(number)s was appealed; the township decides."
    ),
    "notices.objection_dismissed": _("The objection in list %(number)s was dismissed. The line stands."),
}


#: An answer begins the days for an appeal; the others tell of something at stake.
_going: dict[str, Going] = dict.fromkeys(_templates, OUTSIDE)


def register(template: str, text: Text, going: Going = IN_APP) -> None:
    """A template with its sentence and the way it goes. Called in a scene's apps.ready."""
    _templates[template] = text
    _going[template] = going


def going_of(template: str) -> Going:
    """How a template leaves the house; one whose scene was removed stays inside."""
    return _going.get(template, IN_APP)


#: Where a message about a subject leads: the prefix before the colon, and a page that takes the id behind it.
_pages: dict[str, str] = {
    "notices.publication": "notices:publication",
    "notices.objection": "notices:objection",
}


def register_page(prefix: str, url_name: str) -> None:
    """Messages about "prefix:12" lead to this page. Called in a scene's apps.ready."""
    _pages[prefix] = url_name


def page_of_subject(subject: str) -> str:
    """The address of the page about a subject, or nothing."""
    prefix, _colon, pk = subject.partition(":")
    name = _pages.get(prefix)
    if name is None or not pk.isdigit():
        return ""
    try:
        return reverse(name, args=[int(pk)])
    except NoReverseMatch:  # its scene is switched off
        return ""


def text_of(template: str, params: Mapping[str, Any]) -> str:
    """The sentence; a template whose scene was removed still reads as something."""
    text = _templates.get(template)
    if text is None:
        return _t("A message about your affairs. Ask the village office.")
    try:
        return str(text) % params
    except (KeyError, ValueError, TypeError):
        return str(text)
