"""A job belongs to the transaction that enqueued it; its arguments are ids and codes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from xinzhi.kernel import jobs
from xinzhi.kernel.foundation import clock

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
seen: list[object] = []


@jobs.task("jobs_test.note")
def note(value: object = None) -> None:
    seen.append(value)


@jobs.task("jobs_test.fail", retry=2)
def fail() -> None:
    seen.append("tried")
    raise OSError("张三 13800000000")


@jobs.task("jobs_test.chain")
def chain(left: int) -> None:
    seen.append(left)
    if left:
        jobs.defer("jobs_test.chain", left=left - 1)


@jobs.task("jobs_test.nightly", cron=jobs.daily("02:30"))
def nightly() -> None:
    seen.append("night")


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


@pytest.mark.django_db(transaction=True)
def test_job_is_rolled_back_with_its_transaction():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        jobs.defer("jobs_test.note", value=1)
        raise ZeroDivisionError
    with transaction.atomic():
        jobs.defer("jobs_test.note", value=2)

    assert (jobs.run_inline(), seen) == (1, [2])


@pytest.mark.django_db
def test_second_job_with_the_same_queueing_lock_is_not_added_and_the_transaction_goes_on():
    first = jobs.defer("jobs_test.note", queueing_lock="once", value=1)
    second = jobs.defer("jobs_test.note", queueing_lock="once", value=2)
    jobs.defer("jobs_test.note", value=3)

    assert (first is not None, second) == (True, None)
    assert (jobs.run_inline(), seen) == (2, [1, 3])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (7, 7),
        (True, True),
        (None, None),
        ("A-03", "A-03"),
        ("regions.region:4", "regions.region:4"),
        (UUID("6f9619ff-8b86-4d01-b42d-00cf4fc964ff"), "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"),
        ([1, 2], [1, 2]),
    ],
)
def test_ids_and_codes_arrive_as_they_were_sent(value, kept):
    jobs.defer("jobs_test.note", value=value)
    jobs.run_inline()

    assert seen == [kept]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value", ["张明", "moved to town", "13800000000", "33052319800101001X", {"name": 1}, 1.5, ["A"], object()]
)
def test_text_is_refused_as_an_argument(value):
    with pytest.raises(jobs.ArgumentNotPlain, match="Hint: pass the id"):
        jobs.defer("jobs_test.note", value=value)
    assert ProcrastinateJob.objects.count() == 0


def test_unknown_job_is_refused_with_the_nearest_name():
    with pytest.raises(jobs.UnknownTask, match=r"did you mean 'jobs_test\.note'"):
        jobs.defer("jobs_test.notee", value=1)


@pytest.mark.django_db
def test_jobs_enqueued_by_jobs_run_too():
    jobs.defer("jobs_test.chain", left=3)

    assert (jobs.run_inline(), seen) == (4, [3, 2, 1, 0])


@pytest.mark.django_db
def test_job_for_later_waits_for_its_time():
    jobs.defer("jobs_test.note", at=NOON + timedelta(hours=1), value=1)
    with clock.fixed(NOON):
        assert jobs.run_inline() == 0
    with clock.fixed(NOON + timedelta(hours=1)):
        assert jobs.run_inline() == 1


@pytest.mark.django_db
def test_failing_job_is_raised_tried_again_and_then_stays_failed():
    job_id = jobs.defer("jobs_test.fail")
    with clock.fixed(NOON), pytest.raises(OSError):
        jobs.run_inline()
    with clock.fixed(NOON):
        assert jobs.run_inline() == 0  # not before its pause is over
    with clock.fixed(NOON + timedelta(minutes=1)), pytest.raises(OSError):
        jobs.run_inline()

    assert ProcrastinateJob.objects.get(pk=job_id).status == "failed"
    assert seen == ["tried", "tried"]


def test_failure_is_logged_with_its_place_but_without_its_words(caplog, db):
    from xinzhi.kernel.jobs import tasks
    from xinzhi.kernel.jobs.running import JobFailed, run_once

    with pytest.raises(JobFailed) as refusal:
        run_once(tasks.declared()["jobs_test.fail"], int(uuid4()) % 1000, {})

    said = caplog.text + str(refusal.value)
    assert "OSError at test_defer.py" in said
    assert "张三" not in said and "13800000000" not in said


@pytest.mark.parametrize(
    ("at", "cron"), [("02:30", "30 18 * * *"), ("08:00", "0 0 * * *"), ("23:05", "5 15 * * *")]
)
def test_daily_is_said_in_shanghai_time(at, cron):
    assert jobs.daily(at) == cron


@pytest.mark.django_db
def test_periodic_jobs_run_when_asked():
    jobs.run_inline(periodic=True)

    assert seen.count("night") == 1
