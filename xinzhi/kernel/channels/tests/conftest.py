from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings

from xinzhi.kernel.channels.tests.provider import Provider, running, settings_for


@pytest.fixture
def provider() -> Iterator[Provider]:
    """All three channels connected to a provider on this machine."""
    with running() as server, override_settings(CHANNELS=settings_for(server.address)):
        yield server
