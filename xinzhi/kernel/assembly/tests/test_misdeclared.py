"""What does not fit together stops the start: a sentence that names it, and a hint that mends it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import ClassVar

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.urls import path

from xinzhi.kernel import jobs
from xinzhi.kernel.assembly import MenuItem, Permission, checks, registry
from xinzhi.kernel.assembly.checks import check_manifests
from xinzhi.kernel.assembly.tests.conftest import Declare
from xinzhi.kernel.events import Event
from xinzhi.kernel.events import checks as events
from xinzhi.kernel.events import fact as facts
from xinzhi.kernel.workflow import checks as workflow
from xinzhi.kernel.workflow import ports
from xinzhi.kernel.workflow import registry as lifecycles

SELL = Permission("tea.leaf.sell", "Sell leaves")


def menu(**changed: object) -> tuple[MenuItem, ...]:
    said = {"audience": "workbench", "label": "Tea", "url_name": "workflow:inbox", "icon": "leaf"} | changed
    return (MenuItem(**said),)  # type: ignore[arg-type]


#: What a scene "tea" says, the code of the error, what it names, what the hint says.
MISDECLARED = {
    "a slug that is not its folder": (
        {"folder": "white_tea"}, "assembly.E002", "'white_tea' declares the slug 'tea'", "rename one of them",
    ),
    "a slug somebody has": ({"slug": "ledger"}, "assembly.E003", "2 packages have the slug 'ledger'", "its own slug"),
    "a permission twice": (
        {"permissions": (SELL, SELL)}, "assembly.E004", "'tea.leaf.sell' is declared by 'tea' and again", "declare it once",
    ),
    "a permission of another": (
        {"permissions": (Permission("ledger.sell", "Sell"),)}, "assembly.E005", "'ledger.sell'", "begins with its slug: 'tea.",
    ),
    "a role that is none": (
        {"permissions": (SELL,), "roles": {"village_clark": ("tea.leaf.sell",)}},
        "assembly.E006", "'village_clark', which does not exist", "did you mean 'village_clerk'?",
    ),
    "a role with a permission nobody declares": (
        {"permissions": (SELL,), "roles": {"village_clerk": ("tea.leaf.sel",)}},
        "assembly.E007", "'tea.leaf.sel', which no package declares", "did you mean 'tea.leaf.sell'?",
    ),
    "villagers with a permission nobody declares": (
        {"own_permissions": ("tea.cup.drink",)}, "assembly.E007", "gives villagers the permission 'tea.cup.drink'", "`permissions`",
    ),
    "a fact without a version": ({"publishes": ("tea.sold",)}, "assembly.E008", "'tea.sold'", "'tea.<what_happened>.v1'"),
    "a fact of another": ({"publishes": ("ledger.sold.v1",)}, "assembly.E008", "'ledger.sold.v1'", "'tea.<what_happened>.v1'"),
    "a fact version twice": (
        {"publishes": ("tea.sold.v1", "tea.sold.v1")}, "assembly.E014", "2 times that it publishes 'tea.sold.v1'", "….v2",
    ),
    "ears for what nobody says": (
        {"listens": {"cup.broken.v1": "handlers.on_broken"}, "handlers": ("on_broken",)},
        "assembly.E009", "'cup.broken.v1', which no scene publishes", "check the spelling",
    ),
    "a version nobody publishes": (
        {"publishes": ("tea.sold.v1",), "listens": {"tea.sold.v2": "handlers.on_sold"}, "handlers": ("on_sold",)},
        "assembly.E009", "'tea.sold.v2', which no scene publishes", "did you mean 'tea.sold.v1'?",
    ),
    "a handler that is not there": (
        {"publishes": ("tea.sold.v1",), "listens": {"tea.sold.v1": "handlers.on_sold"}},
        "assembly.E010", "'handlers.on_sold', which cannot be loaded", "'handlers.function'",
    ),
    "a handler without a module": (
        {"publishes": ("tea.sold.v1",), "listens": {"tea.sold.v1": "on_sold"}}, "assembly.E010", "'on_sold'", "'handlers.function'",
    ),
    "a menu entry to nowhere": ({"menu": menu(url_name="tea:desk")}, "assembly.E011", "'tea:desk', leads nowhere", "urls.py"),
    "a menu for nobody": ({"menu": menu(audience="tourists")}, "assembly.E012", "'tourists', which does not exist", "villager, workbench"),
    "a menu entry nobody may see": (
        {"permissions": (SELL,), "menu": menu(permission="tea.leaf.sells")},
        "assembly.E013", "'tea.leaf.sells', which no package declares", "did you mean 'tea.leaf.sell'?",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("said", "code", "names", "hint"), MISDECLARED.values(), ids=MISDECLARED)
def test_a_misdeclared_scene_is_named_with_a_hint(declare: Declare, said, code, names, hint):
    declare(**({"slug": "tea", "folder": said.get("slug", "tea")} | said))

    (error,) = [e for e in check_manifests() if e.id == code]

    assert names in error.msg and hint in error.hint
    assert error.msg.endswith(".") and error.is_serious()


def test_what_is_installed_and_a_well_declared_scene_fit_together(declare: Declare):
    declare(
        "tea",
        permissions=(SELL,),
        roles={"village_clerk": ("tea.leaf.sell",)},
        publishes=("tea.sold.v1",),
        listens={"tea.sold.v1": "handlers.on_sold"},
        handlers=("on_sold",),
        menu=menu(permission="tea.leaf.sell"),
    )

    assert check_manifests() == []


def test_the_start_ends_at_the_first_check(declare: Declare):
    declare("tea", publishes=("tea.sold",))

    with pytest.raises(SystemCheckError) as stopped:
        call_command("check")

    assert "HINT: a fact is named 'tea.<what_happened>.v1'" in str(stopped.value)


def test_a_page_that_asks_for_an_unknown_permission_is_named(declare: Declare, monkeypatch):
    declare("tea", permissions=(SELL,))
    view = SimpleNamespace(asks_permission="tea.leaf.sel")
    page = path("leaves/", lambda request: None)
    page.callback = view
    monkeypatch.setattr(
        checks, "get_resolver", lambda: SimpleNamespace(url_patterns=[page], namespace_dict={})
    )

    (error,) = check_manifests()

    assert "'/leaves/' asks for the permission 'tea.leaf.sel'" in error.msg
    assert error.hint == "did you mean 'tea.leaf.sell'?"


def test_a_fact_said_and_not_written_is_named(declare: Declare):
    declare("tea", publishes=("tea.sold.v1",))

    (error,) = [e for e in events.check_facts() if e.id == "events.E003"]

    assert "says it publishes 'tea.sold.v1', but its events.py has no such fact" in error.msg


def test_two_facts_under_one_name_are_named(declare: Declare, monkeypatch):
    declare("tea", publishes=("tea.sold.v1",))
    monkeypatch.setattr(facts, "_classes", dict(facts._classes))
    monkeypatch.setattr(facts, "_doubles", [])
    for word in ("LeafSold", "CupSold"):
        made = type(
            word,
            (Event,),
            {
                "__module__": "assembly_test.tea.events",
                "name": "tea.sold.v1",
                "__annotations__": {"name": ClassVar[str]},
            },
        )
        dataclass(frozen=True)(made)

    (error,) = [e for e in events.check_facts() if e.id == "events.E004"]

    assert "'tea.sold.v1' is the name of CupSold and of LeafSold" in error.msg
    assert "….v2" in error.hint


def test_a_port_for_a_lifecycle_nobody_declares_is_named(monkeypatch):
    monkeypatch.setattr(ports, "_ports", {**ports._ports, "notices.objections": ports.Port()})

    (error,) = workflow.check_lifecycles()

    assert "the lifecycle 'notices.objections', which no manifest declares" in error.msg
    assert error.hint == "did you mean 'notices.objection'?"


def test_a_lifecycle_declared_twice_or_not_there_is_named(declare: Declare, monkeypatch):
    from xinzhi.kernel.notices import lifecycle as known

    again = declare("tea", lifecycles=("handlers.OBJECTION",))
    monkeypatch.setattr(lifecycles, "_declared", lifecycles._declared.__wrapped__)  # read them anew each time
    (error,) = workflow.check_lifecycles()
    assert "OBJECTION" in error.msg and error.hint

    handlers = sys.modules[f"{again.package}.handlers"]
    monkeypatch.setattr(handlers, "OBJECTION", known.OBJECTION, raising=False)
    (error,) = workflow.check_lifecycles()
    assert "'notices.objection' is declared twice" in error.msg and error.hint


def test_a_job_declared_twice_or_not_at_all_is_named():
    with pytest.raises(ImproperlyConfigured, match=r"'events.deliver' is declared twice. Hint: "):
        jobs.task("events.deliver")(lambda: None)
    with pytest.raises(jobs.UnknownTask, match=r"'events.delivr'. Hint: did you mean 'events.deliver'\?"):
        jobs.defer("events.delivr")


def test_a_manifest_that_cannot_be_read_is_named(monkeypatch):
    def broken(name: str) -> object:
        raise TypeError("SceneManifest.__init__() got an unexpected keyword argument 'nmae'")

    registry.declared.cache_clear()
    monkeypatch.setattr(registry, "import_module", broken)
    with pytest.raises(ImproperlyConfigured, match=r"manifest.py cannot be read: .*'nmae'. Hint: "):
        registry.declared()
