"""Away, and who stands in meanwhile."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import DomainError, Forbidden, Invalid
from xinzhi.kernel.identity import absences
from xinzhi.kernel.identity.views.common import actor_of_page, needs_login


class DayNotUnderstood(Invalid):
    code = "identity.day_not_understood"
    sentence = gettext_lazy("A day is needed, for example 2026-12-31; found “%(found)s”.")


@never_cache
@needs_login
@require_http_methods(["GET", "POST"])
def away(request: HttpRequest) -> HttpResponse:
    """For holders of an office: name who stands in, see for whom one stands in."""
    actor, at = actor_of_page(request), clock.now()
    if not actor.grants or actor.user_id is None:
        raise Forbidden()
    error: DomainError | None = None
    if request.method == "POST":
        try:
            absences.set_absence(
                actor=actor,
                substitute_id=_number(request.POST.get("substitute", "")),
                first_day=_day(request, "first_day"),
                last_day=_day(request, "last_day"),
                at=at,
            )
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(
                request, _("It is entered. The substitute sees your inbox from the first day on.")
            )
            return redirect("identity:away")
    context = {
        "choices": absences.substitutes_for(actor),
        "stands": absences.absences_of(actor, at=at),
        "me": actor.user_id,
        "today_iso": clock.today().isoformat(),
        "typed": request.POST if error else {},
        "error": error and error.message,
    }
    return render(request, "identity/away.html", context, status=error.status if error else 200)


def _number(written: str) -> int:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 19 else 0


def _day(request: HttpRequest, name: str) -> date:
    written = request.POST.get(name, "").strip()
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise DayNotUnderstood(field=name, found=written[:20]) from None


@needs_login
@require_POST
def end_absence(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Back earlier than thought."""
    absences.end_absence(actor=actor_of_page(request), absence_id=min(absence_id, 2**62), at=clock.now())
    messages.success(request, _("The absence is ended."))
    return redirect("identity:away")
