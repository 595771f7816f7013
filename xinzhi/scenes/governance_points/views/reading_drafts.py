"""What everybody may read of a charter on its way: the draft, the outcome of the vote, where it stands."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.scenes.governance_points.queries.charter_drafts import public_draft


@require_GET
def public(request: HttpRequest, village_id: int, draft_id: int) -> HttpResponse:
    """The draft that is put to the vote or further, public as the charter itself."""
    view = public_draft(draft_id=draft_id, at=clock.now())
    if view.draft.village_id != village_id:
        raise NotFound()
    return render(request, "governance_points/drafts/public.html", {"view": view, "draft": view.draft})
