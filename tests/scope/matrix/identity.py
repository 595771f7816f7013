"""Logins, cards, mandates and keys."""

from __future__ import annotations

from tests.scope.knocks import LOGIN, Knock, Matrix

MANDATE = {
    "household_id": "{household_id}",
    "person_id": "{newcomer_id}",
    "relation": "child",
    "active_to": "2027-01-01",
}
KEY = {"name": "{key_name}", "scopes": ["audit.looks.read"], "expires_at": "2027-01-01T00:00:00Z"}

PROXY = {
    "name": "{grandson}",
    "phone": "{grandson_phone}",
    "relation": "child",
    "months": "1",
    "consent": "paper",
}
AWAY = {"substitute": "{adviser_id}", "first_day": "{day}", "last_day": "{day}"}

ROUTES: Matrix = {
    # Who holds a card and is nobody learns nothing, not even whether it is valid.
    "GET /c/{token}/": [Knock(200, 404, 404, by="office")],
    "POST /c/{token}/": [Knock(200, 404, 404, by="office", plain=True)],
    "GET /households/{household_id}/card/": [
        Knock(LOGIN, 404, 404, by="office"),
        Knock(LOGIN, 404, 404, by="household"),
    ],
    "POST /households/{household_id}/card/": [Knock(LOGIN, 404, 404, by="office")],
    "GET /households/{household_id}/proxies/": [Knock(LOGIN, 404, 404, by="office")],
    "POST /households/{household_id}/proxies/": [
        Knock(LOGIN, 404, 404, by="office", send=PROXY),
    ],
    "GET /households/{household_id}/proxies/paper/": [Knock(LOGIN, 404, 404, by="office", plain=True)],
    "GET /households/cards/": [
        Knock(LOGIN, 404, 200, by="office", plain=True),
        Knock(LOGIN, 404, 404, by="office", ask="village={village_id}"),
    ],
    "POST /households/cards/": [Knock(LOGIN, 404, 404, by="office", send={"village": "{village_id}"})],
    "GET /me/away/": [Knock(LOGIN, 403, 200, by="office", plain=True)],
    "POST /me/away/": [Knock(LOGIN, 403, 422, by="office", send=AWAY)],
    "POST /me/away/{absence_id}/end/": [Knock(LOGIN, 404, 404, by="office")],
    "GET /keys/": [Knock(LOGIN, 403, 403, by="administrator")],
    "POST /keys/": [
        Knock(LOGIN, 403, 403, by="administrator", send={**KEY, "region_code": "{region_code}", "last_day": "2027-01-01"}),
    ],
    "POST /keys/{key_id}/revoke/": [Knock(LOGIN, 404, 404, by="administrator")],
    "GET /login/": [Knock(200, 302, 302)],
    "POST /login/": [  # whether a number is known is not told
        Knock(200, 200, 200, send={"phone": "13987654321"}),
        Knock(422, 422, 422, send={"phone": "13987654321", "step": "code", "code": "000000"}),
    ],
    "GET /login/staff/": [Knock(200, 302, 302)],
    "POST /login/staff/": [Knock(422, 422, 422, send={"username": "other", "password": "wrong"})],
    "POST /login/who/": [Knock(422, 422, 422, send={"person": "{person_id}"})],
    "POST /logout/": [Knock(302, 302, 302)],
    "POST /me/act-for/": [
        Knock(LOGIN, 404, 404, by="objector", send={"household": "{household_id}"}, plain=True)
    ],
    "POST /me/act-for/end/": [Knock(LOGIN, 302, 302)],
    "GET /me/who-may-act/": [Knock(LOGIN, 200, 200, by="household")],
    # A phone number without its name tells nothing.
    "POST /me/who-may-act/": [Knock(LOGIN, 422, 404, send={**PROXY, "name": "某某"})],
    "POST /me/who-may-act/{mandate_id}/end/": [
        Knock(LOGIN, 404, 404, by="household"),
        Knock(LOGIN, 404, 404, by="office"),
    ],
    "POST /api/v1/identity/absences": [
        Knock(401, 403, 422, by="office", send={"substitute_id": "{adviser_id}", "first_day": "{day}", "last_day": "{day}"}),
    ],
    "POST /api/v1/identity/absences/{absence_id}/end": [Knock(401, 404, 404, by="office")],
    "GET /api/v1/identity/me": [Knock(401, 200, 200, by="household")],
    "GET /api/v1/identity/keys": [Knock(401, 403, 403, by="administrator")],
    "POST /api/v1/identity/keys": [
        Knock(401, 403, 403, by="administrator", send={**KEY, "region_id": "{region_id}"})
    ],
    "POST /api/v1/identity/keys/{key_id}/revoke": [Knock(401, 404, 404, by="administrator")],
    "GET /api/v1/identity/households/{household_id}/mandates": [Knock(401, 404, 404, by="household")],
    "POST /api/v1/identity/mandates": [
        Knock(401, 404, 404, by="office", send=MANDATE),
    ],
    "POST /api/v1/identity/mandates/{mandate_id}/revoke": [Knock(401, 404, 404, by="household")],
}  # fmt: skip
