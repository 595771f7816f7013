"""What a charter says beside its rules, in plain sentences."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.scenes.governance_points import terms_sheet
from xinzhi.scenes.governance_points.charter import Cap, CharterRule
from xinzhi.scenes.governance_points.charter_terms import Terms, Validity
from xinzhi.scenes.governance_points.overview.titles import OwnTitle
from xinzhi.scenes.governance_points.templatetags.governance_points import period_words

register = template.Library()


def cap_note(cap: Cap) -> str:
    """“at most 60 points per month”"""
    period = period_words()[cap.period]
    if cap.times is not None:
        return _("at most %(times)s times per %(period)s") % {"times": cap.times, "period": period}
    return _("at most %(points)s points per %(period)s") % {
        "points": format_points(cap.points_tenths or 0),
        "period": period,
    }


def semantic_notes(rule: CharterRule) -> list[str]:
    """What a rule says of members, sums, repetition, stacking, validity and veto."""
    notes = []
    if rule.points_kind == "per_member":
        notes.append(_("for each member of the household"))
    if rule.points_kind == "ladder":
        notes.append(_("the year's sum counts, not the single time"))
    if rule.group:
        notes.append(_("of one act only the highest of “%(group)s” counts") % {"group": rule.group})
    if rule.repeat_months:
        notes.append(_("again within %(months)s months counts double") % {"months": rule.repeat_months})
    if rule.validity_months is not None:
        notes.append(
            _("valid for %(months)s months after the end of the quarter") % {"months": rule.validity_months}
        )
    if rule.vetoes:
        notes.append(_("costs the title and the points dividend of the year"))
    return notes


@register.filter
def term_notes(terms: Terms) -> list[str]:
    """The terms of a charter, a sentence each."""
    notes = []
    if terms.bands:
        words = "、".join(terms_sheet.band_words(b) for b in terms.bands)
        notes.append(_("Titles of the year by score: %(titles)s.") % {"titles": words})
    if terms.year_base_tenths:
        notes.append(
            _("Each household's score begins the year with %(points)s; these are no points to spend.")
            % {"points": format_points(terms.year_base_tenths)}
        )
    notes += [
        _("Each household, all rules together: %(cap)s.") % {"cap": cap_note(c)} for c in terms.household_caps
    ]
    for category, percent in terms.category_percent.items():
        values = {"category": category, "percent": percent, "points": format_points(terms.share_from_tenths)}
        notes.append(
            (
                _("“%(category)s” gives at most %(percent)s of 100 of a household's points of the year, beyond %(points)s points.")
                if category
                else _("One category gives at most %(percent)s of 100 of a household's points of the year, beyond %(points)s points.")
            )
            % values
        )  # fmt: skip
    notes.append(_("Deeds are entered within %(days)s days.") % {"days": terms.late_entry_days})
    notes.append(validity_note(terms.validity))
    if terms.reset_on:
        month, day = terms.reset_on
        notes.append(
            _("On %(month)s-%(day)s of each year the points of earlier years end.")
            % {"month": f"{month:02}", "day": f"{day:02}"}
        )
    notes.append(
        _("What was spent counts for the points dividend all the same.")
        if terms.dividend_counts == "earned"
        else _("What was spent no longer counts for the points dividend.")
    )
    return notes


def validity_note(validity: Validity) -> str:
    return {
        "day": _("Points are valid for %(months)s months after the day of the deed."),
        "quarter": _("Points are valid for %(months)s months after the end of the quarter of the deed."),
        "year": _("Points are valid for %(months)s months after the end of the year of the deed."),
    }[validity.after] % {"months": validity.months}


@register.filter
def title_words(own: OwnTitle) -> list[str]:
    """A household's own year in plain sentences."""
    standing = own.standing
    if standing.is_vetoed:
        return [
            _("A vetoing act stands in your record of this year: it costs the title and the points dividend, no points."),
            _("Made good and seen, it no longer counts."),
        ]  # fmt: skip
    words = (
        _("Your score this year is %(score)s: %(title)s.")
        if standing.title
        else _("Your score this year is %(score)s; that is no title yet.")
    )
    said = [words % {"score": format_points(standing.score_tenths), "title": standing.title}]
    if own.next_band is not None and own.next_band.tenths is not None:
        least = own.next_band.tenths + own.next_band.above
        said.append(
            _("%(points)s more points make %(title)s.")
            % {"points": format_points(least - standing.score_tenths), "title": own.next_band.title}
        )
    return said


@register.filter
def permille(found: int | None) -> str:
    """81.2%"""
    return "–" if found is None else f"{found // 10}.{found % 10}%"


@register.simple_tag
def term_examples() -> list[tuple[str, str]]:
    """Every term a sheet may hold, with an example of its value."""
    return [
        (title, terms_sheet.EXAMPLES.get(key, _("in the columns of the caps")))
        for title, key in terms_sheet.TITLES.items()
    ]
