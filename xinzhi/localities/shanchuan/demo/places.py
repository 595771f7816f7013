"""The six villages with their groups. Codes: statistical division codes of 2023-06-30 (National Bureau of Statistics).

How many households and groups a village has is made up, but of the real order.
"""

from __future__ import annotations

from dataclasses import dataclass

#: (level, name, statistical code)
ANCESTORS = (
    ("province", "浙江省", "330000000000"),
    ("city", "湖州市", "330500000000"),
    ("county", "安吉县", "330523000000"),
    ("township", "山川乡", "330523206000"),
)


@dataclass(frozen=True, slots=True)
class Village:
    slug: str
    name: str
    code: str
    households: int
    hamlets: tuple[str, ...]
    groups_each: int


VILLAGES = (
    Village("chuancun", "船村村", "330523206201", 310, ("上船", "下船", "里坞"), 2),
    Village("dali", "大里村", "330523206202", 360, ("大里", "外大里", "高山"), 2),
    Village("gaojiatang", "高家堂村", "330523206203", 270, ("高家堂", "七亩塘", "下庄"), 2),
    Village("jiumu", "九亩村", "330523206204", 280, ("九亩", "石岭", "续目"), 2),
    Village("majialong", "马家弄村", "330523206205", 277, ("马家弄", "田坞", "岭脚"), 2),
    Village("shanchuan", "山川村", "330523206207", 403, ("赵家堂", "山川", "毛竹坞"), 3),
)
