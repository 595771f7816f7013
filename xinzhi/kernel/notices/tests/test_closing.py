"""At the end every unopposed line takes effect, exactly once, whatever is killed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from xinzhi.kernel import jobs
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.jobs.models import Progress
from xinzhi.kernel.notices.models import Publication, PublicationLine
from xinzhi.kernel.notices.services import NewLine, close_lines_of, due_publications
from xinzhi.kernel.notices.tests.village import AFTER_END, attempt

pytestmark = pytest.mark.django_db
JUST_BEFORE = AFTER_END - timedelta(seconds=1)


def many(village, count):
    return [
        NewLine(f"tests.favour:{n}", village.households[n % 3].pk, 10, "Swept") for n in range(1, count + 1)
    ]


def effective(scene):
    return sorted(subject for what, subject in scene.told if what == "effective")


def test_nothing_takes_effect_before_the_end(village, scene):
    publication = village.publish()
    assert due_publications(JUST_BEFORE) == []
    assert close_lines_of(publication_id=publication.pk, at=JUST_BEFORE) == 0
    assert due_publications(AFTER_END) == [publication.pk]
    assert scene.told == []


def test_at_the_end_everything_takes_effect_and_the_list_closes(village, scene):
    publication = village.publish()
    said = []
    assert (
        close_lines_of(publication_id=publication.pk, at=AFTER_END, report=lambda *n: said.append(n), chunk=2)
        == 3
    )
    assert (effective(scene), said) == ([1, 2, 3], [(2, 3), (3, 3)])
    publication.refresh_from_db()
    assert (publication.state, publication.closed_at, due_publications(AFTER_END)) == (
        "closed",
        AFTER_END,
        [],
    )
    assert close_lines_of(publication_id=publication.pk, at=AFTER_END) == 0


def test_a_run_killed_in_the_middle_goes_on_where_it_was(village, scene):
    publication = village.publish(lines=many(village, 25))
    scene.explode_after = 2
    assert attempt(close_lines_of, publication_id=publication.pk, at=AFTER_END, chunk=10) is MemoryError
    assert PublicationLine.objects.filter(state="confirmed").count() == 20
    scene.explode_after = None
    assert close_lines_of(publication_id=publication.pk, at=AFTER_END, chunk=10) == 5
    assert effective(scene) == list(range(1, 26))


def test_a_line_that_cannot_take_effect_stops_no_other_and_is_tried_again(village, scene):
    publication = village.publish()
    scene.stubborn = {2}
    assert close_lines_of(publication_id=publication.pk, at=AFTER_END) == 2
    line = publication.lines.get(subject_id=2)
    assert (line.state, line.problem_code) == ("listed", "tests.stubborn")
    assert effective(scene) == [1, 3]
    assert due_publications(AFTER_END) == []
    scene.stubborn = set()
    tomorrow = AFTER_END + timedelta(days=1)
    assert due_publications(tomorrow) == [publication.pk]
    assert close_lines_of(publication_id=publication.pk, at=tomorrow) == 1
    assert effective(scene) == [1, 2, 3]
    line.refresh_from_db()
    assert (line.state, line.problem_code) == ("confirmed", "")


def test_the_job_does_it_and_shows_its_progress(village, scene):
    jobs.run_inline()  # what other tests left in the queue
    first = village.publish()
    second = village.publish(lines=village.lines(first=11))
    with clock.fixed(AFTER_END):
        from xinzhi.kernel.notices.jobs import close_due_publications

        close_due_publications()
        close_due_publications()  # the same lists again while their jobs wait
        assert jobs.run_inline() == 2
    assert effective(scene) == [1, 2, 3, 11, 12, 13]
    assert set(Publication.objects.values_list("state", flat=True)) == {"closed"}
    shown = Progress.objects.filter(kind="notices.closing").values_list("region_id", "done", "total", "state")
    assert list(shown) == [(village.here.pk, 3, 3, "done")] * 2
    assert (first.pk, second.pk) == tuple(Publication.objects.order_by("pk").values_list("pk", flat=True))


def test_a_list_whose_lines_were_all_removed_closes_too(village):
    publication = village.publish()
    publication.lines.update(state="removed")
    assert due_publications(AFTER_END) == [publication.pk]
    close_lines_of(publication_id=publication.pk, at=AFTER_END)
    publication.refresh_from_db()
    assert publication.state == "closed"
