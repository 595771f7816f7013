"""How far two raters of the same courtyard were apart: for the fairness report, without saying whose courtyard it was."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from xinzhi.scenes.courtyards.models import Visit


def pairs_of_scores(village_ids: Collection[int], first: date, last: date) -> list[tuple[float, float]]:
    """The first and the second score of every courtyard that got both, of rounds graded within two days (both included).

    One query. The caller has scoped the villages.
    """
    rows = Visit.objects.filter(
        yard__village_id__in=village_ids, yard__graded_on__range=(first, last), turn__in=(1, 2)
    ).values_list("yard_id", "turn", "total_tenths")
    scores: dict[int, dict[int, float]] = {}
    for yard_id, turn, tenths in rows:
        scores.setdefault(yard_id, {})[turn] = (tenths or 0) / 10
    return [(both[1], both[2]) for both in scores.values() if len(both) == 2]
