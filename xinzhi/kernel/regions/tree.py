"""The one lock of the tree, and the day used where nobody knows since when."""

from __future__ import annotations

from datetime import date

from django.db import connection

#: Official tables say what is in force, not since when. Division codes exist since about 1980.
SINCE_EVER = date(1980, 1, 1)

_LOCK = 0x52454749  # any number of our own, "REGI"


def lock_tree() -> None:
    """Until the end of the transaction nobody else changes the tree. Readers do not wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
