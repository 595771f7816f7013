"""Master data in Django's admin: names only. The tree and its codes change through services."""
# ruff: noqa: ARG002  (the signatures are Django's)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from xinzhi.kernel.regions.models import Region, RegionCode

if TYPE_CHECKING:  # these classes take parameters for the type checker only
    _Inline = admin.TabularInline[RegionCode, Region]
    _Admin = admin.ModelAdmin[Region]
else:
    _Inline, _Admin = admin.TabularInline, admin.ModelAdmin


class CodeInline(_Inline):
    model = RegionCode
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Region)
class RegionAdmin(_Admin):
    list_display = ("name", "level", "scope_path", "active_from", "active_to")
    list_filter = ("level",)
    search_fields = ("name", "short_name", "codes__code")
    fields = (
        "name",
        "short_name",
        "level",
        "parent",
        "scope_path",
        "active_from",
        "active_to",
        "succeeded_by",
    )
    readonly_fields = ("level", "parent", "scope_path", "active_from", "active_to", "succeeded_by")
    inlines = (CodeInline,)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
