"""The volunteer's pages: what to join, check-in by code, my hours, a certificate."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.foundation.errors import DomainError, NotFound
from xinzhi.kernel.identity.actors import for_household
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.web.decorators import page
from xinzhi.kernel.web.forms import read_day, read_int, read_request_key, said_at
from xinzhi.kernel.workflow import queries as workflow
from xinzhi.scenes.volunteering import counting
from xinzhi.scenes.volunteering.codes import activity_id_of
from xinzhi.scenes.volunteering.lifecycle import CORRECT_REASONS, HOURS, JOIN, RUN, VIEW, WITHDRAW_REASONS
from xinzhi.scenes.volunteering.models import Hours, SignUp
from xinzhi.scenes.volunteering.queries import activities as queries
from xinzhi.scenes.volunteering.queries import hours as hours_queries
from xinzhi.scenes.volunteering.services import certificates, presence, signing
from xinzhi.scenes.volunteering.views.reading import own_household


@require_GET
@page(permission=JOIN)
def mine(request: HttpRequest) -> HttpResponse:
    """What can I join, where do I have a place, how many hours have I."""
    household, at = own_household(request), clock.now()
    found = queries.activities_of_village(household.village_id, at=at)
    signed = queries.sign_ups_of(household.pk, [a.pk for a in found])
    served = hours_queries.served_by_household(household.pk)
    rows = [
        (a, signed.get(a.pk, []), queries.state_label(a), max(0, a.places - a.taken), a.ends_at > at)
        for a in found
    ]
    context = {
        "coming": [r for r in rows if r[4] and r[0].state in ("open", "running")],
        "past": [r for r in rows if not (r[4] and r[0].state in ("open", "running"))][:10],
        "total_tenths": sum(s.confirmed_tenths for s in served), "waiting_tenths": sum(s.waiting_tenths for s in served),
    }  # fmt: skip
    return render(request, "volunteering/mine.html", context)


@require_GET
@page(permission=JOIN)
def activity(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Where, when, what for, what insures me; sign up or off."""
    return _activity(request, activity_id)


def _activity(
    request: HttpRequest, activity_id: int, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    household = own_household(request)
    found = queries.activity_for(actor=reader(request), activity_id=activity_id)
    if found.village_id != household.village_id or found.state == "draft":
        raise NotFound()
    members = [m.person_id for m in residents.members(household.pk)]
    names = residents.display_names(members)
    signed = queries.sign_ups_of(household.pk, [found.pk]).get(found.pk, [])
    names |= residents.display_names([s.person_id for s in signed if s.person_id not in names])
    lines = [
        (s, names.get(s.person_id, ""), queries.place_in_line(s) if s.status == "waiting" else 0)
        for s in signed
    ]
    there = {s.person_id for s in signed}
    is_open = found.state in ("open", "running") and clock.now() < found.ends_at
    context = {
        "activity": found, "state_label": queries.state_label(found), "free": max(0, found.places - found.taken), "signed": lines,
        "choices": [(p, names.get(p, "")) for p in members if p not in there] if is_open else [], "is_open": is_open,
        "rule": counting.RULE, "typed": request.POST, "errors": errors or {},
    }  # fmt: skip
    return render(request, "volunteering/activity.html", context, status=status)


@require_POST
@page(permission=JOIN)
def sign_up(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Take a place for a member of the household."""
    household = own_household(request)
    try:
        signed = signing.sign_up(
            actor=for_household(reader(request), household.pk), request_key=read_request_key(request.POST),
            activity_id=activity_id, household_id=household.pk, person_id=read_int(request.POST, "person"),
            role=request.POST.get("role", ""), at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        if refusal.status == NotFound.status:
            raise
        return _activity(request, activity_id, said_at(refusal, "person", "role"), refusal.status)
    if signed.status == "taken":
        messages.success(request, _("You have a place. When you come, scan the organiser's code."))
    else:
        number = queries.place_in_line(signed)
        messages.success(
            request,
            _(
                "All places are taken; you are number %(number)s on the waiting list and hear when one becomes free."
            )
            % {"number": number},
        )
    return redirect("volunteering:activity", activity_id)


@require_POST
@page(permission=JOIN)
def sign_off(request: HttpRequest, sign_up_id: int) -> HttpResponse:
    """Give the place back."""
    known = SignUp.objects.filter(pk=sign_up_id).values_list("household_id", flat=True).first()
    actor = for_household(reader(request), known) if known else reader(request)
    signed = signing.sign_off(actor=actor, sign_up_id=sign_up_id, at=clock.now())
    messages.success(request, _("Signed off. Thank you for saying so: somebody else can come."))
    return redirect("volunteering:activity", signed.activity_id)


@require_http_methods(["GET", "POST"])
@page(permission=JOIN)
def check(request: HttpRequest, token: str) -> HttpResponse:
    """What the organiser's code opens: in or out, for whoever of the household has a place."""
    household, at = own_household(request), clock.now()
    actor = for_household(reader(request), household.pk)
    found = queries.activity_for(actor=actor, activity_id=activity_id_of(token, at=at))
    if found.village_id != household.village_id:
        raise NotFound()
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        act = presence.check_out if request.POST.get("way") == "out" else presence.check_in
        try:
            hours = act(
                actor=actor, request_key=read_request_key(request.POST), token=token, household_id=household.pk,
                person_id=read_int(request.POST, "person") or 0, at=at,
            )  # fmt: skip
        except DomainError as refusal:
            if refusal.status == NotFound.status:
                raise
            errors, status = said_at(refusal, "person"), refusal.status
        else:
            _say(request, hours)
            return redirect("volunteering:check", token)
    signed = [
        s for s in queries.sign_ups_of(household.pk, [found.pk]).get(found.pk, []) if s.status == "taken"
    ]
    names = residents.display_names([s.person_id for s in signed])
    there = {
        h.person_id: h
        for h in Hours.objects.filter(activity=found, household_id=household.pk).exclude(state="withdrawn")
    }
    context = {
        "activity": found, "token": token, "rule": counting.RULE, "errors": errors,
        "rows": [(s, names.get(s.person_id, ""), there.get(s.person_id)) for s in signed],
    }  # fmt: skip
    return render(request, "volunteering/check.html", context, status=status)


def _say(request: HttpRequest, hours: Hours) -> None:
    if hours.state == "present":
        messages.success(request, _("Checked in. Scan the code again when you leave."))
    else:
        messages.success(
            request,
            _("Checked out: %(hours)s hours. They count when two persons have confirmed them.")
            % {"hours": format_points(hours.hours_tenths)},
        )


@require_GET
@page(permission=JOIN)
def hours(request: HttpRequest) -> HttpResponse:
    """How many hours, and how each came about."""
    return _hours(request)


def _hours(request: HttpRequest, errors: dict[str, str] | None = None, status: int = 200) -> HttpResponse:
    household = own_household(request)
    found = hours_queries.hours_list(
        actor=reader(request), household_id=household.pk, cursor=request.GET.get("cursor"), limit=20
    )
    served = hours_queries.served_by_household(household.pk)
    names = {s.person_id: s.name for s in served}
    context = {
        "served": [s for s in served if s.confirmed_tenths or s.waiting_tenths],
        "rows": [(h, names.get(h.person_id, ""), hours_queries.state_label(h)) for h in found.items],
        "next_cursor": found.next_cursor, "certificates": hours_queries.certificates(household.pk), "names": names,
        "total_tenths": sum(s.confirmed_tenths for s in served), "waiting_tenths": sum(s.waiting_tenths for s in served),
        "certifiable": [s for s in served if s.confirmed_tenths], "today": clock.today(), "rule": counting.RULE,
        "typed": request.POST, "errors": errors or {},
    }  # fmt: skip
    return render(request, "volunteering/hours.html", context, status=status)


@require_GET
@page(permission=VIEW)
def record(request: HttpRequest, hours_id: int) -> HttpResponse:
    """One record: times, state, who did what. Who looks from outside is on record."""
    return record_page(request, hours_id)


def record_page(
    request: HttpRequest, hours_id: int, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    actor = reader(request)
    found = hours_queries.hours_for(actor=actor, hours_id=hours_id)
    own = found.household_id in actor.household_ids
    if not own:
        audit.record_view(
            actor=actor, page="volunteering.hours", household_id=found.household_id, at=clock.now(), fields=("name", "times"),
            region_id=found.village_id,
        )  # fmt: skip
    may_run = not own and actor.may(RUN, scope_path=found.village.scope_path)
    context = {
        "hours": found, "activity": found.activity, "state_label": HOURS.label_of(found.state), "own": own,
        "name": residents.display_names([found.person_id]).get(found.person_id, ""),
        "base": "web/phone.html" if own else "web/workbench.html", "rule": counting.RULE,
        "may_correct": may_run and found.state in ("recorded", "once", "confirmed"),
        "may_withdraw": may_run and found.state != "withdrawn",
        "correct_reasons": CORRECT_REASONS, "withdraw_reasons": WITHDRAW_REASONS,
        "timeline": workflow.timeline(found, actor=actor), "typed": request.POST, "errors": errors or {},
    }  # fmt: skip
    return render(request, "volunteering/record.html", context, status=status)


@require_POST
@page(permission=JOIN)
def issue(request: HttpRequest) -> HttpResponse:
    """A certificate of the confirmed hours of a member."""
    household = own_household(request)
    try:
        issued = certificates.issue_certificate(
            actor=for_household(reader(request), household.pk), request_key=_key(request), household_id=household.pk,
            person_id=read_int(request.POST, "person"), until_day=read_day(request.POST, "until"), at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        if refusal.status == NotFound.status:
            raise
        return _hours(request, said_at(refusal, "person", "until"), refusal.status)
    return redirect("volunteering:certificate", issued.pk)


def _key(request: HttpRequest) -> UUID:
    return read_request_key(request.POST)


@require_GET
@page(permission=VIEW)
def certificate(request: HttpRequest, certificate_id: int) -> HttpResponse:
    """The certificate to print."""
    import segno
    from django.urls import reverse

    actor = reader(request)
    found = hours_queries.certificate_for(actor=actor, certificate_id=certificate_id)
    if found.household_id not in actor.household_ids:
        audit.record_view(
            actor=actor, page="volunteering.hours", household_id=found.household_id, at=clock.now(), fields=("name",),
            region_id=found.village_id,
        )  # fmt: skip
    address = request.build_absolute_uri(f"{reverse('volunteering:verify')}?code={found.code}")
    code = found.code
    context = {
        "certificate": found, "name": residents.display_names([found.person_id]).get(found.person_id, ""),
        "code": f"{code[:4]}-{code[4:8]}-{code[8:]}", "address": address,
        "qr": segno.make(address, error="q").svg_data_uri(scale=4, border=2),
    }  # fmt: skip
    return render(request, "volunteering/certificate.html", context)
