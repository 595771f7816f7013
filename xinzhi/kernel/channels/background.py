"""Hand a message over without waiting for the answer: for one-time codes, whose page must answer alike for every number."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from xinzhi.kernel.channels.port import Channel, Failure, Letter

log = logging.getLogger("xinzhi.channels")
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="channels")


def send_soon(sender: Channel, *, to: str, letter: Letter, key: str, at: datetime) -> None:
    """Send in a thread of this process, or at once where the sender is a sandbox. A failure is logged by its code.

    What is under way when the process stops is lost: whoever waits for a code asks for another one.
    """
    if sender.is_sandbox:
        _send(sender, to, letter, key, at)
    else:
        _threads.submit(_send, sender, to, letter, key, at)


def _send(sender: Channel, to: str, letter: Letter, key: str, at: datetime) -> None:
    try:
        sender.send(to=to, letter=letter, key=key, at=at)
    except Failure as failure:
        log.error("%s (%s) was not sent: %s %s", letter.template, key, failure.code, failure.provider_code)
    except Exception as trouble:
        # Neither the message nor a trace: either might hold the number.
        log.error("%s (%s) was not sent: %s", letter.template, key, type(trouble).__name__)
