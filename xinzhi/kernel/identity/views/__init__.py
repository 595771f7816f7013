"""Pages of login, cards, mandates and keys."""

from __future__ import annotations

from xinzhi.kernel.identity.views.acting import act_for, card, stop_acting
from xinzhi.kernel.identity.views.away import away, end_absence
from xinzhi.kernel.identity.views.keys import keys, revoke_key
from xinzhi.kernel.identity.views.login import log_out, login_by_password, login_by_phone, login_who
from xinzhi.kernel.identity.views.mandates import (
    end_mandate,
    household_mandates,
    mandate_paper,
    who_may_act,
)
from xinzhi.kernel.identity.views.paper import card_paper, card_sheets_paper

__all__ = [
    "act_for",
    "away",
    "card",
    "card_paper",
    "card_sheets_paper",
    "end_absence",
    "end_mandate",
    "household_mandates",
    "keys",
    "log_out",
    "login_by_password",
    "login_by_phone",
    "login_who",
    "mandate_paper",
    "revoke_key",
    "stop_acting",
    "who_may_act",
]
