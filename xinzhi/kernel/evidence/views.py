"""Uploading and showing files on pages."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from xinzhi.kernel.evidence import services
from xinzhi.kernel.evidence.models import Evidence, Kind
from xinzhi.kernel.evidence.serving import file_response
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import DomainError, Invalid


class FileNeeded(Invalid):
    code = "evidence.file_needed"
    sentence = _("No file arrived. Please choose a photo or record a voice note again.")


class FieldNotUnderstood(Invalid):
    code = "evidence.field_not_understood"
    sentence = _("The upload was incomplete. Please open the page again.")


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keep a file for a form that is still being filled in: answers JSON, or for htmx a fragment with a hidden input.

    Fields: `file`, `household` or `village`, `request_key`. A refusal is a problem document as well: a script that
    sent a file must never take the page it is sent back to for a success.
    """
    try:
        evidence = _store(request)
    except DomainError as refusal:
        if refusal.status >= 500 or request.headers.get("HX-Request"):
            raise
        return _problem(refusal)
    if request.headers.get("HX-Request"):
        return render(request, "evidence/_kept.html", {"evidence": evidence}, status=201)
    return JsonResponse(kept(evidence), status=201)


def _store(request: HttpRequest) -> Evidence:
    file = request.FILES.get("file")
    if file is None:
        raise FileNeeded(field="file")
    return services.store(
        actor=_actor(request),
        data=file,
        village_id=_int(request, "village"),
        household_id=_int(request, "household"),
        at=clock.now(),
        request_key=_uuid(request, "request_key"),
    )


def _problem(refusal: DomainError) -> JsonResponse:
    """RFC 9457, as the HTTP API answers."""
    body = {
        "type": f"urn:xinzhi:{refusal.code}",
        "title": refusal.code,
        "status": refusal.status,
        "detail": refusal.message,
        "code": refusal.code,
    }
    return JsonResponse(body, status=refusal.status, content_type="application/problem+json")


def kept(evidence: Evidence) -> dict[str, str | int | None]:
    """What a page needs to show an upload and to send it in."""
    is_photo = evidence.kind == Kind.PHOTO
    return {
        "id": str(evidence.pk),
        "kind": evidence.kind,
        "media_type": evidence.media_type,
        "size_bytes": evidence.size_bytes,
        "display_url": reverse("evidence:display", args=[evidence.pk, "display"]),
        "thumb_url": reverse("evidence:display", args=[evidence.pk, "thumb"]) if is_photo else None,
    }


@require_safe
def display(request: HttpRequest, evidence_id: UUID, size: str) -> HttpResponse:
    """The copy of a photo, a voice note, or a document. Raises EvidenceNotFound for what is not visible."""
    return file_response(request, services.open_display(_actor(request), evidence_id, size))


@require_POST
def original(request: HttpRequest, evidence_id: UUID) -> HttpResponse:
    """The original as a file to save; the opening is recorded with its purpose."""
    purpose = request.POST.get("purpose", "")
    opened = services.open_original(_actor(request), evidence_id, purpose, at=clock.now())
    return file_response(request, opened, original=True)


@require_POST
def discard(request: HttpRequest, evidence_id: UUID) -> HttpResponse:
    """Take back an upload that was not sent in yet."""
    services.discard(actor=_actor(request), evidence_id=evidence_id, at=clock.now())
    return HttpResponse(status=200)


def _int(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise FieldNotUnderstood(field=name)
    return int(text)


def _uuid(request: HttpRequest, name: str) -> UUID | None:
    text = request.POST.get(name, "").strip()
    try:
        return UUID(text) if text else None
    except ValueError:
        raise FieldNotUnderstood(field=name) from None
