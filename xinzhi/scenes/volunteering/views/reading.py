"""What the pages of this scene read from a request."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.clock import SHANGHAI
from xinzhi.kernel.foundation.errors import Invalid, NotFound
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.sheets.cleaning import clean
from xinzhi.kernel.web.forms import read_int
from xinzhi.scenes.volunteering.queries import activities as queries


class MomentNotUnderstood(Invalid):
    code = "volunteering.moment_not_understood"
    sentence = _("A day and a time are needed, for example 2026-11-23 08:30; found “%(found)s”.")


def read_moment(data: QueryDict, name: str) -> datetime:
    """A moment of Shanghai as a form sends it: 2026-11-23T08:30. Raises MomentNotUnderstood."""
    written = clean(data.get(name) or "")
    try:
        found = datetime.fromisoformat(written.replace(" ", "T"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or not 2000 <= found.year <= 2999 or len(written) < 16:
        raise MomentNotUnderstood(field=name, found=written[:20])
    return found.replace(tzinfo=SHANGHAI)


def choose_village(request: HttpRequest, permission: str) -> tuple[Region, list[Region]]:
    """The village a page is about: asked for, remembered, or the first. Raises NotFound, NumberNotUnderstood."""
    villages = queries.my_villages(reader(request), permission)
    asked = read_int(request.POST if request.method == "POST" else request.GET, "village")
    wanted = asked if asked is not None else request.session.get("village_id")
    chosen = next((v for v in villages if v.pk == wanted), None)
    if not villages or (chosen is None and asked is not None):
        raise NotFound()
    chosen = chosen or villages[0]
    if request.session.get("village_id") != chosen.pk:  # written only when it changes: a session is a row
        request.session["village_id"] = chosen.pk
    return chosen, villages


def own_household(request: HttpRequest) -> Household:
    """The household somebody acts for: by card, the one chosen, or his first. Raises NotFound when he has none."""
    actor = reader(request)
    if actor.proxy_for_household_id is not None:
        wanted = int(actor.proxy_for_household_id)
    elif actor.household_ids:
        chosen = request.session.get("household_id")
        wanted = int(chosen) if chosen in actor.household_ids else int(actor.household_ids[0])
    else:
        raise NotFound()
    found = Household.objects.select_related("village").filter(pk=wanted).first()
    if found is None:
        raise NotFound()
    return found
