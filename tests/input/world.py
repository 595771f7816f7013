"""A village with a deed in every state, the screens of its people, and a digest of all that was kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client, override_settings

from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.evidence.models import Evidence
from xinzhi.kernel.evidence.tests.samples import PHOTOS
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.identity import cards
from xinzhi.kernel.identity import services as identity
from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.notices.models import Objection, Publication, PublicationLine
from xinzhi.scenes.governance_points.life_models import CharterDraft
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.services import publishing, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON, Place, make_place

#: Written by looking, by logging in or by the machinery itself: not what a person sent.
NOT_SENT = ("django_session", "audit_", "axes_", "procrastinate_", "django_migrations")
FAST = ["django.contrib.auth.hashers.MD5PasswordHasher"]
PASSWORD = "bamboo-forest-73"


@dataclass
class World(Place):
    """The village of the tests with a deed in each state and an open list."""

    submitted: Deed = None  # type: ignore[assignment]
    waiting: Deed = None  # type: ignore[assignment]
    posted: Deed = None  # type: ignore[assignment]
    publication: Publication = None  # type: ignore[assignment]
    line: PublicationLine = None  # type: ignore[assignment]
    objection: Objection = None  # type: ignore[assignment]
    administrator: User = None  # type: ignore[assignment]
    photo: Evidence = None  # type: ignore[assignment]
    draft: CharterDraft = None  # type: ignore[assignment]
    card: str = ""
    village_code: str = "330523206203"


def make_world() -> World:
    with override_settings(PASSWORD_HASHERS=FAST), clock.fixed(NOON):
        world = World(**vars(make_place()))
        world.posted = verified(world)
        publish(world)
        world.let_publication_end()
        world.publication = publish(world, verified(world), verified(world))
        world.line, disputed = world.publication.lines.order_by("position")
        world.objection = notices.object_to_line(
            actor=world.neighbours, line_id=disputed.pk, grounds_code="not_done", request_key=uuid4(), at=NOON
        )
        world.waiting = verified(world)
        world.submitted = world.claim("D02", quantity_tenths=10)
        world.card = cards.issue_card(actor=world.clerk, household_id=world.household.pk, at=NOON)
        world.administrator = identity.create_user(
            actor=SYSTEM, username="admin", password=PASSWORD, label="admin"
        )
        identity.grant_role(
            actor=SYSTEM, user_id=world.administrator.pk, role="platform_admin", region_id=None
        )
        identity.grant_role(  # and a clerk: to him the API answers most
            actor=SYSTEM, user_id=world.administrator.pk, role="village_clerk", region_id=world.village.pk
        )
        world.photo = evidence.store(
            actor=actor_of(User.objects.get(pk=world.administrator.pk)),
            data=PHOTOS["image/jpeg"],
            village_id=world.village.pk,
            at=NOON,
            request_key=uuid4(),
        )
        from tests.input import charter_life

        world.draft = charter_life.start(world)
        return world


def verified(world: World) -> Deed:
    """A deed of the household that waits to be published."""
    deed = world.claim("D02", quantity_tenths=10)
    verification.verify_deeds(actor=world.clerk, deed_ids=[deed.pk], request_key=uuid4(), at=NOON)
    deed.refresh_from_db()
    assert deed.state == "verified"
    return deed


def publish(world: World, *deeds: Deed) -> Publication:
    return publishing.publish_deeds(
        actor=world.clerk, request_key=uuid4(), village_id=world.village.pk,
        deed_ids=[d.pk for d in deeds] or None, at=NOON,
    )  # fmt: skip


class Screen(Client):
    """A browser that carries the token of its page with every form, so that it is read as in the house."""

    def post(self, path: str, data: Any = None, **options: Any) -> Any:
        self.cookies["csrftoken"] = "c" * 32
        options = {"HTTP_X_CSRFTOKEN": "c" * 32} | options
        if isinstance(data, bytes):  # as it is: the client of the tests would write it anew in its encoding
            return self.generic("POST", path, data, **options)
        return super().post(path, {} if data is None else data, **options)


def log_in(who: Actor | User | None) -> Screen:
    screen = Screen(enforce_csrf_checks=True)
    if who is not None:
        user = who if isinstance(who, User) else User.objects.get(pk=who.user_id)
        screen.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return screen


def everything_kept(*also: str) -> dict[str, str]:
    """A digest of every table that holds what people sent; tables that begin with `also` are left out as well."""
    left_out = NOT_SENT + also
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
            " AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"
        )
        tables = [(s, t) for s, t in cursor.fetchall() if not t.startswith(left_out)]
        digest = "SELECT '{1}', coalesce(md5(string_agg(x::text, '|' ORDER BY x::text)), '') FROM \"{0}\".\"{1}\" x"
        cursor.execute(" UNION ALL ".join(digest.format(*table) for table in tables))
        return dict(cursor.fetchall())


def rows_touched() -> list[tuple[str, int]]:
    """How many rows this transaction has written to each table so far, also those it took back: cheap to ask.

    Where it has not grown, nothing can have changed, and no digest is needed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 ORDER BY 1"
        )
        return [(table, count) for table, count in cursor.fetchall() if not table.startswith(NOT_SENT)]


@contextmanager
def nothing_changes(*but: str) -> Iterator[None]:
    """Whatever happens inside leaves the database as it was (but for tables that begin with one of `but`)."""
    before = everything_kept(*but)
    yield
    after = everything_kept(*but)
    changed = sorted(t for t in before if before[t] != after[t])
    assert not changed, f"changed: {changed}"
