"""Problem documents (RFC 9457) for the HTTP API."""

from __future__ import annotations

import json
import logging
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, AuthorizationError, HttpError, ValidationError
from ninja.parser import Parser

from xinzhi.kernel.foundation.errors import DomainError

log = logging.getLogger(__name__)
#: What a field needs, by the beginning of the kind of mistake as pydantic names it.
FIELD_NEEDS = (
    (("missing",), gettext_lazy("This field is needed and was not sent.")),
    (("int", "float", "finite", "greater", "less"), gettext_lazy("A number within the limits of the API's description is needed here.")),
    (("date", "time"), gettext_lazy("A day such as 2026-11-23, or a moment with its time zone, is needed here.")),
    (("uuid",), gettext_lazy("A UUID is needed here, a new one for each new request.")),
    (("string_too", "too_"), gettext_lazy("This is longer or shorter than the API's description allows.")),
    (("",), gettext_lazy("Something of another kind is needed here; see the API's description.")),
)  # fmt: skip
CONTENT_TYPE = "application/problem+json"


class TextParser(Parser):
    """Refuses what PostgreSQL keeps in no text: zero bytes and half characters."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        data = super().parse_body(request)
        json.dumps(data, ensure_ascii=False).encode()  # half a character cannot be written down
        if b"\\u0000" in request.body.replace(b"\\\\", b""):
            raise ValueError("zero byte")
        return data


def problem(status: int, code: str, detail: str, errors: list[dict[str, Any]] | None = None) -> JsonResponse:
    """A problem document: `type` and `code` name the kind, `detail` is a sentence, `errors` name fields."""
    body: dict[str, Any] = {
        "type": f"urn:xinzhi:{code}",
        "title": code,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = errors
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)


def problem_response(refusal: DomainError) -> JsonResponse:
    """The document of a refusal."""
    errors = [{"field": refusal.field, "message": refusal.message}] if refusal.field else None
    return problem(refusal.status, refusal.code, refusal.message, errors)


def install(api: NinjaAPI) -> None:
    """Let every failure of the API end as a problem document; a surprise is logged once and tells nothing."""
    api.parser = TextParser()

    @api.exception_handler(DomainError)
    def _refused(request: HttpRequest, refusal: DomainError) -> HttpResponse:
        return problem_response(refusal)

    @api.exception_handler(ValidationError)
    def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [
            {
                "field": ".".join(str(part) for part in e.get("loc", ())[1:] or e.get("loc", ())),
                "message": str(
                    next(s for kinds, s in FIELD_NEEDS if str(e.get("type", "")).startswith(kinds))
                ),
            }
            for e in error.errors
        ]
        return problem(422, "invalid", _("What was sent does not fit: see the fields below."), errors)

    @api.exception_handler(AuthenticationError)
    def _nobody(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return problem(401, "not_logged_in", _("Send an API key (Authorization: Bearer …) or log in first."))

    @api.exception_handler(AuthorizationError)
    def _not_allowed(request: HttpRequest, error: AuthorizationError) -> HttpResponse:
        return problem(403, "forbidden", _("This key may not do this."))

    @api.exception_handler(Http404)
    def _not_there(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(404, "not_found", _("There is nothing at this address."))

    @api.exception_handler(HttpError)
    def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        if error.status_code == 400:  # the body, as the framework found it
            return _unreadable(request, error)
        return problem(error.status_code, "http_error", str(error))

    @api.exception_handler(MultiPartParserError)
    @api.exception_handler(RawPostDataException)
    def _unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(
            400, "unreadable", _("The body cannot be read. Send it as the API's description shows, in UTF-8.")
        )

    @api.exception_handler(SuspiciousOperation)
    def _too_much(request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(413, "too_large", _("The body is too large. Send it in parts."))

    @api.exception_handler(Exception)
    def _surprise(request: HttpRequest, error: Exception) -> HttpResponse:
        log.error("%s %s failed with %s", request.method, request.path, type(error).__name__, exc_info=error)
        return problem(500, "surprise", _("Something went wrong on our side. It has been noted."))
