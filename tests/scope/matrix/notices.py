"""Lists on display, objections and messages."""

from __future__ import annotations

from tests.scope.knocks import LOGIN, Knock, Matrix

OBJECTION = {"grounds_code": "not_done", "request_key": "{uuid}"}
DECISION = {"outcome": "dismissed", "reason_code": "no_ground", "request_key": "{uuid}"}
#: That a village has put a list on display is public: its title, number and days.
HEADS = ("publication_id", "earlier_id")

ROUTES: Matrix = {
    "GET /notices/": [
        Knock(LOGIN, 200, 200, by="household"),
        Knock(LOGIN, 200, 200, by="office", ask="village={village_id}"),
    ],
    # Public by construction: without a right, a list's title and clock, and no line of it.
    "GET /notices/{publication_id}/": [
        Knock(200, 200, 200, by="household"),
        Knock(200, 200, 200, by="office", ask="purpose=audit"),
    ],
    "GET /notices/{publication_id}/print/": [Knock(LOGIN, 404, 404, by="office")],
    "GET /notices/{publication_id}/spoken/": [
        Knock(LOGIN, 404, 404, by="office"),
        Knock(LOGIN, 404, 404, by="office", ask="as=text"),
    ],
    "POST /notices/{publication_id}/withdraw/": [Knock(LOGIN, 404, 404, by="office", send={"reason_code": "mistake"})],
    "GET /notices/{publication_id}/lines/{line_id}/object/": [Knock(LOGIN, 404, 404, by="household")],
    "POST /notices/{publication_id}/lines/{line_id}/object/": [
        Knock(LOGIN, 404, 404, by="objector", send=OBJECTION),
        Knock(LOGIN, 404, 404, by="office", send={**OBJECTION, "household_no": "DECOY-10"}),
    ],
    "GET /notices/objections/": [Knock(LOGIN, 200, 200, by="objector", plain=True)],
    "GET /notices/objections/{objection_id}/": [
        Knock(LOGIN, 404, 404, by="objector"),
        Knock(LOGIN, 404, 404, by="office"),
    ],
    "POST /notices/objections/{objection_id}/appeal/": [
        Knock(LOGIN, 404, 403, by="objector", fill={"objection_id": "dismissed_id"}),
    ],
    "POST /notices/objections/{objection_id}/take-back/": [Knock(LOGIN, 404, 403, by="objector")],
    "GET /notices/messages/": [Knock(LOGIN, 200, 200, by="household", plain=True)],
    "GET /notices/channels/": [Knock(LOGIN, 200, 200, by="household", plain=True)],
    "POST /notices/channels/{channel}/": [
        Knock(LOGIN, 302, 403, by="household", fill={"channel": "sms"}, send={"is_wanted": "0"}),
    ],
    "GET /notices/undelivered/": [Knock(LOGIN, 403, 200, by="office")],
    "POST /notices/undelivered/": [
        Knock(LOGIN, 403, 302, by="office", send={"act": "told", "delivery": "{delivery_id}"}),
        Knock(LOGIN, 403, 302, by="office", send={"told": "{delivery_id}"}),
        Knock(LOGIN, 403, 302, by="office", send={"again": "{delivery_id}"}, plain=True),
    ],
    "GET /api/v1/notices/channels": [Knock(401, 200, 200, by="household", plain=True)],
    "PUT /api/v1/notices/channels/{channel}": [
        Knock(401, 200, 403, by="household", fill={"channel": "sms"}, send={"is_wanted": "false"}),
    ],
    "PUT /api/v1/notices/channels/{channel}/account": [
        Knock(401, 200, 403, by="household", fill={"channel": "wechat"}, send={"address": "oAbCdEfGhIjKlMnOpQrStUvWxYz0"}),
    ],
    "GET /api/v1/notices/undelivered": [Knock(401, 403, 200, by="office")],
    "POST /api/v1/notices/undelivered/told": [Knock(401, 403, 200, by="office", send={"delivery_ids": ["{delivery_id}"]})],
    "POST /api/v1/notices/undelivered/again": [
        Knock(401, 403, 200, by="office", send={"delivery_ids": ["{delivery_id}"]}, plain=True),
    ],
    "PUT /api/v1/notices/sending-rules": [
        Knock(
            401, 404, 404, by="township",
            send={"region_id": "{village_id}", "quiet_from": "22:00", "quiet_until": "06:00", "most_per_day": "3", "active_from": "{day}"},
        ),
    ],
    "GET /api/v1/notices/publications": [Knock(401, 200, 200, by="office", ask="village_id={village_id}", public=HEADS)],
    "GET /api/v1/notices/publications/{publication_id}": [
        Knock(401, 200, 200, by="household"),
        Knock(401, 200, 200, by="office"),
        Knock(401, 200, 200, by="township", ask="purpose=audit"),
    ],
    "POST /api/v1/notices/objections": [
        Knock(401, 404, 404, by="objector", send={**OBJECTION, "line_id": "{line_id}"}),
        Knock(
            401, 403, 403, by="office",
            send={**OBJECTION, "line_id": "{line_id}", "on_behalf_of_household_id": "{neighbour_id}"},
        ),
    ],
    "POST /api/v1/notices/objections/{objection_id}/decision": [Knock(401, 403, 404, by="adviser", send=DECISION)],
    "GET /api/v1/notices/messages": [Knock(401, 200, 200, by="household", plain=True)],
}  # fmt: skip
