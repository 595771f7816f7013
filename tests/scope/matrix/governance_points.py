"""Deeds from claim to statement."""

from __future__ import annotations

from tests.scope.charter_life import ROUTES as CHARTER_LIFE
from tests.scope.knocks import LOGIN, Knock, Matrix

VILLAGE = {"village": "{village_id}"}
KEY = {"request_key": "{uuid}"}
CLAIM = {**KEY, "done_on": "{day}", "quantity": "1"}
ENTER = {**VILLAGE, **CLAIM, "household_no": "{household_no}", "rule": "D02"}
CHARTER = {"resolution": "决议2号", "active_from": "2026-12-01", "publication_days": "7"}
#: One rule, as the page that edits a charter sends it.
ROW = {
    "code": "A01", "category": "生态环境", "title": "清洁", "points_kind": "固定", "points": "5", "unit": "",
    "max_quantity": "", "evidence": "无", "verifier": "", "day": "", "week": "", "month": "", "quarter": "", "year": "",
    "legal_basis": "",
}  # fmt: skip
RULE = {"code": "D02"}
RETURN = {"reason_code": "wrong_day"}
REVERSE = {"reason_code": "duplicate"}
DEED = {"household_id": "{household_id}", "rule_code": "D02", "done_on": "{day}", "quantity": "1"}
POSTED = {"deed_id": "posted_id"}
RETURNED = {"deed_id": "returned_id"}
NOTICED = {"deed_id": "deduction_id"}
TOLD = {
    **KEY,
    **VILLAGE,
    "household_no": "{household_no}",
    "rule": "X01",
    "done_on": "{day}",
    "description": "清走就好",
}
CALL = {**KEY, **VILLAGE, "meets_on": "{day}", "meets_time": "19:00", "place": "村委会"}
MEETING = "/governance_points/desk/council/{meeting_id}/"
API = "/api/v1/governance-points"
TOLD_BY_PROGRAM = {
    "household_id": "{household_id}", "rule_code": "X01", "done_on": "{day}", "description": "门前有一堆垃圾，请清走",
}  # fmt: skip
BUDGET = {
    **KEY,
    "year": "2026",
    "amount": "60000",
    "per_point": "1",
    "active_from": "2026-11-01",
    "basis": "决议3号",
}
FUND = {
    **KEY,
    "year": "2026",
    "amount": "60000",
    "source": "township",
    "decided_on": "2026-11-01",
    "basis": "乡拨",
}
BUDGET_BY_PROGRAM = {
    "village_id": "{village_id}", "year": "2026", "amount_fen": "100", "fen_per_point": "100", "active_from": "2026-11-01", "basis": "决议3号",
}  # fmt: skip
FUND_BY_PROGRAM = {
    "village_id": "{village_id}", "year": "2026", "amount_fen": "100", "source_code": "township", "decided_on": "2026-11-01", "basis": "乡拨",
}  # fmt: skip

ROUTES: Matrix = {
    **CHARTER_LIFE,
    # The phone: whose household it is comes from the login, never from the address.
    "GET /governance_points/": [Knock(LOGIN, 200, 404, by="household")],
    "POST /governance_points/household/": [
        Knock(LOGIN, 404, 404, by="household", send={"household_id": "{household_id}"}, plain=True)
    ],
    "GET /governance_points/rules/{village_id}/": [Knock(200, 200, 200)],  # the charter is public
    "GET /governance_points/claim/": [Knock(LOGIN, 200, 403, by="household", plain=True)],
    "GET /governance_points/claim/done/": [Knock(LOGIN, 200, 403, by="household", plain=True)],
    "GET /governance_points/claim/{code}/": [Knock(LOGIN, 200, 403, by="household", fill=RULE)],
    "POST /governance_points/claim/{code}/": [
        Knock(LOGIN, 302, 403, by="household", fill=RULE, send={**CLAIM, "household": "{household_id}"}),
        Knock(LOGIN, 422, 403, by="household", fill=RULE, send={**CLAIM, "person": "{person_id}"}),
        Knock(LOGIN, 302, 403, by="household", fill=RULE, send={**CLAIM, "evidence": "{loose_id}"}),
    ],
    "POST /governance_points/claim/{code}/preview/": [
        Knock(LOGIN, 200, 200, by="household", fill=RULE, send={**CLAIM, "household": "{household_id}"}, plain=True),
    ],
    "GET /governance_points/statement/": [Knock(LOGIN, 200, 404, by="household")],
    "GET /governance_points/could-earn/": [Knock(LOGIN, 200, 403, by="household", plain=True)],
    "GET /governance_points/everything/": [Knock(LOGIN, 200, 404, by="household", plain=True)],
    "GET /governance_points/deeds/{deed_id}/": [
        Knock(LOGIN, 404, 404, by="household"),
        Knock(LOGIN, 404, 404, by="office", fill=POSTED),
    ],
    "GET /governance_points/deeds/{deed_id}/complete/": [
        Knock(LOGIN, 404, 404, by="household", fill=RETURNED, plain=True)
    ],
    "POST /governance_points/deeds/{deed_id}/complete/": [
        Knock(LOGIN, 404, 404, by="household", fill=RETURNED, send=CLAIM)
    ],
    "POST /governance_points/deeds/{deed_id}/withdraw/": [Knock(LOGIN, 404, 403, by="household", send=KEY)],
    "POST /governance_points/deeds/{deed_id}/correct/": [
        Knock(LOGIN, 403, 404, by="office", fill=POSTED, send={**KEY, **REVERSE})
    ],
    "GET /governance_points/who-looked/": [Knock(LOGIN, 200, 404, by="household", plain=True)],
    # The desk
    "GET /governance_points/desk/deeds/": [
        Knock(LOGIN, 404, 200, by="office"),
        Knock(LOGIN, 404, 404, by="office", ask="village={village_id}"),
    ],
    "GET /governance_points/desk/deeds/{deed_id}/": [
        Knock(LOGIN, 404, 404, by="office"),
        Knock(LOGIN, 404, 404, by="office", fill=POSTED),
    ],
    "GET /governance_points/desk/enter/": [
        Knock(LOGIN, 403, 200, by="office"),
        Knock(LOGIN, 403, 404, by="office", ask="village={village_id}"),
    ],
    "POST /governance_points/desk/enter/": [
        Knock(LOGIN, 403, 404, by="office", send=ENTER),
        Knock(LOGIN, 403, 404, send={**ENTER, "village": "{home_id}"}),
    ],
    "GET /governance_points/desk/sheet/": [
        Knock(LOGIN, 403, 200, by="office", plain=True),
        Knock(LOGIN, 403, 404, by="office", ask="village={village_id}", plain=True),
    ],
    "POST /governance_points/desk/sheet/": [
        Knock(LOGIN, 403, 404, by="office", send={**VILLAGE, "month": "2026-11", "dry_run": "0"}, files={"sheet": "sheet"}),
    ],
    "GET /governance_points/desk/sheet/form/": [
        Knock(LOGIN, 403, 200, by="office"),
        Knock(LOGIN, 403, 404, by="office", ask="village={village_id}"),
    ],
    "GET /governance_points/desk/deduction/": [
        Knock(LOGIN, 403, 200, by="office"),
        Knock(LOGIN, 403, 404, by="office", ask="village={village_id}"),
    ],
    "POST /governance_points/desk/deduction/": [Knock(LOGIN, 403, 404, by="office", send=TOLD)],
    "GET /governance_points/desk/deduction/{deed_id}/letter/": [
        Knock(LOGIN, 403, 404, by="office", fill=NOTICED)
    ],
    "POST /governance_points/deeds/{deed_id}/answer/": [
        Knock(LOGIN, 404, 404, by="household", fill=NOTICED, send={**KEY, "note": "不是我们"})
    ],
    "POST /governance_points/deeds/{deed_id}/repair/": [
        Knock(LOGIN, 404, 403, by="household", fill=NOTICED, send=KEY, files={"photo": "photo"})
    ],
    "GET /governance_points/desk/council/": [
        Knock(LOGIN, 403, 200, by="office", plain=True),
        Knock(LOGIN, 403, 404, by="office", ask="village={village_id}", plain=True),
    ],
    "POST /governance_points/desk/council/": [Knock(LOGIN, 403, 404, send=CALL)],
    f"GET {MEETING}": [Knock(LOGIN, 403, 404, by="office", plain=True)],
    f"POST {MEETING}agenda/": [Knock(LOGIN, 403, 404, by="office", plain=True)],
    f"POST {MEETING}call-off/": [Knock(LOGIN, 403, 404, by="office", send=KEY)],
    f"POST {MEETING}hold/": [Knock(LOGIN, 403, 404, by="office", send={**KEY, "present": "{adviser_id}"})],
    f"POST {MEETING}file/": [Knock(LOGIN, 403, 404, by="office", fill={"meeting_id": "held_id"}, send=KEY, files={"scan": "photo"})],
    f"GET {MEETING}pack/": [Knock(LOGIN, 403, 404, by="office", plain=True)],
    f"GET {MEETING}minutes/": [Knock(LOGIN, 403, 404, by="office", plain=True)],
    "GET /governance_points/desk/overview/": [
        Knock(LOGIN, 404, 200, by="office", plain=True),
        Knock(LOGIN, 404, 404, by="office", ask="village={village_id}", plain=True),
        Knock(LOGIN, 404, 200, by="office", ask="table=states", plain=True),
    ],
    "GET /governance_points/desk/overview/oddities/": [
        Knock(LOGIN, 404, 200, by="office", plain=True),
        Knock(LOGIN, 404, 404, by="office", ask="village={village_id}", plain=True),
    ],
    "GET /governance_points/fairness/": [Knock(LOGIN, 200, 404, by="household", plain=True)],
    "GET /governance_points/desk/fairness/": [
        Knock(LOGIN, 404, 200, by="office", plain=True),
        Knock(LOGIN, 404, 404, by="office", ask="village={village_id}", plain=True),
        Knock(LOGIN, 404, 200, by="office", ask="table=all", plain=True),
    ],
    "GET /governance_points/desk/overview/titles/": [
        Knock(LOGIN, 404, 404, by="office", ask="village={village_id}"),
        Knock(LOGIN, 404, 404, by="office", ask="village={village_id}&table=households", plain=True),
    ],
    f"GET {API}/titles": [
        Knock(401, 404, 404, by="office", ask="village_id={village_id}", plain=True),
        Knock(401, 404, 200, by="office", plain=True),
    ],
    f"GET {API}/standings": [Knock(401, 404, 404, by="office", ask="village_id={village_id}")],
    "GET /governance_points/desk/budget/": [
        Knock(LOGIN, 404, 200, by="office", plain=True),
        Knock(LOGIN, 404, 404, by="office", ask="village={village_id}", plain=True),
    ],
    "POST /governance_points/desk/budget/": [Knock(LOGIN, 404, 404, by="office", send={**VILLAGE, **BUDGET})],
    "POST /governance_points/desk/budget/fund/": [Knock(LOGIN, 403, 404, by="office", send={**VILLAGE, **FUND})],
    f"GET {API}/budgets": [
        Knock(401, 404, 404, by="office", ask="village_id={village_id}", plain=True),
        Knock(401, 404, 200, by="office", plain=True),
    ],
    f"POST {API}/budgets": [Knock(401, 403, 403, by="office", send=BUDGET_BY_PROGRAM)],
    f"POST {API}/funds": [Knock(401, 403, 403, by="office", send=FUND_BY_PROGRAM)],
    "GET /governance_points/desk/reports/": [
        Knock(LOGIN, 403, 200, by="office", plain=True),
        Knock(LOGIN, 403, 404, by="office", ask="village={village_id}", plain=True),
    ],
    "POST /governance_points/desk/reports/": [
        # Kept for the caller's own place, whatever he sends.
        Knock(LOGIN, 403, 302, send={"name": "月报", **VILLAGE}, files={"file": "form"}),
    ],
    "GET /governance_points/desk/reports/fill/": [
        Knock(LOGIN, 403, 404, by="office", ask="village={village_id}&form={form_id}", plain=True),
        Knock(LOGIN, 403, 404, by="office", ask="form={form_id}", plain=True),
    ],
    "POST /governance_points/desk/reports/{form_id}/remove/": [Knock(LOGIN, 403, 404, by="office", send=KEY)],
    "GET /governance_points/desk/publish/": [
        Knock(LOGIN, 403, 200, by="office"),
        Knock(LOGIN, 403, 404, by="office", ask="village={village_id}"),
    ],
    "POST /governance_points/desk/publish/": [
        Knock(LOGIN, 403, 404, by="office", send={**KEY, **VILLAGE}),
        Knock(LOGIN, 403, 422, by="office", send={**KEY, "deed": "{waiting_id}"}),
    ],
    "GET /governance_points/desk/households/": [
        Knock(LOGIN, 404, 200, by="office"),
        Knock(LOGIN, 404, 404, by="office", ask="village={village_id}"),
        Knock(LOGIN, 404, 200, by="office", ask="q={household_no}"),
    ],
    "GET /governance_points/desk/households/{household_id}/": [Knock(LOGIN, 404, 404, by="office")],
    "GET /governance_points/desk/charter/": [Knock(LOGIN, 404, 404, by="office", ask="village={village_id}", plain=True)],
    "GET /governance_points/desk/charter/import/": [
        Knock(LOGIN, 403, 404, by="office", ask="village={village_id}", plain=True)
    ],
    "POST /governance_points/desk/charter/import/": [
        Knock(LOGIN, 403, 404, by="office", send={**VILLAGE, **CHARTER, "dry_run": "0"}, files={"sheet": "charter"}),
    ],
    "GET /governance_points/desk/charter/edit/": [
        Knock(LOGIN, 403, 404, by="office", ask="village={village_id}", plain=True)
    ],
    "POST /governance_points/desk/charter/edit/": [
        Knock(LOGIN, 403, 404, by="office", send={**VILLAGE, **CHARTER, **ROW, "dry_run": "0"})
    ],
    "GET /governance_points/desk/charter/download/": [
        Knock(LOGIN, 404, 404, by="office", ask="village={village_id}", plain=True)
    ],
    # The API
    "GET /api/v1/governance-points/charter": [Knock(401, 200, 200, ask="village_id={village_id}")],  # public as well
    "POST /api/v1/governance-points/charter/import": [
        Knock(
            401, 403, 403, by="office", files={"sheet": "charter"},
            send={"village_id": "{village_id}", **CHARTER, "dry_run": "false"},
        ),
    ],
    "GET /api/v1/governance-points/deeds": [
        Knock(401, 200, 200, by="office"),
        Knock(401, 200, 200, by="office", ask="village_id={village_id}"),
        Knock(401, 200, 200, by="household", ask="household_id={household_id}"),
    ],
    "POST /api/v1/governance-points/deeds": [
        Knock(401, 404, 404, by="household", send=DEED),
        Knock(401, 404, 404, by="office", send=DEED),
        Knock(401, 404, 404, by="household", send={**DEED, "evidence_ids": ["{loose_id}"]}),
    ],
    "POST /api/v1/governance-points/deeds/preview": [Knock(401, 404, 404, by="household", send=DEED, plain=True)],
    # Each deed is refused by itself, as if it were not there.
    "POST /api/v1/governance-points/deeds/verify": [Knock(401, 200, 200, by="office", send={"deed_ids": ["{deed_id}"]})],
    "GET /api/v1/governance-points/deeds/{deed_id}": [Knock(401, 404, 404, by="office")],
    "POST /api/v1/governance-points/deeds/{deed_id}/return": [Knock(401, 404, 404, by="office", send=RETURN)],
    "POST /api/v1/governance-points/deeds/{deed_id}/withdraw": [Knock(401, 404, 404, by="household")],
    "POST /api/v1/governance-points/deeds/{deed_id}/reverse": [
        Knock(401, 404, 404, by="office", fill=POSTED, send=REVERSE)
    ],
    "POST /api/v1/governance-points/publications": [
        Knock(401, 403, 403, by="office", send={"village_id": "{village_id}", "deed_ids": ["{waiting_id}"]}),
    ],
    "POST /api/v1/governance-points/score-sheets": [
        Knock(
            401, 403, 403, by="office", files={"sheet": "sheet"},
            send={"village_id": "{village_id}", "month": "2026-11-01", "dry_run": "false"},
        ),
    ],
    f"POST {API}/deeds/{{deed_id}}/resubmit": [
        Knock(401, 404, 404, by="household", fill={"deed_id": "returned_id"}, send={"done_on": "{day}", "quantity": "1"})
    ],
    f"POST {API}/deductions": [Knock(401, 404, 404, by="office", send=TOLD_BY_PROGRAM)],
    f"POST {API}/deductions/{{deed_id}}/answer": [
        Knock(401, 404, 404, by="household", fill=NOTICED, send={"note": "不是我们"})
    ],
    f"POST {API}/deductions/{{deed_id}}/repair": [
        Knock(401, 404, 404, by="household", fill=NOTICED, send={"evidence_ids": ["{loose_id}"]})
    ],
    f"GET {API}/meetings": [Knock(401, 200, 200, by="office", ask="village_id={village_id}", plain=True)],
    f"POST {API}/meetings": [
        Knock(401, 403, 403, send={"village_id": "{village_id}", "meets_at": "{day}T19:00:00", "place": "村委会"})
    ],
    f"GET {API}/meetings/{{meeting_id}}": [Knock(401, 404, 404, by="office", plain=True)],
    f"POST {API}/meetings/{{meeting_id}}/agenda": [Knock(401, 404, 404, by="office", plain=True)],
    f"POST {API}/meetings/{{meeting_id}}/call-off": [Knock(401, 404, 404, by="office")],
    f"POST {API}/meetings/{{meeting_id}}/hold": [
        Knock(401, 404, 404, by="office", send={"present_user_ids": ["{adviser_id}"], "votes": []})
    ],
    f"POST {API}/meetings/{{meeting_id}}/minutes": [
        Knock(401, 404, 404, by="office", fill={"meeting_id": "held_id"}, send={"evidence_ids": ["{scan_id}"]}, plain=True)
    ],
    f"GET {API}/overview": [
        Knock(401, 404, 200, by="office", plain=True),
        Knock(401, 404, 404, by="office", ask="village_id={village_id}", plain=True),
    ],
    f"GET {API}/fairness": [
        Knock(401, 404, 200, by="office", plain=True),
        Knock(401, 404, 404, by="office", ask="village_id={village_id}", plain=True),
    ],
    f"GET {API}/oddities": [Knock(401, 404, 404, by="office", ask="village_id={village_id}", plain=True)],
    f"GET {API}/reports/figures": [
        Knock(401, 404, 404, by="office", ask="month={day}&village_id={village_id}", plain=True),
        Knock(401, 404, 200, by="office", ask="month={day}", plain=True),
    ],
    f"GET {API}/reports/forms": [Knock(401, 200, 200, by="office", plain=True)],
    f"POST {API}/reports/forms": [
        Knock(401, 404, 404, by="office", send={"name": "表", "region_id": "{region_id}"}, files={"workbook": "form"})
    ],
    f"GET {API}/reports/filled": [
        Knock(401, 404, 404, by="office", ask="month={day}&form_id={form_id}", plain=True),
        Knock(401, 404, 404, by="office", ask="month={day}&village_id={village_id}", plain=True),
    ],
    f"DELETE {API}/reports/forms/{{form_id}}": [Knock(401, 404, 404, by="office")],
    f"GET {API}/households/{{household_id}}/could-earn": [
        Knock(401, 404, 404, by="office", plain=True),
        Knock(401, 404, 404, by="household", plain=True),
    ],
    "GET /api/v1/governance-points/households/{household_id}/statement": [
        Knock(401, 404, 404, by="office"),
        Knock(401, 404, 404, by="household"),
    ],
    "GET /governance_points/transfers/{event_id}/": [Knock(LOGIN, 404, 404, by="office")],
    "GET /governance_points/desk/transfers/{event_id}/": [Knock(LOGIN, 404, 404, by="office")],
    "GET /api/v1/governance-points/transfers/{event_id}": [Knock(401, 404, 404, by="office")],
}  # fmt: skip
