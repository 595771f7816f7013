"""Writes: open books and accounts, post, hold, reverse, expire."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from django.db import DatabaseError, IntegrityError, connection, transaction

from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.ledger.errors import (
    AccountUnknown,
    AlreadyReversed,
    BookUnknown,
    HoldSettled,
    HoldUnknown,
    JournalUnknown,
    NotBalanced,
    NotEnough,
    RequestKeyReused,
)

EXPIRY = UUID("b0f6f8a4-5d1e-4b59-9a3c-1d2a5a3b7e10")
_DIGEST = hashlib.blake2b


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


def open_book(*, code: str, region_id: int, at: datetime) -> int:
    """The id of the book of a region, opened if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_book (code, region_id, opened_at) VALUES (%s, %s, %s)"
            " ON CONFLICT (region_id) DO NOTHING RETURNING id",
            [code, region_id, at],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else book_of_region(region_id)


def book_of_region(region_id: int) -> int:
    """The id of the book of a region. Raises BookUnknown."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM ledger_book WHERE region_id = %s", [region_id])
        row = cursor.fetchone()
    if row is None:
        raise BookUnknown()
    return int(row[0])


def ensure_account(*, book: int, kind: str, unit: str, owner: str = "") -> int:
    """The id of one account, opened if need be."""
    return ensure_accounts(book, [(kind, unit, owner)])[kind, unit, owner]


def ensure_accounts(book: int, wanted: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], int]:
    """Ids by (kind, unit, owner); what is missing is opened. At most three statements."""
    keys = sorted(set(wanted))
    found = _accounts(book, keys)
    missing = [k for k in keys if k not in found]
    if not missing:
        return found
    kinds, units, owners = (list(c) for c in zip(*missing, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH made AS ("
            "  INSERT INTO ledger_account (book, kind, unit, owner)"
            "  SELECT %s, t.kind, t.unit, t.owner FROM unnest(%s::text[], %s::text[], %s::text[]) AS t(kind, unit, owner)"
            "  ON CONFLICT (book, kind, unit, owner) DO NOTHING RETURNING book, id, kind)"
            " INSERT INTO ledger_balance (book, account_id, may_go_negative)"
            " SELECT made.book, made.id, k.may_go_negative FROM made JOIN ledger_account_kind k ON k.kind = made.kind"
            " WHERE k.keeps_balance",
            [book, kinds, units, owners],
        )
    return found | _accounts(book, missing)


def _accounts(book: int, keys: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str, str], int]:
    kinds, units, owners = (list(c) for c in zip(*keys, strict=True)) if keys else ([], [], [])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.kind, a.unit, a.owner, a.id FROM unnest(%s::text[], %s::text[], %s::text[]) AS t(kind, unit, owner)"
            " JOIN ledger_account a ON a.book = %s AND a.kind = t.kind AND a.unit = t.unit AND a.owner = t.owner",
            [kinds, units, owners, book],
        )
        return {(kind, unit, owner): pk for kind, unit, owner, pk in cursor.fetchall()}


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
    leg_items: list[int] = []
    leg_accounts: list[int] = []
    leg_amounts: list[int] = []
    for n, item in enumerate(items, start=1):
        _check_balanced(item.legs)
        for leg in item.legs:
            leg_items.append(n)
            leg_accounts.append(leg.account)
            leg_amounts.append(leg.amount)
    with _in_words(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT item, journal_id, is_new FROM ledger_post(%s, %s::uuid[], %s::bytea[], %s::date[], %s::text[], %s::date[],"
            " %s::bigint[], %s, %s, %s, %s::int[], %s::bigint[], %s::bigint[])",
            [
                book, keys, [_digest(i) for i in items], [i.effective_date for i in items], [i.source for i in items],
                [i.expires_on for i in items], [i.reverses for i in items], actor_key, reason_code, at,
                leg_items, leg_accounts, leg_amounts,
            ],
        )  # fmt: skip
        return [Journal(journal_id, book, is_new) for _n, journal_id, is_new in cursor.fetchall()]


def _check_balanced(legs: Sequence[Leg]) -> None:
    totals: dict[str, int] = defaultdict(int)
    for leg in legs:
        totals[leg.unit] += leg.amount
    for unit, total in totals.items():
        if total:
            raise NotBalanced(unit=unit, found=total)
    if not legs or any(leg.amount == 0 for leg in legs):
        raise NotBalanced(unit="-", found=0)


def _digest(item: BatchItem) -> bytes:
    """What a request key stands for: the same key with other content is refused."""
    content = (
        item.source,
        item.effective_date.isoformat(),
        item.reverses,
        [(g.account, g.unit, g.amount) for g in item.legs],
    )
    return _DIGEST(repr(content).encode(), digest_size=16).digest()


@contextmanager
def _in_words() -> Iterator[None]:
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


def hold(
    *,
    book: int,
    account: int,
    amount: int,
    request_key: UUID,
    expires_at: datetime,
    source: str,
    actor_key: str,
    at: datetime,
) -> int:
    """Set an amount of an account aside until it is posted, voided or its time is over. Returns the hold's id.

    The same request key again returns the first hold. Raises NotEnough, AccountUnknown, RequestKeyReused.
    """
    with _in_words(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_hold (book, request_key, account_id, amount, source, actor_key, at, expires_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (book, request_key) DO NOTHING RETURNING id",
            [book, request_key, account, amount, source, actor_key, at, expires_at],
        )
        made = cursor.fetchone()
        if made is None:
            cursor.execute(
                "SELECT id, account_id, amount FROM ledger_hold WHERE book = %s AND request_key = %s",
                [book, request_key],
            )
            pk, held_account, held_amount = cursor.fetchone()
            if (held_account, held_amount) != (account, amount):
                raise RequestKeyReused()
            return int(pk)
        cursor.execute(
            "SELECT balance - held, may_go_negative FROM ledger_balance WHERE book = %s AND account_id = %s FOR NO KEY UPDATE",
            [book, account],
        )
        row = cursor.fetchone()
        if row is None:
            raise AccountUnknown()
        if row[0] < amount and not row[1]:
            raise NotEnough(needed=format_points(amount), available=format_points(row[0]))
        cursor.execute(
            "UPDATE ledger_balance SET held = held + %s WHERE book = %s AND account_id = %s",
            [amount, book, account],
        )
        return int(made[0])


def post_hold(
    *,
    book: int,
    hold_id: int,
    legs: Sequence[Leg],
    request_key: UUID,
    effective_date: date,
    actor_key: str,
    at: datetime,
) -> Journal:
    """Release a hold and post in its stead. Again with the same request key returns the first journal.

    Raises HoldUnknown, HoldSettled, and as `post`.
    """
    with transaction.atomic():
        state, account, amount, source, journal_id = _lock_hold(book, hold_id)
        if state == "posted" and journal_id is not None and _journal_of(book, request_key) == journal_id:
            return Journal(journal_id, book, is_new=False)
        _require_held(state)
        _release(book, account, amount)
        journal = post(
            book=book, request_key=request_key, legs=legs, effective_date=effective_date, source=source, actor_key=actor_key,
            at=at,
        )  # fmt: skip
        _settle_hold(book, hold_id, "posted", at, journal.id)
        return journal


def void_hold(*, book: int, hold_id: int, at: datetime) -> None:
    """Give a hold back. Voiding it twice changes nothing. Raises HoldUnknown, HoldSettled."""
    with transaction.atomic():
        state, account, amount, _source, _journal = _lock_hold(book, hold_id)
        if state == "voided":
            return
        _require_held(state)
        _release(book, account, amount)
        _settle_hold(book, hold_id, "voided", at)


def release_expired_holds(*, at: datetime) -> int:
    """Give back every hold whose time is over; returns how many. Safe to run twice at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "WITH due AS ("
            "  SELECT book, id FROM ledger_hold WHERE state = 'held' AND expires_at <= %s"
            "  ORDER BY book, id FOR UPDATE SKIP LOCKED),"
            " gone AS ("
            "  UPDATE ledger_hold h SET state = 'expired', settled_at = %s FROM due"
            "  WHERE h.book = due.book AND h.id = due.id RETURNING h.book, h.account_id, h.amount),"
            " freed AS ("
            "  UPDATE ledger_balance b SET held = b.held - s.amount"
            "  FROM (SELECT book, account_id, sum(amount) AS amount FROM gone GROUP BY book, account_id) s"
            "  WHERE b.book = s.book AND b.account_id = s.account_id)"
            " SELECT count(*) FROM gone",
            [at, at],
        )
        return int(cursor.fetchone()[0])


def _lock_hold(book: int, hold_id: int) -> tuple[str, int, int, str, int | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, account_id, amount, source, journal_id FROM ledger_hold WHERE book = %s AND id = %s FOR UPDATE",
            [book, hold_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise HoldUnknown(hold=hold_id)
    return row  # type: ignore[no-any-return]


def _require_held(state: str) -> None:
    if state != "held":
        raise HoldSettled(state=state)


def _journal_of(book: int, request_key: UUID) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM ledger_journal WHERE book = %s AND request_key = %s", [book, request_key]
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _release(book: int, account: int, amount: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_balance SET held = held - %s WHERE book = %s AND account_id = %s",
            [amount, book, account],
        )


def _settle_hold(book: int, hold_id: int, state: str, at: datetime, journal_id: int | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_hold SET state = %s, settled_at = %s, journal_id = %s WHERE book = %s AND id = %s",
            [state, at, journal_id, book, hold_id],
        )


def expire_lots(*, book: int, on: date, actor_key: str, at: datetime) -> int:
    """Move what is left of lots expired by `on` to the expired account, one journal an account; returns how many.

    What is held stays: it expires when it is released. Safe to run again on the same day.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT b.account_id, b.balance - b.held FROM ledger_balance b"
                " WHERE b.book = %s AND b.account_id IN"
                "   (SELECT account_id FROM ledger_lot WHERE book = %s AND remaining > 0 AND expires_on <= %s)"
                " ORDER BY b.account_id FOR NO KEY UPDATE",
                [book, book, on],
            )
            free = dict(cursor.fetchall())
            cursor.execute(
                "SELECT t.account_id, a.unit, a.owner, sum(t.remaining) FROM ledger_lot t"
                " JOIN ledger_account a ON a.book = t.book AND a.id = t.account_id"
                " WHERE t.book = %s AND t.remaining > 0 AND t.expires_on <= %s GROUP BY t.account_id, a.unit, a.owner",
                [book, on],
            )
            due = [
                (account, unit, owner, min(int(left), free[account]))
                for account, unit, owner, left in cursor.fetchall()
            ]
        due = [entry for entry in due if entry[3] > 0]
        if not due:
            return 0
        sinks = ensure_accounts(book, {("expired", unit, "") for _account, unit, _owner, _amount in due})
        items = [
            BatchItem(
                uuid5(EXPIRY, f"{book}:{account}:{on}:{amount}:{at.isoformat()}"),
                (Leg(account, unit, -amount), Leg(sinks["expired", unit, ""], unit, amount)),
                on,
                f"ledger.expiry:{on:%Y%m%d}",
            )
            for account, unit, _owner, amount in due
        ]
        return len(post_batch(book=book, items=items, actor_key=actor_key, at=at))
