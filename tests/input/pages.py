"""What a person sees of an answer: the sentences that say what is wrong, and what stands in the fields."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

CHINESE = re.compile(r"[\u4e00-\u9fff]")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Screen(HTMLParser):
    """A page as read by its reader. `alerts` are said aloud, `values` stand in named fields."""

    alerts: list[str] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)
    scripts: int = 0
    handlers: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    said: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self._alert_depth: int | None = None
        self._textarea: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.handlers += [name for name in have if name.startswith("on")]
        if tag == "script" and "src" not in have:
            self.scripts += 1
        if tag == "input" and "name" in have:
            is_choice = have.get("type") in ("radio", "checkbox")
            if not is_choice or "checked" in have:
                self.values.setdefault(have["name"], []).append(have.get("value", ""))
        if tag == "textarea":
            self._textarea = have.get("name", "")
            self.values.setdefault(self._textarea, []).append("")
        if tag == "select":
            self._select = have.get("name", "")
        if tag == "option" and self._select and "selected" in have:
            self.values.setdefault(self._select, []).append(have.get("value", ""))
        if tag not in VOID:
            self._open.append(tag)
            if self._alert_depth is None and have.get("role") in ("alert", "status"):
                self._alert_depth = len(self._open)
                self.alerts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open and self._open.pop() != tag:
                pass
        if self._alert_depth is not None and len(self._open) < self._alert_depth:
            self._alert_depth = None
        if tag == "textarea":
            self._textarea = None
        if tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        self.said += data
        if self._textarea is not None:
            self.values[self._textarea][-1] += data
        if self._alert_depth is not None:
            self.alerts[-1] += data


def screen_of(answer: Any) -> Screen:
    screen = Screen()
    screen.feed(answer.content.decode())
    screen.close()
    screen.alerts = [" ".join(a.split()) for a in screen.alerts if a.strip()]
    return screen


def sentences_of(answer: Any) -> list[str]:
    """What the answer says is wrong: alerts of a page, or the sentences of a problem document."""
    kind = answer.headers.get("Content-Type", "")
    if "json" in kind:
        body = json.loads(answer.content)
        return [body["detail"], *(e["message"] for e in body.get("errors", ()))]
    return screen_of(answer).alerts


def is_sentence(text: str) -> bool:
    """A sentence in Chinese: enough characters to say something, and an end."""
    return len(CHINESE.findall(text)) >= 6


def assert_said_clearly(answer: Any, words: str = "") -> None:
    """The answer is a refusal with a Chinese sentence (that holds the words): no crash, no bare word."""
    assert 400 <= answer.status_code < 500, f"answered {answer.status_code}"
    said = sentences_of(answer)
    assert any(is_sentence(s) for s in said), f"{answer.status_code} said only {said}"
    assert words in " ".join(said), f"“{words}” is not in {said}"
