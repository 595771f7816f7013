"""Files over HTTP: never run, never guessed, never kept by a shared cache; parts of sound on request."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse

from xinzhi.kernel.evidence.services.opening import Opened

_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})\Z", re.ASCII)
_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def file_response(request: HttpRequest, opened: Opened, *, original: bool = False) -> HttpResponse:
    """The file with safe headers. Documents and originals are saved, not shown; one byte range is answered with 206."""
    total = len(opened.data)
    part = None if original else _range_of(request.headers.get("Range", ""), total)
    if part == ():
        response = HttpResponse(status=416, content_type="text/plain; charset=utf-8")
        response["Content-Range"] = f"bytes */{total}"
    elif part:
        first, last = part
        response = HttpResponse(opened.data[first : last + 1], status=206, content_type=opened.media_type)
        response["Content-Range"] = f"bytes {first}-{last}/{total}"
    else:
        response = HttpResponse(opened.data, content_type=opened.media_type)
    is_saved = original or opened.kind == "document"
    response["Content-Disposition"] = (
        f'{"attachment" if is_saved else "inline"}; filename="{opened.filename}"'
    )
    response["Accept-Ranges"] = "none" if original else "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store" if original else "private, max-age=3600"
    response["Vary"] = "Cookie, Authorization"
    return response


def _range_of(header: str, total: int) -> tuple[int, int] | tuple[()] | None:
    """(first, last), () when it cannot be satisfied, None when the whole is to be sent."""
    match = _RANGE.match(header.strip())
    if not match or header.strip() == "bytes=-":
        return None
    first_text, last_text = match.groups()
    if not first_text:
        length = int(last_text)
        return (max(total - length, 0), total - 1) if length and total else ()
    first = int(first_text)
    last = min(int(last_text), total - 1) if last_text else total - 1
    if last_text and int(last_text) < first:
        return None
    return (first, last) if first < total else ()
