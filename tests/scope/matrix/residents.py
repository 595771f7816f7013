"""Households, persons and rosters."""

from __future__ import annotations

from tests.scope.knocks import LOGIN, Knock, Matrix

REVEAL = {"field": "name", "purpose": "contact"}
ON = {"on": "{day}", "basis": "household_book"}
AGREED = {"on": "{day}", "basis": "written_agreement", "agreed": "1"}
CONFIRM = {**ON, "step": "confirm", "request_key": "{uuid}"}
SPLIT = {
    **CONFIRM,
    **AGREED,
    "person": "{second_id}",
    "household_no": "NEW-1",
    "new_household_head": "{second_id}",
}
OWN = "own_household_id"
ACTS = ("split", "merge", "birth", "death", "marriage-in", "marriage-out", "move-away", "come-back", "head")
CHILD = {"name": "某孩", "relation_code": "41", "birth_date": "{day}"}
API = "POST /api/v1/residents/households/{household_id}"


def _sent(body: dict[str, object]) -> list[Knock]:
    """The same act done by who may, and tried by who may not, also as a mere question."""
    return [
        Knock(401, 404, 404, by="office", send=body, ask="dry_run=true" if dry else "")
        for dry in (False, True)
    ]


ROUTES: Matrix = {
    "GET /residents/roster/": [
        Knock(LOGIN, 403, 200, by="office", plain=True),
        Knock(LOGIN, 403, 200, by="office", ask="village={village_id}", plain=True),
    ],
    "POST /residents/roster/": [
        Knock(LOGIN, 403, 404, by="office", send={"village": "{village_id}", "dry_run": "1"}, files={"roster": "roster"}),
    ],
    "GET /residents/roster/form/": [Knock(LOGIN, 403, 200, by="office", plain=True)],
    "GET /residents/roster/{progress_id}/": [Knock(LOGIN, 403, 404, by="office")],
    "POST /residents/roster/{progress_id}/bring-in/": [Knock(LOGIN, 403, 404, by="office", plain=True)],
    "GET /residents/households/{household_id}/": [
        Knock(LOGIN, 404, 404, by="office"),
        Knock(LOGIN, 404, 404, by="household"),
        Knock(LOGIN, 404, 404, by="office", fill={"household_id": "third_id"}),
    ],
    "GET /residents/households/{household_id}/{act}/": [
        *(Knock(LOGIN, 403, 404, by="office", fill={"act": act}) for act in ACTS),
        Knock(LOGIN, 403, 404, by="office", fill={"act": "marriage-in"}, ask="person={relative_id}"),
        # at home, with somebody of the decoy's village: his name must not come back
        Knock(LOGIN, 403, 404, fill={"household_id": OWN, "act": "marriage-in"}, ask="person={person_id}"),
    ],
    "POST /residents/households/{household_id}/{act}/": [
        Knock(LOGIN, 403, 404, by="office", fill={"act": "split"}, send=SPLIT),
        Knock(LOGIN, 403, 404, by="office", fill={"act": "split"}, send={**SPLIT, "step": "look"}),
        Knock(LOGIN, 403, 404, by="office", fill={"act": "death"}, send={**CONFIRM, "person": "{second_id}"}),
        Knock(LOGIN, 403, 404, by="office", fill={"act": "head"}, send={**CONFIRM, "person": "{second_id}"}),
        Knock(LOGIN, 403, 404, by="office", fill={"act": "merge"}, send={**CONFIRM, **AGREED, "into": "DECOY-10"}),
        # at home, into a household of the decoy's village or with somebody from there
        Knock(LOGIN, 403, 422, fill={"household_id": OWN, "act": "merge"}, send={**CONFIRM, **AGREED, "into": "{household_no}"}),
        Knock(
            LOGIN, 403, 422, fill={"household_id": OWN, "act": "marriage-in"},
            send={**CONFIRM, "name": "某某", "relation": "38", "from_household": "{household_no}"},
        ),
        Knock(LOGIN, 403, 422, fill={"household_id": OWN, "act": "death"}, send={**CONFIRM, "person": "{second_id}"}),
    ],
    "GET /api/v1/residents/households/{household_id}/history": [
        Knock(401, 404, 404, by="office", fill={"household_id": "third_id"}),
    ],
    f"{API}/birth": _sent({"member": CHILD, "basis": "household_book"}),
    f"{API}/death": _sent({**ON, "person_id": "{second_id}"}),
    f"{API}/marriage-in": [
        *_sent({**ON, "person_id": "{cousin_id}", "relation_code": "38"}),
        Knock(401, 404, 404, fill={"household_id": OWN}, send={**ON, "person_id": "{second_id}", "relation_code": "38"}),
    ],
    f"{API}/marriage-out": [
        *_sent({**ON, "person_id": "{second_id}"}),
        *_sent({**ON, "person_id": "{second_id}", "to_household_id": "{neighbour_id}", "relation_code": "38"}),
    ],
    f"{API}/move-away": _sent({**ON, "person_ids": ["{second_id}"]}),
    f"{API}/come-back": [
        Knock(401, 404, 404, fill={"household_id": OWN}, send={**ON, "person_id": "{second_id}", "relation_code": "20"}),
    ],
    f"{API}/head": _sent({**ON, "new_head_id": "{second_id}"}),
    f"{API}/split": _sent(
        {**ON, "basis": "written_agreement", "agreed": "true", "person_ids": ["{second_id}"], "household_no": "NEW-1", "head_id": "{second_id}"}
    ),
    f"{API}/merge": [
        *_sent({**ON, "basis": "written_agreement", "agreed": "true", "into_household_id": "{neighbour_id}"}),
        Knock(  # his own household he may see, and may not merge
            401, 403, 404, fill={"household_id": OWN},
            send={**ON, "basis": "written_agreement", "agreed": "true", "into_household_id": "{household_id}"},
        ),
    ],
    "GET /api/v1/residents/households": [
        Knock(401, 200, 200, by="office"),
        Knock(401, 200, 200, by="office", ask="village_id={village_id}"),
        Knock(401, 200, 200, by="office", ask="q={household_no}"),
        Knock(401, 200, 200, by="office", ask="q=13987654321"),
    ],
    "GET /api/v1/residents/households/{household_id}": [
        Knock(401, 404, 404, by="office"),
        Knock(401, 404, 404, by="household"),
    ],
    "GET /api/v1/residents/purposes": [Knock(401, 200, 200)],
    "POST /api/v1/residents/persons/{person_id}/reveal": [
        Knock(401, 404, 404, by="office", send=REVEAL),
        Knock(401, 404, 404, by="office", send={**REVEAL, "field": "phone"}),
    ],
    "POST /api/v1/residents/villages/{village_id}/roster": [
        Knock(401, 404, 404, by="office", ask="dry_run=false", files={"file": "roster"}),
        Knock(401, 404, 404, by="office", ask="dry_run=true", files={"file": "roster"}, plain=True),
    ],
}  # fmt: skip
