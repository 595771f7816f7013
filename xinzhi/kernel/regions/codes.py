"""Official division codes: 12-digit statistical codes and GB/T 2260. Pure functions.

Shape (village.md 6.2): province 2 + city 2 + county 2 + township 3 + village 3. The first township digit
says what it is: 0 subdistrict, 1 town, 2 and 3 township, 4 and 5 units under an enterprise or a zone.
"""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.kernel.regions.models import CodeSystem, Level

_LENGTHS = (2, 4, 6, 9, 12)
_ENDS = ((2, Level.PROVINCE), (4, Level.CITY), (6, Level.COUNTY), (9, Level.TOWNSHIP), (12, Level.VILLAGE))


class CodeNotUnderstood(Invalid):
    code = "regions.code_not_understood"
    sentence = _(
        "A division code has 12 digits (shorter ones 2, 4, 6 or 9), for example 330523206203; found “%(found)s”."
    )


class CodeOfOtherLevel(Invalid):
    code = "regions.code_of_other_level"
    sentence = _("The code %(code)s belongs to the level “%(found)s”, but the region is a “%(needed)s”.")


def normal_code(code: str) -> str:
    """The 12 digits of a code written with 2, 4, 6, 9 or 12 digits. Raises CodeNotUnderstood."""
    written = unicodedata.normalize("NFKC", str(code)).strip()
    if not re.fullmatch(r"[1-9][0-9]+", written, re.ASCII) or len(written) not in _LENGTHS:
        raise CodeNotUnderstood(found=str(code)[:20], field="code")
    full = written.ljust(12, "0")
    if full[9:] != "000" and full[6:9] == "000":
        raise CodeNotUnderstood(found=str(code)[:20], field="code")
    if full[6] > "5":
        raise CodeNotUnderstood(found=str(code)[:20], field="code")
    return full


def level_of_code(code: str) -> Level:
    """The level a code stands for: the last of its parts that is not zero."""
    full = normal_code(code)
    used = len(full.rstrip("0"))
    return next(level for end, level in _ENDS if used <= end)


def ancestors_of_code(code: str) -> list[str]:
    """Codes above this one, nearest first. Some cities have townships without a county (441900003)."""
    full = normal_code(code)
    above = [full[:end].ljust(12, "0") for end, _level in reversed(_ENDS)]
    return [c for i, c in enumerate(above) if c != full and c not in above[:i]]


def stored_code(system: str, code: str) -> str:
    """How a code of this system is kept: stat12 with 12 digits, gbt2260 with 6. Raises CodeNotUnderstood."""
    full = normal_code(code)
    if system == CodeSystem.STAT12:
        return full
    if full[6:] != "000000":
        raise CodeNotUnderstood(found=str(code)[:20], field="code")
    return full[:6]
