"""What the ledger refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Conflict, Invalid, NotFound


class NotEnough(Conflict):
    code = "ledger.not_enough"
    sentence = _("Not enough on the account: %(needed)s needed, %(available)s available. Nothing was posted.")


class RequestKeyReused(Conflict):
    code = "ledger.request_key_reused"
    sentence = _("This request key was used for something else before. Send a new key for a new request.")


class NotBalanced(Invalid):
    code = "ledger.not_balanced"
    sentence = _("The entries of a journal must add up to zero; in %(unit)s they add up to %(found)s.")


class AccountUnknown(Invalid):
    code = "ledger.account_unknown"
    sentence = _("An account of this posting is not in the book. Open it first.")


class BookUnknown(NotFound):
    code = "ledger.book_unknown"
    sentence = _("This region has no book. Open one first.")


class JournalUnknown(NotFound):
    code = "ledger.journal_unknown"
    sentence = _("There is no journal %(journal)s in this book.")


class AlreadyReversed(Conflict):
    code = "ledger.already_reversed"
    sentence = _("Journal %(journal)s was taken back already, or is itself a reversal. Nothing was posted.")


class HoldSettled(Conflict):
    code = "ledger.hold_settled"
    sentence = _("This hold is settled already (%(state)s).")


class HoldUnknown(NotFound):
    code = "ledger.hold_unknown"
    sentence = _("There is no hold %(hold)s in this book.")
