"""A book to test with: an issuance, a sink, some household accounts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from xinzhi.kernel.ledger import queries, services
from xinzhi.kernel.ledger.services import Journal, Leg

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)
P = "points"


class Book:
    """A book with an issuance, a sink and some household accounts."""

    def __init__(self, households: int = 2) -> None:
        self.code = f"t{uuid4().hex[:8]}"
        self.id = services.open_book(code=self.code, region_id=uuid4().int % 2**31, at=NOON)
        self.issuance = services.ensure_account(book=self.id, kind="issuance", unit=P)
        self.redeemed = services.ensure_account(book=self.id, kind="redeemed", unit=P)
        self.own = [
            services.ensure_account(book=self.id, kind="spendable", unit=P, owner=f"household:{n}")
            for n in range(households)
        ]

    def issue(
        self,
        amount: int,
        account: int | None = None,
        *,
        key: UUID | None = None,
        expires_on: date | None = None,
    ) -> Journal:
        target = self.own[0] if account is None else account
        return services.post(
            book=self.id, request_key=key or uuid4(), legs=(Leg(self.issuance, P, -amount), Leg(target, P, amount)),
            effective_date=DAY, source="test:1", actor_key="user:1", at=NOON, expires_on=expires_on,
        )  # fmt: skip

    def spend(self, amount: int, account: int | None = None, *, key: UUID | None = None) -> Journal:
        target = self.own[0] if account is None else account
        return services.post(
            book=self.id, request_key=key or uuid4(), legs=(Leg(target, P, -amount), Leg(self.redeemed, P, amount)),
            effective_date=DAY, source="test:2", actor_key="user:1", at=NOON,
        )  # fmt: skip

    def hold(
        self, amount: int, account: int | None = None, *, key: UUID | None = None, minutes: int = 5
    ) -> int:
        target = self.own[0] if account is None else account
        return services.hold(
            book=self.id, account=target, amount=amount, request_key=key or uuid4(), source="test:h", actor_key="user:1", at=NOON,
            expires_at=NOON + timedelta(minutes=minutes),
        )  # fmt: skip

    def balance(self, account: int | None = None) -> int:
        return queries.balance(self.id, self.own[0] if account is None else account)
