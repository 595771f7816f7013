"""On which paper a change is based: codes for the records, words for the pages."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.residents.services.life.refusals import BasisUnknown

#: 户口登记条例 art. 7, 8 and 10 ask for registration of birth, death and moving; the village notes on what it relied.
BASES: dict[str, str | Promise] = {
    "household_book": _("household register book (户口簿)"),
    "police_certificate": _("certificate of the police station"),
    "birth_certificate": _("birth certificate"),
    "death_certificate": _("death certificate"),
    "marriage_certificate": _("marriage certificate"),
    "court_document": _("document of a court"),
    "written_agreement": _("written agreement of both households"),
    "family_statement": _("statement of the family"),
}
_ALWAYS = ("household_book", "police_certificate", "family_statement")
OF_KIND: dict[str, tuple[str, ...]] = {
    "birth": ("birth_certificate", *_ALWAYS),
    "death": ("death_certificate", "court_document", *_ALWAYS),
    "marriage_in": ("marriage_certificate", *_ALWAYS),
    "marriage_out": ("marriage_certificate", *_ALWAYS),
    "moved_away": _ALWAYS,
    "came_back": _ALWAYS,
    "head_changed": _ALWAYS,
    "split": ("written_agreement", "household_book", "police_certificate", "court_document"),
    "merged": ("written_agreement", "household_book", "police_certificate", "court_document"),
}


def require_basis(kind: str, basis: str) -> None:
    """Raises BasisUnknown unless the paper is one for this kind of change."""
    if basis not in OF_KIND[kind]:
        raise BasisUnknown(field="basis", found=basis[:40])
