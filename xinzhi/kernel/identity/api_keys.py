"""Keys of programs: shown once, kept as a digest, narrow, ending."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Invalid, NotFound
from xinzhi.kernel.identity.models import ApiKey
from xinzhi.kernel.regions import queries as regions

MANAGE_KEYS = "identity.api_key.manage"
LONGEST = timedelta(days=731)
_RAW = re.compile(r"xz_([a-z0-9]{8})_([A-Za-z0-9_-]{43})\Z", re.ASCII)
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


class KeyNeedsScopes(Invalid):
    code = "identity.key_needs_scopes"
    sentence = _("A key needs at least one permission it may use. Choose from the list.")


class ScopeUnknown(Invalid):
    code = "identity.scope_unknown"
    sentence = _("“%(found)s” is no permission a key may have. Choose from the list.")


class ExpiryOutOfRange(Invalid):
    code = "identity.expiry_out_of_range"
    sentence = _("A key ends in the future and at most two years from now; found %(found)s.")


class KeyNameMissing(Invalid):
    code = "identity.key_name_missing"
    sentence = _("Give the key a name, for example the program that uses it.")


class KeyNotFound(NotFound):
    code = "identity.key_not_found"
    sentence = _("This key was not found. Look at the list of keys.")


def permissions_for_keys() -> dict[str, str]:
    """Permission codes a key may have, with their names. Keys never administer users or keys."""
    from xinzhi.kernel.assembly import registry

    return {
        permission.code: str(permission.name)
        for manifest in registry.manifests()
        for permission in manifest.permissions
        if not permission.code.startswith("identity.")
    }


@transaction.atomic
def issue_api_key(
    *,
    actor: Actor,
    name: str,
    scopes: Sequence[str],
    region_id: int,
    expires_at: datetime,
    at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its text, which is shown this once and kept nowhere.

    Raises Forbidden, KeyNameMissing, KeyNeedsScopes, ScopeUnknown, ExpiryOutOfRange, RegionNotFound.
    """
    at = at or clock.now()
    actor.require(MANAGE_KEYS, scope_path=regions.path_of(region_id))
    name = name.replace("\x00", "").strip()
    if not name:
        raise KeyNameMissing(field="name")
    if not scopes:
        raise KeyNeedsScopes(field="scopes")
    allowed = permissions_for_keys()
    for scope in scopes:
        if scope not in allowed:
            raise ScopeUnknown(found=str(scope)[:80], field="scopes")
    if not at < expires_at <= at + LONGEST:
        raise ExpiryOutOfRange(found=expires_at.date().isoformat(), field="expires_at")
    prefix = "".join(secrets.choice(_ALPHABET) for _i in range(8))
    raw = f"xz_{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        name=name[:80],
        prefix=prefix,
        key_hash=_digest(raw),
        scopes=sorted(set(scopes)),
        region_id=region_id,
        created_by=actor.person_key,
        created_at=at,
        expires_at=expires_at,
    )
    audit.record(
        actor=actor, action="identity.issue_api_key", subject=f"api_key:{key.pk}", at=at, region_id=region_id
    )
    return key, raw


@transaction.atomic
def revoke_api_key(*, actor: Actor, key_id: int, at: datetime | None = None) -> ApiKey:
    """End a key at once. A second time changes nothing. Raises KeyNotFound."""
    at = at or clock.now()
    key = ApiKey.objects.select_for_update(of=("self",)).select_related("region").filter(pk=key_id).first()
    if key is None or not actor.may(MANAGE_KEYS, scope_path=key.region.scope_path):
        raise KeyNotFound()
    if key.revoked_at is None:
        key.revoked_at = at
        key.save(update_fields=["revoked_at"])
        audit.record(
            actor=actor,
            action="identity.revoke_api_key",
            subject=f"api_key:{key.pk}",
            at=at,
            region_id=key.region_id,
        )
    return key


def api_keys(actor: Actor) -> list[ApiKey]:
    """Keys of the regions where the actor manages them, newest first."""
    from xinzhi.kernel.identity import scope

    actor.require(MANAGE_KEYS)
    rows = scope.visible(
        ApiKey.objects.select_related("region"),
        actor,
        MANAGE_KEYS,
        region_field="region_id",
        household_field=None,
    )
    return list(rows.order_by("-pk")[:200])


def check(raw: str) -> ApiKey | None:
    """The key behind a text, None when it is unknown, revoked or over. Notes at most once a minute that it was used."""
    match = _RAW.match(raw)
    if match is None:
        return None
    key = ApiKey.objects.select_related("region").filter(prefix=match[1]).first()
    now = clock.now()
    if key is None or not hmac.compare_digest(key.key_hash, _digest(raw)):
        return None
    if key.revoked_at is not None or key.expires_at <= now:
        return None
    if key.last_used_at is None or now - key.last_used_at > timedelta(minutes=1):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def _digest(raw: str) -> str:
    # 256 random bits: a plain digest is enough, nobody can guess them.
    return hashlib.sha256(raw.encode()).hexdigest()
