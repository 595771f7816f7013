"""No page asks the database more often because there is more to show."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.notices.models import Objection, Publication, PublicationLine
from xinzhi.kernel.residents import services as resident_services
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.services import charter, council, publishing, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON, RULES, TODAY, Place, _villager, key

#: A page shows fifty rows at most, so it is compared with five and with thirty of everything.
FEW, MANY = 5, 30
CLERKS_PAGES = (
    "/workflow/inbox/",
    "/governance_points/desk/deeds/",
    "/governance_points/desk/deeds/?state=posted",
    "/governance_points/desk/enter/",
    "/governance_points/desk/publish/",
    "/governance_points/desk/households/",
    "/governance_points/desk/households/{household}/",
    "/governance_points/desk/charter/",
    "/notices/",
    "/notices/{publication}/",
    "/notices/{publication}/print/",
    "/notices/{publication}/spoken/",
    "/governance_points/desk/overview/",
    "/governance_points/desk/overview/?as_of=2026-11-22",
    "/governance_points/desk/overview/oddities/",
    "/governance_points/desk/council/",
    "/governance_points/desk/deduction/",
    "/governance_points/desk/reports/",
    "/api/v1/governance-points/deeds",
    "/api/v1/governance-points/charter?village_id={village}",
    "/api/v1/notices/publications?village_id={village}",
)
VILLAGERS_PAGES = (
    "/governance_points/",
    "/governance_points/claim/",
    "/governance_points/statement/",
    "/governance_points/could-earn/",
    "/governance_points/rules/{village}/",
    "/governance_points/who-looked/",
    "/notices/",
    "/notices/messages/",
    "/notices/{publication}/",
    "/api/v1/governance-points/deeds?household_id={household}",
    "/api/v1/governance-points/households/{household}/statement",
)

NEIGHBOURS_PAGES = ("/notices/objections/", "/notices/objections/{objection}/")
COUNCILS_PAGES = (
    "/governance_points/desk/council/",
    "/governance_points/desk/council/{meeting}/",
    "/governance_points/desk/council/{meeting}/pack/",
)


def grow(place: Place, count: int) -> dict[str, int]:
    """`count` more of everything: households with a deed each, and deeds of one household, at every stage."""
    publication: Publication | None = None
    for nth in range(count):
        household = resident_services.register_household(
            actor=SYSTEM, village_id=place.village.pk, household_no=f"GJ{count:02}{nth:02}", source="clerk", at=NOON,
            members=[resident_services.NewMember(name="郑试示", relation_code="02", sex_code="1")],
        )  # fmt: skip
        place.claim("D02", actor=place.clerk, household_id=household.pk, quantity_tenths=10)
    own = [
        place.claim("C01", done_on=TODAY - timedelta(days=nth * 7), at=NOON - timedelta(days=nth * 7 - 1))
        for nth in range(count)
    ]
    verification.verify_deeds(actor=place.inspector, deed_ids=[d.pk for d in own], at=NOON)
    publication = publishing.publish_deeds(
        actor=place.clerk, request_key=key(), village_id=place.village.pk, at=NOON
    )
    for line in PublicationLine.objects.filter(publication=publication)[: count // 2]:
        notices.object_to_line(
            actor=place.neighbours, line_id=line.pk, grounds_code="not_done", note="没有看见", request_key=key(), at=NOON
        )  # fmt: skip
    notices.close_lines_of(publication_id=publication.pk, at=NOON + timedelta(days=20))
    again = [
        place.claim("D02", quantity_tenths=10, done_on=TODAY - timedelta(days=nth), actor=place.clerk2)
        for nth in range(count)
    ]
    verification.verify_deeds(actor=place.clerk, deed_ids=[d.pk for d in again[: count // 2]], at=NOON)
    client = Client()
    client.force_login(User.objects.get(pk=place.clerk.user_id))
    for _ in range(count):
        client.get(f"/governance_points/desk/households/{place.household.pk}/")
    return {
        "household": place.household.pk,
        "village": place.village.pk,
        "publication": publication.pk,
        "objection": Objection.objects.latest("pk").pk,
    }


def queries_of(who, actor, pages, ids) -> dict[tuple[str, str], int]:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    counts = {}
    for page in pages:
        address = page.format(**ids)
        client.get(address)  # the first visit may remember something in the session
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(address)
            counts[who, page] = len(asked)
        assert answer.status_code == 200, address
    return counts


@pytest.mark.slow
def test_a_page_asks_no_more_of_a_full_village_than_of_an_empty_one(place):
    villager = _villager(place.household)

    def count() -> dict[tuple[str, str], int]:
        ids = grow(place, FEW if not Deed.objects.exists() else MANY)
        return (
            queries_of("clerk", place.clerk, CLERKS_PAGES, ids)
            | queries_of("villager", villager, VILLAGERS_PAGES, ids)
            | queries_of("neighbour", place.neighbours, NEIGHBOURS_PAGES, ids)
        )

    assert grown(count(), count()) == {}, "queries with little and with much to show"


@pytest.mark.slow
def test_a_meeting_with_a_long_agenda_asks_no_more_than_one_with_a_short_one(place):
    # given a village whose council decides
    charter.adopt_charter(
        actor=SYSTEM, village_id=place.village.pk, charter_rules=RULES, resolution="决议2号", active_from=date(2026, 6, 1),
        council_deliberates=True, at=NOON,
    )  # fmt: skip

    def count(deeds: int) -> dict[tuple[str, str], int]:
        made = [
            place.claim("D02", quantity_tenths=10, done_on=TODAY - timedelta(days=nth), actor=place.clerk2)
            for nth in range(deeds)
        ]
        verification.verify_deeds(actor=place.clerk, deed_ids=[d.pk for d in made], at=NOON)
        meeting = council.call_meeting(
            actor=place.clerk, request_key=key(), village_id=place.village.pk, meets_at=NOON + timedelta(hours=7),
            place="村委会二楼", at=NOON,
        )  # fmt: skip
        counts = queries_of("clerk", place.clerk, COUNCILS_PAGES, {"meeting": meeting.pk})
        council.call_off(actor=place.clerk, meeting_id=meeting.pk, request_key=key(), at=NOON)
        return counts

    # when a meeting has five deeds, and another one thirty-five
    few, many = count(FEW), count(MANY)
    # then its pages ask no more often
    assert grown(few, many) == {}, "queries with a short and with a long agenda"


def grown(
    few: dict[tuple[str, str], int], many: dict[tuple[str, str], int]
) -> dict[tuple[str, str], tuple[int, int]]:
    """The pages that asked more often the second time."""
    return {page: (few[page], many[page]) for page in few if many[page] > few[page]}
