"""Activities, sign-ups, hours and certificates."""

from __future__ import annotations

from tests.scope.knocks import LOGIN, Knock, Matrix

VILLAGE = {"village": "{village_id}"}
KEY = {"request_key": "{uuid}"}
COMING, TOKEN = {"activity_id": "coming_id"}, {"token": "check_token"}
WORDS = {"title": "清理河道", "place": "文化礼堂", "insurance": "意外险"}
PLAN = {**WORDS, "starts": "2026-12-01T08:00", "ends": "2026-12-01T10:00", "places": "5", "roles": ""}
CALL_OFF = {"action": "call_off", "reason_code": "weather"}
WHO = {"household_id": "{household_id}", "person_id": "{person_id}"}
NEIGHBOUR = {"household_id": "{household_id}", "person_id": "{second_id}"}
#: The decoy's activity over lasted from 9 to 11 in Shanghai.
TIMES = {"came": "2026-11-23T09:00", "left": "2026-11-23T10:00", "reason_code": "time_wrong"}
API = "/api/v1/volunteering"

ROUTES: Matrix = {
    "GET /volunteering/": [Knock(LOGIN, 404, 404, by="office", ask="village={village_id}")],
    "POST /volunteering/plan/": [Knock(LOGIN, 403, 404, by="office", send={**VILLAGE, **KEY, **PLAN})],
    "GET /volunteering/run/{activity_id}/": [Knock(LOGIN, 404, 404, by="office")],
    "POST /volunteering/run/{activity_id}/move/": [
        Knock(LOGIN, 403, 404, by="office", fill=COMING, send={**KEY, **CALL_OFF})
    ],
    "GET /volunteering/run/{activity_id}/code/": [Knock(LOGIN, 403, 404, by="office", fill=COMING)],
    "POST /volunteering/run/{activity_id}/tick/": [
        Knock(LOGIN, 403, 404, by="office", send={**KEY, "person": "{relative_id}"})
    ],
    "POST /volunteering/run/{activity_id}/confirm/": [
        Knock(LOGIN, 404, 404, by="office", fill={"activity_id": "later_activity_id"}, send={**KEY, "hours": "{waiting_hours_id}"})
    ],
    "GET /volunteering/mine/": [Knock(LOGIN, 200, 404, by="household")],
    "GET /volunteering/activities/{activity_id}/": [Knock(LOGIN, 404, 404, by="household")],
    "POST /volunteering/activities/{activity_id}/sign-up/": [
        Knock(LOGIN, 404, 404, by="household", fill=COMING, send={**KEY, "person": "{second_id}"})
    ],
    "POST /volunteering/sign-ups/{sign_up_id}/off/": [
        Knock(LOGIN, 404, 404, by="household"),
        Knock(LOGIN, 404, 404, by="office"),
    ],
    "GET /volunteering/in/{token}/": [Knock(LOGIN, 404, 404, by="household", fill=TOKEN)],
    "POST /volunteering/in/{token}/": [
        Knock(LOGIN, 404, 404, by="household", fill=TOKEN, send={**KEY, "person": "{person_id}", "way": "in"})
    ],
    "GET /volunteering/hours/": [Knock(LOGIN, 200, 404, by="household")],
    "GET /volunteering/hours/{hours_id}/": [
        Knock(LOGIN, 404, 404, by="office"),
        Knock(LOGIN, 404, 404, by="household"),
    ],
    "POST /volunteering/hours/{hours_id}/correct/": [
        Knock(LOGIN, 403, 404, by="office", send={**KEY, **TIMES})
    ],
    "POST /volunteering/hours/{hours_id}/withdraw/": [
        Knock(LOGIN, 403, 404, by="office", send={**KEY, "reason_code": "not_there"})
    ],
    "POST /volunteering/certificates/": [
        Knock(LOGIN, 422, 404, by="household", send={**KEY, "person": "{person_id}", "until": "{day}"})
    ],
    "GET /volunteering/certificates/{certificate_id}/": [
        Knock(LOGIN, 404, 404, by="office"),
        Knock(LOGIN, 404, 404, by="household"),
    ],
    # Whoever holds the paper reads the surname that stands on it, and the hours.
    "GET /volunteering/verify/": [
        Knock(200, 200, 200, ask="code={certificate_code}", public=("masked_surname",)),
        Knock(200, 200, 200),
    ],
    f"GET {API}/activities": [Knock(401, 200, 200, by="office")],
    f"POST {API}/activities": [
        Knock(
            401, 404, 404, by="office",
            send={
                **WORDS, "village_id": "{village_id}", "starts_at": "2026-12-01T08:00:00Z", "ends_at": "2026-12-01T10:00:00Z",
                "places": "5",
            },
        )
    ],
    f"POST {API}/activities/{{activity_id}}/move": [
        Knock(401, 404, 404, by="office", fill=COMING, send=CALL_OFF)
    ],
    f"POST {API}/activities/{{activity_id}}/sign-ups": [
        Knock(401, 404, 404, by="office", fill=COMING, send=NEIGHBOUR),
        Knock(401, 404, 404, by="household", fill=COMING, send=NEIGHBOUR),
    ],
    f"POST {API}/sign-ups/{{sign_up_id}}/off": [Knock(401, 404, 404, by="household")],
    f"POST {API}/check-in": [Knock(401, 404, 404, by="household", send={**WHO, "token": "{check_token}"})],
    f"POST {API}/check-out": [
        # Who has not come cannot go; from another village nobody is told even that.
        Knock(401, 404, 404, send={**WHO, "token": "{check_token}"})
    ],
    f"POST {API}/activities/{{activity_id}}/tick": [
        Knock(401, 404, 404, by="office", send={"person_ids": ["{relative_id}"]})
    ],
    f"GET {API}/hours": [Knock(401, 200, 200, by="office")],
    f"POST {API}/hours/confirm": [
        Knock(401, 200, 200, by="office", send={"hours_ids": ["{waiting_hours_id}"]})
    ],
    f"POST {API}/hours/{{hours_id}}/correct": [
        Knock(
            401, 404, 404, by="office",
            send={
                "came_at": "2026-11-23T01:00:00Z", "left_at": "2026-11-23T02:00:00Z", "reason_code": "time_wrong",
            },
        )
    ],
    f"POST {API}/hours/{{hours_id}}/withdraw": [
        Knock(401, 404, 404, by="office", send={"reason_code": "not_there"})
    ],
    f"POST {API}/certificates": [
        Knock(401, 404, 404, by="household", send={**WHO, "until_day": "{day}"})
    ],
}  # fmt: skip
