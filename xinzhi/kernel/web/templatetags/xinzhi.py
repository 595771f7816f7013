"""The words pages are made of: icons, points, money, days, and a few components."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.amounts import format_fen, format_points

register = template.Library()
_ICON_NAME = re.compile(r"[a-z0-9-]{1,40}\Z")


@lru_cache(maxsize=256)
def _icon(name: str) -> SafeString:
    path = Path(settings.ICON_DIR) / f"{name}.svg"
    if not _ICON_NAME.match(name) or not path.exists():
        return SafeString("")
    svg = re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.S)
    svg = re.sub(r'\s+class="[^"]*"', "", svg)
    svg = re.sub(r"\s+", " ", svg).replace(
        "<svg ", '<svg class="icon" aria-hidden="true" focusable="false" ', 1
    )
    return mark_safe(svg.strip())  # noqa: S308 (a file of an installed package, not input)


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the one set, always beside a label."""
    return _icon(name)


@register.simple_tag(name="points")
def points_tag(tenths: int | None) -> str:
    return format_points(tenths or 0)


@register.filter
def points(tenths: int | None) -> str:
    """1,234.5"""
    return format_points(tenths or 0)


@register.filter
def points_signed(tenths: int | None) -> str:
    """+15 or −10"""
    return format_points(tenths or 0, sign=True)


@register.filter
def fen(amount_fen: int | None) -> str:
    """¥3,194.86"""
    return format_fen(amount_fen or 0)


def _words() -> tuple[str, ...]:
    return (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))


@register.filter
def day(value: date | datetime | None) -> str:
    """11月23日 周一; with the year when it is not this one."""
    if value is None:
        return ""
    found = clock.local_date(value) if isinstance(value, datetime) else value
    other_year = found.year != clock.today().year
    if (get_language() or "").startswith("zh"):
        text = f"{found.month}月{found.day}日 {_words()[found.weekday()]}"
        return f"{found.year}年{text}" if other_year else text
    return f"{_words()[found.weekday()]} {found.day} {found:%b}" + (f" {found.year}" if other_year else "")


@register.filter
def moment(value: datetime | None) -> str:
    """11月23日 周一 14:05"""
    if value is None:
        return ""
    return f"{day(value)} {value.astimezone(clock.SHANGHAI):%H:%M}"


@register.simple_tag
def request_key(typed: Any = None) -> SafeString:
    """A hidden key of this form: sent twice, it counts once. A form that comes back keeps its key."""
    value = ""
    if typed is not None:
        try:
            value = str(UUID(typed.get("request_key", "")))
        except (ValueError, AttributeError):
            value = ""
    return format_html('<input type="hidden" name="request_key" value="{}">', value or uuid4())


@register.inclusion_tag("web/components/empty_state.html")
def empty_state(sentence: str, icon: str = "inbox") -> dict[str, str]:
    """What a list says when it is empty: what to do."""
    return {"sentence": sentence, "icon": icon}


@register.inclusion_tag("web/components/paging.html", takes_context=True)
def paging(context: template.Context, next_cursor: str | None) -> dict[str, str | None]:
    """The way to the next page, keeping the filters."""
    query = context["request"].GET.copy() if "request" in context else None
    if query is None or not next_cursor:
        return {"query": None}
    query["cursor"] = next_cursor
    return {"query": query.urlencode()}
