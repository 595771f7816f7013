"""Audit: append-only by the database; seals find what was changed, removed or slipped in."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.kernel.audit import queries, services
from xinzhi.kernel.audit.models import Leaf, Record, Seal
from xinzhi.kernel.audit.sealing import merkle_root
from xinzhi.kernel.foundation.actors import SYSTEM, Actor, Grant

NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
CLERK = Actor(
    user_id=7,
    person_id=70,
    grants=(Grant("village_clerk", 4, "1/2/4/", frozenset({"x.y"})),),
)


def write(count: int = 3, **more: object) -> list[int]:
    before = set(Record.objects.values_list("pk", flat=True))
    services.record_many(
        {"actor": CLERK, "action": "test.act", "subject": f"deed:{n}", "at": NOON, **more}
        for n in range(count)
    )
    return sorted(set(Record.objects.values_list("pk", flat=True)) - before)


def tamper(sql: str, *params: object) -> None:
    """Somebody with the database's own rights works around the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, params)
        cursor.execute("SET LOCAL session_replication_role = origin")


def found() -> list[tuple[str, int | None, int | None]]:
    return [(f.problem, f.record_id, f.seal_number) for f in queries.verify()]


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["audit_record", "audit_leaf", "audit_seal"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_database_refuses_to_change_or_delete(table: str, verb: str) -> None:
    write(1)
    services.seal(NOON)
    column = {"audit_record": "at", "audit_leaf": "leaf_hash", "audit_seal": "root"}[table]
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(verb.format(table, column, column))


@pytest.mark.django_db
def test_untouched_records_verify_and_unsealed_ones_are_counted() -> None:
    write(5)
    assert queries.verification().not_sealed == 5
    assert services.seal(NOON) == 5
    write(2)
    result = queries.verification()
    assert (result.findings, result.sealed, result.not_sealed, result.seals) == ([], 5, 2, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "purpose = 'other'",
        "at = at + interval '1 microsecond'",
        "household_id = 12",
        "fields = '{phone}'",
        "salt = gen_random_uuid()",
        "recorded_at = recorded_at - interval '1 day'",
        "count = 0",
        "actor_key = 'person:71'",
        "xid = xid + 1",
    ],
)
def test_a_changed_row_is_named_with_its_seal(change: str) -> None:
    ids = write(3)
    services.seal(NOON)
    tamper(f"UPDATE audit_record SET {change} WHERE id = %s", ids[1])
    assert found() == [("changed", ids[1], 1)]


@pytest.mark.django_db
def test_a_removed_row_is_named_with_its_seal() -> None:
    first = write(3)
    services.seal(NOON)
    second = write(3)
    services.seal(NOON)
    tamper("DELETE FROM audit_record WHERE id = ANY(%s)", [first[0], second[2]])
    assert found() == [("removed", first[0], 1), ("removed", second[2], 2)]


@pytest.mark.django_db
def test_a_changed_row_with_a_recomputed_leaf_breaks_its_seal() -> None:
    ids = write(3)
    services.seal(NOON)
    tamper("UPDATE audit_leaf SET leaf_hash = sha256('forged') WHERE record_id = %s", ids[0])
    assert ("seal_changed", None, 1) in found()


@pytest.mark.django_db
def test_a_row_removed_together_with_its_leaf_breaks_its_seal() -> None:
    ids = write(3)
    services.seal(NOON)
    tamper("DELETE FROM audit_leaf WHERE record_id = %s", ids[0])
    tamper("DELETE FROM audit_record WHERE id = %s", ids[0])
    assert ("seal_changed", None, 1) in found()


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["root", "signature", "previous_hash", "seal_hash", "public_key"])
def test_a_changed_seal_is_found(column: str) -> None:
    write(2)
    services.seal(NOON)
    write(2)
    services.seal(NOON)
    tamper(f"UPDATE audit_seal SET {column} = sha256({column}) WHERE number = 2")
    assert ("seal_changed", None, 2) in found()


@pytest.mark.django_db
def test_a_seal_taken_out_of_the_chain_is_found() -> None:
    for _ in range(3):
        write(2)
        services.seal(NOON)
    tamper("DELETE FROM audit_seal WHERE number = 2")
    assert [f for f in found() if f[0] != "inserted"] == [
        ("seal_missing", None, 2),
        ("seal_changed", None, 3),
    ]


@pytest.mark.django_db
def test_seals_cut_off_the_end_are_found_by_their_leaves_or_a_noted_head() -> None:
    for _ in range(2):
        write(2)
        services.seal(NOON)
    head = queries.verification().head
    tamper("DELETE FROM audit_seal WHERE number = 2")
    assert ("seal_missing", None, 2) in found()
    tamper("DELETE FROM audit_leaf WHERE seal_number = 2")
    assert found() == []  # nothing in the database can show it
    assert [f.problem for f in queries.verification(expected_head=head).findings] == ["seal_missing"]


@pytest.mark.django_db
def test_a_seal_signed_with_another_key_is_not_trusted_unless_told(settings: object) -> None:
    from dataclasses import replace

    from xinzhi.kernel.audit.sealing import public_bytes, signing_key

    write(1)
    services.seal(NOON)
    former = public_bytes(signing_key())
    settings.SECRETS = replace(settings.SECRETS, seal_seed="11" * 32)  # type: ignore[attr-defined]
    assert found() == [("seal_untrusted", None, 1)]
    assert queries.verification(trusted_keys=[former]).findings == []


@pytest.mark.django_db(transaction=True)
def test_a_row_slipped_into_the_sealed_past_is_named() -> None:
    ids = write(4)
    gap = ids[-1] + 1
    with connection.cursor() as cursor:  # an id drawn by a transaction that failed
        cursor.execute("SELECT nextval('audit_record_id_seq')")
    write(2)
    deadline = time.monotonic() + 600  # tests beside this one keep a transaction open for minutes
    while (last := Seal.objects.order_by("-number").first()) is None or last.final_id < gap + 2:
        # final once every transaction of the server that was open before has ended, whoever's it is
        assert time.monotonic() < deadline
        time.sleep(0.05)
        services.seal(NOON)
    assert queries.verify() == []
    Record.objects.create(
        id=gap, at=NOON, actor_key="person:1", channel="web", role="x", action="a", subject="b"
    )
    assert found() == [("inserted", gap, last.number)]
    services.seal(NOON)
    assert found() == [("inserted", gap, last.number)]  # sealing does not launder it


@pytest.mark.django_db(transaction=True)
def test_a_row_committed_late_is_sealed_later_and_not_mistaken_for_a_forged_one() -> None:
    drawn, go_on = threading.Event(), threading.Event()

    def slow_act() -> None:
        try:
            with transaction.atomic():
                services.record(actor=SYSTEM, action="test.slow", subject="deed:1", at=NOON)
                drawn.set()
                go_on.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=slow_act)
    thread.start()
    assert drawn.wait(10)
    quick = write(3)  # higher ids, committed first
    for _ in range(3):
        services.seal(NOON)
    assert queries.verification().sealed == 3
    go_on.set()
    thread.join()
    late = Record.objects.get(action="test.slow")
    assert late.pk < quick[0]
    assert (found(), queries.verification().not_sealed) == ([], 1)
    assert services.seal(NOON) == 1
    assert Leaf.objects.get(record_id=late.pk).seal_number == Seal.objects.order_by("number").last().number  # type: ignore[union-attr]
    services.seal(NOON)
    assert (found(), queries.verification().not_sealed) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_sealers_at_the_same_moment_seal_every_row_once() -> None:
    write(100)

    def run() -> None:
        try:
            services.seal(NOON, batch=7)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result = queries.verification()
    assert (result.findings, result.sealed, result.not_sealed) == ([], 100, 0)


@pytest.mark.django_db
def test_sealing_again_without_news_adds_nothing() -> None:
    write(2)
    services.seal(NOON)
    services.seal(NOON)
    settled = Seal.objects.count()
    for _ in range(3):
        assert services.seal(NOON) == 0
    assert Seal.objects.count() == settled <= 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "bad",
    [
        {"subject": "张三"},
        {"purpose": "because he asked"},
        {"subject": "phone:13800000000"},
        {"fields": ["330220194505010230"]},
        {"action": "33022019450501023X"},
        {"subject": "a\nb"},
    ],
)
def test_text_about_a_person_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="without personal text"):
        services.record(**{"actor": CLERK, "action": "a.b", "subject": "deed:1", "at": NOON, **bad})  # type: ignore[arg-type]
    assert not Record.objects.exists()


@pytest.mark.django_db
def test_uuids_and_digests_are_fine_as_subjects() -> None:
    for _ in range(50):
        services.record(actor=CLERK, action="a.b", subject=f"evidence:{uuid4()}", at=NOON, digest="ab" * 32)
    assert Record.objects.count() == 50


@pytest.mark.django_db
def test_a_household_sees_who_looked_with_office_page_and_fields(
    django_assert_max_num_queries: object,
) -> None:
    from xinzhi.kernel.audit import labels

    labels.register_actor_names(_names)
    labels.register_region_names(_regions)
    for _ in range(30):
        services.record_view(
            actor=CLERK, page="residents.household", household_id=5, at=NOON, fields=["name"], purpose="duty"
        )
    services.record_view(actor=CLERK, page="residents.household", household_id=6, at=NOON)
    services.record_view(actor=Actor(user_id=9, household_ids=(5,)), page="home", household_id=5, at=NOON)
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        page = queries.looks_at_household(5, limit=20)
    assert (page.items[0].role, page.items[0].page) == ("villager", "home")
    look = page.items[1]
    assert (look.role, look.page, look.fields, look.purpose) == (
        "village_clerk",
        "residents.household",
        ("name",),
        "duty",
    )
    assert "office 4" in look.actor_label
    assert "clerk's name" in look.actor_label
    rest = queries.looks_at_household(5, page.next_cursor, limit=20)
    assert len(rest.items) == 11
    assert rest.next_cursor is None
    labels._actor_names.remove(_names)
    labels._region_names.remove(_regions)


def _names(keys: object) -> dict[str, str]:
    return {"person:70": "clerk's name"}


def _regions(ids: object) -> dict[int, str]:
    return {4: "office 4"}


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.data())
def test_a_merkle_root_changes_with_any_leaf(leaves: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(leaves) - 1))
    other = [
        *leaves[:at],
        bytes(32 - len(b"x")) + b"x" if leaves[at] != bytes(31) + b"x" else bytes(32),
        *leaves[at + 1 :],
    ]
    assert merkle_root(leaves) != merkle_root(other)
    assert merkle_root(leaves) != merkle_root([*leaves, leaves[-1]])
