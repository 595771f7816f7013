"""What others may ask of notices."""

from xinzhi.kernel.notices.queries.channels import ChannelRow, own_channels
from xinzhi.kernel.notices.queries.messages import MessageRow, messages, unread_count
from xinzhi.kernel.notices.queries.objections import ObjectionRow, ObjectionView, objections, view_objection
from xinzhi.kernel.notices.queries.publications import (
    LineRow,
    PublicationRow,
    PublicationView,
    open_publications,
    publications,
    view_publication,
)
from xinzhi.kernel.notices.queries.undelivered import ReasonCount, UndeliveredRow, reasons, undelivered

__all__ = [
    "ChannelRow",
    "LineRow",
    "MessageRow",
    "ObjectionRow",
    "ObjectionView",
    "PublicationRow",
    "PublicationView",
    "ReasonCount",
    "UndeliveredRow",
    "messages",
    "objections",
    "open_publications",
    "own_channels",
    "publications",
    "reasons",
    "undelivered",
    "unread_count",
    "view_objection",
    "view_publication",
]
