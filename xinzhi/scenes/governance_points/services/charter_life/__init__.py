"""The steps of a charter from draft to force. Each is one function, one transaction, one step of the workflow."""

from xinzhi.scenes.governance_points.services.charter_life.checking import (
    acknowledge,
    put_to_vote,
    reopen,
    withdraw,
)
from xinzhi.scenes.governance_points.services.charter_life.drafting import save_draft, start_draft
from xinzhi.scenes.governance_points.services.charter_life.force import bring_into_force
from xinzhi.scenes.governance_points.services.charter_life.publishing import (
    file_with_township,
    publish_draft,
)
from xinzhi.scenes.governance_points.services.charter_life.township import (
    accept_filing,
    mend,
    order_correction,
)
from xinzhi.scenes.governance_points.services.charter_life.voting import Tally, enter_vote, file_minutes

__all__ = [
    "Tally",
    "accept_filing",
    "acknowledge",
    "bring_into_force",
    "enter_vote",
    "file_minutes",
    "file_with_township",
    "mend",
    "order_correction",
    "publish_draft",
    "put_to_vote",
    "reopen",
    "save_draft",
    "start_draft",
    "withdraw",
]
