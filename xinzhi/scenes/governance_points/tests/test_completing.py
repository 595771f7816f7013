"""What was returned is completed and submitted again, by whose it is to mend."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from xinzhi.kernel.foundation.errors import DomainError, NotFound
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.workflow import services as workflow
from xinzhi.kernel.workflow.errors import StateHasMoved
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.services import claims, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON, TODAY


@pytest.fixture
def returned(place):
    deed = place.claim("D02", quantity_tenths=10)
    workflow.advance(deed, "return", actor=place.clerk, at=NOON, reason_code="wrong_day")
    return deed


def resubmit(place, deed, **changes):
    wanted = {
        "actor": place.villager, "request_key": uuid4(), "deed_id": deed.pk, "done_on": TODAY - timedelta(days=1),
        "quantity_tenths": 20, "at": NOON,
    }  # fmt: skip
    return claims.resubmit_deed(**{**wanted, **changes})


def test_a_completed_claim_waits_to_be_verified_with_its_new_points(place, returned):
    done = resubmit(place, returned, note="上次写错了日期")
    assert (done.state, done.points_tenths, done.done_on) == ("submitted", 160, TODAY - timedelta(days=1))
    assert verification.verify_deed(actor=place.clerk, deed_id=done.pk, at=NOON).points_tenths == 160


def test_a_double_click_is_one_and_a_later_one_is_told_what_happened(place, returned):
    key = uuid4()
    for _time in range(2):
        assert resubmit(place, returned, request_key=key).state == "submitted"
    with pytest.raises(StateHasMoved):
        resubmit(place, returned)


def test_nobody_else_completes_it(place, returned):
    for actor in (place.neighbours, place.other_clerk):
        with pytest.raises(NotFound):
            resubmit(place, returned, actor=actor)
    with pytest.raises(DomainError):
        resubmit(place, returned, actor=place.clerk)
    assert Deed.objects.get(pk=returned.pk).state == "returned"


def test_the_page_says_why_it_came_back_and_keeps_what_is_typed(place, returned):
    client = Client()
    client.force_login(
        User.objects.get(pk=place.villager.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    page = f"/governance_points/deeds/{returned.pk}/complete/"
    assert "日期" in client.get(page).content.decode()
    answer = client.post(page, {"done_on": "2099-01-01", "quantity": "2"})
    assert (answer.status_code, 'value="2099-01-01"' in answer.content.decode()) == (422, True)
    assert client.post(page, {"done_on": TODAY.isoformat(), "quantity": "2"}).status_code == 302
    assert Deed.objects.get(pk=returned.pk).state == "submitted"
