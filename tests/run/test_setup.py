"""A fresh machine, in all the ways machines are: `make setup` copes, or says one sentence."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from xinzhi.config.processes.supervisor import ROOT

BASE = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"


def program(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def find_python(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """With nothing on the path but what the test put there."""
    return subprocess.run(
        [shutil.which("sh") or "/bin/sh", str(ROOT / "scripts/find-python.sh")],
        env={"PATH": str(folder), **environment}, capture_output=True, text=True,
    )  # fmt: skip


def says_version(folder: Path, name: str, version: str) -> Path:
    return program(folder, name, f"echo '{version} /usr/bin/{name}'")


def test_no_python_at_all(tmp_path: Path) -> None:
    done = find_python(tmp_path)
    assert done.returncode == 1
    assert "there is no python3 on this machine" in done.stderr
    assert "apt install python3 python3-venv" in done.stderr


@pytest.mark.parametrize("version", ["3 9", "3 10", "2 7", "3 15", "4 0"])
def test_a_python_that_will_not_do(tmp_path: Path, version: str) -> None:
    says_version(tmp_path, "python3", version)
    done = find_python(tmp_path)
    assert done.returncode == 1
    assert f"here python3 is {version.replace(' ', '.')} too old or too new" in done.stderr
    assert done.stdout == ""


def test_a_newer_one_beside_an_old_one_is_found(tmp_path: Path) -> None:
    says_version(tmp_path, "python3", "3 9")
    program(tmp_path, "python3.13", "exit 127")  # a name that stands for nothing, as pyenv makes them
    says_version(tmp_path, "python3.12", "3 12")
    assert find_python(tmp_path).stdout == "/usr/bin/python3.12\n"


def test_a_named_one_goes_first(tmp_path: Path) -> None:
    says_version(tmp_path, "python3", "3 11")
    named = says_version(tmp_path, "mine", "3 14")
    assert find_python(tmp_path, PYTHON=str(named)).stdout == "/usr/bin/mine\n"


# --- environments ----------------------------------------------------------------------------------------------------


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """scripts/setup.py, with an empty checkout in a temporary folder and nothing helpful on the path."""
    spec = importlib.util.spec_from_file_location("setup_script", ROOT / "scripts/setup.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    venv = tmp_path / "it's here" / ".venv"  # a path that scripts must quote
    venv.parent.mkdir()
    for name, value in {
        "ROOT": venv.parent, "VENV": venv, "PYTHON": venv / "bin/python", "STAMP": venv / "stamp", "FRONT_END": venv.parent / "nm",
    }.items():  # fmt: skip
        monkeypatch.setattr(module, name, value)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return module


def python_like(folder: Path, refuses: str) -> str:
    """The real Python, except that it fails whenever its arguments contain one of these words."""
    cases = " ".join(f'*"{word}"*) exit 1;;' for word in refuses.split("|"))
    return str(program(folder, "python-of-this-machine", f'case "$*" in {cases} esac\nexec {BASE} "$@"'))


def test_debians_python_without_ensurepip_is_coped_with(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # `python3 -m venv` fails there after it made half an environment; `--without-pip` works
    base = program(
        tmp_path,
        "debian",
        f'case "$*" in "-m venv --clear /"*) mkdir -p "$4"; exit 1;; esac\nexec {BASE} "$@"',
    )
    monkeypatch.setattr(setup.sys, "executable", str(base))
    setup.make_environment()
    command = setup.pip_command()
    assert command[0] in (str(base), str(setup.PYTHON))
    done = subprocess.run([*command, "--version"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_nothing_that_can_make_an_environment_is_one_sentence(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup.sys, "executable", python_like(tmp_path, "-m venv|-m pip|-m virtualenv"))
    monkeypatch.setattr(setup.shutil, "which", lambda _name: None)
    with pytest.raises(setup.CannotInstall, match="apt install python3-venv"):
        setup.make_environment()
    assert not setup.VENV.exists(), "half an environment stayed behind"


def test_the_command_line_works_from_anywhere_and_without_a_network(
    setup: ModuleType, tmp_path: Path
) -> None:
    subprocess.run([BASE, "-m", "venv", "--without-pip", str(setup.VENV)], check=True)
    package = setup.ROOT / "xinzhi" / "config"
    package.mkdir(parents=True)
    (package / "cli.py").write_text("import sys; print('called with', *sys.argv[1:])")
    setup.install_ourselves()
    done = subprocess.run([setup.VENV / "bin/xinzhi", "a b"], cwd="/", capture_output=True, text=True)
    assert done.stdout == "called with a b\n", done.stderr


def test_packages_are_installed_only_when_their_lock_changed(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(setup, "pip_command", lambda: ["pip"])
    monkeypatch.setattr(setup, "run", lambda command, **_: ran.append(command[-1]))
    locks = setup.ROOT / "requirements"
    locks.mkdir()
    setup.VENV.mkdir()
    for name in ("runtime", "dev"):
        (locks / f"{name}.lock").write_text(f"{name} 1")

    def installed_by(wanted: str) -> list[str]:
        ran.clear()
        setup.install_packages(wanted)
        return list(ran)

    assert installed_by("runtime") == ["requirements/runtime.lock"]
    assert installed_by("runtime") == []
    assert installed_by("dev") == ["requirements/dev.lock"]
    assert installed_by("dev") == installed_by("runtime") == []
    (locks / "dev.lock").write_text("dev 2")
    assert installed_by("runtime") == []
    assert installed_by("dev") == ["requirements/dev.lock"]
    (locks / "runtime.lock").write_text("runtime 2")
    assert installed_by("runtime") == ["requirements/runtime.lock"]
    assert installed_by("dev") == ["requirements/dev.lock"]


def test_locks_name_hashes_and_no_addresses() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text and "--index-url" not in text, lock.name
    assert "://" not in (ROOT / "package-lock.json").read_text()


def test_make_alone_lists_the_targets() -> None:
    done = subprocess.run(
        ["make"], cwd=ROOT, capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
    )
    for target in ("run", "test", "setup", "bench", "bench-full", "lint", "messages"):
        assert f"make {target} " in done.stdout
