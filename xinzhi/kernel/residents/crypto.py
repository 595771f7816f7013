"""Encryption of personal values.

    field key (environment) ──wraps──▶ key of the person ──encrypts──▶ value      AES-256-GCM throughout
    index key (environment) ──HMAC-SHA256──▶ blind index of the normalised value

Ciphertexts are bound to person and field: moved to another row they do not decrypt. Rotation re-wraps the
persons' keys with the newest field key and touches no value. Destroying a person's key forgets him.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Conflict

_NONCE = 12


class FieldKeyMissing(Conflict):
    code = "residents.field_key_missing"
    status = 503
    sentence = _(
        "Personal values are encrypted with the field key %(key_id)s, which this installation was not given. "
        "Add it to XINZHI_FIELD_KEYS."
    )


class ValueDamaged(Conflict):
    code = "residents.value_damaged"
    status = 503
    sentence = _(
        "The stored “%(field_name)s” of person %(person)s cannot be decrypted; it was damaged or moved."
    )


def new_key() -> bytes:
    return os.urandom(32)


def newest_field_key_id() -> str:
    return _key_id(settings.SECRETS.field_keys[0])


def wrap(key: bytes, person_id: int) -> tuple[bytes, str]:
    """The person's key under the newest field key, and that key's id."""
    newest = settings.SECRETS.field_keys[0]
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(newest).encrypt(nonce, key, b"key|%d" % person_id), _key_id(newest)


def unwrap(wrapped: bytes, field_key_id: str, person_id: int) -> bytes:
    """Raises FieldKeyMissing when no configured field key has this id, ValueDamaged when it does not fit."""
    for candidate in settings.SECRETS.field_keys:
        if _key_id(candidate) == field_key_id:
            try:
                return _cipher(candidate).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], b"key|%d" % person_id)
            except InvalidTag:
                raise ValueDamaged(field_name="key", person=person_id) from None
    raise FieldKeyMissing(key_id=field_key_id)


class PersonCipher:
    """Encrypts and decrypts the values of one person."""

    __slots__ = ("_aead", "_person_id")

    def __init__(self, key: bytes, person_id: int) -> None:
        self._aead = AESGCM(key)
        self._person_id = person_id

    def encrypt(self, field: str, value: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._aead.encrypt(nonce, value.encode(), self._bound_to(field))

    def decrypt(self, field: str, ciphertext: bytes) -> str:
        """Raises ValueDamaged when the bytes belong to another person or field, or were changed."""
        try:
            return self._aead.decrypt(
                ciphertext[:_NONCE], ciphertext[_NONCE:], self._bound_to(field)
            ).decode()
        except InvalidTag:
            raise ValueDamaged(field_name=field, person=self._person_id) from None

    def _bound_to(self, field: str) -> bytes:
        return b"%d|%s" % (self._person_id, field.encode())


def blind_index(field: str, normalised: str) -> bytes:
    """HMAC-SHA256 of field and normalised value under the index key: finds, but does not tell."""
    return hmac.digest(_index_key(settings.SECRETS.index_key), f"{field}|{normalised}".encode(), "sha256")


@lru_cache(maxsize=16)
def _cipher(hex_key: str) -> AESGCM:
    return AESGCM(bytes.fromhex(hex_key))


@lru_cache(maxsize=16)
def _key_id(hex_key: str) -> str:
    return hashlib.sha256(b"xinzhi field key" + bytes.fromhex(hex_key)).hexdigest()[:16]


@lru_cache(maxsize=4)
def _index_key(key: str) -> bytes:
    return bytes.fromhex(key)
