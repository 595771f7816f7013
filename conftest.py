"""For every test: a database when none is given, and a closing word on what could not be tried here."""

from __future__ import annotations

import atexit
import os
from collections import Counter
from contextlib import ExitStack

import pytest

_resources = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Without DATABASE_URL, start an embedded server for these tests; the parallel workers inherit its address."""
    if os.environ.get("DATABASE_URL") or hasattr(config, "workerinput") or config.option.collectonly:
        return
    from django.conf import settings

    from xinzhi.config.database import parts_of
    from xinzhi.config.processes.borrowed import test_server
    from xinzhi.config.processes.supervisor import state_dir
    from xinzhi.config.processes.troubles import CannotStart

    try:
        url = _resources.enter_context(test_server(state_dir()))
    except CannotStart as trouble:
        raise pytest.UsageError(str(trouble)) from None
    atexit.register(_resources.close)
    os.environ["DATABASE_URL"] = url
    if settings.configured:  # pytest-django has read them already
        from django.db import connections

        settings.DATABASES["default"] |= parts_of(url)
        connections.settings["default"] |= parts_of(url)


def pytest_unconfigure() -> None:
    _resources.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was not tried, by its reason, most frequent first."""
    reasons = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    if reasons:
        terminalreporter.section("not tried here", sep="-")
        for reason, count in reasons.most_common():
            terminalreporter.write_line(f"{count:4} {'test' if count == 1 else 'tests'}: {reason}")


def _reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return str(report.longrepr).splitlines()[-1]
