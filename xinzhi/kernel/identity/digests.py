"""Keyed digests of phones, addresses and codes, so that a stolen table tells nothing."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings


def keyed(purpose: str, *parts: str) -> str:
    """HMAC-SHA-256 in hex under the installation's index key; `purpose` keeps the uses apart."""
    message = "\x1f".join((purpose, *parts)).encode()
    return hmac.new(settings.SECRETS.index_key.encode(), message, hashlib.sha256).hexdigest()


def lock_number(digest: str) -> int:
    """A signed 64-bit number for an advisory lock."""
    return int.from_bytes(bytes.fromhex(digest[:16]), "big", signed=True)
