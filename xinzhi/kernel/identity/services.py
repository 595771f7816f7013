"""The acts of identity. Each lies in a file of its own; import them from here."""

from __future__ import annotations

from xinzhi.kernel.identity.absences import end_absence, set_absence
from xinzhi.kernel.identity.api_keys import issue_api_key, revoke_api_key
from xinzhi.kernel.identity.cards import household_of_card, issue_card, revoke_card
from xinzhi.kernel.identity.one_time_codes import check_code, login_of_person, request_code, verify_code
from xinzhi.kernel.identity.proxies import give_proxy, revoke_proxy
from xinzhi.kernel.identity.users import create_user, deactivate_user, grant_role, revoke_role, set_password

__all__ = [
    "check_code",
    "create_user",
    "deactivate_user",
    "end_absence",
    "give_proxy",
    "grant_role",
    "household_of_card",
    "issue_api_key",
    "issue_card",
    "login_of_person",
    "request_code",
    "revoke_api_key",
    "revoke_card",
    "revoke_proxy",
    "revoke_role",
    "set_absence",
    "set_password",
    "verify_code",
]
