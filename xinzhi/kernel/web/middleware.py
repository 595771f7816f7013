"""Requests that cannot be served end as a sentence: a page for people, a problem document for programs."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import DomainError, Invalid, TooLarge
from xinzhi.kernel.web.pages import error_page
from xinzhi.kernel.web.problems import problem_response

Responder = Callable[[HttpRequest], HttpResponse]


class UploadTooLarge(TooLarge):
    code = "web.upload_too_large"
    sentence = _(
        "What was sent has %(found)s MB; at most %(most)s MB are accepted. Make it smaller or send it in parts."
    )


class AddressNotUnderstood(Invalid):
    code = "web.address_not_understood"
    sentence = _(
        "The address or what was sent holds characters that cannot be read. Go back and type it again."
    )


class OnlyByForm(DomainError):
    status = 405
    code = "web.only_by_form"
    sentence = _("This address only takes what a form sends. Go back to the page with the form.")


class DomainErrorMiddleware:
    """Turns refusals into answers, and turns away what is too large before a byte of it is read."""

    def __init__(self, get_response: Responder) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            self._refuse_unreadable(request)
            self._refuse_too_large(request)
        except DomainError as refusal:
            return answer_refusal(request, refusal)
        answer = self.get_response(request)
        if answer.status_code == 405 and not answer.content:
            return self._not_this_way(request, answer)
        return answer

    def _not_this_way(self, request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        page = answer_refusal(request, OnlyByForm())
        page["Allow"] = answer["Allow"]
        return page

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DomainError):
            return answer_refusal(request, exception)
        if isinstance(exception, RequestDataTooBig):
            return answer_refusal(
                request, UploadTooLarge(found="?", most=settings.MAX_UPLOAD_BYTES // 1_000_000)
            )
        if isinstance(exception, SuspiciousOperation | UnicodeDecodeError):
            return answer_refusal(request, AddressNotUnderstood())
        if isinstance(exception, ValueError | DataError) and self._holds_zero_byte(request):
            return answer_refusal(request, AddressNotUnderstood())  # PostgreSQL keeps none
        return None

    def _holds_zero_byte(self, request: HttpRequest) -> bool:
        return any("\x00" in value for _name, values in request.POST.lists() for value in values)

    def _refuse_too_large(self, request: HttpRequest) -> None:
        written = request.headers.get("Content-Length", "")
        length = int(written) if written.isascii() and written.isdigit() and len(written) < 19 else 0
        if length > settings.MAX_UPLOAD_BYTES:
            raise UploadTooLarge(found=length // 1_000_000, most=settings.MAX_UPLOAD_BYTES // 1_000_000)

    def _refuse_unreadable(self, request: HttpRequest) -> None:
        # A zero byte reaches PostgreSQL as an error of its own; nobody types one.
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise AddressNotUnderstood()


def answer_refusal(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """A problem document under /api/, a short fragment for htmx, a page otherwise."""
    if request.path.startswith("/api/"):
        return problem_response(refusal)
    if (
        request.headers.get("HX-Request") != "true"
        and request.method == "POST"
        and hasattr(request, "_messages")
    ):
        back = _own_page(request)
        if back and refusal.status in (409, 422):
            # Stay where the form was sent from; what was typed is kept by the page.
            messages.error(request, refusal.message)
            return HttpResponse(status=303, headers={"Location": back})
    return error_page(request, refusal.status, refusal.message)


def _own_page(request: HttpRequest) -> str:
    """The page of ours the form stood on, or "" when it was sent from elsewhere or to itself."""
    referer = request.headers.get("Referer", "")
    origin = f"{request.scheme}://{request.get_host()}"
    path = referer.removeprefix(origin) if referer.startswith(origin + "/") else ""
    return path if path.split("?")[0] != request.path else ""
