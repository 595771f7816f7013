"""Who may call the API: a key (`Authorization: Bearer xz_…`) or a session of a page.

    @router.post("", auth=session_or_key)

Both set `request.actor`. Calls by session need the CSRF token on writes; a key sent along counts alone.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.errors import HttpError
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.actors import actor_of_key


class ApiKeyAuth(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        actor = actor_of_key(token.strip())
        if actor is not None:
            request.actor = actor  # type: ignore[attr-defined]
        return actor


class SessionAuth(APIKeyCookie):
    param_name = settings.SESSION_COOKIE_NAME

    def _get_key(self, request: HttpRequest) -> str | None:
        return request.COOKIES.get(self.param_name)

    def authenticate(self, request: HttpRequest, key: str | None) -> Any | None:  # noqa: ARG002
        if request.headers.get("Authorization"):
            return None  # a wrong key must not be saved by a cookie that happens to be there
        actor = request.actor  # type: ignore[attr-defined]
        if not actor.is_authenticated:
            return None
        if check_csrf(request):
            raise HttpError(403, _("The CSRF token is missing or wrong. Send it as X-CSRFToken."))
        return actor


session_or_key = [ApiKeyAuth(), SessionAuth()]
