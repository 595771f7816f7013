"""The roles of the house. A role gets its permissions from the manifests of all packages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly.declaration import Text

#: Roles that are granted in a region. "villager" is not granted: it follows from belonging to a household.
ROLES: dict[str, Text] = {
    "village_clerk": _("Village clerk"),
    "council_member": _("Council member"),
    "inspector": _("Inspector"),
    "accountant": _("Accountant"),
    "supervisor": _("Member of the supervision committee"),
    "shopkeeper": _("Shopkeeper"),
    "township_officer": _("Township officer"),
    "county_officer": _("County officer"),
    "platform_admin": _("Platform administrator"),
}
