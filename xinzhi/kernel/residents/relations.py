"""Relations to the head of the household: GB/T 4761-2008 codes and the words rosters use for them."""

from __future__ import annotations

HEAD = "02"
SELF = "01"
OTHER_RELATIVE, _NOT_RELATED = "97", "99"

_WORDS = {
    "01": "本人",
    "02": "户主",
    "10": "配偶",
    "11": "夫 丈夫",
    "12": "妻 妻子",
    "20": "子 儿子",
    "21": "独生子",
    "22": "长子 大儿子",
    "23": "次子 二子 二儿子",
    "24": "三子 三儿子",
    "25": "四子 四儿子",
    "26": "五子 五儿子",
    "27": "养子 继子 养子或继子",
    "28": "女婿",
    "29": "其他儿子",
    "30": "女 女儿",
    "31": "独生女",
    "32": "长女 大女儿",
    "33": "次女 二女 二女儿",
    "34": "三女 三女儿",
    "35": "四女 四女儿",
    "36": "五女 五女儿",
    "37": "养女 继女 养女或继女",
    "38": "儿媳 媳妇 儿媳妇",
    "39": "其他女儿",
    "40": "孙子、孙女、或外孙子、外孙女 孙子女",
    "41": "孙子 孙",
    "42": "孙女",
    "43": "外孙子 外孙",
    "44": "外孙女",
    "45": "孙媳妇 孙媳 外孙媳妇",
    "46": "孙女婿 外孙女婿",
    "47": "曾孙子 曾孙 重孙",
    "48": "曾孙女 重孙女",
    "50": "父母",
    "51": "父亲 父",
    "52": "母亲 母",
    "53": "公公",
    "54": "婆婆",
    "55": "岳父",
    "56": "岳母",
    "57": "继父 养父 继父或养父",
    "58": "继母 养母 继母或养母",
    "60": "祖父母或外祖父母",
    "61": "祖父 爷爷",
    "62": "祖母 奶奶",
    "63": "外祖父 外公",
    "64": "外祖母 外婆",
    "66": "曾祖父",
    "67": "曾祖母",
    "70": "兄弟姐妹",
    "71": "兄 哥哥 哥",
    "72": "嫂 嫂子",
    "73": "弟 弟弟",
    "74": "弟媳 弟媳妇",
    "75": "姐姐 姐",
    "76": "姐夫",
    "77": "妹妹 妹",
    "78": "妹夫",
    "81": "伯父",
    "82": "伯母",
    "83": "叔父 叔叔",
    "84": "婶母 婶婶",
    "85": "舅父 舅舅",
    "86": "舅母",
    "87": "姨父",
    "88": "姨母",
    "89": "姑父",
    "90": "姑母",
    "91": "堂兄弟 堂姐妹 堂兄弟姐妹",
    "92": "表兄弟 表姐妹 表兄弟姐妹",
    "93": "侄子 侄儿",
    "94": "侄女",
    "95": "外甥",
    "96": "外甥女",
    OTHER_RELATIVE: "其他亲属 其他",
    _NOT_RELATED: "非亲属 雇工 寄居",
}
_CODES = {word: code for code, words in _WORDS.items() for word in words.split()}


def code_of(word: str) -> str | None:
    """The code of a word such as 户主, or of a two-digit code written as such; None when unknown."""
    word = word.strip()
    if len(word) == 2 and word.isascii() and word in _WORDS:
        return word
    return _CODES.get(word)


def word_of(code: str) -> str:
    """The word rosters use for a code, empty when unknown."""
    return _WORDS.get(code, "").split(" ")[0]


def _all(codes: str) -> frozenset[str]:
    return frozenset(codes.split())


_ROLES = {
    "head": _all("02"),
    "spouse": _all("10 11 12"),
    "child": _all("20 21 22 23 24 25 26 27 29 30 31 32 33 34 35 36 37 39"),
    "child_in_law": _all("28 38"),
    "grandchild": _all("40 41 42 43 44"),
    "parent": _all("50 51 52 57 58"),
    "parent_in_law": _all("53 54 55 56"),
    "sibling": _all("70 71 73 75 77"),
}
_FEMALE = _all(
    "12 30 31 32 33 34 35 36 37 38 39 42 44 45 48 52 54 56 58 62 64 67 72 74 75 77 82 84 86 88 90 94"
)
_MALE = _all(
    "11 20 21 22 23 24 25 26 27 28 29 41 43 46 47 51 53 55 57 61 63 66 71 73 76 78 81 83 85 87 89 93 95"
)
_SPOUSE, _CHILD, _GRANDCHILD = ("11", "12", "10"), ("20", "30", "20"), ("41", "42", "40")
_PARENT, _GRANDPARENT, _SIBLING = ("51", "52", "50"), ("61", "62", "60"), ("70", "70", "70")
_IN_LAW = ("28", "38", "38")
#: Who somebody is to the new head, by what both were to the former one: codes for a man, a woman, or not known.
_SEEN: dict[tuple[str, str], tuple[str, str, str]] = {
    ("spouse", "head"): _SPOUSE,
    ("spouse", "parent_in_law"): _PARENT,
    ("child", "head"): _PARENT,
    ("child", "spouse"): _PARENT,
    ("child", "child"): _SIBLING,
    ("child", "child_in_law"): _SPOUSE,
    ("child", "grandchild"): _CHILD,
    ("child", "parent"): _GRANDPARENT,
    ("child_in_law", "child"): _SPOUSE,
    ("child_in_law", "grandchild"): _CHILD,
    ("grandchild", "head"): _GRANDPARENT,
    ("grandchild", "spouse"): _GRANDPARENT,
    ("grandchild", "child"): _PARENT,
    ("grandchild", "child_in_law"): _PARENT,
    ("grandchild", "grandchild"): _SIBLING,
    ("parent", "head"): _CHILD,
    ("parent", "spouse"): _IN_LAW,
    ("parent", "child"): _GRANDCHILD,
    ("parent", "parent"): _SPOUSE,
    ("parent", "sibling"): _CHILD,
    ("sibling", "head"): _SIBLING,
    ("sibling", "sibling"): _SIBLING,
    ("sibling", "parent"): _PARENT,
}


def seen_from(head_code: str, head_sex: str, code: str, sex: str) -> str:
    """Who somebody (`code`, `sex`) is to a new head who was `head_code`: a proposal for the clerk to confirm.

    Codes are relations to the former head, sexes GB/T 2261.1. What a code does not tell (whose wife, whose child)
    is proposed as in the common case of a child who sets up house with his own family; else “other relative”.
    """
    if code == _NOT_RELATED or head_code == HEAD:
        return code
    roles = [next((r for r, codes in _ROLES.items() if c in codes), "") for c in (head_code, code)]
    if roles[0] == "spouse" and roles[1] in ("child", "child_in_law", "grandchild"):
        return code
    nth = _nth(code, sex)
    if (roles[0], roles[1]) in (("spouse", "parent"), ("child_in_law", "head"), ("child_in_law", "spouse")):
        return (
            ("55", "56", OTHER_RELATIVE)[nth]
            if _nth(head_code, head_sex) == 0
            else ("53", "54", OTHER_RELATIVE)[nth]
        )
    return _SEEN.get((roles[0], roles[1]), (OTHER_RELATIVE,) * 3)[nth]


def _nth(code: str, sex: str) -> int:
    """0 for a man, 1 for a woman, 2 where neither sex nor relation says."""
    if sex in ("1", "2"):
        return int(sex) - 1
    return 0 if code in _MALE else 1 if code in _FEMALE else 2


def choices() -> list[tuple[str, str]]:
    """Code and word of everybody but the head, in the order of the standard."""
    return [(code, words.split(" ")[0]) for code, words in _WORDS.items() if code not in (HEAD, SELF)]
