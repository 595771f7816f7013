"""Who may import whom: the contracts of .importlinter."""

from __future__ import annotations

import ast
import os
import subprocess
import sys

from tests.architecture.sources import ROOT, files, shown

CONTRACTS = "from importlinter.cli import lint_imports_command as contracts; contracts()"


def test_every_import_contract_is_kept():
    # A process of its own: the tool reads the working directory and keeps what it read.
    said = subprocess.run(
        [sys.executable, "-c", CONTRACTS, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )  # fmt: skip
    assert said.returncode == 0, (
        f"Move the import, or ask the kernel for a port:\n{said.stdout[-3000:]}{said.stderr}"
    )


def test_a_broken_contract_would_be_seen(tmp_path):
    for name, text in {
        "xinzhi/__init__.py": "",
        "xinzhi/kernel/__init__.py": "",
        "xinzhi/kernel/audit.py": "import xinzhi.scenes.tea",
        "xinzhi/scenes/__init__.py": "",
        "xinzhi/scenes/tea.py": "",
        ".importlinter": "[importlinter]\nroot_package = xinzhi\n[importlinter:contract:below]\nname = Below\n"
        "type = forbidden\nsource_modules =\n    xinzhi.kernel\nforbidden_modules =\n    xinzhi.scenes\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    said = subprocess.run(
        [sys.executable, "-c", CONTRACTS, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert said.returncode == 1 and "xinzhi.kernel.audit -> xinzhi.scenes.tea" in said.stdout, said.stdout


def test_the_contracts_name_no_single_scene():
    """A contract that names a scene breaks when its folder is deleted."""
    lines = (ROOT / ".importlinter").read_text().split()
    named = [line for line in lines if line.startswith("xinzhi.scenes.") and line.split(".")[2] != "*"]
    assert named == [], f"Write xinzhi.scenes.* instead of {named} in .importlinter."


def test_scenes_reach_kernel_tables_by_name_only():
    """`ForeignKey("regions.Region")` needs no import, and `related_name="+"` leaves nothing behind in the kernel."""
    found = []
    for path in files(".py", below="xinzhi/scenes"):
        if path.name != "models.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr not in ("ForeignKey", "OneToOneField", "ManyToManyField") or not node.args:
                continue
            target, words = node.args[0], {k.arg: k.value for k in node.keywords}
            if not isinstance(target, ast.Constant) or "." not in str(target.value):
                continue
            related = words.get("related_name")
            if not isinstance(related, ast.Constant) or related.value != "+":
                found.append(f"{shown(path)}:{node.lineno}")
    assert found == [], f'Give relations to the kernel related_name="+": {found}'
