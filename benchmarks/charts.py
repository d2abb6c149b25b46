"""Bars as SVG, drawn from what a run measured: legible on any page, without fonts or scripts."""

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "charts"

WIDTH, LEFT, RIGHT = 820, 320, 90
BAR, GAP, TOP = 16, 14, 64
MARGIN = 16

# One tone for this site, a quieter one for others. The paper is the drawing's own: a reader may have asked
# for light colours while the page around the drawing is dark.
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2a2e }
  .title { font-size: 16px; font-weight: 600 }
  .quiet { fill: #55646a; font-size: 12px }
  .paper { fill: #ffffff }
  .ours { fill: #0b7a75 } .other { fill: #9aa7ad } .axis { stroke: #c9d1d4 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6ecee } .quiet { fill: #a9b6bb } .ours { fill: #35b5ad } .other { fill: #6c7a80 }
    .paper { fill: #101716 } .axis { stroke: #44525a }
  }
"""

Group = tuple[str, Sequence[tuple[str, float]]]


def bars(title: str, axis: str, groups: Sequence[Group], *, name: str) -> Path:
    """Draw groups of bars on a logarithmic axis; the first of each group is this site. Returns the file."""
    values = [value for _, of_group in groups for _, value in of_group]
    least = 10 ** math.floor(math.log10(min(values)) - 0.3)
    most = max(values) * 1.1
    span = math.log10(most / least)

    def x(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(value / least) / span

    parts = []
    y = TOP
    for label, of_group in groups:
        height = len(of_group) * (BAR + 3)
        middle = y + height / 2 + 4
        parts.append(f'<text x="{LEFT - 12}" y="{middle:.0f}" text-anchor="end">{escape(label)}</text>')
        for place, (who, value) in enumerate(of_group):
            tone = "other" if place else "ours"
            top = y + place * (BAR + 3)
            width = max(1, x(value) - LEFT)
            parts.append(f'<rect class="{tone}" x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR}"/>')
            words = f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
            parts.append(
                f'<text class="quiet" x="{x(value) + 6:.1f}" y="{top + 12}">{words} {escape(who)}</text>'
            )
        y += height + GAP
    for power in range(math.ceil(math.log10(least)), math.floor(math.log10(most)) + 1):
        place = x(10**power)
        parts.insert(0, f'<path class="axis" d="M{place:.1f} {TOP - 6}V{y - GAP + 4}"/>')
        parts.append(
            f'<text class="quiet" x="{place:.1f}" y="{y + 6}" text-anchor="middle">{10**power:g}</text>'
        )
    height = y + 34
    described = "; ".join(
        f"{label}: {', '.join(f'{who} {value:.3g}' for who, value in of_group)}" for label, of_group in groups
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg"'
        f' viewBox="{-MARGIN} {-MARGIN} {WIDTH + 2 * MARGIN} {height + MARGIN}" role="img"'
        f' aria-labelledby="title description">\n<title id="title">{escape(title)}</title>\n'
        f'<desc id="description">{escape(described)}</desc>\n<style>{STYLE}</style>\n'
        f'<rect class="paper" x="{-MARGIN}" y="{-MARGIN}" width="100%" height="100%" rx="8"/>\n'
        f'<text class="title" x="0" y="18">{escape(title)}</text>\n'
        f'<text class="quiet" x="0" y="38">{escape(axis)}; the scale is logarithmic</text>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.svg"
    path.write_text(svg)
    return path
