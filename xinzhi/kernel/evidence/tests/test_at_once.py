"""Killed in the middle, done twice at once: no broken row, no lost file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection, connections

from xinzhi.kernel.evidence import services
from xinzhi.kernel.evidence.models import Evidence
from xinzhi.kernel.evidence.tests import samples
from xinzhi.kernel.evidence.tests.conftest import JPEG, NOON, household_in, keep, stored_files
from xinzhi.kernel.evidence.verifying import verify
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.regions.models import Region

CHILD = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
from django.db import connection
settings.EVIDENCE_DIR = {store!r}
connection.close()
connection.settings_dict["NAME"] = {database!r}
from xinzhi.kernel.evidence import files, services
from xinzhi.kernel.evidence.models import Evidence
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.foundation.clock import now
from pathlib import Path
keep = files.keep
def keep_and_die(path, data):
    if {moment!r} == "before rename":
        os.replace = lambda *a: os.kill(os.getpid(), signal.SIGKILL)
        Path.replace = lambda *a: os.kill(os.getpid(), signal.SIGKILL)
    keep(path, data)
    os.kill(os.getpid(), signal.SIGKILL)
files.keep = keep_and_die
services.store(actor=SYSTEM, data=Path({photo!r}).read_bytes(), household_id={household}, at=now())
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["before rename", "between file and row"])
def test_a_kill_while_storing_leaves_no_broken_row_and_the_upload_works_again(
    moment: str, tmp_path: Path, store_dir: Path, township: Region
) -> None:
    from xinzhi.kernel.evidence.tests.conftest import village_in

    household = household_in(village_in(township, "船村村"), "SC001")
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(JPEG)
    script = CHILD.format(
        store=str(store_dir),
        database=connection.settings_dict["NAME"],
        moment=moment,
        photo=str(photo),
        household=household.pk,
    )
    died = subprocess.run(
        [sys.executable, "-c", script], timeout=60, env=os.environ, capture_output=True, text=True
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    whole = [p for p in stored_files(store_dir) if not p.name.startswith(".part-")]
    assert (not Evidence.objects.exists(), len(whole)) == (True, 0 if moment == "before rename" else 1)
    services.store(actor=SYSTEM, data=JPEG, household_id=household.pk, at=NOON)
    assert [c.finding for c in verify()] == [""]
    for path in stored_files(store_dir):
        os.utime(path, (0, 0))
    services.sweep(actor=SYSTEM, at=NOON)
    assert [p.read_bytes() for p in stored_files(store_dir)] == [JPEG]


@pytest.mark.django_db(transaction=True)
def test_the_same_content_stored_and_erased_at_once_is_never_lost(township: Region, store_dir: Path) -> None:
    from xinzhi.kernel.evidence.tests.conftest import village_in

    village = village_in(township, "船村村")
    households = [household_in(village, f"SC{n}") for n in range(4)]
    start = threading.Barrier(4)
    troubles: list[BaseException] = []

    def work(number: int) -> None:
        try:
            start.wait(10)
            for _round in range(6):
                services.store(actor=SYSTEM, data=samples.wav(), household_id=households[number].pk, at=NOON)
                if number % 2:
                    services.erase(
                        actor=SYSTEM, household_id=households[number].pk, reason="requested", at=NOON
                    )
        except BaseException as trouble:
            troubles.append(trouble)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert troubles == []
    assert {c.finding for c in verify()} == {""}
    for household in households:
        services.erase(actor=SYSTEM, household_id=household.pk, reason="requested", at=NOON)
    assert stored_files(store_dir) == []


@pytest.mark.django_db(transaction=True)
def test_a_double_click_keeps_one(township: Region) -> None:
    from xinzhi.kernel.evidence.tests.conftest import village_in

    household = household_in(village_in(township, "船村村"), "SC1")
    key, start, kept = uuid4(), threading.Barrier(4), []

    def work() -> None:
        try:
            start.wait(10)
            kept.append(keep(SYSTEM, household, samples.wav(), request_key=key).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(kept), len(set(kept)), Evidence.objects.count()) == (4, 1, 1)
