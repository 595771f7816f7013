"""The facts and their deliveries, to look at; what was given up can be delivered again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from xinzhi.kernel.events import services
from xinzhi.kernel.events.models import Delivery, PublishedEvent
from xinzhi.kernel.foundation import clock

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Any]
else:
    _Base = admin.ModelAdmin


class _ReadOnly(_Base):
    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(PublishedEvent)
class PublishedEventAdmin(_ReadOnly):
    list_display = ["id", "name", "region_id", "published_at"]
    list_filter = ["name"]
    show_full_result_count = False


@admin.register(Delivery)
class DeliveryAdmin(_ReadOnly):
    list_display = ["id", "event_name", "listener", "state", "attempts", "note", "due_at", "settled_at"]
    list_filter = ["state"]
    list_select_related = ["event"]
    show_full_result_count = False
    actions = ["deliver_again"]

    @admin.display(description=_("fact"))
    def event_name(self, delivery: Delivery) -> str:
        return delivery.event.name

    @admin.action(description=_("Deliver again what was given up"), permissions=["view"])
    def deliver_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        ids = list(queryset.filter(state=Delivery.State.DEAD).values_list("id", flat=True))
        for delivery_id in ids:
            services.deliver_again(
                actor=request.actor,  # type: ignore[attr-defined]
                delivery_id=delivery_id,
                at=clock.now(),
            )
        self.message_user(
            request,
            ngettext(
                "%(n)s delivery is on its way again.", "%(n)s deliveries are on their way again.", len(ids)
            )
            % {"n": len(ids)},
            messages.SUCCESS,
        )
