"""Working days, the same for everybody."""

from __future__ import annotations

from tests.scope.knocks import Knock, Matrix

CALENDAR = "day,kind,name\n" + "".join(f"2027-01-{day:02d},off,假\n" for day in range(1, 13))
YEAR = {"year": "2027"}

ROUTES: Matrix = {
    "GET /api/v1/workcalendar/deadline": [Knock(401, 200, 200, ask="at=2026-11-23T08:00:00Z&hours=8")],
    "GET /api/v1/workcalendar/due-day": [Knock(401, 200, 200, ask="start=2026-11-23&working_days=7")],
    "GET /api/v1/workcalendar/years/{year}": [Knock(401, 200, 200, fill=YEAR)],
    "PUT /api/v1/workcalendar/years/{year}": [
        Knock(401, 403, 403, by="administrator", fill=YEAR, send={"table": CALENDAR, "source": "国办发明电〔2026〕1号"}),
    ],
}  # fmt: skip
