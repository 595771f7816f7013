"""The acts of workflow. Scenes call these from their own services, inside the same transaction."""

from xinzhi.kernel.workflow.services.crediting import credit_household
from xinzhi.kernel.workflow.services.deciding import decide, decide_many
from xinzhi.kernel.workflow.services.escalation import escalate_overdue
from xinzhi.kernel.workflow.services.moving import Moved, advance, advance_many
from xinzhi.kernel.workflow.services.notes import erase_notes
from xinzhi.kernel.workflow.services.opening import start, start_many

__all__ = [
    "Moved",
    "advance",
    "advance_many",
    "credit_household",
    "decide",
    "decide_many",
    "erase_notes",
    "escalate_overdue",
    "start",
    "start_many",
]
