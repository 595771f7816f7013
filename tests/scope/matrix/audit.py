"""Who looked."""

from __future__ import annotations

from tests.scope.knocks import Knock, Matrix

ROUTES: Matrix = {
    "GET /api/v1/audit/looks": [Knock(401, 404, 404, by="household", ask="household_id={household_id}", plain=True)],
}  # fmt: skip
