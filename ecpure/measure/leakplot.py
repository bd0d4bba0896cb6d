"""The picture of a leak test: for each pair of classes the curves of t and the two histograms of times, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

_WIDTH, _ROW, _LEFT, _PANEL, _HEIGHT, _GAP = 860, 210, 50, 340, 130, 90
_APART = 14  # distance between two lines of text
_COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999")  # told apart by most eyes
_STYLE = "text{font:12px sans-serif;fill:currentColor}svg{color:#222}"


def draw(report: dict[str, Any], bound: float) -> bytes:
    """Return the report's picture."""
    rows = [_row(result, bound, 40 + _ROW * place) for place, result in enumerate(report["results"])]
    height = 40 + _ROW * len(rows)
    heading = f"Welch's t and signing times, backend {report['backend']}, {report['runtime']}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>{escape(heading)}</title><style>{_STYLE}</style>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',  # its own background, for dark pages too
        _text(_LEFT, 20, heading),
        *rows,
        "</svg>\n",
    ]
    return "\n".join(parts).encode("utf-8")


def _row(result: dict[str, Any], bound: float, top: float) -> str:
    title = f"{result['signer']}: {result['pair']}; {result['signatures']:,} signatures"
    parts = [_text(_LEFT, top + 14, title)]
    highest = max([1.4 * bound, *(abs(t) for curve in result["curves"].values() for t in curve)])
    top += 26
    middle, scale = top + _HEIGHT / 2, _HEIGHT / 2 / highest
    for level in (bound, 0.0, -bound):
        y = middle - level * scale
        parts.append(_line([(_LEFT, y), (_LEFT + _PANEL, y)], "currentColor", "stroke-dasharray:4 3;opacity:.5"))
    end = bound if bound * scale > _APART else highest  # there is no room for the bound's number if t is far above it
    for level in (end, 0.0, -end):
        words = f"{level:,.1f}".removesuffix(".0").replace("-", "−")
        parts.append(_text(_LEFT - 6, middle - level * scale + 4, words, "end"))
    for (crop, curve), colour in zip(result["curves"].items(), _COLOURS, strict=True):
        across = _PANEL / max(1, len(curve) - 1)
        points = [(_LEFT + across * i, middle - t * scale) for i, t in enumerate(curve)]
        parts.append(_line(points, colour, "stroke-width:1.5"))
        place = list(result["curves"]).index(crop)
        parts.append(_text(_LEFT + place * 50, top + _HEIGHT + 16, f"{crop}%", colour=colour))
    return "\n".join(parts + _histograms(result["histogram"], top))


def _histograms(histogram: dict[str, Any], top: float) -> list[str]:
    left = _LEFT + _PANEL + _GAP
    bottom = top + _HEIGHT
    parts = [_line([(left, bottom), (left + _PANEL, bottom)], "currentColor", "opacity:.5")]
    for place, (name, colour) in enumerate((("first", _COLOURS[0]), ("second", _COLOURS[1]))):
        bins = histogram[name]
        total = sum(bins) or 1
        highest = max(*histogram["first"], *histogram["second"], 1) / (sum(histogram["first"]) or 1)
        points = []
        for i, count in enumerate(bins):
            y = bottom - min(1.0, count / total / highest) * _HEIGHT
            points += [(left + _PANEL * i / len(bins), y), (left + _PANEL * (i + 1) / len(bins), y)]
        parts.append(_line(points, colour, "stroke-width:1.2"))
        parts.append(_text(left + _PANEL / 2 + 60 * place - 60, bottom + 16, name, colour=colour))
    parts.append(_text(left, bottom + 16, f"{histogram['from'] / 1000:.1f} µs"))
    parts.append(_text(left + _PANEL, bottom + 16, f"{histogram['to'] / 1000:.1f} µs", "end"))
    return parts


def _line(points: Sequence[tuple[float, float]], colour: str, style: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" style="{style}"/>'


def _text(x: float, y: float, words: str, anchor: str = "start", colour: str = "currentColor") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="fill:{colour}">{escape(words)}</text>'
