# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pictures as text: SVG, which follows the light or dark of whoever looks, and Mermaid. Pure."""

from __future__ import annotations

import re
from html import escape

from .model import Box, Picture

WIDTH, GAP, ROW, LINE, EDGE, TOP = 210, 76, 150, 18, 28, 84
LONGEST, TITLE = 30, 25
STYLE = """
svg { background: var(--paper); }
:root, svg { --paper: #ffffff; --ink: #1d2733; --soft: #5b6978; --live: #e7f4ec; --live-line: #2d8a57;
  --idle: #f1f3f5; --idle-line: #9aa5b1;
  --data: #e8f0fb; --data-line: #3b6fb5; --person: #fff4dd; --person-line: #b7822a; --absent: #fdeaea; --absent-line: #b3261e; }
@media (prefers-color-scheme: dark) { :root, svg { --paper: #14191f; --ink: #e4e9ef; --soft: #9aa7b5; --live: #17342a;
  --live-line: #58c08a; --idle: #20272f; --idle-line: #6b7785; --data: #1a2b44; --data-line: #7fb0f5;
  --person: #3a2f17; --person-line: #e0b565; --absent: #3f1d1d; --absent-line: #ff8a80; } }
text { fill: var(--ink); font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.title { font-weight: 600; font-size: 14px; } .head { font-weight: 600; font-size: 20px; } .soft { fill: var(--soft); }
rect { stroke-width: 1.5; } .live rect { fill: var(--live); stroke: var(--live-line); }
.idle rect { fill: var(--idle); stroke: var(--idle-line); stroke-dasharray: 5 4; }
.data rect { fill: var(--data); stroke: var(--data-line); } .person rect { fill: var(--person); stroke: var(--person-line); }
.absent rect { fill: var(--absent); stroke: var(--absent-line); } path.way { fill: none; stroke: var(--idle-line); stroke-width: 1.5; }
path.strong { stroke: var(--live-line); stroke-width: 3; } .tip { fill: var(--idle-line); } .strong-tip { fill: var(--live-line); }
.label { font-size: 12px; font-weight: 600; paint-order: stroke; stroke: var(--paper); stroke-width: 5px; }
"""
MARKER = (
    '<marker id="{id}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="{size}" markerHeight="{size}" orient="auto">'
    '<path class="{look}" d="M0,0L10,5L0,10z"/></marker>'
)
LEGEND = (("live", "in use"), ("idle", "gets no users' requests"), ("data", "holds data"), ("person", "people"))


def svg(picture: Picture) -> str:
    """One file without anything from elsewhere."""
    places = {box.id: _place(box) for box in picture.boxes}
    wide = max((x for x, *_rest in places.values()), default=0) + WIDTH + EDGE
    high = max((y + height for _x, y, height in places.values()), default=0) + 64
    said = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high:g}" width="{wide}" height="{high:g}" role="img">',
        f"<title>{escape(picture.title)}</title><style>{STYLE}</style><defs>",
        MARKER.format(id="tip", size=8, look="tip"),
        MARKER.format(id="strong-tip", size=5, look="strong-tip"),
        "</defs>",
        f'<text class="head" x="{EDGE}" y="42">{escape(picture.title)}</text>',
    ]
    said += [_way(places, arrow.start, arrow.end, arrow.strong) for arrow in sorted(picture.arrows, key=lambda one: one.strong)]
    said += [_box(box, *places[box.id]) for box in picture.boxes]
    said += [_label(places, arrow.start, arrow.end, arrow.label) for arrow in picture.arrows if arrow.label]
    for number, (look, words) in enumerate(LEGEND):
        x = EDGE + number * 210
        said.append(f'<g class="{look}"><rect x="{x}" y="{high - 34:g}" width="18" height="14" rx="3"/></g>')
        said.append(f'<text class="soft" x="{x + 26}" y="{high - 22:g}">{words}</text>')
    return "\n".join([*said, "</svg>"]) + "\n"


def _place(box: Box) -> tuple[float, float, float]:
    """x, y and height. What is wide is shown in more than one line."""
    height = 40 + LINE * len(_lines(box))
    return EDGE + box.column * (WIDTH + GAP), TOP + box.row * ROW + max(0, (ROW - 26 - height) / 2), height


def _lines(box: Box) -> list[str]:
    return [part for line in box.lines for part in _parts(line)]


def _parts(line: str) -> list[str]:
    """A long name is broken at a dash or a blank."""
    if len(line) <= LONGEST:
        return [line]
    cut = max(line.rfind(mark, 8, LONGEST) for mark in "- /:") + 1 or LONGEST
    return [line[:cut].rstrip(), *_parts(line[cut:].lstrip())]


def _box(box: Box, x: float, y: float, height: float) -> str:
    texts = [f'<text class="title" x="{x + 12:g}" y="{y + 24:g}">{escape(_short(box.title))}</text>']
    texts += [f'<text class="soft" x="{x + 12:g}" y="{y + 44 + LINE * n:g}">{escape(line)}</text>' for n, line in enumerate(_lines(box))]
    return f'<g class="{box.look}"><rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{height:g}" rx="8"/>{"".join(texts)}</g>'


def _short(title: str) -> str:
    return title if len(title) <= TITLE else f"{title[: TITLE - 1]}…"


def _ends(places: dict[str, tuple[float, float, float]], start: str, end: str) -> tuple[float, float, float, float]:
    (x1, y1, h1), (x2, y2, h2) = places[start], places[end]
    return x1 + WIDTH, y1 + h1 / 2, x2, y2 + h2 / 2


def _way(places: dict[str, tuple[float, float, float]], start: str, end: str, strong: bool) -> str:
    x1, y1, x2, y2 = _ends(places, start, end)
    middle = (x1 + x2) / 2
    look, tip = ("way strong", "strong-tip") if strong else ("way", "tip")
    return f'<path class="{look}" d="M{x1:g},{y1:g}C{middle:g},{y1:g} {middle:g},{y2:g} {x2 - 2:g},{y2:g}" marker-end="url(#{tip})"/>'


def _label(places: dict[str, tuple[float, float, float]], start: str, end: str, label: str) -> str:
    x1, y1, x2, y2 = _ends(places, start, end)
    return f'<text class="label" text-anchor="middle" x="{(x1 + x2) / 2:g}" y="{(y1 + y2) / 2 - 6:g}">{escape(label)}</text>'


def mermaid(picture: Picture) -> str:
    """A flowchart, for a README or a wiki."""
    said = ["---", f"title: {_word(picture.title)}", "---", "flowchart LR"]
    for box in picture.boxes:
        text = "<br/>".join(_word(line) for line in (box.title, *box.lines))
        shape = ("[(", ")]") if box.look == "data" else ("([", "])") if box.look == "person" else ("[", "]")
        said.append(f'  {_id(box.id)}{shape[0]}"{text}"{shape[1]}:::{box.look}')
    for arrow in picture.arrows:
        line = "==>" if arrow.strong else "-->"
        said.append(f"  {_id(arrow.start)} {line}{f'|{_word(arrow.label)}|' if arrow.label else ''} {_id(arrow.end)}")
    said += ["  classDef idle stroke-dasharray: 5 4", "  classDef live stroke-width: 2px", "  classDef data fill-opacity: 0.5"]
    said += ["  classDef person fill-opacity: 0.5", "  classDef absent stroke: #b3261e"]
    return "\n".join(said) + "\n"


def _id(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _word(text: str) -> str:
    """Without what Mermaid takes for its own."""
    return re.sub(r"[\"|<>{}\[\]#;]", " ", text)
