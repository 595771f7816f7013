"""Long and later work: written in the transaction of its row, seen as progress, finished after a kill.

@jobs.task("notices.close_publications", cron=jobs.minutes(5))
def close_publications() -> None: ...

jobs.defer("notices.close_publication", publication_id=17)
"""

from xinzhi.kernel.jobs.inline import run_inline
from xinzhi.kernel.jobs.progress import fail_progress, finish_progress, report, start_progress
from xinzhi.kernel.jobs.tasks import ArgumentNotPlain, UnknownTask, daily, defer, minutes, task

__all__ = [
    "ArgumentNotPlain",
    "UnknownTask",
    "daily",
    "defer",
    "fail_progress",
    "finish_progress",
    "minutes",
    "report",
    "run_inline",
    "start_progress",
    "task",
]
