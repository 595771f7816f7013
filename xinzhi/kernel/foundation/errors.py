"""Refusals people can read.

A refusal is a class beside the service that raises it, with a stable code, an HTTP status and a
sentence that says what was needed, what was found and the next step:

    class NotEnoughPoints(Conflict):
        code = "ledger.not_enough_points"
        sentence = _("Not enough points: %(needed)s needed, %(available)s available.")

    raise NotEnoughPoints(needed="30", available="12")

    DomainError
    ├── Invalid      422  what was sent cannot be right; may carry `field`
    ├── Forbidden    403  this actor may not do this
    ├── NotFound     404  not there, or not visible to this actor (the same answer)
    ├── Conflict     409  right in itself, but not now (state, balance, race)
    ├── TooLarge     413  more than is accepted
    └── TooMany      429  slower, please
"""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    code: str = "error"
    status: int = 400
    sentence: str | Promise = _("This cannot be done.")

    def __init__(self, *, field: str | None = None, **context: Any) -> None:
        self.field = field
        self.context = context
        super().__init__(self.code)

    @property
    def message(self) -> str:
        """The sentence in the language of the reader."""
        text = str(self.sentence)
        return text % self.context if self.context else text

    def __str__(self) -> str:
        return self.message


class Invalid(DomainError):
    code = "invalid"
    status = 422
    sentence = _("What was sent is not valid.")


class Forbidden(DomainError):
    code = "forbidden"
    status = 403
    sentence = _("You are not allowed to do this. Ask the office that gave you your role.")


class NotFound(DomainError):
    code = "not_found"
    status = 404
    sentence = _("This was not found, or it is not yours to see.")


class Conflict(DomainError):
    code = "conflict"
    status = 409
    sentence = _("This is not possible at the moment.")


class TooLarge(DomainError):
    code = "too_large"
    status = 413
    sentence = _("This is too large.")


class TooMany(DomainError):
    code = "too_many_requests"
    status = 429
    sentence = _("Too many attempts. Please wait a moment.")
