"""What stands at the root: the door, preferences, health, the API's own description."""

from __future__ import annotations

from tests.scope.knocks import Knock, Matrix

ROUTES: Matrix = {
    "ANY /api/v1/": [Knock(404, 404, 404)],
    "ANY /api/v1/openapi.json": [Knock(200, 200, 200)],
    "ANY /healthz": [Knock(200, 200, 200)],
    "ANY /readyz": [Knock(200, 200, 200)],
    "GET /": [Knock(200, 302, 302)],
    "POST /prefs/elder/": [Knock(302, 302, 302, send={"on": "1", "next": "/"})],
    "POST /prefs/language/": [Knock(302, 302, 302, send={"language": "en", "next": "/"})],
}
