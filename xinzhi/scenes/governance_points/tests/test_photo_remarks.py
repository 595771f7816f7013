"""Remarks on photos reach who verifies, at the desk and in the inbox; they decide nothing and no villager reads them."""

from __future__ import annotations

import pytest
from django.test import Client

from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.evidence.tests import samples
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.models import User
from xinzhi.scenes.governance_points.queries.story import story
from xinzhi.scenes.governance_points.services import verification
from xinzhi.scenes.governance_points.tests.conftest import NOON, Place


@pytest.fixture
def twice(place: Place, tmp_path, settings):
    """The same photo for two deeds of the household, taken on a day that is not theirs."""
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    data = samples.photo(samples.picture(3), exif=samples.exif(taken="2026:01:02 10:00:00"))
    deeds = []
    for code in ("P01", "C01"):
        photo = evidence.store(actor=place.villager, data=data, household_id=place.household.pk, at=NOON)
        deeds.append(place.claim(code, evidence_ids=[photo.pk]))
    return deeds


def page(actor: Actor, address: str) -> str:
    client = Client()
    client.force_login(
        User.objects.get(pk=actor.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client.get(address).content.decode()


def test_the_verifier_is_told_at_the_desk_and_in_the_inbox_and_may_approve(place: Place, twice) -> None:
    first, second = twice
    assert [f.code for f in story(actor=place.inspector, deed_id=second.pk).flags] == [
        "used_before",
        "another_day",
    ]
    for address in (
        f"/governance_points/desk/deeds/{second.pk}/",
        f"/workflow/governance_points.deed/{second.pk}/",
    ):
        seen = page(place.inspector, address)
        assert 'class="flags"' in seen
        assert f"/governance_points/desk/deeds/{first.pk}/" in seen
    assert verification.verify_deed(actor=place.inspector, deed_id=second.pk, at=NOON).state == "verified"


def test_no_villager_reads_them(place: Place, twice) -> None:
    assert story(actor=place.villager, deed_id=twice[1].pk).flags == []
    assert 'class="flags"' not in page(place.villager, f"/governance_points/deeds/{twice[1].pk}/")
