"""Messages that did not arrive, for the office; by which channels I am told, for everybody."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinzhi.kernel.channels import configuration
from xinzhi.kernel.channels.port import LABELS
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.notices import queries, services
from xinzhi.kernel.notices.services.undelivered import HANDLE
from xinzhi.kernel.notices.views.common import base_of
from xinzhi.kernel.web.decorators import page

_BIGGEST = 2**62


@never_cache
@require_http_methods(["GET", "POST"])
@page(permission=HANDLE)
def undelivered(request: HttpRequest) -> HttpResponse:
    """What did not arrive and why; try again, or note that they were told in person."""
    actor = reader(request)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            messages.success(request, _act(request))
        except DomainError as refusal:
            error = refusal
        else:
            return redirect("notices:undelivered")
    found = queries.undelivered(actor=actor, cursor=request.GET.get("cursor"))
    context = {
        "items": found.items,
        "next_cursor": found.next_cursor,
        "reasons": queries.reasons(actor=actor),
        "off": [str(LABELS[code]) for code, state in configuration.states().items() if state == "off"],
        "error": error,
        "marked": set(request.POST.getlist("delivery")) if error else set(),
    }
    return render(request, "notices/undelivered.html", context, status=error.status if error else 200)


def _act(request: HttpRequest) -> str:
    """Do what the button says, for its own row or for the marked ones; what changed, in words."""
    actor, at = reader(request), clock.now()
    one_again, one_told = request.POST.get("again", ""), request.POST.get("told", "")
    marked = [one_again or one_told] if one_again or one_told else request.POST.getlist("delivery")
    ids = [int(v) for v in marked if v.isascii() and v.isdigit() and len(v) < 19 and int(v) <= _BIGGEST]
    if one_told or request.POST.get("act") == "told":
        count = services.told_in_person(actor=actor, delivery_ids=ids, at=at)
        said = ngettext(
            "%(n)s message is noted as told in person.",
            "%(n)s messages are noted as told in person.",
            count,
        )
    else:
        count = services.try_again(actor=actor, delivery_ids=ids, at=at)
        said = ngettext("%(n)s message is sent again.", "%(n)s messages are sent again.", count)
    return said % {"n": count}


@never_cache
@require_safe
@page()
def channels(request: HttpRequest) -> HttpResponse:
    """How the village tells me, and what I do not want."""
    actor = reader(request)
    context = {"base": base_of(actor), "rows": queries.own_channels(actor=actor)}
    return render(request, "notices/channels.html", context)


@never_cache
@require_POST
@page()
def choose(request: HttpRequest, channel: str) -> HttpResponse:
    """One tap: want a channel, or not."""
    choice = services.choose_channel(
        actor=reader(request),
        channel=channel,
        is_wanted=request.POST.get("is_wanted") == "1",
        at=clock.now(),
    )
    label = str(LABELS[choice.channel])
    said = _t("You are told by %(channel)s.") if choice.is_wanted else _t("You are not told by %(channel)s.")
    messages.success(request, said % {"channel": label})
    return redirect("notices:channels")
