from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import checkout as checkouts


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[checkouts.Checkout]:
    """A copy of this checkout with an empty database, which is gone afterwards."""
    copy = checkouts.make(tmp_path / "xinzhi", f"copy_of_checkout_{os.getpid()}")
    yield copy
    checkouts.drop(copy)
