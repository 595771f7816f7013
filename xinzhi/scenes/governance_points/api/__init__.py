"""The HTTP API of governance points: what a page can do, a program can do."""

from __future__ import annotations

from ninja import Router

from xinzhi.kernel.identity.api_auth import session_or_key
from xinzhi.scenes.governance_points.api import (
    budget,
    charter,
    charter_drafts,
    council,
    deductions,
    deeds,
    fairness,
    overview,
    reports,
)

router = Router(auth=session_or_key)
for _part in (
    budget, charter, charter_drafts, deeds, deductions, council, overview, fairness, reports,
):  # fmt: skip
    router.add_router("", _part.router)
