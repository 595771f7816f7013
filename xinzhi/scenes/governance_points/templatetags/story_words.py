"""The story of a deed in words for villagers."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.web.templatetags.xinzhi import day
from xinzhi.scenes.governance_points.lifecycle import DEED
from xinzhi.scenes.governance_points.queries.story import Story

register = template.Library()


@register.filter
def desk_page(subject: str) -> str:
    """The desk's page about "governance_points.deed:12"; nothing for other subjects."""
    prefix, _colon, pk = subject.partition(":")
    return (
        reverse("governance_points:desk-deed", args=[int(pk)]) if prefix == DEED.name and pk.isdigit() else ""
    )


@register.filter
def plain_words(story: Story) -> list[str]:
    """The whole story in a few plain sentences, to be read or heard."""
    deed, takes = story.deed, story.deed.points_tenths < 0
    values = {
        "day": day(deed.done_on), "title": deed.rule.title, "number": deed.rule.version.number,
        "resolution": deed.rule.version.resolution, "points": format_points(abs(deed.points_tenths)),
    }  # fmt: skip
    said = [
        _("On %(day)s this was noted: %(title)s.") % values
        if takes
        else _("On %(day)s your household did this: %(title)s.") % values,
        _("The charter (version %(number)s, adopted by %(resolution)s) takes %(points)s points for it.")
        % values
        if takes
        else _("The charter (version %(number)s, adopted by %(resolution)s) gives %(points)s points for it.")
        % values,
    ]
    if deed.verified_at is not None:
        said.append(
            _("It was verified on %(day)s by somebody who had not entered it.")
            % {"day": day(deed.verified_at)}
        )
    if story.publication is not None:
        said.append(
            _("It hung out for everybody to object in list %(list)s.") % {"list": story.publication.number}
            if not takes
            else _("List %(list)s says that there was a deduction, and not whose.")
            % {"list": story.publication.number}
        )
    if deed.state == "posted" and not takes:
        said.append(
            _("The points are in your account and can be used until %(day)s.") % {"day": day(story.last_day)}
        )
    elif deed.state != "posted":
        said.append(_("It now stands at: %(state)s.") % {"state": story.state_label})
    return said
