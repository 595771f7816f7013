"""Charters that say more, for the tests of titles, budgets, scoring and replay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.evidence.tests.samples import PHOTOS
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.sheets import Row, Table
from xinzhi.scenes.governance_points import charter_sheet
from xinzhi.scenes.governance_points.charter import CharterRule
from xinzhi.scenes.governance_points.charter_terms import Terms
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.services import charter, hearing, publishing, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON, RULES, TODAY, Place

#: Wendeng's stars (village.md 1.7): every year begins at 1,000, boundaries belong to the lower star.
STARS = "五星>1060;四星>1040;三星>1020;二星>990;一星>=800;零星"
VETO = CharterRule(
    "V01",
    "负面清单",
    "违法建房",
    "fixed",
    points_tenths=-20,
    evidence="record",
    legal_basis="村规民约",
    vetoes=True,
)
LATER = NOON + timedelta(days=20)


def sheet(*rows: dict[str, str]) -> Table:
    """A charter's sheet with these cells."""
    keys = [c.key for c in charter_sheet.COLUMNS]
    return Table(
        header=keys,
        rows=[Row(n, {k: row.get(k, "") for k in keys}) for n, row in enumerate(rows, start=2)],
        warnings=[],
    )


def term(title: str, value: str = "", **caps: str) -> dict[str, str]:
    return {"category": "约定", "title": title, "points": value, **caps}


def terms_from(*rows: dict[str, str]) -> Terms:
    read = charter_sheet.read_charter(sheet(*rows))
    assert not read.problems, read.problems
    return read.terms


def adopt(
    place: Place,
    *,
    rules: Sequence[CharterRule] = RULES,
    terms: Terms | None = None,
    active_from: date = date(2026, 1, 2),
) -> None:
    charter.adopt_charter(
        actor=SYSTEM, village_id=place.village.pk, charter_rules=rules, resolution="决议2号", active_from=active_from,
        terms=terms, at=NOON,
    )  # fmt: skip


def deduct(
    place: Place, code: str, *, done_on: date = TODAY, at: datetime = NOON, household_id: int | None = None
) -> Deed:
    """Told, time to answer over, confirmed: verified, not published yet."""
    told = hearing.notify_deduction(
        actor=place.clerk, request_key=uuid4(), household_id=household_id or place.household.pk, rule_code=code,
        done_on=done_on, description="看见的情况，请改正", at=at,
    )  # fmt: skip
    hearing.end_reply_times(at + timedelta(days=9))
    return verification.confirm_deduction(actor=place.clerk2, deed_id=told.pk, at=at + timedelta(days=9))


def verify(place: Place, deed: Deed, at: datetime = NOON) -> Deed:
    who = {"inspector": place.inspector, "council_member": place.council}.get(
        deed.verifier_role, place.clerk2
    )
    return verification.verify_deed(actor=who, deed_id=deed.pk, at=at)


def publish(place: Place, at: datetime = NOON) -> None:
    """Everything that is ready goes out and, twenty days later, into the ledger."""
    publishing.publish_deeds(actor=place.clerk, request_key=uuid4(), village_id=place.village.pk, at=at)
    place.let_publication_end()


def photo(place: Place) -> UUID:
    return evidence.store(
        actor=place.villager, data=PHOTOS["image/jpeg"], household_id=place.household.pk, at=NOON
    ).pk
