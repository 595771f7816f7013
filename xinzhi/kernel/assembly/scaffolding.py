"""A new scene is a copy of `scenes/_example` under its own name: what is right there is right in the copy."""

from __future__ import annotations

import keyword
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from django.apps import apps
from django.urls import URLResolver, get_resolver
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Conflict, Invalid

_SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
#: Folders and words of the sample's own catalogue, and what a reverse proxy or Django may serve.
_TAKEN = {"api", "static", "media", "admin", "tests", "example", "scenes", "village", "day"}
#: PostgreSQL and Django allow an index name 30 characters; the slug is its beginning.
LONGEST_SLUG = 22
_ONLY_IN_THE_SAMPLE = re.compile(r"<!-- sample -->.*?<!-- /sample -->\n*", re.DOTALL)
SAMPLE = "_example"


class SlugNotUsable(Invalid):
    code = "assembly.slug_not_usable"
    sentence = _(
        "A slug is one English word in snake_case of 3 to 22 characters, for example tea_garden; found “%(found)s”."
    )


class SlugTaken(Conflict):
    code = "assembly.slug_taken"
    sentence = _("“%(slug)s” exists already. Choose another word, or work in its folder.")


def new_scene(*, slug: str, name: str, root: Path) -> Path:
    """Write `scenes/<slug>` below `root` (the package folder `xinzhi`) and return the folder.

    `name` is how people call it, usually in Chinese; in English it is called after the slug.
    Raises SlugNotUsable, SlugTaken; then nothing was written.
    """
    if not _SLUG.match(slug) or not 3 <= len(slug) <= LONGEST_SLUG or keyword.iskeyword(slug):
        raise SlugNotUsable(found=slug[:40])
    folder = root / "scenes" / slug
    taken = {config.label for config in apps.get_app_configs()} | {
        p.name for p in (root / "kernel").iterdir()
    }
    if slug in taken | _addresses() | _TAKEN or folder.exists():
        raise SlugTaken(slug=slug)
    draft = folder.with_name(f".{slug}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        _copy(root / "scenes" / SAMPLE, draft, slug=slug, name=" ".join(name.split()) or slug)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _format(folder)
    return folder


def _addresses() -> set[str]:
    """First words of the addresses that are served already."""
    patterns = list(get_resolver().url_patterns)
    at_root = [p for p in patterns if isinstance(p, URLResolver) and not str(p.pattern)]
    patterns += [inner for resolver in at_root for inner in resolver.url_patterns]
    return {str(pattern.pattern).partition("/")[0] for pattern in patterns}


def _format(folder: Path) -> None:
    """A longer slug breaks lines elsewhere. Where the formatter is not installed, `make format` does it later."""
    if find_spec("ruff"):
        subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(folder)], check=False)


def _copy(sample: Path, draft: Path, *, slug: str, name: str) -> None:
    for source in sorted(sample.rglob("*")):
        inside = source.relative_to(sample)
        if source.is_dir() or "__pycache__" in inside.parts or source.suffix in {".pyc", ".mo"}:
            continue
        target = draft / _renamed(str(inside), slug=slug, name=name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_renamed(source.read_text("utf-8"), slug=slug, name=name), "utf-8")


def _renamed(text: str, *, slug: str, name: str) -> str:
    """The sample's text for another scene: its slug, its class prefix, its English and its Chinese name."""
    words = slug.replace("_", " ").capitalize()
    camel = "".join(part.capitalize() for part in slug.split("_"))
    shown = name.replace("\\", "").replace('"', "")
    text = _ONLY_IN_THE_SAMPLE.sub("", text)
    text = text.replace("ExampleConfig", f"{camel}Config")
    text = text.replace("/api/v1/example", f"/api/v1/{slug.replace('_', '-')}")
    text = re.sub(r"(?<![A-Za-z0-9])_?example(?![A-Za-z0-9])", slug, text)
    text = re.sub(r"\bExample\b", words, text)
    return text.replace("示例", shown)
