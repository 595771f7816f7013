"""What was erased, swept or taken back leaves nothing; the store agrees with its rows."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.evidence import errors, files, queries, services
from xinzhi.kernel.evidence.models import Evidence, EvidenceOrigin
from xinzhi.kernel.evidence.tests import samples
from xinzhi.kernel.evidence.tests.conftest import (
    JPEG,
    NOON,
    THING,
    Access,
    clerk_of,
    household_in,
    keep,
    stored_files,
    villager_of,
)
from xinzhi.kernel.evidence.verifying import verify
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.residents.models import Household, Membership, Person


def _after_commit(callbacks: list[object]) -> None:
    for callback in callbacks:
        callback()  # type: ignore[operator]


def test_erasing_a_household_leaves_nothing_but_an_anonymous_row(
    villager: Actor,
    household: Household,
    access: Access,
    store_dir: Path,
    django_capture_on_commit_callbacks: object,
) -> None:
    evidence = keep(villager, household)
    services.attach(ids=[evidence.pk], subject=THING, actor=villager, at=NOON)
    access.allow(THING, villager)
    services.open_display(villager, evidence.pk)
    neighbour = household_in(household.village, "SC002")
    shared = services.store(actor=SYSTEM, data=JPEG, household_id=neighbour.pk, at=NOON)
    with pytest.raises(DomainError):
        services.erase(
            actor=clerk_of(household.village), household_id=household.pk, reason="requested", at=NOON
        )
    eraser = clerk_of(household.village, 30, may=frozenset({"evidence.erase"}))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert services.erase(actor=eraser, household_id=household.pk, reason="requested", at=NOON) == 1
    assert len(stored_files(store_dir)) == 1, "the neighbour's file of the same content stays"
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        services.erase(actor=eraser, household_id=neighbour.pk, reason="requested", at=NOON)
    assert stored_files(store_dir) == [] and stored_files(store_dir, "copies") == []
    evidence.refresh_from_db()
    assert (evidence.sha256, evidence.salt, evidence.perceptual_hash, evidence.taken_at) == (None,) * 4
    assert len(evidence.digest) == 64 and not EvidenceOrigin.objects.exists()
    with pytest.raises(errors.EvidenceErased):
        services.open_display(villager, evidence.pk)
    assert queries.of_subject(THING, villager) == []
    assert services.erase(actor=eraser, household_id=household.pk, reason="requested", at=NOON) == 0
    assert Record.objects.filter(action="evidence.erase", purpose="requested").count() == 2
    assert shared.pk != evidence.pk


def test_a_person_is_forgotten_in_what_he_sent_for_his_own_household_only(
    household: Household, django_capture_on_commit_callbacks: object
) -> None:
    from dataclasses import replace

    person = Person.objects.create(source="test", recorded_at=NOON)
    Membership.objects.create(
        household=household,
        person=person,
        relation_code="01",
        is_head=True,
        source="test",
        active_from=NOON.date(),
    )
    own = keep(replace(villager_of(household), person_id=person.pk), household)
    as_clerk = keep(
        replace(clerk_of(household.village), person_id=person.pk), household_in(household.village, "SC002")
    )
    Person.objects.filter(pk=person.pk).update(status="erased", erased_at=NOON)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert services.sweep(actor=SYSTEM, at=NOON).of_erased_persons == 1
    own.refresh_from_db()
    as_clerk.refresh_from_db()
    assert (own.is_erased, as_clerk.is_erased) == (True, False)


def test_the_sweep_forgets_uploads_nobody_sent_in_and_nothing_else(
    villager: Actor,
    household: Household,
    access: Access,
    store_dir: Path,
    django_capture_on_commit_callbacks: object,
) -> None:
    loose = keep(villager, household, samples.wav())
    sent = keep(villager, household)
    services.attach(ids=[sent.pk], subject=THING, actor=villager, at=NOON)
    orphan = b"content without a row"
    young = b"its row is being written"
    for content in (orphan, young):
        files.keep(files.original_path(files.sha256_of(content)), content)
    part = stored_files(store_dir)[0].parent / ".part-abc"
    part.write_bytes(b"half")
    for path in (part, files.original_path(files.sha256_of(orphan))):
        os.utime(path, (0, 0))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert services.sweep(actor=SYSTEM, at=NOON + timedelta(days=1)).loose == 0
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        swept = services.sweep(actor=SYSTEM, at=NOON + timedelta(days=3))
    assert (swept.loose, Evidence.objects.get(pk=loose.pk).is_erased) == (1, True)
    assert {p.read_bytes() for p in stored_files(store_dir)} == {JPEG, young}


def test_an_upload_can_be_taken_back_until_it_is_sent_in(
    villager: Actor,
    clerk: Actor,
    household: Household,
    access: Access,
    django_capture_on_commit_callbacks: object,
    store_dir: Path,
) -> None:
    evidence = keep(villager, household)
    with pytest.raises(errors.EvidenceNotFound):
        services.discard(actor=clerk, evidence_id=evidence.pk, at=NOON)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        services.discard(actor=villager, evidence_id=evidence.pk, at=NOON)
    services.discard(actor=villager, evidence_id=evidence.pk, at=NOON)
    assert stored_files(store_dir) == []
    sent = keep(villager, household)
    services.attach(ids=[sent.pk], subject=THING, actor=villager, at=NOON)
    with pytest.raises(errors.AlreadyAttached):
        services.discard(actor=villager, evidence_id=sent.pk, at=NOON)


def test_the_store_is_compared_with_its_rows(villager: Actor, household: Household) -> None:
    kept = [keep(villager, household, samples.photo(samples.picture(n))) for n in (1, 2, 3)]
    assert [c.finding for c in verify()] == ["", "", ""]
    files.original_path(kept[0].sha256 or "").unlink()
    files.original_path(kept[1].sha256 or "").write_bytes(b"changed")
    found = {c.evidence_id: c.finding for c in verify()}
    assert (found[kept[0].pk], found[kept[1].pk], found[kept[2].pk]) == ("missing", "changed", "")
    for broken in kept[:2]:
        with pytest.raises(errors.FileMissing):
            services.open_display(villager, broken.pk)
    again = keep(villager, household, samples.photo(samples.picture(2)))
    assert services.open_display(villager, again.pk).data, "uploading again heals a damaged file"
    assert {c.finding for c in verify()} == {"missing", ""}


def test_rows_roll_back_without_a_trace_of_the_file_in_any_row(
    villager: Actor, household: Household, store_dir: Path
) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        keep(villager, household)
        raise RuntimeError
    assert not Evidence.objects.exists()
    assert keep(villager, household).sha256 == files.sha256_of(JPEG)
    assert [c.finding for c in verify()] == [""]
