"""A new scene works at once, a deleted one leaves a working house, a misdeclared one stops the start with a hint.

Everything happens in a copy of this checkout, through the commands people use.
"""

from __future__ import annotations

import re
import shutil

import pytest

from tests.architecture.checkout import Checkout
from tests.architecture.sources import ROOT

pytestmark = pytest.mark.slow

SCENE = "xinzhi/scenes/weather_notes"
#: Pages of the kernel, as a stranger and as the administrator of an installation finds them.
PAGES_ANSWER = """
from django.test import Client
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.identity import services as identity
from xinzhi.kernel.identity.models import User

user = User.objects.filter(username="first").first() or identity.create_user(actor=SYSTEM, username="first")
officer, stranger = Client(headers={"accept-language": "en"}), Client()
officer.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
found = {path: stranger.get(path).status_code for path in ("/", "/login/", "/healthz", "/api/v1/openapi.json", "/notices/")}
found |= {f"officer {path}": officer.get(path, follow=True).status_code for path in ("/", "/notices/", "/workflow/inbox/")}
bad = {path: status for path, status in found.items() if status >= 500 or (status == 404 and path != "/")}
assert not bad, bad
"""


def test_a_new_scene_passes_every_gate_and_leaves_without_a_trace(checkout: Checkout) -> None:
    said = checkout.run("xinzhi", "new-scene", "weather_notes", "--name", "天气记录")
    assert "Next:" in said
    for name in re.findall(r"docs/\S+\.md", said):
        assert (ROOT / name).exists(), f"new-scene points at {name}, which is not there."
    checkout.run("xinzhi", "messages", "compile")
    checkout.run("xinzhi", "assembly", "docs")
    checkout.run("xinzhi", "setup-db")
    checkout.gates(SCENE)
    assert " passed" in checkout.run("pytest", "-q", SCENE)
    text = "".join(
        p.read_text("utf-8")
        for p in (checkout.folder / SCENE).rglob("*.*")
        if p.suffix in {".py", ".po", ".md", ".html"}
    )
    assert not re.search("example|示例", text, re.IGNORECASE), "The new scene still speaks of the sample."
    assert "天气记录" in text

    # its folder goes; rows and tables stay and disturb nobody
    shutil.rmtree(checkout.folder / SCENE)
    checkout.run("xinzhi", "assembly", "docs")
    checkout.declared_well()
    checkout.run("xinzhi", "setup-db")
    checkout.python(PAGES_ANSWER)


#: A deed at every stage: waiting, on a list that is out, on a list whose time is over; somebody has objected.
A_VILLAGE_AT_WORK = """
from datetime import timedelta
from uuid import uuid4
from xinzhi.kernel.foundation import clock
from xinzhi.scenes.governance_points.services import publishing, verification
from xinzhi.scenes.governance_points.tests import conftest as at

with clock.fixed(at.NOON):
    place = at.make_place()
    place.claim()
    deed = place.claim("F01")
    verification.verify_deed(actor=place.council, deed_id=deed.pk, request_key=uuid4(), at=at.NOON)
    publishing.publish_deeds(actor=place.clerk, village_id=place.village.pk, request_key=uuid4(), at=at.NOON)
"""
IT_STILL_ANSWERS = """
from datetime import timedelta
from django.test import Client
from django.utils import timezone
from xinzhi.kernel import jobs
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.notices.models import Publication
from xinzhi.kernel.workflow.models import Task

assert Task.objects.exists() and Publication.objects.exists()
pages = ["/", "/workflow/inbox/", "/workflow/governance_points.deed/1/", "/notices/", "/residents/roster/",
         "/api/v1/workflow/inbox", "/api/v1/regions", *(f"/notices/{p.pk}/" for p in Publication.objects.all())]
bad = {}
for user in User.objects.all():
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for page in pages:
        answer = client.get(page, follow=True)
        if answer.status_code >= 500:
            bad[f"{user.username} {page}"] = answer.status_code
assert not bad, bad
with clock.fixed(clock.now() + timedelta(days=3650)):  # every deadline passes, every list ends
    jobs.run_inline(periodic=True)
assert Publication.objects.filter(state="open").exists(), "lists of a scene that is gone wait for it"
"""


def test_the_house_stands_without_its_largest_scene(checkout: Checkout) -> None:
    checkout.run("xinzhi", "setup-db")
    checkout.python(A_VILLAGE_AT_WORK)
    shutil.rmtree(checkout.folder / "xinzhi/scenes/governance_points")

    checkout.run("xinzhi", "assembly", "docs")
    checkout.declared_well()
    checkout.run("xinzhi", "setup-db", "--demo")
    checkout.python(IT_STILL_ANSWERS)
    checkout.run("xinzhi", "ledger", "verify")
    checkout.run("xinzhi", "audit", "verify")

    # and begins anew without it
    checkout.run("python", "-c", EMPTY_IT)
    checkout.run("xinzhi", "setup-db", "--demo")
    checkout.python(PAGES_ANSWER)


EMPTY_IT = """
import os, psycopg
from urllib.parse import urlsplit
url = urlsplit(os.environ["DATABASE_URL"])
with psycopg.connect(url._replace(path="/postgres").geturl(), autocommit=True) as server:
    server.execute(f'DROP DATABASE "{url.path[1:]}" WITH (FORCE)')
"""

#: File, what stands there, what somebody wrote instead, what the start then says.
MISDECLARED = (
    ("manifest.py", "publishes=(", 'listens={"tea.sold.v1": "handlers.on_sale"},\n    publishes=(',
     "listens to 'tea.sold.v1', which no scene publishes"),
    ("manifest.py", "entry_noted.v1", "entry_notd.v1", "did you mean 'weather_notes.entry_noted.v1'?"),
    ("manifest.py", '"village_clerk"', '"village_clark"', "did you mean 'village_clerk'?"),
    ("manifest.py", 'url_name="weather_notes:entries"', 'url_name="weather_notes:entry"', "did you mean 'weather_notes:entries'?"),
    ("manifest.py", "owner=", "ovner=", "weather_notes/manifest.py cannot be read"),
    ("manifest.py", 'slug="weather_notes"', 'slug="weather"', "rename one of them"),
    ("urls.py", "urlpatterns", "patterns", "weather_notes/urls.py has no `urlpatterns`"),
    ("api.py", "router", "routes", "weather_notes/api.py has no `router`"),
    ("views.py", "permission=queries.VIEW", 'permission="weather_notes.entry.viev"', "did you mean 'weather_notes.entry.view'?"),
)  # fmt: skip


def test_a_misdeclared_scene_stops_the_start_with_a_hint(checkout: Checkout) -> None:
    checkout.run("xinzhi", "new-scene", "weather_notes")
    for name, right, wrong, sentence in MISDECLARED:
        path = checkout.folder / SCENE / name
        text = path.read_text("utf-8")
        assert right in text, f"{name} holds no {right}; follow the sample."
        path.write_text(text.replace(right, wrong), "utf-8")
        # The start itself, not only the check. Nothing of the database was touched, nor is it needed to refuse.
        said = checkout.refusal("xinzhi", "setup-db")
        assert sentence in said and "hint: " in said.lower(), f"{name} with {wrong}:\n{said}"
        path.write_text(text, "utf-8")
    checkout.run("xinzhi", "check")
