"""A person as entered or imported, checked and cleaned before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.kernel.residents import relations
from xinzhi.kernel.residents.identity_numbers import check_resident_id
from xinzhi.kernel.residents.models import Person
from xinzhi.kernel.residents.texts import clean


class BirthDateMismatch(Invalid):
    code = "residents.birth_date_mismatch"
    sentence = _(
        "The date of birth %(given)s does not fit the identity number, which says %(number_says)s. "
        "Please compare both with the card."
    )


class SexMismatch(Invalid):
    code = "residents.sex_mismatch"
    sentence = _("The sex does not fit the identity number. Please compare both with the card.")


class SexUnknown(Invalid):
    code = "residents.sex_unknown"
    sentence = _("The sex is given as male or female or left empty; found “%(found)s”.")


class RelationUnknown(Invalid):
    code = "residents.relation_unknown"
    sentence = _("The relation “%(found)s” is not in GB/T 4761. Use a word such as 户主, 配偶, 子, 女, 母亲.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """What is known about a person when he is entered. Empty fields are unknown.

    `relation_code` is GB/T 4761 (02 head, 10 spouse, 20 son …), `sex_code` GB/T 2261.1 (0 unknown, 1 male, 2 female).
    """

    name: str
    relation_code: str = relations.HEAD
    sex_code: str = "0"
    id_number: str = ""
    birth_date: date | None = None
    phone: str = ""
    bank_card: str = ""
    address: str = ""
    is_collective_member: bool = False


@dataclass(frozen=True, slots=True)
class CheckedMember:
    """Clean values, ready to be encrypted, and what stands in clear."""

    values: dict[str, str]
    relation_code: str
    sex_code: str
    birth_year: int | None
    is_collective_member: bool
    warnings: tuple[str, ...] = ()

    @property
    def is_head(self) -> bool:
        return self.relation_code == relations.HEAD


def check_member(member: NewMember) -> CheckedMember:
    """Raises the refusal of the first field that cannot be right; it carries `field`."""
    if member.sex_code not in Person.SEX_CODES:
        raise SexUnknown(field="sex", found=str(member.sex_code)[:20])
    if not relations.word_of(member.relation_code):
        raise RelationUnknown(field="relation", found=str(member.relation_code)[:20])
    values = {"name": clean("name", member.name)}
    sex, birth = member.sex_code, member.birth_date
    warnings: tuple[str, ...] = ()
    if member.id_number:
        checked = check_resident_id(member.id_number, field="id_number")
        warnings = checked.warnings
        values["id_number"] = checked.number
        if birth is not None and birth != checked.birth_date:
            raise BirthDateMismatch(field="birth_date", given=birth, number_says=checked.birth_date)
        if sex in ("1", "2") and sex != checked.sex:
            raise SexMismatch(field="sex")
        sex, birth = checked.sex, checked.birth_date
    if birth is not None:
        values["birth_date"] = clean("birth_date", birth.isoformat())
    for field in ("phone", "bank_card", "address"):
        if written := getattr(member, field):
            values[field] = clean(field, written)
    return CheckedMember(
        values=values,
        relation_code=member.relation_code,
        sex_code=sex,
        birth_year=birth.year if birth else None,
        is_collective_member=member.is_collective_member,
        warnings=warnings,
    )
