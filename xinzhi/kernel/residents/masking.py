"""How personal values look where others may read: pure functions, no look-ups.

No masked value contains the whole one. Names follow the habit of village notices (张*, 张*明, 欧阳*);
identity numbers show nothing to others and the last four characters to their owner.
"""

from __future__ import annotations

import re

STAR = "*"
_HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_PARTS = re.compile(r"([\s·•‧・.\-'’]+)")

_COMPOUND = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 "
    "申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 "
    "宰父 谷梁 榖梁 拓跋 夹谷 轩辕 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 东门 西门 第五 淳于 单于 即墨 达奚 褚师"
)
#: Two-character surnames (复姓) that still occur.
COMPOUND_SURNAMES = frozenset(_COMPOUND.split())


def mask_name(name: str) -> str:
    """张明 → 张*, 张小明 → 张*明, 欧阳明 → 欧阳*, 阿依古丽·买买提 → 阿*·买*, John Smith → J* S*, 明 → *."""
    name = name.strip()
    parts = _PARTS.split(name)
    words = [p for p in parts[::2] if p]
    if len(words) > 1:
        separators = parts[1::2]
        masked = [_first_only(word) for word in parts[::2]]
        return "".join(w + s for w, s in zip(masked, [*separators, ""], strict=False))
    if not words:
        return STAR
    word = words[0]
    if not _HAN.search(word):
        return _first_only(word)
    surname = 2 if len(word) > 2 and word[:2] in COMPOUND_SURNAMES else 1
    if len(word) <= surname + 1:
        return _first_only(word) if surname == 1 else word[:2] + STAR
    return word[:surname] + STAR * (len(word) - surname - 1) + word[-1]


def _first_only(word: str) -> str:
    if not word:
        return ""
    return word[0] + STAR if len(word) > 1 else STAR


def mask_phone(phone: str) -> str:
    """13812345678 → 138****5678; other numbers keep their last two digits, short ones nothing."""
    digits = re.sub(r"\D", "", phone)
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-2:]}" if len(digits) >= 7 else "****"


def mask_id_number(number: str, *, owner: bool = False) -> str:
    """Nothing for others; for the owner the last four characters."""
    return _last_four(number) if owner else "****"


def mask_bank_card(number: str) -> str:
    """6222021234567890 → ****7890."""
    return _last_four(number)


def _last_four(number: str) -> str:
    characters = re.sub(r"[\s-]", "", number)
    return f"****{characters[-4:]}" if len(characters) >= 8 else "****"


def mask_value(field: str, value: str, *, owner: bool = False) -> str:
    """The masked form of any personal field; a field without a rule shows nothing."""
    if field == "name":
        return mask_name(value)
    if field == "phone":
        return mask_phone(value)
    if field == "id_number":
        return mask_id_number(value, owner=owner)
    if field == "bank_card":
        return mask_bank_card(value)
    if field == "birth_date":
        return value[:4]
    return "****"
