"""What the pages of notices read from a request."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import HttpRequest

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound

PHONE, DESK = "web/phone.html", "web/workbench.html"
_BIGGEST = 2**62


def base_of(actor: Actor) -> str:
    """The frame the reader knows: the workbench for who holds an office, the phone's for everybody else."""
    return DESK if actor.grants else PHONE


def read_request_key(request: HttpRequest) -> UUID:
    """The key the page was rendered with; a request without one is not protected from repeats."""
    try:
        return UUID(request.POST.get("request_key", ""))
    except ValueError:
        return uuid4()


def small(number: int) -> int:
    """Ids beyond what the database can hold are simply not there. Raises NotFound."""
    if number > _BIGGEST:
        raise NotFound()
    return number
