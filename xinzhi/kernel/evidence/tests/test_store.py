"""Files are kept whole, belong to somebody, and open to those who may see what they belong to."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.evidence import errors, files, queries, services
from xinzhi.kernel.evidence.models import Evidence, EvidenceOrigin
from xinzhi.kernel.evidence.tests import samples
from xinzhi.kernel.evidence.tests.conftest import (
    JPEG,
    NOON,
    PREFIX,
    THING,
    Access,
    clerk_of,
    household_in,
    keep,
    stored_files,
    villager_of,
)
from xinzhi.kernel.foundation.actors import NOBODY, SYSTEM, Actor
from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents.models import Household


def test_a_photo_is_kept_whole_once_and_for_its_owner_only(
    villager: Actor, household: Household, store_dir: Path
) -> None:
    first = keep(villager, household)
    second = keep(villager, household)
    assert (first.village_id, first.kind, first.taken_at is not None) == (household.village_id, "photo", True)
    (only,) = stored_files(store_dir)
    assert only.read_bytes() == JPEG
    assert only.stat().st_mode & 0o777 == 0o600
    assert only.parent.stat().st_mode & 0o777 == 0o700
    assert (first.sha256, first.digest != second.digest) == (second.sha256, True)
    assert EvidenceOrigin.objects.count() == 2


def test_neither_rows_nor_audit_keep_the_name_of_the_file(villager: Actor, household: Household) -> None:
    evidence = keep(villager, household)
    with connection.cursor() as cursor:
        for table in ("evidence_evidence", "evidence_evidenceorigin", "audit_record"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%%张三%%'")
            assert cursor.fetchone()[0] == 0
    record = Record.objects.get(action="evidence.store")
    assert (record.subject, record.digest, record.household_id) == (
        evidence.reference,
        evidence.digest,
        household.pk,
    )


def test_the_same_request_key_gives_the_first_and_belongs_to_its_sender(
    villager: Actor, household: Household, clerk: Actor
) -> None:
    key = uuid4()
    first = keep(villager, household, request_key=key)
    assert keep(villager, household, samples.photo(samples.picture(5)), request_key=key) == first
    with pytest.raises(errors.RequestKeyTaken):
        keep(clerk, household, request_key=key)


def test_only_own_households_and_own_villages_take_files(
    villager: Actor, clerk: Actor, household: Household, other_village: Region, store_dir: Path
) -> None:
    neighbour = household_in(household.village, "SC002")
    stranger = household_in(other_village, "DL001")
    attempts: list[tuple[Actor, dict[str, int]]] = [
        (villager, {"household_id": neighbour.pk}),
        (villager, {"village_id": household.village_id}),
        (clerk, {"household_id": stranger.pk}),
        (clerk, {"village_id": other_village.pk}),
        (clerk, {"village_id": other_village.pk, "household_id": household.pk}),
        (clerk, {"household_id": 2**40}),
        (clerk, {"village_id": 2**40}),
        (NOBODY, {"household_id": household.pk}),
    ]
    for actor, target in attempts:
        with pytest.raises(errors.MayNotUpload):
            services.store(actor=actor, data=JPEG, at=NOON, **target)
    with pytest.raises(errors.UploadTargetNeeded):
        services.store(actor=clerk, data=JPEG, at=NOON)
    assert stored_files(store_dir) == [] and not Evidence.objects.exists()
    services.store(actor=clerk, data=JPEG, village_id=household.village_id, at=NOON)


@pytest.mark.parametrize("data", [JPEG[:-200], b"", b"<svg/>", samples.png_claiming(60_000, 60_000)])
def test_a_refused_file_leaves_nothing_behind(
    villager: Actor, household: Household, data: bytes, store_dir: Path
) -> None:
    with pytest.raises(DomainError):
        keep(villager, household, data)
    assert not store_dir.exists() and not Evidence.objects.exists()
    assert not Record.objects.filter(action__startswith="evidence.").exists()


def test_a_file_that_never_ends_is_not_read_to_its_end(villager: Actor, household: Household) -> None:
    class Endless:
        given = 0

        def read(self, size: int = -1) -> bytes:
            assert size > 0
            self.given += size
            return b"\xff" * size

    endless = Endless()
    with pytest.raises(errors.FileTooBig):
        keep(villager, household, endless)  # type: ignore[arg-type]
    assert endless.given <= 15_000_001


def test_nobody_fills_the_disk_with_files_that_belong_to_nothing(
    villager: Actor, household: Household, monkeypatch: pytest.MonkeyPatch, access: Access
) -> None:
    from xinzhi.kernel.evidence.services import storing

    monkeypatch.setattr(storing, "MAX_LOOSE", 2)
    kept = [keep(villager, household), keep(villager, household)]
    with pytest.raises(errors.TooManyLoose):
        keep(villager, household)
    services.attach(ids=[kept[0].pk], subject=THING, actor=villager, at=NOON)
    keep(villager, household)


def test_attaching_is_done_by_the_uploader_once_and_wholly(
    villager: Actor, clerk: Actor, household: Household, access: Access
) -> None:
    first, second, third = (keep(villager, household, samples.photo(samples.picture(n))) for n in (1, 2, 3))
    foreign = keep(clerk, household)
    ids = [second.pk, first.pk]
    assert [e.pk for e in services.attach(ids=ids, subject=THING, actor=villager, at=NOON)] == ids
    assert [e.subject for e in services.attach(ids=ids, subject=THING, actor=villager, at=NOON)] == [
        THING
    ] * 2
    for wrong, refusal in (
        ([third.pk, foreign.pk], errors.EvidenceNotFound),
        ([third.pk, uuid4()], errors.EvidenceNotFound),
    ):
        with pytest.raises(refusal):
            services.attach(ids=wrong, subject=THING, actor=villager, at=NOON)
    with pytest.raises(errors.AlreadyAttached):
        services.attach(ids=[third.pk, first.pk], subject=f"{PREFIX}2", actor=villager, at=NOON)
    third.refresh_from_db()
    assert third.subject == ""
    assert Record.objects.filter(action="evidence.attach").count() == 2


def test_files_are_seen_by_those_who_may_see_the_subject(
    villager: Actor, clerk: Actor, household: Household, access: Access
) -> None:
    neighbour = villager_of(household, user_id=99)
    evidence = keep(villager, household)
    for actor, sees in (
        (villager, True),
        (neighbour, False),
        (clerk, False),
        (NOBODY, False),
        (SYSTEM, True),
    ):
        assert (queries.visible(actor, [evidence]) == [evidence]) is sees
    services.attach(ids=[evidence.pk], subject=THING, actor=villager, at=NOON)
    access.allow(THING, clerk)
    evidence.refresh_from_db()
    for actor, sees in ((villager, False), (neighbour, False), (clerk, True), (NOBODY, False)):
        assert (queries.of_subject(THING, actor) == [evidence]) is sees
        if sees:
            assert services.open_display(actor, evidence.pk).media_type == "image/jpeg"
        else:
            with pytest.raises(errors.EvidenceNotFound):
                services.open_display(actor, evidence.pk)


def test_a_subject_nobody_registered_stays_closed(villager: Actor, household: Household) -> None:
    evidence = keep(villager, household)
    services.attach(ids=[evidence.pk], subject="nobody.knows:1", actor=villager, at=NOON)
    assert queries.of_subject("nobody.knows:1", clerk_of(household.village)) == []
    with pytest.raises(errors.EvidenceNotFound):
        services.open_display(villager, evidence.pk)


def test_a_rule_cannot_open_what_it_was_not_asked_about(villager: Actor, household: Household) -> None:
    from xinzhi.kernel.evidence import ports

    ports.register_access(PREFIX, lambda _actor, _subjects: {"other:1", f"{PREFIX}2"})
    try:
        assert ports.visible_subjects(villager, [THING, "other:1"]) == set()
    finally:
        ports.unregister_access(PREFIX)


def test_uploads_come_back_with_a_form_to_their_owner_only(
    villager: Actor, clerk: Actor, household: Household, access: Access
) -> None:
    first, second = keep(villager, household), keep(villager, household)
    ids = [second.pk, uuid4(), first.pk, second.pk]
    assert [e.pk for e in queries.unattached(ids, villager)] == [second.pk, first.pk]
    assert queries.unattached(ids, clerk) == []
    services.attach(ids=[first.pk], subject=THING, actor=villager, at=NOON)
    assert [e.pk for e in queries.unattached(ids, villager)] == [second.pk]


def test_the_original_needs_permission_sight_and_purpose_and_is_recorded(
    villager: Actor, clerk: Actor, household: Household, access: Access
) -> None:
    evidence = keep(villager, household)
    services.attach(ids=[evidence.pk], subject=THING, actor=villager, at=NOON)
    inspector = clerk_of(household.village, 12, may=frozenset({"evidence.upload"}))
    access.allow(THING, clerk, inspector)
    for actor, purpose, refusal in (
        (villager_of(household, 77), "verify", "evidence.not_found"),
        (inspector, "verify", "forbidden"),
        (clerk, "", "evidence.purpose_needed"),
        (clerk, "curious 张三", "evidence.purpose_needed"),
    ):
        with pytest.raises(DomainError) as caught:
            services.open_original(actor, evidence.pk, purpose, at=NOON)
        assert caught.value.code == refusal
    assert not Record.objects.filter(action="evidence.original.open").exists()
    opened = services.open_original(clerk, evidence.pk, "verify", at=NOON)
    assert opened.data == JPEG and opened.filename == f"{evidence.pk}.jpg"
    record = Record.objects.get(action="evidence.original.open")
    assert (record.purpose, record.household_id, record.subject) == (
        "verify",
        household.pk,
        evidence.reference,
    )


def test_copies_are_made_once_and_again_when_the_cache_is_lost(
    villager: Actor, household: Household, store_dir: Path
) -> None:
    evidence = keep(villager, household)
    first = services.open_display(villager, evidence.pk, "thumb").data
    assert len(stored_files(store_dir, "copies")) == 2
    for path in stored_files(store_dir, "copies"):
        path.unlink()
    assert services.open_display(villager, evidence.pk, "thumb").data == first


@pytest.mark.parametrize(
    ("data", "size"),
    [(samples.wav(), "thumb"), (samples.pdf(), "thumb"), (JPEG, "original"), (JPEG, "../../x")],
)
def test_a_size_that_is_not_offered_is_not_found(
    villager: Actor, household: Household, data: bytes, size: str
) -> None:
    evidence = keep(villager, household, data)
    with pytest.raises(errors.EvidenceNotFound):
        services.open_display(villager, evidence.pk, size)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", "", "a" * 62 + "/b"]
)
def test_no_path_can_be_smuggled_into_the_store(name: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        files.original_path(name)
    with pytest.raises(ValueError, match=r"digest|variant"):
        files.copy_path(name, "thumb")
    with pytest.raises(ValueError, match="variant"):
        files.copy_path("a" * 64, "../x")


def test_an_old_photo_claimed_twice_is_noticed(
    villager: Actor, clerk: Actor, household: Household, other_village: Region, access: Access
) -> None:
    shot = samples.picture(1)
    mine = keep(villager, household, samples.photo(shot))
    neighbour = household_in(household.village, "SC002")
    theirs = services.store(
        actor=clerk,
        data=samples.photo(shot.resize((500, 375)), quality=50),
        household_id=neighbour.pk,
        at=NOON,
    )
    different = services.store(
        actor=clerk, data=samples.photo(samples.picture(3)), household_id=neighbour.pk, at=NOON
    )
    abroad = services.store(
        actor=SYSTEM, data=samples.photo(shot), household_id=household_in(other_village, "DL1").pk, at=NOON
    )
    for number, (actor, evidence) in enumerate(
        ((villager, mine), (clerk, theirs), (clerk, different), (SYSTEM, abroad)), start=1
    ):
        services.attach(ids=[evidence.pk], subject=f"{PREFIX}{number}", actor=actor, at=NOON)
    access.allow(f"{PREFIX}1", clerk)
    (found,) = queries.similar(mine.pk, clerk)
    assert (found.evidence_id, found.is_visible, found.subject, found.is_same_household) == (
        theirs.pk,
        False,
        "",
        False,
    )
    assert found.distance <= 6
    access.allow(f"{PREFIX}2", clerk)
    assert queries.similar(mine.pk, clerk)[0].subject == f"{PREFIX}2"
    with pytest.raises(errors.EvidenceNotFound):
        queries.similar(mine.pk, villager_of(household, 77))
