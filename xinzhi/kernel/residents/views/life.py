"""One short form for each act: fill in, see before → after, confirm."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import DomainError, NotFound
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.residents import history, queries, relations, scope, services
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.residents.services.households import EDIT
from xinzhi.kernel.residents.services.life.acting import earlier
from xinzhi.kernel.residents.services.life.bases import BASES, OF_KIND
from xinzhi.kernel.residents.services.life.rehearsing import Rehearsal
from xinzhi.kernel.residents.views.acts import BY_SLUG, Act, Form
from xinzhi.kernel.web.decorators import page
from xinzhi.kernel.web.forms import read_int, read_request_key, said_at

#: Refusals name the field of the service; a page with another field for it says it there.
_FIELDS = ("person", "head", "household_no", "share", "on", "basis", "name", "relation", "sex", "birth_date", "id_number",
           "phone", "into", "from_household", "to_household", "agreed")  # fmt: skip


@require_http_methods(["GET", "POST"])
@page(permission=EDIT)
def life(request: HttpRequest, household_id: int, act: str) -> HttpResponse:
    """The form of one act; sent, it shows what will be, and confirmed it is done."""
    found = BY_SLUG.get(act)
    if found is None:
        raise NotFound()
    actor = reader(request)
    household = scope.household(actor, EDIT, household_id)
    context: dict[str, Any] = {
        "household": household, "act": found, "typed": request.POST or request.GET, "errors": {}, "today": clock.today(),
        "chosen": request.POST.getlist("person") or request.GET.getlist("person"), "relations": relations.choices(),
        "bases": [(code, BASES[code]) for code in OF_KIND[found.kind]],
    }  # fmt: skip
    if request.method == "GET" or request.POST.get("step") == "edit":
        if found.slug == "marriage-in" and request.method == "GET":
            context["typed"] = _known(request, actor)
        return _form(request, context)
    form = Form(
        actor=actor, household=household, data=request.POST, request_key=read_request_key(request.POST), at=clock.now(),
        agreed=request.POST.get("agreed") == "1" or not found.needs_agreement, seen=request.POST.get("seen", "")[:40],
    )  # fmt: skip
    if request.POST.get("step") == "confirm":
        try:
            # A second click may find what the form names no longer there: the first one did it.
            done = earlier(form.request_key, kind=found.kind, household_id=household.pk)
            event = done or found.do(form)
        except DomainError as refusal:
            context["errors"] = said_at(refusal, *_FIELDS)
            return _ask(request, context, found, form, status=refusal.status)
        messages.success(
            request, _("Entered: %(act)s. It stands in the history of the household.") % {"act": found.label}
        )
        return redirect("residents:household", event.household_id)
    return _ask(request, context, found, form)


def _known(request: HttpRequest, actor: Actor) -> dict[str, str]:
    """Name and household of somebody of the register, named by his id in the address (never by his name: addresses are logged)."""
    person_id = read_int(request.GET, "person")
    if person_id is None:
        return {}
    scope.person(actor, EDIT, person_id)
    homes = Household.objects.filter(pk__in=queries.households_of_person(person_id))
    return {
        "name": queries.display_names([person_id]).get(person_id, ""),
        "from_household": next((h.household_no for h in homes), ""),
    }


def _form(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    household = context["household"]
    members = queries.members(household.pk)
    names = queries.display_names([m.person_id for m in members])
    context["members"] = [(m, names.get(m.person_id, "")) for m in members]
    if "former" in context["act"].fields:
        former = history.former_members(reader(request), household.pk)
        context["former"] = [f for f in former if f.status in ("left", "living")]
    _record_look(request, household)
    return render(request, "residents/life.html", context, status=status)


def _record_look(request: HttpRequest, household: Household) -> None:
    """The names of the members are shown: noted once a page, for them to see."""
    audit.record_view(
        actor=reader(request), page="residents.household", household_id=household.pk, region_id=household.village_id,
        at=clock.now(), fields=("name",),
    )  # fmt: skip


def _ask(
    request: HttpRequest, context: dict[str, Any], act: Act, form: Form, *, status: int = 200
) -> HttpResponse:
    """Show before → after and ask to confirm; what the act would refuse comes back to the form instead."""
    try:
        context["rehearsal"] = rehearsed(act, form)
    except DomainError as refusal:
        context["errors"] = said_at(refusal, *_FIELDS)
        return _form(request, context, status=refusal.status)
    sent = {
        name: values
        for name, values in request.POST.lists()
        if name not in _ASKED_ANEW and not name.startswith("relation-")
    }
    context["sent"] = [(name, value) for name, values in sent.items() for value in values]
    _record_look(request, context["household"])
    return render(request, "residents/life_confirm.html", context, status=status)


_ASKED_ANEW = ("csrfmiddlewaretoken", "step", "agreed", "seen")


def rehearsed(act: Act, form: Form) -> Rehearsal:
    """The act done and undone, as if both parties had agreed already. Raises what it refuses."""
    others = [household.pk for name in act.others if (household := form.other(name)) is not None]
    trial = Form(form.actor, form.household, form.data, form.request_key, form.at)
    return services.rehearse(
        lambda: act.do(trial), household_ids=list(dict.fromkeys([form.household.pk, *others]))
    )
