from __future__ import annotations

from collections.abc import Collection, Mapping

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IdentityConfig(AppConfig):
    name = "xinzhi.kernel.identity"
    label = "identity"

    def ready(self) -> None:
        """Audit keeps ids only; here are the words for logins and keys without a person."""
        from xinzhi.kernel.audit import labels

        labels.register_actor_names(_names_of_logins)

        from xinzhi.kernel.identity import holdings
        from xinzhi.kernel.identity.following import EndOfMandates
        from xinzhi.kernel.residents import everything, ports

        everything.register("proxies", _("Who may act for the household"), holdings.proxies)
        ports.register_follower("identity", EndOfMandates())


def _names_of_logins(keys: Collection[str]) -> Mapping[str, str]:
    from xinzhi.kernel.identity import queries

    users = [int(key.removeprefix("user:")) for key in keys if key.startswith("user:")]
    programs = [int(key.removeprefix("key:")) for key in keys if key.startswith("key:")]
    found = {f"user:{pk}": label for pk, label in queries.labels(users).items() if label} if users else {}
    if programs:
        found |= {f"key:{pk}": name for pk, name in queries.key_names(programs).items()}
    return found
