"""The acts of notices."""

from xinzhi.kernel.notices.services.choices import bind_channel, choose_channel
from xinzhi.kernel.notices.services.closing import close_lines_of, due_publications
from xinzhi.kernel.notices.services.messages import NewMessage, mark_read, send_message, send_messages
from xinzhi.kernel.notices.services.objecting import (
    appeal,
    decide_objection,
    hand_over_unanswered,
    object_to_line,
    objecting_household,
    take_back_objection,
)
from xinzhi.kernel.notices.services.publishing import (
    NewLine,
    open_publication,
    publication_by_key,
    withdraw_publication,
)
from xinzhi.kernel.notices.services.sending_rules import set_sending_rule
from xinzhi.kernel.notices.services.undelivered import told_in_person, try_again

__all__ = [
    "NewLine",
    "NewMessage",
    "appeal",
    "bind_channel",
    "choose_channel",
    "close_lines_of",
    "decide_objection",
    "due_publications",
    "hand_over_unanswered",
    "mark_read",
    "object_to_line",
    "objecting_household",
    "open_publication",
    "publication_by_key",
    "send_message",
    "send_messages",
    "set_sending_rule",
    "take_back_objection",
    "told_in_person",
    "try_again",
    "withdraw_publication",
]
