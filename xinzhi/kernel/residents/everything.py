"""Everything the house knows about a household, as one file for its members (PIPL art. 45: access and copy).

Packages register what they hold: `everything.register("deeds", _("Deeds"), rows)` in apps.ready. The file opens on a phone
(index.html), is read by programs (data.json) and brings the photos.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.template.loader import render_to_string
from django.utils.functional import Promise

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.residents.models import Household

Text = str | Promise
#: Rows of one section: the same columns in every row, values that read as text.
Rows = Callable[..., Sequence[Mapping[str, Any]]]
#: Files of one section: (name inside the archive, bytes), one after the other.
Files = Callable[..., Iterable[tuple[str, bytes]]]
IN_MEMORY_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class Section:
    """What one package brings. `rows(actor=, household_id=, at=)`, `files(actor=, household_id=, at=)`."""

    label: Text
    rows: Rows
    files: Files | None = None


_sections: dict[str, Section] = {}


def register(name: str, label: Text, rows: Rows, files: Files | None = None) -> None:
    """Called in apps.ready; `name` is the key in data.json."""
    _sections[name] = Section(label, rows, files)


def sections() -> list[str]:
    return list(_sections)


def write_zip(*, actor: Actor, household_id: int, at: datetime) -> IO[bytes]:
    """The archive, at its beginning, for a member of the household or whoever acts for it. Raises NotFound.

    The numbers of other members stay masked: one's own data are one's own, not the family's.
    """
    household = Household.objects.filter(pk=household_id).first()
    if household is None or household_id not in actor.household_ids:
        raise NotFound()
    found = {
        name: list(section.rows(actor=actor, household_id=household_id, at=at))
        for name, section in _sections.items()
    }
    archive: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 (the answer closes it)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data.json", json.dumps(found, ensure_ascii=False, indent=1, default=str))
        tables = [
            {
                "label": _sections[name].label,
                "columns": list(rows[0]) if rows else [],
                "rows": [list(r.values()) for r in rows],
            }
            for name, rows in found.items()
        ]
        page = render_to_string(
            "residents/everything.html", {"tables": tables, "household": household, "at": at}
        )
        file.writestr("index.html", page)
        for section in _sections.values():
            for name, content in (
                section.files(actor=actor, household_id=household_id, at=at) if section.files else ()
            ):
                file.writestr(name, content)
    audit.record(
        actor=actor, action="residents.download_everything", subject=f"household:{household_id}", at=at,
        region_id=household.village_id, household_id=household_id, count=sum(len(rows) for rows in found.values()),
    )  # fmt: skip
    archive.seek(0)
    return archive
