"""The linter: every rule against every topic and check, then the charter as a whole. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.rules.legal_profile import Standard
from xinzhi.scenes.governance_points.charter import CharterRule
from xinzhi.scenes.governance_points.linting.budget import Budget
from xinzhi.scenes.governance_points.linting.checks import check_doubles, check_rule
from xinzhi.scenes.governance_points.linting.finding import Finding, Severity
from xinzhi.scenes.governance_points.linting.topics import TOPICS, Topic
from xinzhi.scenes.governance_points.linting.words import words_of

SPENDING_PLAN = "浙江省农村集体资产管理条例第十七条：非生产性开支计划须经三分之二以上通过"


def lint(
    rules: Sequence[CharterRule],
    *,
    publication_days: int | None = None,
    least_days: Standard | None = None,
    most_days: Standard | None = None,
    budget: Budget | None = None,
) -> list[Finding]:
    """Everything found, errors first, then in the order of the rules; nothing is changed.

    `publication_days` is how long lists hang, judged by the standards of place and day; `budget` the year's points, where it is known.
    """
    found = [
        *_rules(rules),
        *check_doubles(rules),
        *_days(publication_days, least_days, most_days),
        *_budget(budget),
    ]
    places = {rule.code: place for place, rule in enumerate(rules)}
    return sorted(found, key=lambda f: (not f.is_error, places.get(f.rule_code, len(places))))


def _rules(rules: Sequence[CharterRule]) -> Iterator[Finding]:
    for rule in rules:
        words, seen = words_of(rule), False
        for topic in TOPICS:
            if topic.code == "blood_donation" and seen:
                continue  # it is forced, which has been said
            if hit := _found(topic, rule, words):
                seen = seen or topic.code == "forced_blood_donation"
                yield Finding(
                    topic.code, _severity(topic, rule), rule.code, topic.label, topic.why, topic.article, topic.instead, hit, words,
                )  # fmt: skip
        yield from check_rule(rule)


def _found(topic: Topic, rule: CharterRule, words: str) -> str:
    if topic.only and (topic.only == "deduction") != rule.is_deduction:
        return ""
    if topic.help is not None and not rule.is_deduction and topic.help.search(words):
        return ""
    if topic.settled is not None and topic.settled.search(rule.legal_basis):
        return ""
    text = topic.unless.sub("|", words) if topic.unless is not None else words
    hit = topic.pattern.search(text)
    return hit[0] if hit else ""


def _severity(topic: Topic, rule: CharterRule) -> Severity:
    """A deduction for giving no blood is forced, however it is put; a click that is rewarded is a question, one that is missed is none."""
    if topic.code == "blood_donation" and rule.is_deduction:
        return "error"
    if topic.code == "apps_and_clicks" and not rule.is_deduction:
        return "warning"
    return topic.severity


def _days(days: int | None, least: Standard | None, most: Standard | None) -> Iterator[Finding]:
    for limit in (least, most):
        if days is not None and limit is not None and not limit.holds_for(days):
            yield Finding(
                "publication_days", "error", "", _("Days a list is published"),
                _("Too short, and nobody sees the list in time; too long, and nobody knows when the points count."), limit.article,
                _("Choose 3 to 15 days; 7 is usual."), str(days),
            )  # fmt: skip


def _budget(budget: Budget | None) -> Iterator[Finding]:
    if budget is None or not budget.is_close:
        return
    expected, most = format_points(budget.expected_tenths), format_points(budget.points_tenths)
    yield Finding(
        "over_budget" if budget.is_exceeded else "near_budget", "error" if budget.is_exceeded else "warning", "",
        _("More points than the budget holds") if budget.is_exceeded else _("The budget is nearly used up"),
        _("Points the village can not honour are a promise broken."), SPENDING_PLAN,
        _("Lower points or caps, or let the meeting decide a larger budget first."), f"{expected} / {most}",
    )  # fmt: skip
