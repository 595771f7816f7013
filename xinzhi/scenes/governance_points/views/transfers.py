"""Why points went over to another household: for the two households on the phone, for the office at the desk."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.web.decorators import page
from xinzhi.scenes.governance_points.queries import statement
from xinzhi.scenes.governance_points.queries.transfers import Transfer, transfer
from xinzhi.scenes.governance_points.views.reading import own_household_id


@require_GET
@page(permission=statement.VIEW)
def phone(request: HttpRequest, event_id: int) -> HttpResponse:
    """The story as one's own household reads it."""
    actor = reader(request)
    found = transfer(actor=actor, event_id=event_id)
    record_look(actor, found)
    own = own_household_id(request) if actor.household_ids else 0
    context = {"transfer": found, "is_giving": own == found.succession.from_household_id}
    return render(request, "governance_points/transfer.html", context)


@require_GET
@page(permission=statement.VIEW)
def desk(request: HttpRequest, event_id: int) -> HttpResponse:
    """The same for the office; the look is logged once for each household."""
    actor = reader(request)
    found = transfer(actor=actor, event_id=event_id)
    record_look(actor, found)
    return render(request, "governance_points/desk/transfer.html", {"transfer": found, "is_giving": False})


def record_look(actor: Actor, found: Transfer) -> None:
    """Note a look from outside with both households whose points it shows."""
    homes = (found.succession.from_household_id, found.succession.to_household_id)
    if not set(homes) & set(actor.household_ids):
        for household_id in homes:
            audit.record_view(
                actor=actor, page="governance_points.statement", household_id=household_id, at=clock.now(),
                fields=("movements",),
            )  # fmt: skip
