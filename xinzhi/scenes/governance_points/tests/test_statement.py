"""What expires when, what could still be earned, why in plain words, and everything in one file."""

from __future__ import annotations

import json
import zipfile
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import translation

from xinzhi.kernel.audit import queries as audit
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.notices import queries as notices
from xinzhi.kernel.residents import everything
from xinzhi.scenes.governance_points.queries import earnable, statement, story
from xinzhi.scenes.governance_points.services import publishing, reminding, verification
from xinzhi.scenes.governance_points.templatetags.story_words import plain_words
from xinzhi.scenes.governance_points.tests.conftest import NOON, TODAY

#: C01 on 2026-11-23: the quarter ends with December, the points end twelve months after it (village.md 1.6).
ENDS = date(2028, 1, 1)


@pytest.fixture
def earned(place):
    deed = place.claim("C01")
    verification.verify_deed(actor=place.inspector, deed_id=deed.pk, at=NOON)
    publishing.publish_deeds(actor=place.clerk, request_key=uuid4(), village_id=place.village.pk, at=NOON)
    place.let_publication_end()
    return deed


def test_what_expires_when_is_told_by_its_last_day(place, earned):
    found = statement.expiries(actor=place.villager, household_id=place.household.pk)
    assert [(e.tenths, e.on, e.last_day) for e in found] == [(50, ENDS, date(2027, 12, 31))]


@pytest.mark.parametrize("days", [30, 7])
def test_a_household_is_reminded_before_and_only_once(place, earned, days):
    on = ENDS - timedelta(days=days)
    sent = reminding.remind_of_expiry(on=on, at=NOON)
    assert sent == 2, "both members of the household"
    assert reminding.remind_of_expiry(on=on, at=NOON) == 0
    assert reminding.remind_of_expiry(on=on + timedelta(days=1), at=NOON) == 0
    with translation.override("en"):
        text = notices.messages(actor=place.villager).items[0].text
    assert "5 points" in text and "2027-12-31" in text


def test_a_machine_that_slept_two_days_still_reminds(place, earned):
    assert reminding.remind_of_expiry(on=ENDS - timedelta(days=28), at=NOON) == 2


def test_no_reminder_long_before_and_none_for_spent_points(place, earned):
    assert reminding.remind_of_expiry(on=ENDS - timedelta(days=60), at=NOON) == 0


def test_what_could_still_be_earned_is_what_scoring_would_give(place, earned):
    found = earnable.earnable(actor=place.villager, household_id=place.household.pk, on=TODAY)
    by_code = {e.rule.code: e for entries in found.values() for e in entries}
    assert "X01" not in by_code, "a deduction is nothing to earn"
    assert [(left.period, left.points_tenths) for left in by_code["C01"].left] == [("month", 70)]
    again = [place.claim("C01").points_tenths for _time in range(3)]
    assert again[0] == 50


def test_a_used_up_rule_is_said_to_be_and_stands_last(place):
    for _time in range(3):
        deed = place.claim("C01")
        verification.verify_deed(actor=place.inspector, deed_id=deed.pk, at=NOON)
    found = earnable.earnable(actor=place.villager, household_id=place.household.pk, on=TODAY)
    assert [(e.rule.code, e.is_used_up) for e in found["生态环境"]] == [("P01", False), ("C01", True)]


def test_the_story_is_told_in_plain_sentences(place, earned):
    told = story.story(actor=place.villager, deed_id=earned.pk)
    with translation.override("zh-hans"):
        said = "".join(plain_words(told))
    assert "参加村庄清洁行动" in said and "加 5 分" in said and "12月31日" in said


def test_everything_comes_in_one_file_and_the_download_is_on_record(place, earned):
    archive = everything.write_zip(actor=place.villager, household_id=place.household.pk, at=NOON)
    with zipfile.ZipFile(archive) as file:
        data = json.loads(file.read("data.json"))
        assert "<table" in file.read("index.html").decode()
    assert set(everything.sections()) == set(data)
    assert [len(data[name]) for name in ("household", "members", "deeds", "movements")] == [1, 2, 1, 1]
    looks = audit.looks_at_household(place.household.pk).items
    assert "residents.download_everything" in {look.action for look in looks}


def test_nobody_downloads_another_household(place, earned):
    for actor in (place.neighbours, place.clerk, place.township):
        with pytest.raises(NotFound):
            everything.write_zip(actor=actor, household_id=place.household.pk, at=NOON)


@pytest.mark.parametrize("page", ["statement/", "could-earn/", "everything/"])
def test_the_pages_open(place, earned, page):
    client = Client()
    client.force_login(
        User.objects.get(pk=place.villager.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert client.get(f"/governance_points/{page}").status_code == 200
