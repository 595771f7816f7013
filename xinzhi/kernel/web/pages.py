"""Error pages: what happened, and what to do next."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from xinzhi.kernel.web.problems import problem


def error_page(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    """A page, or a fragment when htmx asks, with one sentence and a way back."""
    if request.path.startswith("/api/"):
        return problem(status, {404: "not_found", 403: "forbidden"}.get(status, "http_error"), sentence)
    template = "web/_refusal.html" if request.headers.get("HX-Request") == "true" else "web/error.html"
    return render(request, template, {"sentence": sentence, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return error_page(request, 413, _("Too much was sent at once. Go back and send it in parts."))
    return error_page(request, 400, _("What was sent cannot be read. Go back and try again."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return error_page(
        request, 403, _("You are not allowed to do this. Ask the office that gave you your role.")
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return error_page(request, 404, _("There is no page here. Check the address, or go to the first page."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form older than the login: what was typed is kept by the page and comes back with it."""
    return error_page(
        request,
        403,
        _(
            "This form has grown old, perhaps because you logged in again. Go back: what you typed is still there."
        ),
    )
