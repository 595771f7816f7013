"""What others may ask of workflow."""

from xinzhi.kernel.workflow.queries.decisions import CaseView, Decision, case_view, decisions
from xinzhi.kernel.workflow.queries.inbox import InboxFilters, InboxItem, inbox, waiting_count
from xinzhi.kernel.workflow.queries.open_work import due_of, due_subjects, notes_of, states_at
from xinzhi.kernel.workflow.queries.timeline import TimelineEntry, timeline

__all__ = [
    "CaseView",
    "Decision",
    "InboxFilters",
    "InboxItem",
    "TimelineEntry",
    "case_view",
    "decisions",
    "due_of",
    "due_subjects",
    "inbox",
    "notes_of",
    "states_at",
    "timeline",
    "waiting_count",
]
