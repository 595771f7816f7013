"""Whatever callers do in whatever order, the ledger agrees with a model of a few lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from xinzhi.kernel.ledger import queries, services
from xinzhi.kernel.ledger.errors import AlreadyReversed, HoldSettled, NotEnough, RequestKeyReused
from xinzhi.kernel.ledger.services import BatchItem, Journal, Leg
from xinzhi.kernel.ledger.tests.books import DAY, NOON, Book, P

HOUSEHOLDS = 3
amounts = st.integers(1, 60)
households = st.integers(0, HOUSEHOLDS - 1)
expiries = st.none() | st.integers(1, 5).map(lambda n: DAY + timedelta(days=30 * n))


@dataclass
class ModelLot:
    journal: int
    expires_on: date | None
    left: int


@dataclass
class ModelAccount:
    """What a household has: a list of lots, and what is set aside."""

    lots: list[ModelLot] = field(default_factory=list)
    held: int = 0

    @property
    def balance(self) -> int:
        return sum(lot.left for lot in self.lots)

    @property
    def free(self) -> int:
        return self.balance - self.held

    def use(self, amount: int, first: int | None = None) -> list[tuple[ModelLot, int]]:
        """Take from the lot of journal `first`, then by expiry, then by age."""
        used = []
        order = sorted(self.lots, key=lambda lot: (lot.journal != first, lot.expires_on or date.max))
        for lot in order:
            taken = min(amount, lot.left)
            if taken:
                lot.left -= taken
                amount -= taken
                used.append((lot, taken))
        assert amount == 0
        return used


@dataclass(eq=False)
class ModelHold:
    id: int
    key: UUID
    household: int
    amount: int
    minutes: int
    state: str = "held"


class LedgerMachine(RuleBasedStateMachine):
    """Posts, batches, holds, reversals, expiries and repeated requests on one book."""

    journals = Bundle("journals")
    holds = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()  # each run in one of its own, taken back at its end
        self.transaction.__enter__()
        # Tests with threads commit, and may have left holds in books of theirs; those are none of this run's.
        services.release_expired_holds(at=NOON + timedelta(days=36_500))
        self.book = Book(HOUSEHOLDS)
        self.model = [ModelAccount() for _ in range(HOUSEHOLDS)]
        self.uses: dict[int, tuple[int, list[tuple[ModelLot, int]]]] = {}
        self.credits: dict[int, tuple[int, int]] = {}
        self.reversed: dict[int, UUID] = {}
        self.set_aside: list[ModelHold] = []
        self.minute = 0

    @property
    def now(self) -> datetime:
        return NOON + timedelta(minutes=self.minute)

    def _credited(self, journal: int, household: int, amount: int, expires_on: date | None) -> None:
        self.model[household].lots.append(ModelLot(journal, expires_on, amount))
        self.credits[journal] = (household, amount)

    def _settled(self, hold: ModelHold, state: str) -> None:
        hold.state = state
        self.model[hold.household].held -= hold.amount

    # Posting

    @rule(target=journals, household=households, amount=amounts, expires_on=expiries)
    def issue(self, household: int, amount: int, expires_on: date | None) -> int:
        account, key = self.book.own[household], uuid4()
        journal = self.book.issue(amount, account, key=key, expires_on=expires_on)
        self._credited(journal.id, household, amount, expires_on)
        again = self.book.issue(amount, account, key=key, expires_on=expires_on)
        assert (again.id, journal.is_new, again.is_new) == (journal.id, True, False)
        try:
            self.book.issue(amount + 1, account, key=key, expires_on=expires_on)
        except RequestKeyReused:
            return journal.id
        raise AssertionError("a request key was taken for other content")

    @rule(target=journals, household=households, amount=amounts)
    def spend(self, household: int, amount: int):
        account, key = self.model[household], uuid4()
        try:
            journal = self.book.spend(amount, self.book.own[household], key=key)
        except NotEnough:
            assert amount > account.free
            return multiple()
        assert amount <= account.free
        self.uses[journal.id] = (household, account.use(amount))
        assert self.book.spend(amount, self.book.own[household], key=key).id == journal.id
        return journal.id

    @rule(target=journals, wanted=st.lists(st.tuples(households, amounts, expiries), min_size=2, max_size=6))
    def issue_many(self, wanted: list[tuple[int, int, date | None]]):
        items = [
            BatchItem(
                uuid4(), (Leg(self.book.issuance, P, -amount), Leg(self.book.own[household], P, amount)), DAY, "test:b", expires_on
            )
            for household, amount, expires_on in wanted
        ]  # fmt: skip
        ids = services.post_batch(book=self.book.id, items=items[1:], actor_key="u", at=NOON)
        # The whole batch when all of it but the first was posted before: only the first is new.
        again = services.post_batch(book=self.book.id, items=items, actor_key="u", at=NOON)
        assert (again[1:], sorted(ids)) == (ids, ids)
        for journal, (household, amount, expires_on) in zip(
            [*ids, again[0]], [*wanted[1:], wanted[0]], strict=True
        ):
            self._credited(journal, household, amount, expires_on)
        return multiple(*again)

    @rule(target=journals, wanted=st.lists(st.tuples(households, amounts), min_size=1, max_size=5))
    def spend_many_or_nothing(self, wanted: list[tuple[int, int]]):
        items = [
            BatchItem(
                uuid4(), (Leg(self.book.own[household], P, -amount), Leg(self.book.redeemed, P, amount)), DAY, "test:b"
            )
            for household, amount in wanted
        ]  # fmt: skip
        asked = [sum(a for h, a in wanted if h == n) for n in range(HOUSEHOLDS)]
        enough = all(asked[n] <= self.model[n].free for n in range(HOUSEHOLDS))
        try:
            ids = services.post_batch(book=self.book.id, items=items, actor_key="u", at=NOON)
        except NotEnough:
            assert not enough
            return multiple()
        assert enough
        for journal, (household, amount) in zip(ids, wanted, strict=True):
            self.uses[journal] = (household, self.model[household].use(amount))
        return multiple(*ids)

    @rule(journal=journals)
    def reverse(self, journal: int) -> None:
        def ask(key: UUID, journal: int = journal) -> Journal:
            return services.reverse(
                book=self.book.id, journal_id=journal, request_key=key, reason_code="wrong", actor_key="u", at=NOON
            )  # fmt: skip

        key = uuid4()
        try:
            mirror = ask(key)
        except AlreadyReversed:
            assert journal in self.reversed
            return
        except NotEnough:
            household, amount = self.credits[journal]
            assert journal not in self.reversed and amount > self.model[household].free
            return
        assert journal not in self.reversed
        self.reversed[journal] = key
        if journal in self.uses:
            for lot, taken in self.uses[journal][1]:
                lot.left += taken
        else:
            household, amount = self.credits[journal]
            self.model[household].use(amount, first=journal)
        assert ask(key).id == mirror.id
        try:
            ask(uuid4(), mirror.id)
        except AlreadyReversed:
            return
        raise AssertionError("a reversal was reversed")

    # Holds

    @rule(target=holds, household=households, amount=amounts, minutes=st.integers(1, 6))
    def hold(self, household: int, amount: int, minutes: int):
        account, key, until = self.model[household], uuid4(), self.minute + minutes
        try:
            hold_id = self.book.hold(amount, self.book.own[household], key=key, minutes=until)
        except NotEnough:
            assert amount > account.free
            return multiple()
        assert amount <= account.free
        account.held += amount
        assert self.book.hold(amount, self.book.own[household], key=key, minutes=until) == hold_id
        self.set_aside.append(ModelHold(hold_id, key, household, amount, until))
        return self.set_aside[-1]

    @rule(target=journals, hold=holds, posted=st.integers(1, 60))
    def post_hold(self, hold: ModelHold, posted: int):
        """What is posted may be less than what was set aside: the rest is given back."""
        amount, key = min(posted, hold.amount), uuid4()
        legs = (Leg(self.book.own[hold.household], P, -amount), Leg(self.book.redeemed, P, amount))

        def ask(key: UUID) -> Journal:
            return services.post_hold(
                book=self.book.id, hold_id=hold.id, legs=legs, request_key=key, effective_date=DAY, actor_key="u", at=self.now
            )  # fmt: skip

        try:
            journal = ask(key)
        except HoldSettled:
            assert hold.state != "held"
            return multiple()
        assert hold.state == "held"
        self._settled(hold, "posted")
        self.uses[journal.id] = (hold.household, self.model[hold.household].use(amount))
        assert ask(key).id == journal.id
        return journal.id

    @rule(hold=holds)
    def void_hold(self, hold: ModelHold) -> None:
        try:
            services.void_hold(book=self.book.id, hold_id=hold.id, at=self.now)
        except HoldSettled:
            assert hold.state in ("posted", "expired")
            return
        assert hold.state in ("held", "voided")
        if hold.state == "held":
            self._settled(hold, "voided")

    @rule(minutes=st.integers(1, 4))
    def time_passes(self, minutes: int) -> None:
        self.minute += minutes
        due = [h for h in self.set_aside if h.state == "held" and h.minutes <= self.minute]
        assert services.release_expired_holds(at=self.now) == len(due)
        for hold in due:
            self._settled(hold, "expired")

    # Expiry

    @rule(months=st.integers(1, 5))
    def lots_expire(self, months: int) -> None:
        """What is set aside does not end with its lots; the rest does."""
        self.minute += 1
        on = DAY + timedelta(days=30 * months)
        services.expire_lots(book=self.book.id, on=on, actor_key="u", at=self.now)
        for account in self.model:
            over = sum(lot.left for lot in account.lots if lot.expires_on and lot.expires_on <= on)
            account.use(min(over, account.free))

    @invariant()
    def balances_and_lots_agree(self) -> None:
        for account, model in zip(self.book.own, self.model, strict=True):
            assert queries.balance(self.book.id, account) == model.balance
            assert queries.available(self.book.id, account) == model.free >= 0
            kept = sorted((lot.journal_id, lot.remaining) for lot in queries.lots(self.book.id, account))
            assert kept == sorted((lot.journal, lot.left) for lot in model.lots if lot.left)

    def teardown(self) -> None:
        try:
            assert queries.verify() == []
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)


class TestAgainstAModel(TestCase):
    def test_the_ledger_agrees_with_a_model_of_a_few_lines(self) -> None:
        run_state_machine_as_test(
            LedgerMachine,
            settings=settings(
                max_examples=25,
                stateful_step_count=30,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
