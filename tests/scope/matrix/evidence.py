"""Photos and voice notes."""

from __future__ import annotations

from tests.scope.knocks import Knock, Matrix

UPLOAD = {"request_key": "{uuid}"}
PURPOSE = {"purpose": "verify"}

ROUTES: Matrix = {
    "POST /evidence/": [
        Knock(403, 403, 403, by="household", send={**UPLOAD, "household": "{household_id}"}, files={"file": "photo"}),
        Knock(403, 403, 403, by="office", send={**UPLOAD, "village": "{village_id}"}, files={"file": "photo"}),
    ],
    "POST /evidence/{evidence_id}/original/": [Knock(404, 404, 404, by="office", send=PURPOSE, plain=True)],
    "POST /evidence/{evidence_id}/discard/": [Knock(404, 404, 404, by="household", fill={"evidence_id": "loose_id"})],
    "GET /evidence/{evidence_id}/{size}/": [
        Knock(404, 404, 404, by="household", fill={"size": "display"}, plain=True),
        Knock(404, 404, 404, by="office", fill={"size": "thumb"}, plain=True),
    ],
    "POST /api/v1/evidence": [
        Knock(401, 403, 403, by="household", send={**UPLOAD, "household_id": "{household_id}"}, files={"file": "photo"}),
    ],
    "GET /api/v1/evidence": [Knock(401, 200, 200, by="office", ask="subject=governance_points.deed:{deed_id}")],
    "GET /api/v1/evidence/{evidence_id}": [Knock(401, 404, 404, by="office")],
    "DELETE /api/v1/evidence/{evidence_id}": [Knock(401, 404, 404, by="household", fill={"evidence_id": "loose_id"})],
    "GET /api/v1/evidence/{evidence_id}/similar": [Knock(401, 404, 404, by="office", plain=True)],
    "GET /api/v1/evidence/{evidence_id}/file": [Knock(401, 404, 404, by="household", plain=True)],
    "POST /api/v1/evidence/{evidence_id}/original": [Knock(401, 404, 404, by="office", send=PURPOSE, plain=True)],
}  # fmt: skip
