"""What others may ask of workflow."""

from xinzhi.kernel.workflow.queries.inbox import InboxFilters, InboxItem, inbox
from xinzhi.kernel.workflow.queries.timeline import TimelineEntry, timeline

__all__ = ["InboxFilters", "InboxItem", "TimelineEntry", "inbox", "timeline"]
