"""What people write is shown as they wrote it, on every page and on paper, and is never run."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.input.forms import FORMS
from tests.input.pages import screen_of
from tests.input.world import log_in
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.services import charter
from xinzhi.scenes.governance_points.tests.conftest import NOON, RULES, TODAY

#: Texts somebody may type into any free field. Each comes back as text.
TEXTS = {
    "a script": "<script>alert(1)</script>",
    "an image with a handler": '"><img src=x onerror=alert(1)>',
    "the end of the field": "</textarea></title><script>alert(1)</script>",
    "an attribute": "' autofocus onfocus='alert(1)",
    "an htmx attribute": '<b hx-get="/logout/" hx-trigger="load">看</b>',
    "template braces": "{{ request.user.password }}{% debug %}",
    "a per cent sign": "%(found)s %s %d %",
    "braces": "{0.__class__}",
    "entities": "&lt;script&gt;&amp;&#x3C;",
    "an address": "javascript:alert(1)",
    "a formula": '=HYPERLINK("http://x.example","点这里")',
    "marks of direction": "甲\u202e乙丙\u202c丁\u2066戊",
    "characters nobody sees": "看\u200b过\u200d了\ufeff",
    "a line separator": "第一行\u2028第二行\r\n第三行",
    "rare characters": "𠮷野家 𡈽 👨‍👩‍👧 é ﷽",
}
#: Where texts of others are shown, and to whom.
PAGES = {
    "inbox": ("clerk", lambda w: "/workflow/inbox/"),
    "case": ("clerk", lambda w: f"/workflow/governance_points.deed/{w.submitted.pk}/"),
    "case of an objection": ("clerk", lambda w: f"/workflow/notices.objection/{w.objection.pk}/"),
    "deed at the desk": ("clerk", lambda w: f"/governance_points/desk/deeds/{w.submitted.pk}/"),
    "deeds": ("clerk", lambda w: "/governance_points/desk/deeds/"),
    "household": ("clerk", lambda w: f"/governance_points/desk/households/{w.household.pk}/"),
    "households": ("clerk", lambda w: "/governance_points/desk/households/"),
    "publish": ("clerk", lambda w: "/governance_points/desk/publish/"),
    "charter": ("clerk", lambda w: "/governance_points/desk/charter/"),
    "charter by hand": ("clerk", lambda w: "/governance_points/desk/charter/edit/"),
    "enter": ("clerk", lambda w: "/governance_points/desk/enter/"),
    "paper": ("clerk", lambda w: f"/notices/{w.publication.pk}/print/"),
    "list": ("villager", lambda w: f"/notices/{w.publication.pk}/"),
    "board": ("villager", lambda w: "/notices/"),
    "messages": ("villager", lambda w: "/notices/messages/"),
    "points": ("villager", lambda w: "/governance_points/"),
    "rules": ("", lambda w: f"/governance_points/rules/{w.village.pk}/"),
    "claim": ("villager", lambda w: "/governance_points/claim/"),
    "claim of a rule": ("villager", lambda w: "/governance_points/claim/D02/"),
    "statement": ("villager", lambda w: "/governance_points/statement/"),
    "story": ("villager", lambda w: f"/governance_points/deeds/{w.submitted.pk}/"),
    "who looked": ("villager", lambda w: "/governance_points/who-looked/"),
    "who may act": ("villager", lambda w: "/me/who-may-act/"),
    "card": ("clerk", lambda w: f"/c/{w.card}/"),
    "keys": ("administrator", lambda w: "/keys/"),
}  # fmt: skip


def write_everywhere(world, text: str) -> None:
    """The text wherever people or sheets can put one; past the services where they would clean or refuse it."""
    rules = [
        replace(
            rule,
            title=text[:100],
            category=text[:60],
            unit=text[:20] if rule.unit else "",
            legal_basis=text[:200],
        )
        for rule in RULES
    ]
    charter.adopt_charter(
        actor=SYSTEM, village_id=world.village.pk, charter_rules=rules, resolution=text[:200], active_from=TODAY, at=NOON
    )  # fmt: skip
    Household.objects.filter(pk=world.household.pk).update(household_no=text[:40])
    Region.objects.filter(pk=world.village.pk).update(name=text[:40])
    User.objects.filter(pk__in=[world.clerk.user_id, world.inspector.user_id]).update(label=text[:60])
    world.submitted.refresh_from_db()
    workflow.advance(
        world.submitted, "return", actor=world.clerk, at=NOON, reason_code="wrong_day", note=text, request_key=uuid4()
    )  # fmt: skip
    notices.decide_objection(
        actor=SYSTEM, objection_id=world.objection.pk, outcome="dismissed", reason_code="no_ground", note=text,
        request_key=uuid4(), at=NOON,
    )  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_no_page_runs_or_loses_what_somebody_wrote(world, text):
    screens = {who: log_in(getattr(world, who) if who else None) for who, _path in PAGES.values()}
    plain = {name: screen_of(screens[who].get(path(world))) for name, (who, path) in PAGES.items()}
    written = TEXTS[text]
    write_everywhere(world, written)
    shown = 0
    for name, (who, path) in PAGES.items():
        answer = screens[who].get(path(world))
        assert answer.status_code == 200, f"{name} answered {answer.status_code}"
        screen = screen_of(answer)
        assert (screen.scripts, screen.handlers) == (0, []), name
        # no tag of the text became one of the page
        extra = set(screen.tags) - set(plain[name].tags)
        assert not extra & {"img", "script", "b", "iframe"}, f"{name} grew {extra}"
        shown += " ".join(written.split())[:20] in " ".join(screen.said.split())
    assert shown >= 3, "the pages no longer show what was written, so this test looks at nothing"


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("form", ["object to a line", "return a claim"])
def test_a_note_is_kept_as_it_was_written_and_comes_back_with_a_refusal(world, at_screen, form, text):
    filled = FORMS[form].good(world) | {"note": TEXTS[text], "grounds_code": "", "reason_code": ""}
    answer = at_screen(FORMS[form].who).post(FORMS[form].path(world), filled)
    assert answer.status_code == 422
    screen = screen_of(answer)
    assert " ".join(screen.values["note"][0].split()) == " ".join(TEXTS[text].split())
    assert (screen.scripts, screen.handlers) == (0, [])


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    "address",
    ["/governance_points/desk/households/?q=", "/login/?next=", "/workflow/inbox/?back=", "/governance_points/desk/enter/?household_no=", "/nothing/"],
)  # fmt: skip
def test_an_address_somebody_made_up_is_shown_as_text(world, at_screen, address, text):
    answer = at_screen("" if "login" in address else "clerk").get(address + quote(TEXTS[text]))
    assert answer.status_code in (200, 404)
    screen = screen_of(answer)
    assert (screen.scripts, screen.handlers) == (0, [])
    assert "b" not in screen.tags
