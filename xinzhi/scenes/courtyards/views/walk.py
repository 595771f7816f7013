"""The walk: a shell that opens without signal, what it takes along, and the way home for what was seen.

The shell holds nothing personal and asks for no login, so that it opens when the login has expired too; what it shows lies in
the browser's own store, taken along while somebody was logged in.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import DomainError, Invalid
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.web.decorators import page
from xinzhi.scenes.courtyards import records
from xinzhi.scenes.courtyards.lifecycle import SCORE
from xinzhi.scenes.courtyards.queries import rounds as queries
from xinzhi.scenes.courtyards.services import visits

#: What the shell needs besides its own page, as the browser asks for it.
ASSETS = (
    "web/tokens.css", "web/base.css", "web/phone.css", "web/leaf.svg", "vendor/weui/weui.min.css", "vendor/htmx/htmx.min.js",
    *(f"web/js/{name}.js" for name in ("page", "draft", "once", "photo", "scroll", "speak", "voice", "when")),
    "courtyards/walk.css", *(f"courtyards/js/{name}.js" for name in ("walk", "screen", "store", "sync")),
)  # fmt: skip


@lru_cache(maxsize=1)
def _version() -> str:
    """Changes whenever a file of the shell does, so that the browser fetches it anew."""
    digest = hashlib.sha256()
    for name in ("courtyards/sw.js", *ASSETS):
        found = finders.find(name)
        digest.update(Path(str(found)).read_bytes() if found else b"")
    template = Path(__file__).parent.parent / "templates/courtyards/walk.html"
    digest.update(template.read_bytes())
    return digest.hexdigest()[:16]


@require_GET
@ensure_csrf_cookie
@page(login=False)
def shell(request: HttpRequest) -> HttpResponse:
    """One page for the whole walk; its script does the rest."""
    return render(request, "courtyards/walk.html", {"words": json.dumps(_words(), ensure_ascii=False)})


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: served from here, so that it sees to the walk and to nothing else."""
    shell_of = {
        "version": _version(),
        "page": reverse("courtyards:walk"),
        "assets": [static(name) for name in ASSETS],
    }
    source = Path(str(finders.find("courtyards/sw.js"))).read_text("utf-8")
    answer = HttpResponse(
        f"const SHELL = {json.dumps(shell_of)};\n{source}", content_type="text/javascript; charset=utf-8"
    )
    answer["Cache-Control"] = "no-cache"
    return answer


def _problem(refusal: DomainError, status: int | None = None) -> JsonResponse:
    return JsonResponse({"code": refusal.code, "message": refusal.message}, status=status or refusal.status)


class LoginNeeded(DomainError):
    status = 401
    code = "courtyards.login_needed"
    sentence = gettext_lazy("Your login has expired. What waits stays on this phone; log in and it is sent.")


@require_GET
@ensure_csrf_cookie
def take_along(request: HttpRequest) -> HttpResponse:
    """The rounds that go on, as this rater may see them."""
    actor = reader(request)
    if not actor.is_authenticated:
        return _problem(LoginNeeded())
    actor.require(SCORE)
    return JsonResponse(
        {
            "user": actor.user_id,
            "rounds": queries.walkable(actor=actor, permission=SCORE),
            "at": clock.now().isoformat(),
        }
    )


@require_POST
def sync(request: HttpRequest) -> HttpResponse:
    """Take in a batch: `records` as JSON, photos as files named by their keys. Answers record by record.

    Sent again, it answers the same. Nothing is asked of the order in which batches arrive.
    """
    actor = reader(request)
    if not actor.is_authenticated:
        return _problem(LoginNeeded())
    try:
        actor.require(SCORE)
        raw = records.read_batch(request.POST.get("records", ""))
    except DomainError as refusal:
        return _problem(refusal)
    answers: dict[UUID, dict[str, Any]] = {}
    good: list[visits.Record] = []
    photos: dict[UUID, list[visits.Photo]] = {}
    for one in raw:
        try:
            record = records.read_record(one)
            photos[record.record_key] = _photos(request, one)
            good.append(record)
        except Invalid as refusal:
            answers[UUID(one["key"])] = _refused(refusal)
    told = visits.sync_visits(
        actor=actor,
        records=good,
        photos=photos,
        sent_at=records.read_moment(request.POST.get("sent_at")),
        at=clock.now(),
    )
    for answer in told:
        answers[answer.record_key] = _refused(answer.refusal) if answer.refusal else _kept(answer)
    return JsonResponse({"answers": [{"key": one["key"], **answers[UUID(one["key"])]} for one in raw]})


def _photos(request: HttpRequest, raw: dict[str, Any]) -> list[visits.Photo]:
    """Raises RecordNotUnderstood when a photo that is named did not come along."""
    found = []
    named = raw.get("photos") or []
    if not isinstance(named, list):
        raise records.RecordNotUnderstood(field="photos")
    for name in named[: visits.MOST_PHOTOS + 1]:
        key = records.read_key(name)
        file = request.FILES.get(name) if isinstance(name, str) else None
        if key is None or file is None:
            raise records.RecordNotUnderstood(field=_("a photo is missing"))
        found.append(visits.Photo(key, file.read()))
    return found


def _refused(refusal: DomainError) -> dict[str, Any]:
    return {"status": "refused", "code": refusal.code, "message": refusal.message}


def _kept(answer: visits.Answer) -> dict[str, Any]:
    assert answer.visit is not None
    return {"status": "kept", "visit": answer.visit.pk, "total_tenths": answer.visit.total_tenths}


def _words() -> dict[str, str]:
    """What the script says, in the reader's language."""
    return {
        "online": _("In reach"),
        "offline": _("Without signal: everything stays on this phone"),
        "all_sent": _("everything sent"),
        "waiting": _("{n} waiting to be sent"),
        "sending": _("Sending {done} of {n}"),
        "login": _("Your login has expired. {n} records stay on this phone; log in and they are sent."),
        "others": _("{n} records on this phone were made by another login. Log in as that one to send them."),
        "refused": _("{n} need your attention"),
        "refused_mark": _("not taken"),
        "no_round": _("No round is open. When the office has opened one, open this page once with signal."),
        "never": _("Open this page once with signal before you go; then it works without."),
        "all_done": _("All courtyards of this round are done. Thank you."),
        "done": _("scored"),
        "queued": _("on this phone"),
        "not_met": _("not met"),
        "again": _("look again"),
        "third": _("third look"),
        "own": _("own household"),
        "closed": _("done"),
        "photo_needed": _("A photo of the yard is missing. Take one, then save."),
        "photo_failed": _("This photo could not be read. Take another one."),
        "saved": _("{no} saved on this phone"),
        "discard": _("Throw this record away? It was not counted and cannot be brought back."),
        "store_failed": _(
            "This browser keeps nothing on the phone (private mode, or no space left). Do not score here; use another browser."
        ),
        "below": _("to be made good"),
        "progress": _("{done} of {n}"),
    }
