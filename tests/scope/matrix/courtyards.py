"""Rounds, courtyards and the walk."""

from __future__ import annotations

from tests.scope.knocks import LOGIN, Knock, Matrix

VILLAGE = {"village": "{village_id}"}
KEY = {"request_key": "{uuid}"}
ADOPT = {"resolution": "评议会2号", "active_from": "2026-12-01", "raters": "2"}
ASIDE = {"reason_code": "not_as_scored"}
RECTIFYING = {"yard_id": "rectifying_id"}
CHANGE = {"household_no": "{household_no}", "yard_class": "homestay"}
#: What a phone sends, its braces doubled because the names are filled in.
RECORDS = '[{{"key": "{uuid}", "yard": {waiting_yard_id}, "outcome": "not_at_home", "scored_at": "2026-11-23T03:00:00+00:00"}}]'
VISIT = {
    "key": "{uuid}",
    "yard_id": "{waiting_yard_id}",
    "outcome": "not_at_home",
    "scored_at": "2026-11-23T03:00:00Z",
}
API = "/api/v1/courtyards"

ROUTES: Matrix = {
    "GET /courtyards/": [Knock(LOGIN, 404, 404, by="office", ask="village={village_id}", plain=True)],
    "POST /courtyards/sheet/": [Knock(LOGIN, 403, 404, by="office", send={**VILLAGE, **ADOPT})],
    "POST /courtyards/open/": [
        Knock(LOGIN, 403, 404, by="office", send={**VILLAGE, **KEY, "last_day": "2026-12-20"})
    ],
    "GET /courtyards/route/": [Knock(LOGIN, 403, 404, by="office", ask="village={village_id}")],
    "POST /courtyards/route/": [Knock(LOGIN, 403, 404, by="office", send={**VILLAGE, **CHANGE})],
    "GET /courtyards/rounds/{round_id}/": [Knock(LOGIN, 404, 404, by="office")],
    "GET /courtyards/rounds/{round_id}/excel/": [Knock(LOGIN, 404, 404, by="office")],
    "POST /courtyards/rounds/{round_id}/close/": [Knock(LOGIN, 403, 404, by="office")],
    "GET /courtyards/mine/": [Knock(LOGIN, 200, 404, by="household")],
    "GET /courtyards/yards/{yard_id}/": [
        Knock(LOGIN, 404, 404, by="office"),
        Knock(LOGIN, 404, 404, by="household"),
    ],
    "POST /courtyards/yards/{yard_id}/stand/": [
        Knock(LOGIN, 403, 404, by="office", fill=RECTIFYING, send=KEY)
    ],
    "POST /courtyards/yards/{yard_id}/aside/": [Knock(LOGIN, 403, 404, by="office", send={**KEY, **ASIDE})],
    # The shell of the walk holds nothing of anybody, and opens when the login has expired.
    "GET /courtyards/walk/": [Knock(200, 200, 200)],
    "GET /courtyards/walk/sw.js": [Knock(200, 200, 200)],
    "GET /courtyards/walk/rounds.json": [Knock(401, 403, 200, by="office")],
    "POST /courtyards/walk/sync/": [Knock(401, 403, 200, by="office", send={"records": RECORDS})],
    f"GET {API}/rounds": [Knock(401, 200, 200, by="office")],
    f"POST {API}/rounds": [
        Knock(401, 404, 404, by="office", send={"village_id": "{village_id}", "last_day": "2026-12-20"})
    ],
    f"GET {API}/rounds/{{round_id}}": [Knock(401, 404, 404, by="office")],
    f"POST {API}/rounds/{{round_id}}/close": [Knock(401, 404, 404, by="office")],
    f"GET {API}/yards/{{yard_id}}": [Knock(401, 404, 404, by="office"), Knock(401, 404, 404, by="household")],
    f"POST {API}/yards/{{yard_id}}/stand": [Knock(401, 404, 404, by="office", fill=RECTIFYING)],
    f"POST {API}/yards/{{yard_id}}/set-aside": [Knock(401, 404, 404, by="office", send=ASIDE)],
    f"POST {API}/visits": [Knock(401, 200, 200, by="office", send={"records": [VISIT]})],
    f"POST {API}/sheets": [
        Knock(401, 404, 404, by="office", send={"village_id": "{village_id}", **ADOPT}),
    ],
    f"GET {API}/route": [Knock(401, 404, 404, by="office", ask="village_id={village_id}")],
    f"PUT {API}/route": [Knock(401, 404, 404, by="office", send={"village_id": "{village_id}", **CHANGE})],
}
