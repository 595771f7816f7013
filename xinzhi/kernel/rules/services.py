"""Writes: draft a version, put it in force, withdraw a draft."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Conflict, Invalid
from xinzhi.kernel.rules.models import Rule, RuleBook, RuleVersion


class VersionNotADraft(Conflict):
    code = "rules.version_not_a_draft"
    sentence = _("Version %(number)s is already in force or withdrawn. Make a new version instead.")


class VersionStartsTooEarly(Conflict):
    code = "rules.version_starts_too_early"
    sentence = _(
        "A new version must begin after %(current)s, the day the present one began; found %(found)s. "
        "Deeds already scored would change."
    )


class DuplicateRuleCode(Invalid):
    code = "rules.duplicate_code"
    sentence = _("Rule number %(found)s appears twice. Each rule needs a number of its own.")


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule as the owning scene shapes it."""

    code: str
    category: str
    title: str
    params: dict[str, Any] = field(default_factory=dict)
    legal_basis: str = ""


def digest_of(rules: Sequence[NewRule], settings: dict[str, Any]) -> str:
    """SHA-256 over the content of a version: the same table again is recognised."""
    content = {"rules": [asdict(r) for r in rules], "settings": settings}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@transaction.atomic
def draft_version(
    *,
    actor: Actor,
    kind: str,
    region_id: int,
    rules: Sequence[NewRule],
    settings: dict[str, Any],
    resolution: str,
    active_from: date,
    at: datetime,
) -> RuleVersion:
    """Write a draft version of a region's rule book. The same content again returns the version that has it.

    Raises DuplicateRuleCode. The caller has checked that the actor may do so.
    """
    book, _created = RuleBook.objects.get_or_create(kind=kind, region_id=region_id)
    RuleBook.objects.select_for_update().get(pk=book.pk)
    seen: set[str] = set()
    for rule in rules:
        if rule.code in seen:
            raise DuplicateRuleCode(found=rule.code)
        seen.add(rule.code)

    digest = digest_of(rules, settings)
    latest = book.versions.exclude(status=RuleVersion.Status.WITHDRAWN).order_by("-number").first()
    if (
        latest
        and latest.content_digest == digest
        and (latest.active_from, latest.resolution) == (active_from, resolution)
    ):
        return latest
    last_number = book.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = RuleVersion.objects.create(
        book=book,
        number=last_number + 1,
        active_from=active_from,
        resolution=resolution,
        settings=settings,
        content_digest=digest,
        created_at=at,
        created_by_key=actor.person_key,
    )
    Rule.objects.bulk_create(
        Rule(
            version=version,
            code=r.code,
            position=position,
            category=r.category,
            title=r.title,
            params=r.params,
            legal_basis=r.legal_basis,
        )
        for position, r in enumerate(rules, start=1)
    )
    audit.record(
        actor=actor,
        action="rules.draft_version",
        subject=f"rules.version:{version.pk}",
        at=at,
        region_id=region_id,
    )
    return version


@transaction.atomic
def put_in_force(*, actor: Actor, version_id: int, at: datetime) -> RuleVersion:
    """Let a draft hold from its `active_from`; the version before it ends on that day.

    Raises VersionNotADraft, VersionStartsTooEarly.
    """
    version = RuleVersion.objects.select_related("book").get(pk=version_id)
    RuleBook.objects.select_for_update().get(pk=version.book_id)
    version.refresh_from_db()
    if version.status == RuleVersion.Status.IN_FORCE:
        return version
    if version.status != RuleVersion.Status.DRAFT:
        raise VersionNotADraft(number=version.number)
    in_force = RuleVersion.objects.filter(book_id=version.book_id, status=RuleVersion.Status.IN_FORCE)
    present = in_force.order_by("-active_from").first()
    if present is not None:
        if present.active_from >= version.active_from:
            raise VersionStartsTooEarly(current=present.active_from, found=version.active_from)
        if present.active_to is None or present.active_to > version.active_from:
            present.active_to = version.active_from
            present.save(update_fields=["active_to"])
    version.status = RuleVersion.Status.IN_FORCE
    version.save(update_fields=["status"])
    audit.record(
        actor=actor,
        action="rules.put_in_force",
        subject=f"rules.version:{version.pk}",
        at=at,
        region_id=version.book.region_id,
    )
    return version


@transaction.atomic
def withdraw_draft(*, actor: Actor, version_id: int, at: datetime) -> RuleVersion:
    """Put a draft aside. Raises VersionNotADraft."""
    version = RuleVersion.objects.select_for_update(of=("self",)).select_related("book").get(pk=version_id)
    if version.status != RuleVersion.Status.DRAFT:
        raise VersionNotADraft(number=version.number)
    version.status = RuleVersion.Status.WITHDRAWN
    version.save(update_fields=["status"])
    audit.record(
        actor=actor,
        action="rules.withdraw_draft",
        subject=f"rules.version:{version.pk}",
        at=at,
        region_id=version.book.region_id,
    )
    return version
