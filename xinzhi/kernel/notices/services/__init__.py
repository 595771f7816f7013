"""The acts of notices."""

from xinzhi.kernel.notices.services.closing import close_lines_of, due_publications
from xinzhi.kernel.notices.services.messages import mark_read, send_message
from xinzhi.kernel.notices.services.objecting import decide_objection, object_to_line, take_back_objection
from xinzhi.kernel.notices.services.publishing import (
    NewLine,
    open_publication,
    publication_by_key,
    withdraw_publication,
)

__all__ = [
    "NewLine",
    "close_lines_of",
    "decide_objection",
    "due_publications",
    "mark_read",
    "object_to_line",
    "open_publication",
    "publication_by_key",
    "send_message",
    "take_back_objection",
    "withdraw_publication",
]
