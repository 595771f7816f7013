"""A second checkout in a temporary folder, with a database of its own: what happens there harms nobody."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.architecture.sources import ROOT, files

#: What pages and checks need of the installed front-end packages.
FRONT_END = ("weui/dist/style", "htmx.org/dist", "lucide-static/icons")
#: What would lead the programs of the copy back to this test run.
_LEFT_OUT = re.compile(r"PYTEST_|XINZHI_|DJANGO_|PYTHONPATH|DATABASE_URL|COVERAGE_")


@dataclass(frozen=True)
class Checkout:
    """A copy of this checkout; its `.venv/bin` holds the same programs, which see the copy."""

    folder: Path
    database: str

    @property
    def _environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not _LEFT_OUT.match(key)}
        server = urlsplit(os.environ["DATABASE_URL"])
        return kept | {
            "DATABASE_URL": server._replace(path=f"/{self.database}").geturl(),
            "XINZHI_TEST_DB": f"{self.database}_tests",
            "XINZHI_STATE_DIR": str(self.folder / ".xinzhi"),
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_ADDOPTS": "-p no:cacheprovider --create-db",
        }

    def attempt(self, *command: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program of `.venv/bin` there."""
        return subprocess.run(
            [str(self.folder / ".venv/bin" / command[0]), *command[1:]],
            cwd=self.folder, env=self._environment, input=stdin, capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    def run(self, *command: str, stdin: str | None = None) -> str:
        """The same, and it must succeed. Returns what it said."""
        done = self.attempt(*command, stdin=stdin)
        said = done.stdout + done.stderr
        assert done.returncode == 0, (
            f"`{' '.join(command)}` failed in a copy of this checkout:\n{said[-4000:]}"
        )
        return said

    def shell(self, script: str) -> None:
        """Run a block of a document with sh, which stops at the first command that fails."""
        done = subprocess.run(
            ["sh", "-eux"], cwd=self.folder, env=self._environment, input=script, capture_output=True, text=True,
            timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, (
            f"A block of the document fails:\n{script}\n{(done.stdout + done.stderr)[-4000:]}"
        )

    def refusal(self, *command: str) -> str:
        """What it says when it does not start: no traceback."""
        done = self.attempt(*command)
        said = done.stdout + done.stderr
        assert done.returncode != 0, f"`{' '.join(command)}` was expected to refuse, and said:\n{said}"
        assert "Traceback" not in said, said[-4000:]
        return " ".join(said.split())

    def python(self, script: str) -> str:
        """Run a script with everything set up."""
        return self.run(
            "python", "-c", f"from xinzhi.config.cli import set_up_django\nset_up_django()\n{script}"
        )

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a piece of a file that stands there exactly once."""
        path = self.folder / name
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{name} holds {text.count(old)} times:\n{old}"
        path.write_text(text.replace(old, new), "utf-8")

    def gates(self, scene: str) -> None:
        """What must hold before a change lands, for one scene."""
        self.run("python", "-m", "ruff", "check", scene)
        self.run("python", "-m", "ruff", "format", "--check", scene)
        self.run("python", "-m", "mypy", scene)
        self.declared_well()

    def declared_well(self) -> None:
        """Declarations, contracts, translations, migrations and the generated lists agree with what is there."""
        self.run("xinzhi", "check")
        self.run(
            "python", "-c", "from importlinter.cli import lint_imports_command as contracts; contracts()"
        )
        self.run("xinzhi", "messages", "check")
        self.run("xinzhi", "assembly", "docs", "--check")
        self.run("xinzhi", "manage", "makemigrations", "--check", "--dry-run")


def make(folder: Path, database: str) -> Checkout:
    """Copy what lies in this checkout, and make programs that run on the copy."""
    for source in files():
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
    for name in FRONT_END:
        installed = ROOT / "node_modules" / name
        if installed.exists():
            shutil.copytree(installed, folder / "node_modules" / name)
        else:
            (folder / "node_modules" / name).mkdir(parents=True)
    programs = folder / ".venv/bin"
    programs.mkdir(parents=True)
    for name, module in {"python": "", "pytest": "-m pytest", "xinzhi": "-m xinzhi.config.cli"}.items():
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
        (programs / name).chmod(0o755)
    checkout = Checkout(folder, database)
    where = checkout.run("python", "-c", "import xinzhi; print(xinzhi.__file__)").strip()
    assert where == str(folder / "xinzhi/__init__.py"), f"The copy runs the code of {where}."
    checkout.run("xinzhi", "messages", "compile")
    return checkout


def drop(checkout: Checkout) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        for name in (checkout.database, f"{checkout.database}_tests"):
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
