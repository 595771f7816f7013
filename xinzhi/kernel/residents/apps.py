from __future__ import annotations

from collections.abc import Collection, Mapping

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResidentsConfig(AppConfig):
    name = "xinzhi.kernel.residents"
    label = "residents"

    def ready(self) -> None:
        """Audit keeps ids only; here are the words for them."""
        from xinzhi.kernel.audit import labels

        labels.register_actor_names(_names_of_persons)
        labels.register_region_names(_names_of_regions)

        from xinzhi.kernel.residents import everything, holdings

        everything.register("household", _("Household"), holdings.household)
        everything.register("members", _("Members"), holdings.members)
        everything.register("looks", _("Who looked"), holdings.looks)


def _names_of_persons(keys: Collection[str]) -> Mapping[str, str]:
    from xinzhi.kernel.residents.queries import display_names

    ids = [int(key.removeprefix("person:")) for key in keys if key.startswith("person:")]
    return {f"person:{person_id}": name for person_id, name in display_names(ids).items()}


def _names_of_regions(ids: Collection[int]) -> Mapping[int, str]:
    from xinzhi.kernel.regions.queries import names

    return names(ids)
