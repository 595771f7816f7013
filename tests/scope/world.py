"""Two villages: one whose people knock at every door, and one with a decoy that must not be seen from there.

What belongs to the decoy bears ids and names that stand nowhere else, so an answer that shows any of it is found by
reading its text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client, override_settings

from tests.scope import decoys
from xinzhi.kernel import jobs
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.evidence.tests.samples import PHOTOS
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.identity import api_keys, cards, proxies
from xinzhi.kernel.identity import services as identity
from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.notices.models import Delivery, DeliveryState, Message
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents import services as resident_services
from xinzhi.kernel.residents.jobs import KIND as ROSTER
from xinzhi.kernel.residents.models import Household, LifeEvent
from xinzhi.kernel.residents.roster import waiting
from xinzhi.kernel.residents.roster.report import Difference, NotInFile, ProposedMove
from xinzhi.kernel.residents.services import ImportReport
from xinzhi.kernel.sheets import RowProblem, write_xlsx
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points import charter_sheet
from xinzhi.scenes.governance_points.models import CouncilMeeting, Deed
from xinzhi.scenes.governance_points.reports import forms
from xinzhi.scenes.governance_points.services import council, hearing, publishing, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON, RULES, TODAY, Place, make_place

#: Ids of the decoy begin here, far above all others.
FIRST_ID = 7_700_000_001
ID = re.compile(r"77000\d{5}")
#: A surname and a household number nobody else has; masked names keep the surname.
SURNAME, NUMBER = "龖", "DECOY-9"
GRANDSON_PHONE = "13987654322"
PHONE, ID_NUMBER = "13987654321", "330523197003070013"
OPENID = "oDecoyDecoyDecoyDecoyDecoy00"
NOTE, KEY_NAME, FOUND = "诱饵的话", "诱饵的程序", "诱饵的行"
#: Tables whose ids everybody may know, and those of the machinery.
COMMON = ("regions_", "django_", "auth_", "procrastinate_", "audit_seal", "axes_")


@dataclass
class World:
    """`home` is where those live who knock. `names` fills the doors of the decoy's village."""

    home: Place
    logins: dict[str, User | None] = field(default_factory=dict)
    key: str = ""
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    canaries: tuple[str, ...] = ()

    def seen_in(self, text: str, *, but: str = "") -> list[str]:
        """What of the decoy stands in a text, leaving out what the caller himself had sent."""
        low, sent = text.lower(), but.lower()
        words = [c for c in self.canaries if any(form in low for form in (c.lower(), json.dumps(c)[1:-1]))]
        return [found for found in [*words, *sorted(set(ID.findall(text)))] if found.lower() not in sent]


def make_world() -> World:
    with (
        clock.fixed(NOON),
        override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]),
    ):
        home = make_place()
        world = World(home)
        administrator = identity.create_user(
            actor=SYSTEM, username="admin", password="bamboo-forest-73", label="admin"
        )
        identity.grant_role(actor=SYSTEM, user_id=administrator.pk, role="platform_admin", region_id=None)
        administrator = User.objects.get(pk=administrator.pk)
        _key, world.key = api_keys.issue_api_key(
            actor=actor_of(administrator), name="a program at home", scopes=list(api_keys.permissions_for_keys()),
            region_id=home.village.pk, expires_at=NOON + timedelta(days=30),
        )  # fmt: skip
        people: dict[str, Actor | User | None] = {
            "stranger": None, "villager": home.villager, "clerk": home.clerk, "inspector": home.inspector,
            "council": home.council, "office": home.other_clerk, "township": home.township, "administrator": administrator,
        }  # fmt: skip
        with _ids_from(FIRST_ID):
            people["adviser"] = adviser = _adviser(home.other_village.pk)
            people["household"], people["objector"] = _fill_the_decoys_village(world, administrator)
            held, meeting = _meetings(home, adviser)
            decoys.fill(world)
        absence = identity.set_absence(
            actor=SYSTEM, user_id=home.other_clerk.user_id, substitute_id=adviser.user_id or 0, at=NOON,
            first_day=date(2027, 2, 1), last_day=date(2027, 2, 2),
        )  # fmt: skip
        world.names |= {
            "absence_id": absence.pk,
            "meeting_id": meeting.pk,
            "held_id": held.pk,
            "adviser_id": adviser.user_id,
        }
        _fill_home(home)
        world.logins = {
            name: User.objects.get(pk=who.user_id) if isinstance(who, Actor) else who
            for name, who in people.items()
        }
        _log_everybody_in(world)
        return world


def _log_everybody_in(world: World) -> None:
    """Once for all knocks: a login and the first use of a key are noted, and would look like a change."""
    for name, user in world.logins.items():
        client = Client()
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        world.cookies[name] = {key: cookie.value for key, cookie in client.cookies.items()}
    seen = Client(headers={"authorization": f"Bearer {world.key}"}).get("/api/v1/identity/me")
    assert seen.status_code == 200


def _fill_home(home: Place) -> None:
    """A list with something on it at home, so that a page that answers has something to say."""
    _publish(home.clerk, _verified(home, home.villager, home.household, home.clerk))
    home.claim("D02", quantity_tenths=10)


def _fill_the_decoys_village(world: World, administrator: User) -> tuple[Actor, Actor]:
    home, village, office = world.home, world.home.other_village, world.home.other_clerk
    household = _household(village.pk, NUMBER, SURNAME)
    neighbour = _household(village.pk, "DECOY-10", SURNAME)
    member, objector = _head(household), _head(neighbour)
    posted = _verified(home, member, household, office)
    third = _household(village.pk, "DECOY-12", SURNAME)
    earlier = _publish(office, posted, _verified(home, _head(third), third, office))
    home.let_publication_end()
    split = _split(office, third)
    listed, disputed, answered = (_verified(home, member, household, office) for _each in range(3))
    publication = _publish(office, listed, disputed, answered)
    line, disputed_line, answered_line = publication.lines.order_by("position")
    objection, dismissed = (
        notices.object_to_line(
            actor=objector,
            line_id=each.pk,
            grounds_code="not_done",
            note=NOTE,
            request_key=uuid4(),
            at=NOON,
        )
        for each in (disputed_line, answered_line)
    )
    notices.decide_objection(
        actor=SYSTEM,
        objection_id=dismissed.pk,
        outcome="dismissed",
        reason_code="no_ground",
        at=NOON,
    )
    waiting_to_publish = _verified(home, member, household, office)
    photo, loose = (
        evidence.store(
            actor=member, data=PHOTOS["image/jpeg"], household_id=household.pk, at=NOON, request_key=uuid4()
        )
        for _each in range(2)
    )
    scan = evidence.store(
        actor=office, data=PHOTOS["image/jpeg"], village_id=village.pk, at=NOON, request_key=uuid4()
    )
    submitted = home.claim(
        "D02", actor=member, household_id=household.pk, quantity_tenths=10, evidence_ids=[photo.pk]
    )
    returned = home.claim("D02", actor=member, household_id=household.pk, quantity_tenths=10)
    workflow.advance(returned, "return", actor=office, at=NOON, reason_code="wrong_day")
    deduction = hearing.notify_deduction(
        actor=office, request_key=uuid4(), household_id=household.pk, rule_code="X01", done_on=TODAY, description=NOTE, at=NOON,
    )  # fmt: skip
    delivery = _dead_letter(member, household)
    mandate = proxies.give_proxy(
        actor=office, household_id=household.pk, person_id=objector.person_id or 0, relation="neighbour",
        active_to=date(2027, 1, 1), at=NOON,
    )  # fmt: skip
    key, _text = api_keys.issue_api_key(
        actor=actor_of(administrator), name=KEY_NAME, scopes=["audit.looks.read"], region_id=village.pk,
        expires_at=NOON + timedelta(days=30),
    )  # fmt: skip
    card = cards.issue_card(actor=office, household_id=household.pk, at=NOON)
    form = forms.keep_form(
        actor=office, region_id=village.pk, name="月报", data=forms.built_in(), filename="form.xlsx", at=NOON
    )
    progress = jobs.start_progress(kind=ROSTER, actor=office, total=1, region_id=village.pk)
    report = ImportReport(
        dry_run=True, rows=1, problems=[RowProblem(2, "name", FOUND, "wrong", "right")], differences_total=1,
        differences=[Difference(NUMBER, household.pk, 2, f"{SURNAME}试样", "phone", "139****4321", "139****4322")],
        not_in_file=[NotInFile(NUMBER, household.pk, _second(household), f"{SURNAME}示例")], not_in_file_total=1,
        moves=[
            ProposedMove("DECOY-10", neighbour.pk, NUMBER, household.pk, (_second(neighbour),), (f"{SURNAME}示例",), None),
            ProposedMove("DECOY-10", neighbour.pk, "NEW-2", None, (_second(neighbour),), (f"{SURNAME}示例",), None),
        ],
    )  # fmt: skip
    waiting.keep_report(progress, report)
    waiting.keep_for_confirming(waiting.keep_file("户编号,姓名,与户主关系\n".encode()), progress)
    jobs.finish_progress(progress)
    posted.refresh_from_db()
    world.names = {
        "village_id": village.pk, "region_id": village.pk, "region_code": "330523206207", "home_id": home.village.pk,
        "household_id": household.pk, "household_no": NUMBER, "person_id": member.person_id,
        "own_household_id": home.household.pk, "neighbour_id": neighbour.pk, "relative_id": objector.person_id,
        "grandson": f"{SURNAME}示例", "grandson_phone": GRANDSON_PHONE, "newcomer_id": home.neighbours.person_id, "own_person_id": home.villager.person_id,
        "deed_id": submitted.pk, "posted_id": posted.pk, "waiting_id": waiting_to_publish.pk, "listed_id": listed.pk,
        "deduction_id": deduction.pk, "returned_id": returned.pk,
        "publication_id": publication.pk, "earlier_id": earlier.pk, "line_id": line.pk, "disputed_line_id": disputed_line.pk,
        "delivery_id": delivery.pk, "third_id": third.pk, "event_id": split.pk, "second_id": _second(household), "cousin_id": _second(neighbour),
        "objection_id": objection.pk, "dismissed_id": dismissed.pk, "evidence_id": photo.pk, "loose_id": loose.pk, "scan_id": scan.pk, "mandate_id": mandate.pk,
        "key_id": key.pk, "token": card, "form_id": form.pk, "progress_id": progress, "key_name": KEY_NAME, "day": TODAY.isoformat(),
    }  # fmt: skip
    headers, rows = charter_sheet.charter_rows(RULES)
    world.files = {
        "photo": ("photo.jpg", PHOTOS["image/png"]),
        "charter": ("charter.xlsx", write_xlsx(headers, rows)),
        "sheet": ("sheet.xlsx", write_xlsx(["户编号", "户主", "D02 参加公益劳动"], [[NUMBER, "", 1]])),
        "form": ("form.xlsx", forms.built_in()),
        "roster": ("roster.csv", "户编号,姓名,与户主关系,性别\nDECOY-11,某新人,户主,男\n".encode()),
    }
    world.canaries = (
        SURNAME, NUMBER, PHONE, ID_NUMBER, OPENID, NOTE, KEY_NAME, FOUND, key.prefix, card, str(photo.pk), str(loose.pk),
    )  # fmt: skip
    return member, objector


def _split(office: Actor, household: Household) -> LifeEvent:
    """The second member founds a household of his own; half of the points go over."""
    second = _second(household)
    return resident_services.split_household(
        actor=office, request_key=uuid4(), agreed=True, at=NOON,
        split=resident_services.Split(
            household_id=household.pk, person_ids=[second], household_no="DECOY-12-1", head_id=second, on=TODAY,
            basis="written_agreement",
        ),
    )  # fmt: skip


def _second(household: Household) -> int:
    return next(m.person_id for m in residents.members(household.pk) if not m.is_head)


def _adviser(village_id: int) -> Actor:
    """Somebody of the decoy's village who had no part in anything yet, so he may decide on it."""
    user = identity.create_user(
        actor=SYSTEM, username="adviser", password="bamboo-forest-73", label="adviser"
    )
    identity.grant_role(actor=SYSTEM, user_id=user.pk, role="council_member", region_id=village_id)
    return actor_of(User.objects.get(pk=user.pk))


def _dead_letter(member: Actor, household: Household) -> Delivery:
    """The notice of the deduction, which WeChat refused to deliver."""
    notices.bind_channel(actor=member, channel="wechat", address=OPENID, at=NOON)
    message = Message.objects.filter(person_id=member.person_id).latest("pk")
    return Delivery.objects.create(
        message=message, person_id=message.person_id, household_id=household.pk, village_id=household.village_id,
        channel="wechat", state=DeliveryState.DEAD, failure_code="blocked", tries=1, next_at=NOON, settled_at=NOON,
    )  # fmt: skip


def _meetings(home: Place, adviser: Actor) -> tuple[CouncilMeeting, CouncilMeeting]:
    """A meeting of the decoy's council that was held, and one that was called."""
    office = home.other_clerk

    def call() -> CouncilMeeting:
        return council.call_meeting(
            actor=office,
            request_key=uuid4(),
            village_id=home.other_village.pk,
            meets_at=NOON,
            place=SURNAME,
            at=NOON,
        )

    held = call()
    council.hold_meeting(
        actor=office,
        meeting_id=held.pk,
        present=[adviser.user_id or 0],
        votes=[],
        request_key=uuid4(),
        at=NOON,
    )
    return held, call()


def _household(village_id: int, number: str, surname: str) -> Household:
    is_decoy = number == NUMBER
    return resident_services.register_household(
        actor=SYSTEM, village_id=village_id, household_no=number, source="clerk", at=NOON,
        members=[
            resident_services.NewMember(
                name=f"{surname}试样", relation_code="02", sex_code="1",
                phone=PHONE if is_decoy else "", id_number=ID_NUMBER if is_decoy else "",
            ),
            resident_services.NewMember(
                name=f"{surname}示例", relation_code="20", sex_code="1", phone=GRANDSON_PHONE if number == "DECOY-10" else ""
            ),
        ],
    )  # fmt: skip


def _head(household: Household) -> Actor:
    head = residents.head_ids([household.pk])[household.pk]
    return actor_of(identity.login_of_person(head, at=NOON), "phone")


def _verified(place: Place, member: Actor, household: Household, clerk: Actor) -> Deed:
    deed = place.claim("D02", actor=member, household_id=household.pk, quantity_tenths=10)
    verification.verify_deeds(actor=clerk, deed_ids=[deed.pk], request_key=uuid4(), at=NOON)
    deed.refresh_from_db()
    assert deed.state == "verified"
    return deed


def _publish(clerk: Actor, *deeds: Deed) -> Any:
    return publishing.publish_deeds(
        actor=clerk,
        request_key=uuid4(),
        village_id=deeds[0].village_id,
        deed_ids=[d.pk for d in deeds],
        at=NOON,
    )


@contextmanager
def _ids_from(first: int) -> Iterator[None]:
    """Whatever is made inside bears ids from `first` on, each table its own range; afterwards ids go on as before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', schemaname, sequencename), coalesce(last_value, 0) FROM pg_sequences"
            " WHERE data_type = 'bigint'::regtype ORDER BY 1"
        )
        before = [(n, v) for n, v in cursor.fetchall() if not n.partition(".")[2].startswith(COMMON)]
        for number, (name, _value) in enumerate(before):
            cursor.execute("SELECT setval(%s, %s, false)", [name, first + 100 * number])
        try:
            yield
        finally:  # a sequence does not go back with its transaction
            for name, value in before:
                cursor.execute("SELECT setval(%s, %s, %s)", [name, max(value, 1), value > 0])


def text_of(answer: Any) -> str:
    """All that an answer says: its headers, its body, the cells of a sheet."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    if "spreadsheetml" in answer.headers.get("Content-Type", ""):
        from openpyxl import load_workbook

        sheets = load_workbook(BytesIO(content)).worksheets
        return headers + "\n".join(str(c.value or "") for s in sheets for row in s.iter_rows() for c in row)
    return headers + content.decode("utf-8", "replace")


#: Written by looking, by logging in or by the machinery itself: not what a person sent.
NOT_SENT = ("django_session", "audit_", "axes_", "procrastinate_", "django_migrations")


def everything_kept(containing: str = "") -> dict[str, str]:
    """A digest of every table that holds what people sent, of the rows that hold a text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', table_schema, table_name), table_name FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
        )
        names = [full for full, table in cursor.fetchall() if not table.startswith(NOT_SENT)]
        digest = (
            "SELECT '{0}', coalesce(md5(string_agg(x::text, '|' ORDER BY x::text)), '') FROM {0} x"
            " WHERE x::text LIKE '%%' || %s || '%%'"
        )
        cursor.execute(" UNION ALL ".join(digest.format(name) for name in names), [containing] * len(names))
        return dict(cursor.fetchall())
