"""What a task costs a person: taps from the first page, fields to fill, fields that may stay empty, fields filled already."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from tests.scope.world import World

#: What the house knows of whoever is logged in; no form of his own may ask for it again.
KNOWN_OF_A_VILLAGER = frozenset({"household_no", "village", "region_code", "id_number", "points", "balance"})


@dataclass(frozen=True)
class Task:
    """A way through pages: `path` are addresses, each of which must hold a link to the next; the form stands on the last."""

    name: str
    who: str
    path: tuple[str, ...]
    form: str = ""
    most_taps: int = 5
    most_to_fill: int = 3


TASKS = (
    Task("登录（手机号和验证码）", "stranger", ("/login/",), form="/login/", most_taps=2, most_to_fill=1),
    Task("申报一件善行", "household", ("/governance_points/", "/governance_points/claim/", "/governance_points/claim/D02/"),
         form="post", most_taps=4, most_to_fill=0),
    Task("看为什么得分", "household", ("/governance_points/", "/governance_points/deeds/{deed_id}/"), most_taps=1, most_to_fill=0),
    Task("看积分什么时候到期", "household", ("/governance_points/", "/governance_points/statement/"), most_taps=1, most_to_fill=0),
    Task("提出异议", "household", ("/notices/", "/notices/{publication_id}/", "/notices/{publication_id}/lines/{line_id}/object/"),
         form="post", most_taps=4, most_to_fill=1),
    Task("委托家人代办", "household", ("/governance_points/", "/me/who-may-act/"), form="post", most_taps=3, most_to_fill=3),
    Task("下载我家的全部资料", "household", ("/governance_points/", "/governance_points/statement/", "/governance_points/everything/"),
         most_taps=2, most_to_fill=0),
    Task("核实一件善行", "office", ("/workflow/inbox/", "/workflow/governance_points.deed/{deed_id}/"), form="/verify/",
         most_taps=2, most_to_fill=0),
    Task("代农户录入善行", "office", ("/workflow/inbox/", "/governance_points/desk/enter/"), form="post", most_taps=4, most_to_fill=2),
    Task("公示一批善行", "office", ("/workflow/inbox/", "/governance_points/desk/publish/"), form="post", most_taps=2, most_to_fill=0),
    Task("告知拟扣分", "office", ("/workflow/inbox/", "/governance_points/desk/deduction/"), form="post", most_taps=4, most_to_fill=3),
    Task("召集议事会", "office", ("/workflow/inbox/", "/governance_points/desk/council/"), form="post", most_taps=2, most_to_fill=1),
    Task("登记请假代班", "office", ("/workflow/inbox/", "/me/away/"), form="post", most_taps=3, most_to_fill=2),
    Task("登记农户的委托", "office", ("/governance_points/desk/households/", "/governance_points/desk/households/{household_id}/",
                                    "/households/{household_id}/proxies/"), form="post", most_taps=5, most_to_fill=4),
)  # fmt: skip


@dataclass
class Form:
    """The fields of one form by what they ask of a person. Radio buttons of one name are one field."""

    action: str
    method: str
    to_fill: set[str] = field(default_factory=set)
    optional: set[str] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)
    choices: set[str] = field(default_factory=set)


class Reading(HTMLParser):
    """The links and forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.forms: list[Form] = []
        self._select: tuple[str, bool] | None = None
        self._chosen, self._is_first = False, True

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "a" and given.get("href"):
            self.links.add((given["href"] or "").partition("?")[0].partition("#")[0])
        elif tag == "form":
            self.forms.append(Form(given.get("action") or "", (given.get("method") or "get").lower()))
        elif self.forms and tag in ("input", "textarea") and given.get("name"):
            self._field(given)
        elif self.forms and tag == "select" and given.get("name"):
            self._select, self._is_first = (given["name"] or "", "required" in given), True
        elif tag == "option" and self._select is not None:
            # Without a mark the first option counts: an empty one still has to be chosen.
            if self._is_first or "selected" in given:
                self._chosen = bool(given.get("value"))
            self._is_first = False

    def _field(self, given: dict[str, str | None]) -> None:
        form, name, kind = self.forms[-1], given["name"] or "", (given.get("type") or "text").lower()
        if kind in ("hidden", "submit", "button"):
            return
        if kind == "radio":
            (form.filled if "checked" in given else form.choices).add(name)
        elif kind == "checkbox":
            form.optional.add(name)
        elif given.get("value"):
            form.filled.add(name)
        else:
            (form.to_fill if "required" in given else form.optional).add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select is not None and self.forms:
            name, required = self._select
            form = self.forms[-1]
            (form.filled if self._chosen else form.choices if required else form.optional).add(name)
            self._select = None


@dataclass(frozen=True)
class Burden:
    task: Task
    taps: int
    to_fill: tuple[str, ...]
    optional: tuple[str, ...]
    filled: tuple[str, ...]


def measured(world: World, task: Task) -> Burden:
    """Walk the path as its person. Fails where a page does not lead to the next one."""
    client = Client(headers={"accept-language": "zh-hans"})
    client.cookies.load(world.cookies.get(task.who, {}))
    path = [address.format(**world.names) for address in task.path]
    reading = Reading()
    for here, then in zip(path, [*path[1:], ""], strict=True):
        answer: Any = client.get(here)
        assert answer.status_code == 200, f"{here} answered {answer.status_code}"
        if not then and not answer.headers["Content-Type"].startswith("text/html"):
            break
        reading = Reading()
        reading.feed(answer.content.decode())
        assert not then or then in reading.links, f"{here} does not lead to {then}"
    taps = len(path) - 1
    if not task.form:
        return Burden(task, taps, (), (), ())
    form = _form(reading, task)
    chosen = form.choices - form.filled
    return Burden(
        task,
        taps + len(chosen) + 1,
        tuple(sorted(form.to_fill)),
        tuple(sorted(form.optional)),
        tuple(sorted(form.filled)),
    )


def _form(reading: Reading, task: Task) -> Form:
    """The form of the task: by a part of its address, or the fullest one that is sent."""
    posted = [f for f in reading.forms if f.method == "post"]
    if task.form != "post":
        return next(f for f in posted if task.form in f.action)
    return max(posted, key=lambda f: len(f.to_fill) + len(f.choices) + len(f.filled) + len(f.optional))


def table(found: list[Burden]) -> str:
    """The table of docs/burden.md."""
    lines = ["| 事项 | 谁 | 点几下 | 要填 | 可不填 | 已填好 |", "|---|---|---|---|---|---|"]
    who = {"stranger": "访客", "household": "村民", "office": "村文书"}
    for b in found:
        lines.append(
            f"| {b.task.name} | {who[b.task.who]} | {b.taps} | {len(b.to_fill)} | {len(b.optional)} | {len(b.filled)} |"
        )
    return "\n".join(lines)
