"""A household lives through everything the scene does, then its head is erased: no word of his is left, the books balance."""

from __future__ import annotations

import io
import logging
from datetime import timedelta

import pytest
from django.test import Client
from PIL import Image

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.events.models import PublishedEvent
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.ledger import queries as ledger
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.notices.models import PublicationLine
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents import services as resident_services
from xinzhi.kernel.testing.canaries import canaries_in_database, canaries_in_text, tables_searched
from xinzhi.scenes.governance_points.services import correction, publishing, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON, Place, _villager, key

NAME, PHONE, ID_NUMBER = "钱金丝雀", "13800009876", "33012019700307999X"
IN_HIS_WORDS, FILE_NAME = "那天金丝雀飞过晒谷场", "qian-jinsique-home.jpg"
KNOWN = [NAME, PHONE, ID_NUMBER, FILE_NAME]


@pytest.fixture
def canary(place: Place):
    """A household of which every word is unmistakable."""
    return resident_services.register_household(
        actor=SYSTEM, village_id=place.village.pk, household_no="GJ0099", source="clerk", at=NOON,
        members=[
            resident_services.NewMember(
                name=NAME, relation_code="02", sex_code="1", phone=PHONE, id_number=ID_NUMBER
            )
        ],
    )  # fmt: skip


def live_through_everything(place: Place, household) -> None:
    """Claim with a photo, verify, publish, object, dismiss, post, take back, read every page."""
    head = _villager(household)
    photo = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 150, 90)).save(photo, "JPEG")
    kept = evidence.store(
        actor=head, data=photo.getvalue(), filename=FILE_NAME, village_id=place.village.pk, household_id=household.pk,
        at=NOON, request_key=key(),
    )  # fmt: skip
    deed = place.claim(actor=head, household_id=household.pk, evidence_ids=[kept.pk])
    verification.verify_deed(actor=place.inspector, deed_id=deed.pk, note=IN_HIS_WORDS, at=NOON)
    publication = publishing.publish_deeds(
        actor=place.clerk, request_key=key(), village_id=place.village.pk, at=NOON
    )
    line = PublicationLine.objects.get(publication=publication)
    objection = notices.object_to_line(
        actor=head,
        line_id=line.pk,
        grounds_code="wrong_points",
        note=IN_HIS_WORDS,
        request_key=key(),
        at=NOON,
    )
    notices.decide_objection(
        actor=place.clerk2, objection_id=objection.pk, outcome="dismissed", reason_code="evidence_holds",
        note=IN_HIS_WORDS, at=NOON,
    )  # fmt: skip
    later = place.let_publication_end()
    deed.refresh_from_db()
    assert deed.state == "posted"
    correction.reverse_deed(
        actor=place.clerk, request_key=key(), deed_id=deed.pk, reason_code="duplicate", at=later
    )
    for actor, pages in (
        (place.clerk, [f"/governance_points/desk/households/{household.pk}/", f"/governance_points/desk/deeds/{deed.pk}/",
                       f"/governance_points/desk/households/?q={NAME}"]),
        (head, ["/governance_points/", "/governance_points/statement/", f"/governance_points/deeds/{deed.pk}/"]),
    ):  # fmt: skip
        client = Client()
        client.force_login(User.objects.get(pk=actor.user_id))
        assert [client.get(page).status_code for page in pages] == [200] * len(pages)


def test_no_personal_text_reaches_ledger_audit_events_jobs_or_logs(place, canary, caplog):
    caplog.set_level(logging.DEBUG)
    live_through_everything(place, canary)

    assert {"public.ledger_entry", "public.audit_record", "public.procrastinate_jobs"} <= set(
        tables_searched()
    )
    assert Record.objects.exists() and PublishedEvent.objects.exists()
    assert canaries_in_database(KNOWN) == []
    # His own words stand in the notes of the cases, which are erased with him, and nowhere else.
    assert [s.where for s in canaries_in_database([IN_HIS_WORDS])] == ["public.workflow_note"]
    assert canaries_in_text(caplog.text, [*KNOWN, IN_HIS_WORDS]) == []


def test_an_erased_person_leaves_no_word_and_the_books_still_balance(place, canary):
    live_through_everything(place, canary)
    head = residents.head_ids([canary.pk])[canary.pk]
    before = ledger.verify(), place.balance(canary)

    with clock.fixed(NOON + timedelta(days=40)):
        resident_services.erase_person(
            actor=SYSTEM, person_id=head, reason="requested", at=NOON + timedelta(days=40)
        )

    assert canaries_in_database([*KNOWN, IN_HIS_WORDS]) == []
    assert (ledger.verify(), place.balance(canary)) == before == ([], 0)
