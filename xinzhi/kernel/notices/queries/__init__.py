"""What others may ask of notices."""

from xinzhi.kernel.notices.queries.messages import MessageRow, messages, unread_count
from xinzhi.kernel.notices.queries.publications import (
    LineRow,
    PublicationRow,
    PublicationView,
    open_publications,
    publications,
    view_publication,
)

__all__ = [
    "LineRow",
    "MessageRow",
    "PublicationRow",
    "PublicationView",
    "messages",
    "open_publications",
    "publications",
    "unread_count",
    "view_publication",
]
