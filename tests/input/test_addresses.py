"""Addresses somebody changed by hand: ids, cursors, filters. A sentence each, and never a crash."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.input.pages import assert_said_clearly, is_sentence, screen_of
from tests.input.world import nothing_changes
from xinzhi.kernel.foundation.paging import encode_cursor

#: Pages with an id: the address, and who opens it. `{}` is the id.
WITH_ID = {
    "a deed's story": ("villager", "/governance_points/deeds/{}/"),
    "a deed at the desk": ("clerk", "/governance_points/desk/deeds/{}/"),
    "a household": ("clerk", "/governance_points/desk/households/{}/"),
    "a household's members": ("clerk", "/residents/households/{}/"),
    "a household that splits": ("clerk", "/residents/households/{}/split/"),
    "points that went over": ("villager", "/governance_points/transfers/{}/"),
    "a case": ("clerk", "/workflow/governance_points.deed/{}/"),
    "a list": ("villager", "/notices/{}/"),
    "a paper": ("clerk", "/notices/{}/print/"),
    "an objection to a line": ("neighbours", "/notices/{}/lines/1/object/"),
    "a report of a roster": ("clerk", "/residents/roster/{}/"),
    "a charter": ("villager", "/governance_points/rules/{}/"),
    "a card": ("clerk", "/c/{}/"),
    "a rule": ("villager", "/governance_points/claim/{}/"),
    "a kind of case": ("clerk", "/workflow/{}/1/"),
    "a photo": ("clerk", "/evidence/{}/display/"),
}
IDS = {
    "zero": "0",
    "nothing there": "999999999",
    "beyond bigint": str(2**63),
    "digits without end": "9" * 5000,
    "negative": "-1",
    "words": "first",
    "a fraction": "1.5",
    "digits of another script": "%EF%BC%91",
    "a zero byte": "1%00",
    "not UTF-8": "%FF%FE",
    "an escape upwards": "..%2F..%2Fetc%2Fpasswd",
    "markup": "%3Cscript%3E",
    "a line break": "1%0d%0aSet-Cookie:a=b",
}
#: Pages with filters: who, the address, and the names it reads.
WITH_FILTERS = {
    "deeds": ("clerk", "/governance_points/desk/deeds/", ("village", "state", "cursor")),
    "households": ("clerk", "/governance_points/desk/households/", ("village", "cursor", "q")),
    "statement": ("villager", "/governance_points/statement/", ("cursor",)),
    "statement at the desk": ("clerk", "/governance_points/desk/households/{household}/", ("cursor",)),
    "who looked": ("villager", "/governance_points/who-looked/", ("cursor",)),
    "enter": ("clerk", "/governance_points/desk/enter/", ("village", "household_no", "rule", "done_on")),
    "charter": ("clerk", "/governance_points/desk/charter/", ("village",)),
    "publish": ("clerk", "/governance_points/desk/publish/", ("village",)),
    "score sheet": ("clerk", "/governance_points/desk/sheet/", ("village",)),
    "form of the score sheet": ("clerk", "/governance_points/desk/sheet/form/", ("village",)),
    "roster": ("clerk", "/residents/roster/", ("village",)),
    "inbox": ("clerk", "/workflow/inbox/", ("lifecycle", "village", "overdue", "actionable", "cursor")),
    "board": ("villager", "/notices/", ("village", "cursor")),
    "list": ("villager", "/notices/{publication}/", ("cursor", "purpose")),
    "messages": ("villager", "/notices/messages/", ("cursor",)),
    "messages that did not arrive": ("clerk", "/notices/undelivered/", ("cursor",)),
    "login": ("", "/login/", ("next",)),
    "login of staff": ("", "/login/staff/", ("next",)),
    "first page": ("villager", "/", ("next",)),
}
FILTERS = {
    "words": "first",
    "negative": "-1",
    "beyond bigint": str(2**63),
    "digits without end": "9" * 5000,
    "an exponent digit": "²",
    "markup": "<script>alert(1)</script>",
    "an injection": "1'; DROP TABLE governance_points_deed; --",
    "a per cent sign": "%(found)s %",
    "wildcards": "%_\\",
    "a cursor of another list": encode_cursor("2026-11-23T00:00:00Z", 1),
    "a cursor beyond bigint": encode_cursor(2**62),
    "a cursor of words": encode_cursor("first"),
    "a cursor of a zero byte": encode_cursor("\x00", 1),
    "a cursor of half a character": encode_cursor("\ud800", 1),
    "a cursor of nothing": "bnVsbA",
    "no base64": "€",
    "half a character": "\ud800".encode("utf-8", "surrogatepass"),
    "not UTF-8": b"\xff\xfe",
    "long": "长" * 3000,
    "another site": "https://example.com/",
    "a space": " ",
}


@pytest.mark.parametrize("number", IDS)
@pytest.mark.parametrize("page", WITH_ID)
def test_what_is_not_there_is_said_to_be_not_there(world, at_screen, page, number):
    who, path = WITH_ID[page]
    answer = at_screen(who).get(path.format(IDS[number]))
    assert_said_clearly(answer)
    assert answer.status_code in (404, 422)


@pytest.mark.parametrize("value", FILTERS)
@pytest.mark.parametrize("page", WITH_FILTERS)
def test_a_filter_nobody_offered_is_ignored_or_named(world, at_screen, page, value):
    who, path, names = WITH_FILTERS[page]
    screen = at_screen(who)
    path = path.format(household=world.household.pk, publication=world.publication.pk)
    for name in names:
        answer = screen.get(f"{path}?{urlencode({name: FILTERS[value]})}")
        if answer.status_code >= 400:
            assert_said_clearly(answer)
        elif answer.status_code == 302:
            assert answer.headers["Location"].startswith("/"), name
        elif answer.headers["Content-Type"].startswith("text/html"):
            assert (screen_of(answer).scripts, screen_of(answer).handlers) == (0, [])


@pytest.mark.parametrize(
    ("who", "path", "typed"),
    [
        ("villager", "/governance_points/deeds/{stranger}/withdraw/", {}),
        ("other_clerk", "/governance_points/deeds/{deed}/correct/", {"reason_code": "duplicate"}),
        ("other_clerk", "/workflow/governance_points.deed/{deed}/verify/", {}),
        ("other_clerk", "/workflow/governance_points.deed/{deed}/return/", {"reason_code": "wrong_day"}),
        ("other_clerk", "/notices/{publication}/withdraw/", {"reason_code": "mistake"}),
        ("other_clerk", "/notices/{publication}/lines/{line}/object/", {"grounds_code": "not_done", "household_no": "GJ0002"}),
        ("other_clerk", "/governance_points/desk/publish/", {"village": "{village}"}),
        ("other_clerk", "/governance_points/desk/enter/", {"village": "{village}", "household_no": "GJ0001"}),
        ("other_clerk", "/governance_points/desk/charter/edit/", {"village": "{village}"}),
        ("other_clerk", "/residents/roster/", {"village": "{village}"}),
        ("villager", "/governance_points/household/", {"household_id": "{neighbour}"}),
        ("villager", "/governance_points/claim/C01/preview/", {"household": "{neighbour}", "done_on": "2026-11-20"}),
        ("villager", "/me/act-for/", {"household": "{neighbour}"}),
        ("villager", "/me/who-may-act/999/end/", {}),
        ("neighbours", "/notices/{publication}/lines/{other_line}/object/", {"grounds_code": "not_done"}),
        ("villager", "/notices/objections/{objection}/take-back/", {}),
        ("villager", "/keys/", {"name": "x"}),
        ("villager", "/workflow/inbox/many/", {"act": "governance_points.deed/verify", "case": "governance_points.deed:{deed}"}),
    ],
)  # fmt: skip
def test_what_belongs_to_others_stays_as_it_is(world, at_screen, who, path, typed):
    from xinzhi.scenes.governance_points.models import Deed

    ids = {
        "deed": world.submitted.pk, "stranger": Deed.objects.latest("pk").pk + 1, "publication": world.publication.pk,
        "line": world.line.pk, "village": world.village.pk, "neighbour": world.neighbour.pk,
        "other_line": world.line.pk + 100_000, "objection": world.objection.pk,
    }  # fmt: skip
    screen = at_screen(who)
    with nothing_changes():
        answer = screen.post(path.format(**ids), {k: v.format(**ids) for k, v in typed.items()})
    if answer.status_code == 302:  # the inbox says it on the page it leads back to
        answer = screen.get(answer.headers["Location"])
    assert answer.status_code < 500
    assert any(is_sentence(s) for s in screen_of(answer).alerts) or "preview" in path
