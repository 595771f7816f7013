"""Which column is which, and which are left out on purpose (minimum scope)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.kernel.residents.texts import visible
from xinzhi.kernel.sheets import Column

REQUIRED = ("household_no", "relation", "name")
_ALIASES = {
    "household_no": "户编号 户号 家庭编号 家庭户号 户籍编号 农户编号 户码 household_no",
    "head_name": "户主姓名 户主 户主名 head_name",
    "relation": "与户主关系 关系 家庭关系 与户主的关系 户主关系 relation",
    "name": "姓名 成员姓名 家庭成员姓名 家庭成员 name",
    "sex": "性别 sex",
    "birth_date": "出生日期 出生年月日 出生年月 生日 birth_date",
    "id_number": "公民身份号码 公民身份证号码 身份证号码 身份证号 身份证 身份号码 证件号码 证件号 id_number",
    "group": "村民小组 所在小组 小组 组别 村组 所属小组 组 group",
    "phone": "手机号 手机号码 手机 联系电话 电话 电话号码 联系方式 phone",
    "is_collective_member": "是否集体经济组织成员 集体经济组织成员 是否社员 是否集体成员 is_collective_member",
}
_FIELD_OF = {alias: field for field, aliases in _ALIASES.items() for alias in aliases.split()}

#: For `sheets.read_table` and the template a village fills in.
COLUMNS = tuple(
    Column(
        key=field,
        names=tuple(aliases.split()),
        required=field in REQUIRED,
        personal=field in ("name", "head_name", "id_number", "phone", "birth_date"),
    )
    for field, aliases in _ALIASES.items()
)

_SHARES = _("Shares belong in the share register of the collective, not in the roster.")
_RELIEF = _("Relief is sensitive and must not touch points; it stays with the relief register.")
_HUKOU = _("Not needed: rights follow membership of the collective, not the kind of registration.")
_FREE_TEXT = _("Free text may say anything about a person; it is not kept.")
_MONEY = _("An account is entered when there is something to pay out, not in advance.")
_TOO_MUCH = _("Not needed for the roster; only what is needed is kept.")
_UNKNOWN = _("Not a column of the roster.")
_LEFT_OUT: dict[str, Promise] = {
    **dict.fromkeys(("是否股东", "股东", "股份数", "股份", "股数", "持股数"), _SHARES),
    **dict.fromkeys(
        ("是否低保", "低保", "低保户", "是否贫困户", "脱贫户", "五保", "残疾", "是否残疾"), _RELIEF
    ),
    **dict.fromkeys(("户籍性质", "户口性质", "户口类型"), _HUKOU),
    **dict.fromkeys(("备注", "说明", "备注说明"), _FREE_TEXT),
    **dict.fromkeys(("银行卡号", "银行账号", "一卡通", "开户行"), _MONEY),
    **dict.fromkeys(
        (
            "民族",
            "政治面貌",
            "文化程度",
            "婚姻状况",
            "职业",
            "健康状况",
            "宗教信仰",
            "住址",
            "家庭住址",
            "地址",
        ),
        _TOO_MUCH,
    ),
}


class RosterColumnsMissing(Invalid):
    code = "residents.roster_columns_missing"
    sentence = _(
        "A roster needs the columns %(needed)s; missing: %(missing)s. "
        "The heading stands in one row, each column once. Please add them and try again."
    )


class RosterColumnTwice(Invalid):
    code = "residents.roster_column_twice"
    sentence = _("The columns “%(first)s” and “%(second)s” mean the same. Please remove one of them.")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that is not imported, and why."""

    column: str
    reason: str | Promise


@dataclass(frozen=True, slots=True)
class Columns:
    """`of`: our field → the heading in the file."""

    of: dict[str, str]
    left_out: tuple[LeftOut, ...]

    def heading(self, field: str) -> str:
        return self.of.get(field, field)


def read_columns(header: Sequence[str]) -> Columns:
    """Raises RosterColumnsMissing or RosterColumnTwice."""
    found: dict[str, str] = {}
    left_out: list[LeftOut] = []
    for heading in header:
        word = _plain(heading)
        field = _FIELD_OF.get(word)
        if field is None:
            if word:
                left_out.append(LeftOut(heading, _LEFT_OUT.get(word, _UNKNOWN)))
            continue
        if field in found:
            raise RosterColumnTwice(first=found[field], second=heading)
        found[field] = heading
    missing = [field for field in REQUIRED if field not in found]
    if missing:
        raise RosterColumnsMissing(needed=_words(REQUIRED), missing=_words(missing))
    return Columns(found, tuple(left_out))


def _words(fields: Sequence[str]) -> str:
    return "、".join(_ALIASES[field].split()[0] for field in fields)


def _plain(heading: str) -> str:
    """Without blanks, stars and what stands in brackets: “* 姓名（必填）” → 姓名."""
    text = unicodedata.normalize("NFKC", visible(heading)).lower()
    return re.sub(r"\(.*?\)|[\s*:]", "", text)
