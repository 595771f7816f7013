"""Reads: the version in force on a day, its rules, the history of a book."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.rules.models import Rule, RuleVersion


class NoVersionInForce(NotFound):
    code = "rules.no_version_in_force"
    sentence = _("No rules were in force on %(day)s. Choose a later day, or ask the village office.")


def versions(kind: str, region_id: int) -> QuerySet[RuleVersion]:
    """All versions of a region's book, newest first."""
    return RuleVersion.objects.filter(book__kind=kind, book__region_id=region_id).order_by("-number")


def in_force_on(day: date) -> Q:
    return Q(status=RuleVersion.Status.IN_FORCE, active_from__lte=day) & (
        Q(active_to__isnull=True) | Q(active_to__gt=day)
    )


def version_in_force(kind: str, region_id: int, day: date) -> RuleVersion:
    """The version in force on a day. Raises NoVersionInForce."""
    version = versions(kind, region_id).filter(in_force_on(day)).first()
    if version is None:
        raise NoVersionInForce(day=day)
    return version


def rules_of(version_id: int) -> list[Rule]:
    """The rules of a version in their order."""
    return list(Rule.objects.filter(version_id=version_id).order_by("position"))


def rules_by_id(rule_ids: Iterable[int]) -> dict[int, Rule]:
    """Rules with their versions, by id, in one query."""
    return {r.pk: r for r in Rule.objects.filter(pk__in=set(rule_ids)).select_related("version")}
