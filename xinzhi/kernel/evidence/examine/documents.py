"""PDF documents: whole, readable without a password, without programs or hidden files inside."""

from __future__ import annotations

import re

from xinzhi.kernel.evidence.errors import ActiveContent, DocumentBroken, DocumentLocked
from xinzhi.kernel.evidence.examine.result import Examined

#: Names in clear text; what hides in compressed objects never runs here, since PDFs are only handed out as files.
_ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b")
_END = 2_048


def examine_pdf(data: bytes) -> Examined:
    """Raises DocumentBroken, DocumentLocked or ActiveContent."""
    if b"%%EOF" not in data[-_END:] or b"startxref" not in data[-_END:]:
        raise DocumentBroken(field="file")
    if b"/Encrypt" in data:
        raise DocumentLocked(field="file")
    if _ACTIVE.search(data):
        raise ActiveContent(field="file")
    return Examined(kind="document", media_type="application/pdf")
