from __future__ import annotations

import pytest

from xinzhi.kernel.channels import configuration
from xinzhi.kernel.channels.port import CODES
from xinzhi.kernel.notices import ports, wording
from xinzhi.kernel.notices.tests.sending import MUST, TEMPLATE, URGENT, Sender
from xinzhi.kernel.notices.tests.village import KIND, Scene, Village, region, register
from xinzhi.kernel.workflow import ports as workflow_ports
from xinzhi.kernel.workflow import registry
from xinzhi.kernel.workflow.tests.cases import FAVOUR, Favour
from xinzhi.kernel.workflow.tests.conftest import django_db_setup, in_english  # noqa: F401  the table of the small scene, the language


@pytest.fixture(autouse=True)
def scene():
    """A scene that publishes favours and writes down what it is told."""
    registry.register(FAVOUR, model=Favour)
    made = Scene()
    ports.register(KIND, made.handler())
    yield made
    registry.unregister(FAVOUR.name)
    workflow_ports._ports.pop(FAVOUR.name, None)
    ports._handlers.pop(KIND, None)


@pytest.fixture
def village(db) -> Village:
    return make_village()


@pytest.fixture
def committed_village(transactional_db) -> Village:
    return make_village()


def make_village() -> Village:
    town = region("township", "Shanchuan")
    here, elsewhere = region("village", "Gaojiatang", town), region("village", "Chuancun", town)
    households = [register(here, f"{n:03d}", name) for n, name in enumerate(("张小明", "李梅", "王建国"), 1)]
    return Village(here, elsewhere, households, register(elsewhere, "001", "赵外"))


@pytest.fixture
def senders(monkeypatch):
    """The connected channels by code; none of them at first. Templates that leave the house."""
    connected: dict[str, Sender] = {}
    monkeypatch.setattr(configuration, "channel", connected.get)
    for code, going in {
        TEMPLATE: wording.OUTSIDE,
        URGENT: wording.Going(channels=CODES, urgent=True),
        MUST: wording.Going(channels=CODES, must=True),
        "tests.inside": wording.IN_APP,
    }.items():
        monkeypatch.setitem(wording._templates, code, "Something expires on %(day)s.")
        monkeypatch.setitem(wording._going, code, going)
    return connected


@pytest.fixture
def no_channels(senders):
    assert set(configuration.states().values()) == {"off"}


@pytest.fixture
def sms(senders):
    senders["sms"] = Sender()
    return senders["sms"]


@pytest.fixture
def wechat(senders):
    senders["wechat"] = Sender(code="wechat", is_idempotent=True)
    return senders["wechat"]


@pytest.fixture
def disconnect(senders):
    return senders.pop
