"""Two people at the same moment, or one who clicks twice: one wins, the other reads what happened. Real connections."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from tests.input.files import UPLOADS
from tests.input.forms import YESTERDAY
from tests.input.pages import is_sentence, screen_of, sentences_of
from tests.input.world import log_in, make_world
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.notices.models import Objection, Publication
from xinzhi.kernel.rules.models import RuleVersion
from xinzhi.kernel.sheets.tests.books import book
from xinzhi.kernel.workflow.models import Step
from xinzhi.scenes.governance_points.life_models import CharterDraft
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.tests.conftest import NOON

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    """Committed, so that every connection sees it."""
    settings.STATE_DIR, settings.EVIDENCE_DIR = tmp_path, tmp_path / "evidence"
    with clock.fixed(NOON):
        yield make_world()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act answers, all begun at the same moment, each on a connection of its own."""
    answers: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=20)
            answers[place] = act()
        except Exception as surprise:
            answers[place] = surprise
        finally:
            connections.close_all()

    threads = [threading.Thread(target=copy_context().run, args=(run, i, act)) for i, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return answers


def one_won(answers: list[Any], *words: str) -> None:
    """One went through; every other was refused with a sentence that holds one of the words."""
    won = [a for a in answers if a.status_code < 400]
    assert len(won) == 1, [(a.status_code, sentences_of(a)) for a in answers]
    for lost in answers:
        if lost is not won[0]:
            said = " ".join(sentences_of(lost))
            assert lost.status_code in (409, 422, 404), said
            assert is_sentence(said)
            assert any(word in said for word in words), said


def posting(world, who: str, path: str, **typed: Any) -> Callable[[], Any]:
    screen = log_in(getattr(world, who))
    return lambda: screen.post(path, typed)


def deciding(world, who: str, action: str, **typed: Any) -> Callable[[], Any]:
    path = f"/workflow/governance_points.deed/{world.submitted.pk}/{action}/"
    return posting(world, who, path, request_key=str(uuid4()), **typed)


def test_two_clerks_verify_one_deed_and_the_second_reads_what_happened(world):
    answers = at_once(deciding(world, "clerk", "verify"), deciding(world, "clerk2", "verify"))
    one_won(answers, "核实")
    assert Step.objects.filter(subject_id=world.submitted.pk, action="verify").count() == 1


def test_of_verify_and_return_one_counts(world):
    answers = at_once(
        deciding(world, "clerk", "verify"),
        deciding(world, "clerk2", "return", reason_code="wrong_day", note="看错了日子"),
    )
    one_won(answers, "核实", "退回")
    world.submitted.refresh_from_db()
    assert world.submitted.state in ("verified", "returned")
    [lost] = [a for a in answers if a.status_code >= 400]
    # a note that lost the race is still in its field, where the field still is
    assert screen_of(lost).values.get("note", ["看错了日子"]) == ["看错了日子"]


def test_a_claim_is_withdrawn_or_verified_but_never_both(world):
    path = f"/governance_points/deeds/{world.submitted.pk}/withdraw/"
    answers = at_once(deciding(world, "clerk", "verify"), posting(world, "villager", path))
    one_won(answers, "核实", "撤回")
    assert Step.objects.filter(subject_id=world.submitted.pk).exclude(action="claimed").count() == 1


def test_two_clerks_publish_and_there_is_one_list(world):
    before = Publication.objects.count()
    path = "/governance_points/desk/publish/"
    answers = at_once(*(posting(world, who, path, request_key=str(uuid4())) for who in ("clerk", "clerk2")))
    one_won(answers, "至少", "公示")
    assert Publication.objects.count() == before + 1


def test_two_clerks_adopt_a_charter_and_one_is_in_force(world):
    upload = UPLOADS["charter"]
    acts = []
    for number, who in enumerate(("clerk", "clerk2")):
        row = [*upload.row]
        row[4] = 5 + number
        file = SimpleUploadedFile("章程.xlsx", book([upload.header, row]))
        acts.append(posting(world, who, upload.path, **(upload.typed(world) | {"sheet": file})))
    one_won(at_once(*acts), "现行", "之后", "晚于")
    assert RuleVersion.objects.filter(book__region=world.village, active_from="2026-12-01").count() == 1


def test_two_clerks_bring_in_one_score_sheet_and_its_deeds_are_there_once(world):
    upload = UPLOADS["score sheet"]
    before = Deed.objects.count()
    content = book([upload.header, upload.row, ["GJ0002", "王构虚", 2, ""]])
    answers = at_once(
        *(
            posting(world, who, upload.path, **(upload.typed(world) | {"sheet": SimpleUploadedFile("表.xlsx", content)}))
            for who in ("clerk", "clerk2")
        )
    )  # fmt: skip
    assert [a.status_code for a in answers] == [200, 200]
    assert Deed.objects.count() == before + 4


def test_two_clerks_take_the_same_points_back_and_it_happens_once(world):
    path = f"/governance_points/deeds/{world.posted.pk}/correct/"
    answers = at_once(
        *(posting(world, who, path, reason_code="duplicate", request_key=str(uuid4())) for who in ("clerk", "clerk2"))
    )  # fmt: skip
    one_won(answers, "冲正")
    assert world.balance() == 0


#: A form clicked twice by one person: who, where, what, and what there is one more of afterwards.
CLICKS = {
    "claim": ("villager", lambda w: "/governance_points/claim/D02/", {"done_on": YESTERDAY, "quantity": "1"}, Deed),
    "enter": (
        "clerk", lambda w: "/governance_points/desk/enter/",
        {"household_no": "GJ0001", "rule": "D02", "done_on": YESTERDAY, "quantity": "1"}, Deed,
    ),
    "publish": ("clerk", lambda w: "/governance_points/desk/publish/", {}, Publication),
    "object": (
        "neighbours", lambda w: f"/notices/{w.publication.pk}/lines/{w.line.pk}/object/", {"grounds_code": "not_done"}, Objection,
    ),
    "verify": ("clerk", lambda w: f"/workflow/governance_points.deed/{w.submitted.pk}/verify/", {}, Step),
    "take back": ("clerk", lambda w: f"/governance_points/deeds/{w.posted.pk}/correct/", {"reason_code": "duplicate"}, Step),
}  # fmt: skip


@pytest.mark.parametrize("click", CLICKS)
def test_a_double_click_counts_once_and_both_answers_are_the_same(world, click):
    who, path, typed, rows = CLICKS[click]
    before = rows.objects.count()
    key = str(uuid4())
    answers = at_once(*(posting(world, who, path(world), request_key=key, **typed) for _ in range(2)))
    assert rows.objects.count() == before + 1
    assert [a.status_code for a in answers] == [302, 302], [sentences_of(a) for a in answers]
    assert len({a.headers["Location"] for a in answers}) == 1


def test_over_http_two_clerks_verify_one_deed_and_the_second_reads_what_happened(world):
    def verifying(who: str) -> Callable[[], Any]:
        screen = log_in(getattr(world, who))
        body = {"request_key": str(uuid4())}
        path = f"/api/v1/workflow/governance_points.deed/{world.submitted.pk}/verify"
        return lambda: screen.post(path, body, content_type="application/json")

    one_won(at_once(verifying("clerk"), verifying("clerk2")), "核实")


def test_the_bulk_bar_pressed_by_two_moves_each_deed_once_and_says_so(world):
    typed = {"act": "governance_points.deed/verify", "case": f"governance_points.deed:{world.submitted.pk}"}
    screens = [log_in(world.clerk), log_in(world.clerk2)]
    at_once(
        *(lambda s=s: s.post("/workflow/inbox/many/", typed | {"request_key": str(uuid4())}) for s in screens)
    )
    said = sorted(" ".join(screen_of(s.get("/workflow/inbox/")).alerts) for s in screens)
    assert said[1] == "已办理 1 件。"
    assert said[0].startswith("1 件未办理：")
    assert "核实" in said[0]
    assert Step.objects.filter(subject_id=world.submitted.pk, action="verify").count() == 1


def test_two_clerks_save_one_charter_draft_and_the_second_is_told(world):
    def saving(who: str, title: str) -> Callable[[], Any]:
        path = f"/governance_points/desk/charter/drafts/{world.draft.pk}/"
        return posting(
            world,
            who,
            path,
            revision="1",
            wanted_from="2027-02-01",
            publication_days="7",
            code="A01",
            title=title,
        )

    one_won(at_once(saving("clerk", "清扫村道"), saving("clerk2", "植树")), "别人改过")
    assert CharterDraft.objects.get(pk=world.draft.pk).revision == 2
