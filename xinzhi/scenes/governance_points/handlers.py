"""Facts of other scenes this one acts on."""

from __future__ import annotations

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.rules.events import DeedObserved, DeedWithdrawn
from xinzhi.scenes.governance_points.services import observing


def on_deed_observed(event: DeedObserved, delivery_id: int) -> None:  # noqa: ARG001
    observing.enter_observed(event, at=clock.now())


def on_deed_withdrawn(event: DeedWithdrawn, delivery_id: int) -> None:  # noqa: ARG001
    observing.take_back_observed(event, at=clock.now())
