"""A charter on its way: the office's pages and API. What a step needs beyond the state `draft` is prepared in `tests/input`."""

from __future__ import annotations

from tests.scope.knocks import LOGIN, Knock, Matrix

KEY = {"request_key": "{uuid}"}
VILLAGE = {"village": "{village_id}"}
PAGES, DRAFT = "/governance_points/desk/charter/drafts/", "/governance_points/desk/charter/drafts/{draft_id}/"
API, AT = "/api/v1/governance-points/charter-drafts", "/api/v1/governance-points/charter-drafts/{draft_id}"
SAVE = {
    **KEY,
    "revision": "1",
    "wanted_from": "2027-02-01",
    "publication_days": "7",
    "code": "A01",
    "title": "清扫",
}
VOTE = {
    "basis": "households", "notice_on": "{day}", "held_on": "{day}", "place": "村委会", "resolution": "决议3号", "entitled": 2,
    "present": 2, "votes_for": 2,
}  # fmt: skip
WRITE = {"rows": [], "wanted_from": "2027-02-01"}
GONE = Knock(401, 404, 404)

ROUTES: Matrix = {
    "GET /governance_points/rules/{village_id}/draft/{draft_id}/": [
        Knock(404, 404, 404)
    ],  # nobody votes about it yet
    f"GET {PAGES}": [
        Knock(LOGIN, 403, 200, by="office", plain=True),
        Knock(LOGIN, 403, 404, by="office", ask="village={village_id}", plain=True),
    ],
    f"POST {PAGES}": [Knock(LOGIN, 403, 404, send={**KEY, **VILLAGE, "source": "present"})],
    f"GET {DRAFT}": [Knock(LOGIN, 403, 404, by="office", plain=True)],
    f"POST {DRAFT}": [Knock(LOGIN, 403, 404, by="office", send=SAVE)],
    f"POST {DRAFT}sheet/": [
        Knock(LOGIN, 403, 404, by="office", send={"revision": "1"}, files={"sheet": "charter"})
    ],
    f"GET {DRAFT}download/": [Knock(LOGIN, 403, 404, by="office")],
    f"POST {DRAFT}acknowledge/": [Knock(LOGIN, 403, 404, by="office", send={"warning": "0"}, plain=True)],
    f"GET {DRAFT}roll/": [Knock(LOGIN, 403, 404, by="office")],
    f"POST {DRAFT}vote/": [Knock(LOGIN, 403, 404, send={**KEY, **VOTE})],
    f"GET {DRAFT}minutes/": [Knock(LOGIN, 403, 404, by="office", plain=True)],
    f"POST {DRAFT}signed/": [Knock(LOGIN, 403, 404, send=KEY, files={"scan": "photo"})],
    f"POST {DRAFT}publish/": [Knock(LOGIN, 403, 404, send={**KEY, "days": "7"})],
    f"POST {DRAFT}correction/": [Knock(LOGIN, 403, 403, send={**KEY, "reason_code": "unclear"})],
    f"POST {DRAFT}force/": [Knock(LOGIN, 403, 404, send={**KEY, "active_from": "2027-02-01"})],
    f"POST {DRAFT}step/{{step}}/": [
        Knock(LOGIN, 403, 404, by="office", fill={"step": "withdraw"}, send=KEY),
        *(
            Knock(LOGIN, 403, 404, fill={"step": step}, send=KEY)
            for step in ("check", "reopen", "file", "accept", "mend", "nothing")
        ),
    ],
    f"GET {API}": [Knock(401, 200, 200, by="office", ask="village_id={village_id}")],
    f"POST {API}": [Knock(401, 403, 403, send={"village_id": "{village_id}", **WRITE})],
    f"GET {AT}": [Knock(401, 404, 404, by="office")],
    f"PUT {AT}": [Knock(401, 404, 404, by="office", send={**WRITE, "revision": 1})],
    f"POST {AT}/sheet": [
        Knock(401, 404, 404, by="office", send={"revision": "1"}, files={"sheet": "charter"})
    ],
    f"POST {AT}/acknowledge": [Knock(401, 404, 404, by="office", send={"keys": []})],
    f"POST {AT}/withdraw": [Knock(401, 404, 404, by="office")],
    f"POST {AT}/put-to-vote": [GONE],
    f"POST {AT}/reopen": [GONE],
    f"POST {AT}/vote": [Knock(401, 404, 404, send=VOTE)],
    f"POST {AT}/signed-minutes": [Knock(401, 404, 404, send={"evidence_ids": ["{scan_id}"]})],
    f"POST {AT}/publish": [Knock(401, 404, 404, send={"days": 7})],
    f"POST {AT}/file": [GONE],
    f"POST {AT}/accept": [Knock(401, 404, 404, send={"note": ""})],
    f"POST {AT}/order-correction": [Knock(401, 404, 404, send={"reason_code": "unclear"})],
    f"POST {AT}/mend": [GONE],
    f"POST {AT}/bring-into-force": [Knock(401, 404, 404, send={"active_from": "2027-02-01"})],
}
