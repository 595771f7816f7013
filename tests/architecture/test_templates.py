"""The content security policy forbids inline script and style: templates hold none, so no page breaks later."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.architecture.sources import files, shown

TEMPLATES = [p for p in files(".html", below="xinzhi") if "templates" in p.parts]
_TRANSLATED = re.compile(r"{%\s*blocktranslate.*?{%\s*endblocktranslate\s*%}", re.DOTALL)
_CLASS = re.compile(r"{% block html_class %}.*?{% endblock %}")
_NOT_READ = re.compile(r"<(script|svg|code)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.DOTALL)
_TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)


class Inline(HTMLParser):
    """Collects what a strict policy would block, and what would be fetched from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        words = {name: value or "" for name, value in attrs}
        line = self.getpos()[0]
        if tag == "style":
            self.found.append(f"line {line}: <style>; put it into the package's static folder")
        if tag == "script" and "src" not in words and words.get("type") != "application/json":
            self.found.append(f"line {line}: <script> without src; put it into the package's static folder")
        for name, value in words.items():
            if name.startswith(("on", "hx-on")):
                self.found.append(f"line {line}: {name}=; listen in a static script instead")
            if name == "style":
                self.found.append(f"line {line}: style=; use a class")
            if name in ("href", "src", "action", "formaction") and value.strip().lower().startswith(
                "javascript:"
            ):
                self.found.append(f"line {line}: {name}=javascript:; use a button and a static script")
            if name in ("src", "srcset") and re.match(r"\s*(https?:)?//", value):
                self.found.append(f"line {line}: {name}={value}; pages fetch nothing from elsewhere")


def inline_in(text: str) -> list[str]:
    reader = Inline()
    # What Django writes into a page is judged by the policy itself; here only what stands in the file.
    reader.feed(_TAGS.sub(lambda tag: "\n" * tag.group().count("\n"), text))
    return reader.found


@pytest.mark.parametrize("path", TEMPLATES, ids=shown)
def test_templates_hold_no_inline_script_style_or_handler(path):
    found = inline_in(path.read_text("utf-8"))
    assert found == [], f"{shown(path)}: {'; '.join(found)}"


@pytest.mark.parametrize(
    "text",
    [
        "<style>p { color: red }</style>",
        "<script>go()</script>",
        '<button {% if a %}class="b"{% endif %}\n onclick="go()">',
        '<p style="color: red">',
        '<a href="javascript:go()">',
        '<img src="https://example.org/a.png">',
        '<div hx-on:click="go()">',
    ],
)
def test_each_kind_of_inline_code_would_be_seen(text):
    assert len(inline_in(text)) == 1


@pytest.mark.parametrize("path", [p for p in TEMPLATES if "500.html" not in p.name], ids=shown)
def test_templates_say_nothing_untranslated(path):
    """Sentences go through {% translate %}; what remains between tags holds no words."""
    text = path.read_text("utf-8")
    for not_said in (_TRANSLATED, _CLASS, _TAGS, _NOT_READ, re.compile(r"&\w+;")):
        text = not_said.sub(" ", text)
    words = [word for word in re.findall(r"[^\W\d_]{2,}", text) if word not in LEFT_AS_THEY_ARE]
    assert words == [], f"{shown(path)} says {words} without {{% translate %}}."


#: Names of languages are written in their own language; units and file kinds are the same in both.
LEFT_AS_THEY_ARE = {"English", "中文", "Excel", "CSV", "API", "Xinzhi", "信治"}
