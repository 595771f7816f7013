"""Bars as SVG, drawn on the server: no script, readable by a screen reader, printed like text."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_WIDTH, _HEIGHT, _TOP, _FOOT = 640, 220, 24, 24


def bars(title: str, labels: Sequence[str], values: Sequence[float]) -> SafeString:
    """One bar for each value, its figure above and its label below; negative values hang from the line.

    The title names the picture for who cannot see it; the page shows the same figures in a table.
    """
    step = _WIDTH / max(len(values), 1)
    highest, lowest = max([*values, 0.0]), min([*values, 0.0])
    scale = (_HEIGHT - _TOP - _FOOT) / ((highest - lowest) or 1)
    zero = _TOP + highest * scale
    drawn = []
    for n, (label, value) in enumerate(zip(labels, values, strict=True)):
        height = abs(value) * scale
        top = zero - height if value >= 0 else zero
        x, middle = n * step + step * 0.15, n * step + step / 2
        figure = f"{value:,.0f}" if value else ""
        above = top - 5 if value >= 0 else top + height + 12
        drawn.append(
            (f"{x:.1f}", f"{top:.1f}", f"{step * 0.7:.1f}", f"{height:.1f}", "loss" if value < 0 else "gain",
             f"{middle:.1f}", f"{above:.1f}", figure, f"{middle:.1f}", _HEIGHT - 6, label)
        )  # fmt: skip
    shapes = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" rx="3" class="chart__bar chart__bar_{}"/>'
        '<text x="{}" y="{}" class="chart__figure">{}</text><text x="{}" y="{}" class="chart__label">{}</text>',
        drawn,
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}'
        '<line x1="0" x2="{}" y1="{}" y2="{}" class="chart__line"/></svg>',
        _WIDTH, _HEIGHT, title, title, shapes, _WIDTH, f"{zero:.1f}", f"{zero:.1f}",
    )  # fmt: skip
