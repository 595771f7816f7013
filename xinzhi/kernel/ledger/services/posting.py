"""Post journals, one or ten thousand, and take them back. One path for all: `ledger_post` in migrations/posting_2.sql."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connection, transaction

from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.ledger.digests import content_digest
from xinzhi.kernel.ledger.errors import (
    AccountUnknown,
    AlreadyReversed,
    JournalUnknown,
    NotBalanced,
    NotEnough,
    RequestKeyReused,
)

#: A batch may meet somebody else's key in each of its calls; three are more than was ever seen.
TRIES = 3


@dataclass(frozen=True, slots=True)
class Leg:
    """One entry to be: a signed amount on an account, in the smallest part of its unit."""

    account: int
    unit: str
    amount: int


@dataclass(frozen=True, slots=True)
class BatchItem:
    """A journal to post. `source` is the reference of what it comes from; `expires_on` dates the lots it makes."""

    request_key: UUID
    legs: tuple[Leg, ...]
    effective_date: date
    source: str
    expires_on: date | None = None
    reverses: int | None = None


@dataclass(frozen=True, slots=True)
class Journal:
    """A posted journal. `is_new` is False when the request key had been used for it before."""

    id: int
    book: int
    is_new: bool


def post(
    *,
    book: int,
    request_key: UUID,
    legs: Sequence[Leg],
    effective_date: date,
    source: str,
    actor_key: str,
    at: datetime,
    expires_on: date | None = None,
) -> Journal:
    """Post one journal. The same request key again returns the first one.

    Raises NotBalanced, NotEnough, RequestKeyReused, AccountUnknown; then nothing was posted.
    """
    item = BatchItem(request_key, tuple(legs), effective_date, source, expires_on)
    return _post(book=book, items=[item], actor_key=actor_key, at=at)[0]


def post_batch(*, book: int, items: Sequence[BatchItem], actor_key: str, at: datetime) -> list[int]:
    """Post many journals in one call, all or none; ids in the order of the items. Raises as `post`."""
    return [j.id for j in _post(book=book, items=items, actor_key=actor_key, at=at)]


def _post(
    *, book: int, items: Sequence[BatchItem], actor_key: str, at: datetime, reason_code: str = ""
) -> list[Journal]:
    if not items:
        return []
    keys = [i.request_key for i in items]
    if len(set(keys)) != len(keys):
        raise RequestKeyReused()
    for item in items:
        _check_balanced(item.legs)
    made = _one(book, items[0]) if len(items) == 1 else _many(book, items)
    question, values = made[0], (*made[1], actor_key, reason_code, at, *made[2])
    for _try in range(TRIES - 1):
        with suppress(
            _CameAtOnce
        ):  # whoever came first has committed by now, so that the next call finds his journal
            return _ask(book, question, values)
    return _ask(book, question, values)


_POST_ONE = (
    "SELECT journal_id, is_new FROM ledger_post_one(%s, %s::uuid, %s::bytea, %s::date, %s, %s::date[], %s::bigint[], %s, %s, %s,"
    " %s::bigint[], %s::bigint[])"
)
_POST = (
    "SELECT journal_id, is_new FROM ledger_post(%s, %s::uuid[], %s::bytea[], %s::date[], %s::text[], %s::date[],"
    " %s::bigint[], %s, %s, %s, %s::int[], %s::bigint[], %s::bigint[]) ORDER BY item"
)
Values = tuple[int | str | bytes | datetime, ...]


def _one(book: int, item: BatchItem) -> tuple[str, Values, Values]:
    """The question that posts a single journal, straight to the function that goes step by step; its values before and after those
    of the act."""
    item_values = (
        book, item.request_key.hex, _digest(item), _day(item.effective_date), item.source,
        _array([item.expires_on and _day(item.expires_on)]), _array([item.reverses]),
    )  # fmt: skip
    return (
        _POST_ONE,
        item_values,
        (_array(leg.account for leg in item.legs), _array(leg.amount for leg in item.legs)),
    )


def _many(book: int, items: Sequence[BatchItem]) -> tuple[str, Values, Values]:
    """The same for many journals at once."""
    legs = [(n, leg.account, leg.amount) for n, item in enumerate(items, start=1) for leg in item.legs]
    item_values = (
        book, _array(i.request_key.hex for i in items), _array(f"\\\\x{_digest(i).hex()}" for i in items),
        _array(_day(i.effective_date) for i in items), _array(_quoted(i.source) for i in items),
        _array(i.expires_on and _day(i.expires_on) for i in items), _array(i.reverses for i in items),
    )  # fmt: skip
    leg_values = tuple(_array(leg[column] for leg in legs) for column in range(3))
    return _POST, item_values, leg_values


class _CameAtOnce(Exception):
    """Somebody posted with the same request key at the same moment, on accounts that keep no balance to wait at."""


def _ask(book: int, question: str, values: Values) -> list[Journal]:
    # One statement is a transaction of its own; inside another one a savepoint lets the caller go on after a refusal.
    alone = nullcontext() if connection.get_autocommit() else transaction.atomic()
    with in_words(), alone, connection.cursor() as cursor:
        cursor.execute(question, values)
        return [Journal(journal_id, book, is_new) for journal_id, is_new in cursor.fetchall()]


#: A batch has ten thousand dates and a handful of days.
_day = lru_cache(maxsize=4096)(date.isoformat)


def _array(values: Iterable[object]) -> str:
    """An array as PostgreSQL writes it. The driver quotes item by item, which was a fifth of the time of a batch."""
    return "{" + ",".join("NULL" if v is None else str(v) for v in values) + "}"


def _quoted(text: str) -> str:
    """A text inside an array."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _check_balanced(legs: Sequence[Leg]) -> None:
    if len(legs) == 2 and legs[0].unit == legs[1].unit and legs[0].amount == -legs[1].amount != 0:
        return  # as most are; a batch asks ten thousand times
    totals: dict[str, int] = defaultdict(int)
    for leg in legs:
        totals[leg.unit] += leg.amount
    for unit, total in totals.items():
        if total:
            raise NotBalanced(unit=unit, found=total)
    if not legs or any(leg.amount == 0 for leg in legs):
        raise NotBalanced(unit="-", found=0)


def _digest(item: BatchItem) -> bytes:
    legs = [(leg.account, leg.unit, leg.amount) for leg in item.legs]
    return content_digest(item.source, item.effective_date, item.reverses, legs)


@contextmanager
def in_words() -> Iterator[None]:
    """Put what the database refuses into the ledger's own refusals."""
    try:
        yield
    except DatabaseError as error:
        cause = error.__cause__
        state = getattr(cause, "sqlstate", "") or ""
        detail = getattr(getattr(cause, "diag", None), "message_primary", "") or ""
        if state == "XL010":
            raise RequestKeyReused() from error
        if state == "XL011":
            _code, _account, available, needed = detail.split("|")
            raise NotEnough(
                needed=format_points(int(needed)), available=format_points(int(available))
            ) from error
        if isinstance(error, IntegrityError):
            constraint = getattr(getattr(cause, "diag", None), "constraint_name", "") or ""
            if constraint == "ledger_balance_not_negative":
                raise NotEnough(needed="?", available="?") from error
            if constraint == "ledger_journal_book_request_key_key":
                raise _CameAtOnce from error
            if constraint.endswith("reverses_key"):
                raise AlreadyReversed(journal="") from error
            if "account_id_fkey" in constraint:
                raise AccountUnknown() from error
            if "reverses_fkey" in constraint:
                raise JournalUnknown(journal="") from error
        raise


def reverse(
    *, book: int, journal_id: int, request_key: UUID, reason_code: str, actor_key: str, at: datetime
) -> Journal:
    """Take a journal back by its mirror; both stay. A journal is taken back once, and a reversal never.

    A credit whose points are partly spent is taken back from the other lots of the account, the oldest first; when
    the account does not hold enough it is refused. A debit taken back restores the lots it used.
    Raises JournalUnknown, AlreadyReversed, NotEnough, RequestKeyReused.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.effective_date, j.source, j.reverses, e.account_id, a.unit, e.amount FROM ledger_journal j"
            " JOIN ledger_entry e ON e.book = j.book AND e.journal_id = j.id"
            " JOIN ledger_account a ON a.book = e.book AND a.id = e.account_id"
            " WHERE j.book = %s AND j.id = %s ORDER BY e.line",
            [book, journal_id],
        )
        rows = cursor.fetchall()
    if not rows:
        raise JournalUnknown(journal=journal_id)
    day, source, reverses = rows[0][:3]
    if reverses is not None:
        raise AlreadyReversed(journal=journal_id)
    legs = tuple(Leg(account, unit, -amount) for *_head, account, unit, amount in rows)
    item = BatchItem(request_key, legs, day, source, None, journal_id)
    try:
        return _post(book=book, items=[item], actor_key=actor_key, at=at, reason_code=reason_code)[0]
    except AlreadyReversed:
        raise AlreadyReversed(journal=journal_id) from None
