"""The inbox, cases and their buttons."""

from __future__ import annotations

from tests.scope.knocks import LOGIN, Knock, Matrix

DEED = {"lifecycle": "governance_points.deed", "subject_id": "deed_id"}
OBJECTION = {"lifecycle": "notices.objection", "subject_id": "objection_id"}
KEY = {"request_key": "{uuid}"}
RETURN = {**KEY, "reason_code": "wrong_day"}
MANY = {"act": "governance_points.deed/verify", "case": "governance_points.deed:{deed_id}"}

ROUTES: Matrix = {
    "GET /workflow/inbox/": [
        Knock(LOGIN, 200, 200, by="office"),
        Knock(LOGIN, 200, 200, by="office", ask="village={village_id}"),
    ],
    # What was refused is said on the page it leads back to.
    "POST /workflow/inbox/many/": [Knock(LOGIN, 302, 302, by="office", send={**KEY, **MANY})],
    "GET /workflow/{lifecycle}/{subject_id}/": [
        Knock(LOGIN, 404, 404, by="office", fill=DEED),
        Knock(LOGIN, 404, 404, by="office", fill=OBJECTION),
    ],
    "POST /workflow/{lifecycle}/{subject_id}/{action}/": [
        Knock(LOGIN, 404, 404, by="office", fill={**DEED, "action": "verify"}, send=KEY),
        Knock(LOGIN, 404, 404, by="office", fill={**DEED, "action": "return"}, send=RETURN),
    ],
    "GET /api/v1/workflow/inbox": [
        Knock(401, 200, 200, by="office"),
        Knock(401, 200, 200, by="office", ask="village_id={village_id}"),
    ],
    "GET /api/v1/workflow/{lifecycle}/{subject_id}/timeline": [
        Knock(401, 404, 404, by="office", fill=DEED),
        Knock(401, 404, 404, by="office", fill=OBJECTION),
    ],
    # Each case is refused by itself, as if it were not there.
    "POST /api/v1/workflow/{lifecycle}/many/{action}": [
        Knock(401, 200, 200, by="office", fill={**DEED, "action": "verify"}, send={**KEY, "ids": ["{deed_id}"]}),
    ],
    "POST /api/v1/workflow/{lifecycle}/{subject_id}/{action}": [
        Knock(401, 404, 404, by="office", fill={**DEED, "action": "verify"}, send=KEY),
        Knock(401, 404, 404, by="office", fill={**DEED, "action": "return"}, send=RETURN),
    ],
}  # fmt: skip
