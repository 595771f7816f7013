"""One page: the register and the form to note something."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import DomainError, Invalid
from xinzhi.kernel.web.decorators import page
from xinzhi.scenes._example import queries, services
from xinzhi.scenes._example.models import Entry


class DayNotUnderstood(Invalid):
    code = "example.day_not_understood"
    sentence = gettext_lazy("A day is needed, such as 2026-03-02; found “%(found)s”.")


@require_http_methods(["GET", "POST"])
@page(permission=queries.VIEW)
def entries(request: HttpRequest) -> HttpResponse:
    """The register; a form that was refused keeps what was typed and says what is missing, at its field."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            entry = _note(request, actor)
        except Invalid as refusal:
            errors[refusal.field or "form"] = refusal.message
        except DomainError as refusal:
            errors["form"] = refusal.message
        else:
            messages.success(request, _("Noted: “%(title)s”.") % {"title": entry.title})
            return redirect("example:entries")
    found = queries.entries(actor=actor, cursor=request.GET.get("cursor"))
    context = {
        "entries": found.items,
        "next_cursor": found.next_cursor,
        "villages": queries.villages(actor=actor, permission=services.NOTE),
        "today": clock.today(),
        "typed": request.POST,
        "errors": errors,
    }
    return render(request, "example/entries.html", context, status=422 if errors else 200)


def _note(request: HttpRequest, actor: Actor) -> Entry:
    written = request.POST.get("noted_on", "").strip()
    try:
        noted_on = date.fromisoformat(written)
    except ValueError:
        raise DayNotUnderstood(field="noted_on", found=written[:20]) from None
    village = request.POST.get("village", "")
    return services.note_entry(
        actor=actor,
        request_key=_request_key(request),
        village_id=int(village) if village.isascii() and village.isdigit() and len(village) < 19 else 0,
        title=request.POST.get("title", ""),
        noted_on=noted_on,
        at=clock.now(),
    )


def _request_key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("request_key", ""))
    except ValueError:
        return uuid4()
