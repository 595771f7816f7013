"""Login: phone and one-time code first, user name and password for staff."""

from __future__ import annotations

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.identity import one_time_codes as codes
from xinzhi.kernel.identity.models import RoleGrant, User
from xinzhi.kernel.identity.views.common import address_of, safe_next

#: Villagers stay logged in on their phone, staff for a working day.
VILLAGER_SECONDS = 30 * 24 * 3600
STAFF_SECONDS = 10 * 3600
_CANDIDATES = "login_candidates"
_CANDIDATE_SECONDS = 300


@never_cache
@sensitive_post_parameters("phone", "code")
@require_http_methods(["GET", "POST"])
def login_by_phone(request: HttpRequest) -> HttpResponse:
    """First the number, then the code. The number travels in the form, never into the session table."""
    if request.method == "GET":
        if request.user.is_authenticated:
            return redirect(safe_next(request))
        return _phone_page(request)
    if request.POST.get("step") == "code":
        return _enter_code(request)
    return _ask_for_code(request)


def _ask_for_code(request: HttpRequest) -> HttpResponse:
    written = request.POST.get("phone", "")[:40]
    try:
        phone = codes.normal_phone(written)
        asked = codes.request_code(phone=phone, ip=address_of(request), at=clock.now())
    except codes.CodeTooSoon as refusal:
        return _code_page(request, phone=phone, error=refusal)  # the code sent before is still good
    except DomainError as refusal:
        return _phone_page(request, phone=written, error=refusal)
    return _code_page(request, phone=phone, shown=asked.shown)


def _enter_code(request: HttpRequest) -> HttpResponse:
    written = request.POST.get("phone", "")[:40]
    try:
        persons = codes.check_code(phone=written, code=request.POST.get("code", ""), at=clock.now())
    except codes.PhoneNotUnderstood as refusal:
        return _phone_page(request, phone=written, error=refusal)
    except DomainError as refusal:
        return _code_page(request, phone=codes.normal_phone(written), error=refusal)
    if len(persons) == 1:
        return _log_in_person(request, persons[0])
    request.session[_CANDIDATES] = {"persons": persons, "until": clock.now().timestamp() + _CANDIDATE_SECONDS}
    return _who_page(request, persons)


@never_cache
@require_POST
def login_who(request: HttpRequest) -> HttpResponse:
    """A number several people share (a couple, a child's number for the parents): one says who he is."""
    kept = request.session.get(_CANDIDATES) or {}
    chosen = request.POST.get("person", "")
    if kept.get("until", 0) < clock.now().timestamp():
        return _phone_page(request, error=codes.CodeWrong())
    if chosen not in {str(pk) for pk in kept["persons"]}:
        return _who_page(request, kept["persons"])
    return _log_in_person(request, int(chosen))


def _log_in_person(request: HttpRequest, person_id: int) -> HttpResponse:
    request.session.pop(_CANDIDATES, None)
    try:
        user = codes.login_of_person(person_id, at=clock.now())
    except DomainError as refusal:
        return _phone_page(request, error=refusal)
    return _log_in(request, user)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def login_by_password(request: HttpRequest) -> HttpResponse:
    """For staff. django-axes counts failures by name and address."""
    context: dict[str, object] = {"next": safe_next(request), "tab": "staff"}
    if request.method == "GET":
        if request.user.is_authenticated:
            return redirect(safe_next(request))
        return render(request, "identity/login_staff.html", context)
    username = request.POST.get("username", "").replace("\x00", "").strip()[:80]
    user = authenticate(request, username=username, password=request.POST.get("password", ""))
    if isinstance(user, User):
        return _log_in(request, user)
    context["username"] = username
    if getattr(request, "axes_locked_out", False):
        # Our own sentence instead of the middleware's English line.
        request.axes_locked_out = False  # type: ignore[attr-defined]
        context["error"] = _("Too many attempts with this user name. Please wait 15 minutes and try again.")
        return render(request, "identity/login_staff.html", context, status=429)
    context["error"] = _("User name and password do not match. Please check both.")
    return render(request, "identity/login_staff.html", context, status=422)


def _log_in(request: HttpRequest, user: User) -> HttpResponse:
    target = safe_next(request)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    is_staff = RoleGrant.objects.filter(user=user).exists() or user.is_staff
    request.session.set_expiry(STAFF_SECONDS if is_staff else VILLAGER_SECONDS)
    return redirect(target)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("identity:login")


def _phone_page(request: HttpRequest, *, phone: str = "", error: DomainError | None = None) -> HttpResponse:
    context = {"next": safe_next(request), "phone": phone, "error": error and error.message, "tab": "phone"}
    return render(request, "identity/login_phone.html", context, status=error.status if error else 200)


def _code_page(
    request: HttpRequest, *, phone: str, shown: str | None = None, error: DomainError | None = None
) -> HttpResponse:
    context = {
        "next": safe_next(request),
        "phone": phone,
        "phone_masked": f"{phone[:3]}****{phone[-4:]}",
        "shown": shown,
        "error": error and error.message,
    }
    return render(request, "identity/login_code.html", context, status=error.status if error else 200)


def _who_page(request: HttpRequest, persons: list[int]) -> HttpResponse:
    from xinzhi.kernel.residents import queries as residents

    names = residents.display_names(persons)
    context = {"next": safe_next(request), "people": [(pk, names.get(pk, "")) for pk in persons]}
    return render(request, "identity/login_who.html", context)
