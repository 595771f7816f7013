"""Facts between scenes: written with the row they tell of, delivered at least once, in effect at most once."""

from xinzhi.kernel.events.fact import Code, Event

__all__ = ["Code", "Event"]
