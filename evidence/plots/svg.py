"""Plots as files of their own: SVG on a light ground, numbers as text, no script, nothing from outside."""

import re
import textwrap
from collections.abc import Sequence
from xml.etree import ElementTree

from ..evidence_map import EvidenceMap
from .axis import Tick
from .forest import Mark
from .funnel import Funnel
from .picture import Picture, Row

WIDTH = 960
LEFT = 24
INK, SOFT, RULE, GROUND = "#16201e", "#4a5653", "#c9cfca", "#fcfcf9"
_NAMESPACE = "http://www.w3.org/2000/svg"
# What XML 1.0 has no place for.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Node = ElementTree.Element


def forest_file(picture: Picture, *, title: str, description: str) -> str:
    """A forest plot as the text of an SVG file. `picture` is one of the kind “forest”."""
    if picture.drawn is None or picture.measure is None:
        raise ValueError("This picture is no forest plot.")
    page = _Page(title, description)
    left, right = 330.0, 660.0
    page.text(LEFT, "Study", weight="600")
    page.text(WIDTH - LEFT, f"{picture.measure.label} (95% CI)", anchor="end", weight="600")
    page.down(14)
    first = page.y
    for row in picture.rows:
        page.down(26)
        colour = SOFT if row.is_left else INK
        page.text(LEFT, _short(row.said["label"], 40), colour=colour, is_struck=row.is_left)
        page.text(WIDTH - LEFT, row.said["display"], anchor="end", colour=colour, is_struck=row.is_left)
        if row.mark is not None:
            _interval(page, row.mark, left, right)
    page.down(30)
    page.text(LEFT, f"Pooled, {picture.pooled['k']} studies", weight="600")
    page.text(WIDTH - LEFT, picture.pooled["display"], anchor="end", weight="600")
    corners = [
        tuple(map(float, corner.split(","))) for corner in picture.drawn.diamond.replace("%", "").split()
    ]
    middle = page.y - 5
    page.add(
        "polygon",
        points=" ".join(f"{_across(x, left, right):.1f},{middle + y - 18:.1f}" for x, y in corners),
        fill=INK,
    )
    if picture.drawn.prediction is not None:
        page.down(26)
        page.text(LEFT, "Prediction interval")
        page.text(WIDTH - LEFT, picture.pooled["prediction_display"], anchor="end")
        low, high = (_x(place, left, right) for place in picture.drawn.prediction)
        page.line(low, page.y - 5, high, page.y - 5, stroke=INK, width=2)
    page.down(14)
    _axis(page, picture.drawn.ticks, picture.drawn.null, left, right, first)
    return page.written()


def directions_file(rows: Sequence[Row], *, title: str, description: str) -> str:
    """What each result points to, in signs and words, as the text of an SVG file."""
    page = _Page(title, description)
    for x, head in ((LEFT, "Study"), (300, "Points to"), (530, "What was found")):
        page.text(x, head, weight="600")
    for row in rows:
        page.down(14)
        page.line(LEFT, page.y - 4, WIDTH - LEFT, page.y - 4, stroke=RULE)
        page.down(20)
        _sign(page, row.sign, 308, page.y - 5)
        lines = (
            textwrap.wrap(_short(row.said["label"], 110), 32) or [""],
            textwrap.wrap((row.said["direction"] or "not stated").capitalize(), 24),
            textwrap.wrap(_found(row), 48) or ["No number or sentence was entered."],
        )
        for place in range(max(map(len, lines))):
            if place:
                page.down(18)
            for x, column in zip((LEFT, 326, 530), lines, strict=True):
                if place < len(column):
                    page.text(x, column[place])
    page.down(10)
    return page.written()


def funnel_file(drawn: Funnel, *, measure: str, title: str, description: str) -> str:
    """A funnel plot as the text of an SVG file."""
    page = _Page(title, description)
    left, right, height = 120.0, float(WIDTH - 60), 420.0
    top = page.y

    def y(place: str) -> float:
        return top + height * float(place[:-1]) / 100

    for depth in drawn.depths:
        page.line(left, y(depth.x), right, y(depth.x), stroke=RULE)
        page.text(left - 10, depth.label, anchor="end", colour=SOFT, y=y(depth.x) + 5)
    tip = _x(drawn.tip, left, right)
    for corner in drawn.base:
        page.line(tip, y(drawn.top), _x(corner, left, right), y(drawn.bottom), stroke=SOFT, dashes="5 4")
    page.line(tip, y(drawn.top), tip, y(drawn.bottom), stroke=SOFT)
    for dot in drawn.dots:
        circle = page.add("circle", cx=f"{_x(dot.x, left, right):.1f}", cy=f"{y(dot.y):.1f}", r="5", fill=INK)
        ElementTree.SubElement(circle, "title").text = _clean(dot.label)
    page.text(LEFT, "Standard error", colour=SOFT, y=top - 6)
    page.down(height)
    _axis(page, drawn.ticks, drawn.null, left, right, top)
    page.down(26)
    page.text((left + right) / 2, measure, anchor="middle", colour=SOFT)
    return page.written()


def _found(row: Row) -> str:
    display, finding = row.said["display"], row.said["finding"]
    return f"{display}. {finding}".rstrip() if display else str(finding)


def map_file(drawn: EvidenceMap, *, unit: str, description: str) -> str:
    """An evidence map as the text of an SVG file."""
    title = f"{drawn.down.label} by {drawn.across.label[0].lower()}{drawn.across.label[1:]}: {unit}"
    page = _Page(title, description)
    side = 220.0
    width = (WIDTH - 2 * LEFT - side) / max(1, len(drawn.columns))
    for place, column in enumerate(drawn.columns):
        for line, words in enumerate(textwrap.wrap(column.label, max(6, int(width / 6.5)))[:3]):
            page.text(LEFT + side + place * width + 4, words, y=page.y + line * 14, size="12", weight="600")
    page.down(44)
    for row in drawn.rows:
        page.text(LEFT, _short(row.option.label, 30), y=page.y + 24, size="14")
        for place, cell in enumerate(row.cells):
            left = LEFT + side + place * width
            box = page.add("rect", x=f"{left + 2:.1f}", y=f"{page.y + 2:.1f}", height="40")
            box.set("width", f"{width - 4:.1f}")
            box.set("fill", _SHADES[cell.shade])
            box.set("stroke", SOFT if cell.gap else _SHADES[cell.shade])
            if cell.gap:
                box.set("stroke-dasharray", "4 3")
            words = str(cell.n) if cell.n else "–"
            page.text(left + 8, words, y=page.y + 19, size="14", weight="600")
            small = f"certainty {min(cell.levels)} of 4" if cell.level else (cell.gap or "")
            page.text(left + 8, _short(small, max(3, int(width / 6))), y=page.y + 35, size="10", colour=SOFT)
        page.down(44)
    return page.written()


_SHADES = (GROUND, "#e3efe9", "#c6dfd3", "#a2cbb9", "#7fb7a0")


class _Page:
    """A sheet that grows downwards."""

    def __init__(self, title: str, description: str) -> None:
        self.root = Node("svg", {"xmlns": _NAMESPACE, "role": "img", "aria-labelledby": "title desc"})
        ElementTree.SubElement(self.root, "title", {"id": "title"}).text = _clean(title)
        ElementTree.SubElement(self.root, "desc", {"id": "desc"}).text = _clean(description)
        self._ground = self.add("rect", x="0", y="0", fill=GROUND)
        self.y = 12.0
        for line in textwrap.wrap(title, 78):
            self.down(24)
            self.text(LEFT, line, size="19", weight="600")
        for line in textwrap.wrap(description, 104):
            self.down(20)
            self.text(LEFT, line, colour=SOFT)
        self.down(38)

    def down(self, by: float) -> None:
        self.y += by

    def add(self, name: str, **attributes: str) -> Node:
        return ElementTree.SubElement(self.root, name, attributes)

    def line(
        self, x1: float, y1: float, x2: float, y2: float, *, stroke: str, width: float = 1, dashes: str = ""
    ) -> None:
        places = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
        node = self.add("line", **{name: f"{place:.1f}" for name, place in places.items()})
        node.set("stroke", stroke)
        node.set("stroke-width", f"{width:g}")
        if dashes:
            node.set("stroke-dasharray", dashes)

    def text(
        self,
        x: float,
        words: str,
        *,
        y: float | None = None,
        anchor: str = "start",
        colour: str = INK,
        size: str = "15",
        weight: str = "400",
        is_struck: bool = False,
    ) -> None:
        node = self.add("text", x=f"{x:.1f}", y=f"{self.y if y is None else y:.1f}", fill=colour)
        node.set("font-family", "system-ui, 'Segoe UI', Arial, sans-serif")
        node.set("font-size", size)
        if weight != "400":
            node.set("font-weight", weight)
        if anchor != "start":
            node.set("text-anchor", anchor)
        if is_struck:
            node.set("text-decoration", "line-through")
        node.text = _clean(words)

    def written(self) -> str:
        height = f"{self.y + 24:.0f}"
        for node in (self.root, self._ground):
            node.set("width", str(WIDTH))
            node.set("height", height)
        self.root.set("viewBox", f"0 0 {WIDTH} {height}")
        body = ElementTree.tostring(self.root, encoding="unicode")
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _interval(page: _Page, mark: Mark, left: float, right: float) -> None:
    middle = page.y - 5
    if mark.low is not None and mark.high is not None:
        low, high = _x(mark.low, left, right), _x(mark.high, left, right)
        page.line(low, middle, high, middle, stroke=INK, width=2)
        for is_open, x, way in ((mark.low_open, low, 6), (mark.high_open, high, -6)):
            if is_open:
                page.line(x, middle, x + way, middle - 4, stroke=INK, width=2)
                page.line(x, middle, x + way, middle + 4, stroke=INK, width=2)
    half = float(mark.half)
    page.add(
        "rect",
        x=f"{_x(mark.x, left, right) - half:.1f}",
        y=f"{middle - half:.1f}",
        width=mark.side,
        height=mark.side,
        fill=INK,
    )


def _axis(
    page: _Page, ticks: Sequence[Tick], null: str | None, left: float, right: float, top: float
) -> None:
    """The axis at the present height, with the dashed line of no difference up to `top`."""
    page.line(left, page.y, right, page.y, stroke=SOFT)
    for tick in ticks:
        x = _x(tick.x, left, right)
        page.line(x, page.y, x, page.y + 6, stroke=SOFT)
        page.text(x, tick.label, anchor="middle", colour=SOFT, y=page.y + 22)
    if null is not None:
        x = _x(null, left, right)
        page.line(x, top, x, page.y, stroke=SOFT, dashes="3 3")
    page.down(24)


SIGNS = {
    "for": "M4 16 16 4M8 4h8v8",
    "against": "M4 4 16 16M16 8v8H8",
    "level": "M3 7.5h14M3 12.5h14",
    "changed": "M10 3 17 16H3Z",
    "mixed": "M3 7h13M12.5 3.5 16 7l-3.5 3.5M17 14H4M7.5 10.5 4 14l3.5 3.5",
}
"""Each sign as a path in a box of 20 by 20, the same as on the page (components/symbols.html)."""


def _sign(page: _Page, sign: str, x: float, y: float) -> None:
    if sign in SIGNS:
        node = page.add("path", d=SIGNS[sign], fill="none", stroke=INK)
        node.set("stroke-width", "2")
        node.set("transform", f"translate({x - 8:.1f} {y - 8:.1f}) scale(0.8)")


def _across(place: float, left: float, right: float) -> float:
    return left + (right - left) * place / 100


def _x(place: str, left: float, right: float) -> float:
    return _across(float(place.rstrip("%")), left, right)


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def _clean(words: str) -> str:
    return _UNWRITABLE.sub("", words)
