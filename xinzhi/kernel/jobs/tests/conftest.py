from __future__ import annotations

import pytest
from django.db import connection


@pytest.fixture(autouse=True)
def empty_queue(request: pytest.FixtureRequest) -> None:
    """The queue's tables are not Django's: a test that commits leaves its jobs to the next one."""
    if marker := request.node.get_closest_marker("django_db"):
        request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")
