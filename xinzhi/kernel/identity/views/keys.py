"""API keys for a platform administrator."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import DomainError, Invalid
from xinzhi.kernel.identity import api_keys
from xinzhi.kernel.identity.views.common import actor_of_page, needs_login
from xinzhi.kernel.regions import queries as regions


class LastDayNotUnderstood(Invalid):
    code = "identity.last_day_not_understood"
    sentence = _("The last day needs a date such as 2026-12-31; found “%(found)s”.")


@never_cache
@needs_login
@require_http_methods(["GET", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """The list; a new key is shown once, right after it was issued."""
    actor = actor_of_page(request)
    actor.require(api_keys.MANAGE_KEYS)
    raw, error = None, None
    if request.method == "POST":
        try:
            _key, raw = api_keys.issue_api_key(
                actor=actor,
                name=request.POST.get("name", ""),
                scopes=request.POST.getlist("scopes"),
                region_id=regions.region_by_code(request.POST.get("region_code", "")).pk,
                expires_at=_end_of(request.POST.get("last_day", "")),
            )
        except DomainError as refusal:
            error = refusal
    now = clock.now()
    context = {
        "keys": [
            {"key": k, "is_open": k.revoked_at is None and k.expires_at > now}
            for k in api_keys.api_keys(actor)
        ],
        "permissions": sorted(api_keys.permissions_for_keys().items()),
        "chosen": request.POST.getlist("scopes") if error else [],
        "typed": request.POST if error else {},
        "suggested_day": (clock.today() + timedelta(days=365)).isoformat(),
        "raw": raw,
        "error": error and error.message,
    }
    return render(request, "identity/keys.html", context, status=error.status if error else 200)


def _end_of(day: str) -> datetime:
    try:
        return clock.start_of_day(date.fromisoformat(day) + timedelta(days=1))
    except (ValueError, OverflowError):
        raise LastDayNotUnderstood(found=day[:20], field="last_day") from None


@needs_login
@require_POST
def revoke_key(request: HttpRequest, key_id: int) -> HttpResponse:
    api_keys.revoke_api_key(actor=actor_of_page(request), key_id=key_id)
    return redirect("identity:keys")
