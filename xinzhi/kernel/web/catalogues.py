"""Translations: each package has its own catalogue beside it; Babel reads and compiles them, GNU gettext is not needed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
_METHODS = [("**.py", "python"), ("**/templates/**.html", "enmerkar.extract:extract_django")]
_WORDS = {
    "_": None, "_g": None, "_t": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
}  # fmt: skip
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
Key = str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one sentence of one package."""

    package: str
    problem: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.package}: {self.problem}: {self.sentence!r}"


def folders(packages: list[str]) -> Iterator[tuple[str, Path]]:
    """The installed packages of ours and their folders."""
    for package in packages:
        spec = find_spec(package)
        if package.startswith("xinzhi.") and spec and spec.submodule_search_locations:
            yield package, Path(next(iter(spec.submodule_search_locations)))
    foundation = find_spec("xinzhi.kernel.foundation")
    if foundation and foundation.submodule_search_locations:
        yield "xinzhi.kernel.foundation", Path(next(iter(foundation.submodule_search_locations)))


def sentences_of(folder: Path) -> list[Key]:
    """Every sentence marked for translation in a package, in the order of its files."""

    def ours(path: str) -> bool:
        return not {"tests", "migrations", "locale", "__pycache__"} & set(
            Path(path).relative_to(folder).parts
        )

    found: dict[Key, None] = {}
    for _file, _line, message, _comments, _context in extract_from_dir(
        folder, method_map=_METHODS, keywords=_WORDS, directory_filter=lambda path: ours(str(path))
    ):
        key: Key = message if isinstance(message, str) else (message[0], message[1])
        if key and key != ("", ""):
            found[key] = None
    return list(found)


def read(folder: Path) -> Catalog:
    path = folder / CATALOGUE
    if not path.exists():
        return Catalog(locale="zh_Hans", domain="django")
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans", domain="django")


def update(folder: Path) -> tuple[int, int]:
    """Bring a catalogue up to the sentences of its package; returns how many were added and dropped."""
    wanted = sentences_of(folder)
    old = read(folder)
    new = Catalog(locale="zh_Hans", domain="django")
    added = 0
    for key in wanted:
        known = old.get(key if isinstance(key, str) else key[0])
        text = known.string if known else ("" if isinstance(key, str) else ("",))
        added += known is None
        first = key if isinstance(key, str) else key[0]
        new.add(key, text, flags=["python-format"] if _PLACEHOLDER.search(first) else [])
    dropped = len([m for m in old if m.id and not new.get(m.id if isinstance(m.id, str) else m.id[0])])
    if wanted:
        write(folder, new)
    return added, dropped


#: What a catalogue says of itself. No dates and no tool: a run that finds nothing new changes no file.
_HEAD = """msgid ""
msgstr ""
"Language: zh_Hans\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def write(folder: Path, catalogue: Catalog) -> None:
    out = io.BytesIO()
    write_po(out, catalogue, sort_output=True, no_location=True, width=120, omit_header=True)
    path = folder / CATALOGUE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_HEAD.encode() + out.getvalue())


def compile_catalogue(folder: Path) -> bool:
    """Write the compiled catalogue when it is older than its source. Returns whether it was written."""
    source = folder / CATALOGUE
    compiled = source.with_suffix(".mo")
    if not source.exists() or (compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime):
        return False
    out = io.BytesIO()
    write_mo(out, read(folder))
    compiled.write_bytes(out.getvalue())
    return True


def flaws(package: str, folder: Path) -> list[Flaw]:
    """What is missing, stale, uncertain or mismatched in a package's catalogue."""
    wanted = sentences_of(folder)
    catalogue = read(folder)
    found = []
    for key in wanted:
        first = key if isinstance(key, str) else key[0]
        entry = catalogue.get(first)
        if entry is None or not _text(entry):
            found.append(Flaw(package, "not translated", first))
            continue
        if entry.fuzzy:
            found.append(Flaw(package, "marked uncertain", first))
        names = set(_PLACEHOLDER.findall(" ".join(key) if isinstance(key, tuple) else key))
        if set(_PLACEHOLDER.findall(_text(entry))) - names:
            found.append(Flaw(package, "has placeholders the sentence does not have", first))
        if isinstance(key, str) and names - set(_PLACEHOLDER.findall(_text(entry))):
            found.append(Flaw(package, "lost a placeholder", first))
    known = {k if isinstance(k, str) else k[0] for k in wanted}
    stale = [m for m in catalogue if m.id and (m.id if isinstance(m.id, str) else m.id[0]) not in known]
    found += [Flaw(package, "no longer used", str(m.id)) for m in stale]
    return found


def _text(entry: Message) -> str:
    return entry.string if isinstance(entry.string, str) else " ".join(entry.string or ())
