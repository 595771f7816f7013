"""Patterns worth a second look. They accuse nobody: each is a remark with the deeds behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _

from xinzhi.kernel.audit.labels import actor_names
from xinzhi.kernel.evidence import queries as evidence
from xinzhi.kernel.foundation.clock import SHANGHAI

DAYS = 30
#: A household that claims so many deeds by phone within one hour.
MANY_IN_AN_HOUR = 4
#: A verifier who verified so many deeds of one household in the month, and nobody else any.
MANY_BY_ONE = 6
#: A verifier who verified so many deeds one by one within a minute has not looked at the photos.
MANY_IN_A_MINUTE = 10
MOST = 50


@dataclass(frozen=True, slots=True)
class Oddity:
    """`deed_ids` are the deeds behind it, at most fifty."""

    code: str
    text: str
    deed_ids: tuple[int, ...]
    village_id: int


_SAME_HOUR = """
SELECT village_id, household_id, date_trunc('hour', claimed_at), (array_agg(id ORDER BY id))[:50], count(*)
  FROM governance_points_deed
 WHERE village_id = ANY(%s) AND claimed_at >= %s AND claimed_at < %s AND channel IN ('phone', 'card', 'web')
   AND claimant = 'household'
 GROUP BY 1, 2, 3 HAVING count(*) >= %s ORDER BY 3 DESC LIMIT %s
"""
_ONE_VERIFIER = """
SELECT village_id, household_id, min(verified_by_key), (array_agg(id ORDER BY id))[:50], count(*)
  FROM governance_points_deed
 WHERE village_id = ANY(%s) AND verified_at >= %s AND verified_at < %s AND channel <> 'import' AND verified_by_key LIKE 'person:%%'
 GROUP BY 1, 2 HAVING count(*) >= %s AND count(DISTINCT verified_by_key) = 1 ORDER BY 5 DESC LIMIT %s
"""
_ONE_MINUTE = """
SELECT village_id, verified_by_key, date_trunc('minute', verified_at), (array_agg(id ORDER BY id))[:50], count(*)
  FROM governance_points_deed
 WHERE village_id = ANY(%s) AND verified_at >= %s AND verified_at < %s AND channel <> 'import' AND verified_by_key LIKE 'person:%%'
 GROUP BY 1, 2, 3 HAVING count(*) >= %s ORDER BY 3 DESC LIMIT %s
"""


def oddities(village_ids: Sequence[int], *, until: datetime) -> list[Oddity]:
    """What stood out in the 30 days before a moment. Five queries; the caller has scoped the villages."""
    since = until - timedelta(days=DAYS)
    found = _same_photo(village_ids, since, until)
    for village, _household, hour, ids, count in _rows(
        _SAME_HOUR, village_ids, since, until, MANY_IN_AN_HOUR
    ):
        text = _(
            "One household claimed %(count)s deeds between %(hour)s o'clock and the next hour, on %(day)s."
        )
        local = hour.astimezone(SHANGHAI)
        values = {"count": count, "hour": local.hour, "day": f"{local:%Y-%m-%d}"}
        found.append(Oddity("same_hour", text % values, tuple(ids), village))
    verifiers = _rows(_ONE_VERIFIER, village_ids, since, until, MANY_BY_ONE)
    minutes = _rows(_ONE_MINUTE, village_ids, since, until, MANY_IN_A_MINUTE)
    names = actor_names({row[2] for row in verifiers} | {row[1] for row in minutes})
    for village, _household, key, ids, count in verifiers:
        text = _("All %(count)s deeds of one household were verified by the same person: %(who)s.")
        found.append(
            Oddity("same_verifier", text % {"count": count, "who": names.get(key, key)}, tuple(ids), village)
        )
    for village, key, minute, ids, count in minutes:
        text = _("%(who)s verified %(count)s deeds within one minute, %(at)s.")
        at = f"{minute.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        values = {"count": count, "who": names.get(key, key), "at": at}
        found.append(Oddity("same_minute", text % values, tuple(ids), village))
    return found


def _same_photo(village_ids: Sequence[int], since: datetime, until: datetime) -> list[Oddity]:
    prefix = "governance_points.deed:"
    groups = evidence.same_files(village_ids, prefix, since=since, until=until, limit=MOST)
    ids = [tuple(sorted(int(s.removeprefix(prefix)) for s in group)) for group in groups]
    village_of = dict(_villages_of([pk for group in ids for pk in group]))
    text = _("The same photo stands behind %(count)s deeds.")
    return [
        Oddity("same_photo", text % {"count": len(group)}, group, village_of.get(group[0], 0))
        for group in ids
    ]


def _villages_of(deed_ids: Sequence[int]) -> list[tuple[int, int]]:
    from xinzhi.scenes.governance_points.models import Deed

    return list(Deed.objects.filter(pk__in=deed_ids).values_list("pk", "village_id"))


def _rows(sql: str, village_ids: Sequence[int], since: datetime, until: datetime, least: int) -> list[tuple]:  # type: ignore[type-arg]
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(village_ids), since, until, least, MOST])
        return list(cursor.fetchall())
