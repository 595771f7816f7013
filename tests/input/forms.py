"""The forms of the pages: who fills them in, with what, and which field asks for what kind of value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.input import values
from tests.input.scenes import parts
from tests.input.world import World
from xinzhi.kernel.residents import queries as residents
from xinzhi.scenes.governance_points.tests.conftest import TODAY

DAY = values.DAYS | values.FAR_DAYS
#: What a rule of the charter is worth: any number from 0.1 to 100.
WORTH = {k: v for k, v in values.QUANTITIES.items() if k != "more than at a time"}
#: A rule may bear any number of letters and digits, so an unknown one is as good as another.
RULE_NUMBERS = {k: v for k, v in values.CHOICES.items() if k not in ("unknown", "of another case")}
YESTERDAY = TODAY.replace(day=TODAY.day - 1).isoformat()

Path = Callable[[World], str]


@dataclass(frozen=True)
class Form:
    """`good` goes through as it is; `refused` names, for each field, the values that must not."""

    who: str
    path: Path
    good: Callable[[World], dict[str, Any]]
    refused: dict[str, dict[str, str]] = field(default_factory=dict)
    needed: dict[str, str] = field(default_factory=dict)  # a field left out: words of the answer
    gone: tuple[str, ...] = ()  # fields whose wrong value means “not found”: nothing to type again


def second(world: World) -> str:
    """A member of the household who is not its head."""
    return str(next(m.person_id for m in residents.members(world.household.pk) if not m.is_head))


FORMS = {
    "claim on the phone": Form(
        "villager", lambda w: "/governance_points/claim/D02/",
        lambda w: {"done_on": YESTERDAY, "quantity": "1"},
        refused={"done_on": DAY, "quantity": values.QUANTITIES, "person": values.IDS},
        needed={"done_on": "需要日期", "quantity": "数量"},
    ),
    "enter at the desk": Form(
        "clerk", lambda w: "/governance_points/desk/enter/",
        lambda w: {"household_no": "GJ0001", "rule": "D02", "done_on": YESTERDAY, "quantity": "1"},
        refused={
            "done_on": DAY, "quantity": values.QUANTITIES, "rule": values.CHOICES,
            "household_no": values.CHOICES | {"of another village": "SC0001"}, "village": values.IDS,
        },
        needed={"household_no": "户", "rule": "章程", "done_on": "需要日期", "quantity": "数量"},
        gone=("village",),
    ),
    "charter by hand": Form(
        "clerk", lambda w: "/governance_points/desk/charter/edit/",
        lambda w: {
            "resolution": "决议2号", "active_from": "2026-12-01", "publication_days": "7", "dry_run": "0",
            "code": "A01", "category": "生态环境", "title": "清洁", "points_kind": "固定", "points": "5", "unit": "",
            "max_quantity": "", "evidence": "无", "verifier": "", "day": "", "week": "", "month": "", "quarter": "",
            "year": "", "legal_basis": "",
        },
        refused={
            "active_from": DAY, "resolution": {"nothing": ""},
            "publication_days": values.IDS | {"more than a list hangs": "16", "less than a list hangs": "2"},
            "code": RULE_NUMBERS, "points_kind": {k: v for k, v in values.CHOICES.items() if v},
            "points": WORTH | {"nothing": "", "more than a deed is worth": "101"},
            "title": {"nothing": "", "long": values.LONG},
            "category": {"nothing": "", "long": values.LONG},
            "month": WORTH, "village": values.IDS,
        },
        needed={"resolution": "决议", "active_from": "需要日期", "publication_days": "天"},
        gone=("village",),
    ),
    "object to a line": Form(
        "neighbours", lambda w: f"/notices/{w.publication.pk}/lines/{w.line.pk}/object/",
        lambda w: {"grounds_code": "not_done", "note": "没有做"},
        refused={"grounds_code": values.CHOICES, "note": {"long": values.LONG}},
        needed={"grounds_code": "列表"},
    ),
    "object on paper": Form(
        "clerk", lambda w: f"/notices/{w.publication.pk}/lines/{w.line.pk}/object/",
        lambda w: {"grounds_code": "not_done", "household_no": "GJ0002"},
        refused={"household_no": values.CHOICES | {"of another village": "SC0001"}},
        needed={"household_no": "户"},
    ),
    "return a claim": Form(
        "clerk", lambda w: f"/workflow/governance_points.deed/{w.submitted.pk}/return/",
        lambda w: {"reason_code": "wrong_day", "note": "日期不对"},
        refused={"reason_code": values.CHOICES, "note": {"long": values.LONG}},
        needed={"reason_code": "理由"},
    ),
    "take points back": Form(
        "clerk", lambda w: f"/governance_points/deeds/{w.posted.pk}/correct/",
        lambda w: {"reason_code": "duplicate"},
        refused={"reason_code": values.CHOICES},
        needed={"reason_code": "理由"},
        gone=("reason_code",),
    ),
    "take a list down": Form(
        "clerk", lambda w: f"/notices/{w.publication.pk}/withdraw/",
        lambda w: {"reason_code": "mistake"},
        refused={"reason_code": values.CHOICES},
        needed={"reason_code": "撤"},
        gone=("reason_code",),
    ),
    "issue a key": Form(
        "administrator", lambda w: "/keys/",
        lambda w: {"name": "大屏", "region_code": w.village_code, "last_day": "2027-01-01", "scopes": ["audit.looks.read"]},
        refused={
            "last_day": DAY, "region_code": values.CHOICES, "scopes": values.CHOICES,
            "name": {"nothing": ""},
        },
        needed={"name": "名", "region_code": "代码", "last_day": "日期", "scopes": "权限"},
    ),
    "ask for a code": Form(
        "", lambda w: "/login/", lambda w: {"step": "phone", "phone": "13900000001"},
        refused={"phone": values.PHONES}, needed={"phone": "11 位"},
    ),
    "enter a code": Form(
        "", lambda w: "/login/", lambda w: {"step": "code", "phone": "13900000001", "code": "123456"},
        refused={"code": values.CODES, "phone": values.PHONES}, needed={"code": "验证码", "phone": "11 位"},
        gone=("code",),
    ),
    "log in as staff": Form(
        "", lambda w: "/login/staff/", lambda w: {"username": "clerk", "password": "wrong-wrong-wrong"},
        refused={"username": values.CHOICES, "password": values.CHOICES}, needed={"username": "用户名", "password": "密码"},
        gone=("password",),
    ),
    "enter a death": Form(
        "clerk", lambda w: f"/residents/households/{w.household.pk}/death/",
        lambda w: {"step": "confirm", "person": second(w), "on": TODAY.isoformat(), "basis": "household_book"},
        refused={"on": DAY, "basis": values.CHOICES, "person": values.IDS},
        needed={"on": "需要日期", "person": "成员", "basis": "材料"},
        gone=("person", "basis"),
    ),
    "split a household": Form(
        "clerk", lambda w: f"/residents/households/{w.household.pk}/split/",
        lambda w: {
            "step": "confirm", "agreed": "1", "person": second(w), "household_no": "GJ0001-1",
            "new_household_head": second(w), "share_by": "agreed", "share": "40", "on": TODAY.isoformat(),
            "basis": "written_agreement",
        },
        refused={
            "on": DAY, "person": values.IDS, "basis": values.CHOICES,
            "household_no": {"nothing": "", "taken": "GJ0002", "long": values.LONG},
            "share": {"words": "一半", "too much": "101", "negative": "-1", "too fine": "33.33", "nothing": ""},
            "new_household_head": values.IDS,
        },
        needed={"on": "需要日期", "person": "成员", "household_no": "户编号", "agreed": "签字", "new_household_head": "户主"},
        gone=("person", "basis", "new_household_head"),
    ),
    "choose a household": Form(
        "villager", lambda w: "/governance_points/household/",
        lambda w: {"household_id": str(w.household.pk)},
        refused={"household_id": values.IDS | {"nothing": ""}},
        gone=("household_id",),
    ),
    "act for a household": Form(
        "villager", lambda w: "/me/act-for/", lambda w: {"household": "1"},
        refused={"household": values.IDS | {"nothing": ""}},
        gone=("household",),
    ),
}  # fmt: skip


FORMS |= {name: form for part in parts() for name, form in part.FORMS.items()}


def cases() -> list[tuple[str, str, str]]:
    """Every form, field and value of the tables: names for the tests."""
    return [(name, f, v) for name, form in FORMS.items() for f, bad in form.refused.items() for v in bad]


def left_out() -> list[tuple[str, str]]:
    return [(name, f) for name, form in FORMS.items() for f in form.needed]
