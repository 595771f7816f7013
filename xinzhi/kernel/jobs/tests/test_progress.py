"""Progress is a number people can rely on: never beyond its total, seen by whom it concerns."""

from __future__ import annotations

from datetime import date

import pytest

from xinzhi.kernel import jobs
from xinzhi.kernel.foundation.actors import NOBODY, Actor, Grant
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.jobs.models import Progress
from xinzhi.kernel.jobs.progress import progress_of
from xinzhi.kernel.regions.models import Region

pytestmark = pytest.mark.django_db

CLERK = Actor(user_id=7)


@pytest.fixture
def village() -> Region:
    return Region.objects.create(level="village", name="大里村", active_from=date(2020, 1, 1))


def officer(path: str) -> Actor:
    return Actor(user_id=8, grants=(Grant("township_officer", 1, path, frozenset({"jobs.watch"})),))


def test_progress_counts_to_the_end(village):
    progress_id = jobs.start_progress(kind="residents.roster", actor=CLERK, total=12, region_id=village.pk)
    jobs.report(progress_id, done=3, message_code="residents.reading")
    row = Progress.objects.get(pk=progress_id)
    assert (str(row), row.percent, row.state) == ("residents.roster 3/12", 25, "running")

    jobs.finish_progress(progress_id)
    jobs.report(progress_id, done=4)  # a straggler changes nothing
    row.refresh_from_db()
    assert (row.done, row.state, row.finished_at is not None) == (12, "done", True)


def test_more_done_than_expected_widens_the_total(village):
    progress_id = jobs.start_progress(kind="residents.roster", actor=CLERK, total=2)
    jobs.report(progress_id, done=5)
    row = Progress.objects.get(pk=progress_id)
    assert (row.done, row.total) == (5, 5)


@pytest.mark.parametrize("text", ["张明 moved", "Not A Code", "x y"])
def test_text_is_refused_as_a_message(text):
    progress_id = jobs.start_progress(kind="residents.roster", actor=CLERK, total=2)
    with pytest.raises(ValueError, match="Hint: a kind or message is a code"):
        jobs.report(progress_id, done=1, message_code=text)


def test_progress_is_seen_by_who_started_it_and_who_watches_the_region(village):
    progress_id = jobs.start_progress(kind="residents.roster", actor=CLERK, total=2, region_id=village.pk)

    for actor in (CLERK, officer(village.scope_path), officer("")):
        assert progress_of(actor=actor, progress_id=progress_id).pk == progress_id
    for actor in (NOBODY, Actor(user_id=9), officer("999999/")):
        with pytest.raises(NotFound):
            progress_of(actor=actor, progress_id=progress_id)
