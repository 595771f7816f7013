"""Whoever holds a certificate in his hands may ask whether it is genuine: an answer without a login and without a person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from xinzhi.scenes.volunteering.queries.hours import verify as find

LONGEST_CODE = 40


@require_GET
@never_cache
def verify(request: HttpRequest) -> HttpResponse:
    """So many hours until this day, issued by; the name masked but for the surname."""
    asked = request.GET.get("code", "").strip()
    found = find(asked) if asked and len(asked) <= LONGEST_CODE else None
    context = {"asked": asked[:LONGEST_CODE], "found": found, "is_unknown": bool(asked) and found is None}
    return render(request, "volunteering/verify.html", context, status=404 if context["is_unknown"] else 200)
