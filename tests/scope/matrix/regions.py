"""The tree of regions, known to everybody who is logged in."""

from __future__ import annotations

from tests.scope.knocks import Knock, Matrix

ROUTES: Matrix = {
    "GET /api/v1/regions": [
        Knock(403, 200, 200),
        Knock(403, 200, 200, ask="permission=residents.household.list"),
    ],
    "GET /api/v1/regions/by-code/{code}": [Knock(403, 200, 200, fill={"code": "region_code"})],
    "GET /api/v1/regions/{region_id}": [Knock(403, 200, 200)],
    "GET /api/v1/regions/{region_id}/children": [Knock(403, 200, 200)],
}
