"""Pages of login, cards, mandates and keys."""

from __future__ import annotations

from xinzhi.kernel.identity.views.acting import act_for, card, end_mandate, stop_acting, who_may_act
from xinzhi.kernel.identity.views.keys import keys, revoke_key
from xinzhi.kernel.identity.views.login import log_out, login_by_password, login_by_phone, login_who

__all__ = [
    "act_for",
    "card",
    "end_mandate",
    "keys",
    "log_out",
    "login_by_password",
    "login_by_phone",
    "login_who",
    "revoke_key",
    "stop_acting",
    "who_may_act",
]
