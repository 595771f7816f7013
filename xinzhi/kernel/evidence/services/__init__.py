"""The acts of evidence: store, attach, open the original, erase, sweep."""

from xinzhi.kernel.evidence.services.attaching import attach
from xinzhi.kernel.evidence.services.erasing import discard, erase, sweep
from xinzhi.kernel.evidence.services.opening import Opened, open_display, open_original
from xinzhi.kernel.evidence.services.storing import store

__all__ = ["Opened", "attach", "discard", "erase", "open_display", "open_original", "store", "sweep"]
