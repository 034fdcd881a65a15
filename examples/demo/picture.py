"""`docs/demo.svg` from what `make demo` has printed: FORCE_COLOR=1 make demo | tee demo.log; python examples/demo/picture.py demo.log"""

from __future__ import annotations

import re
import sys
from html import escape
from pathlib import Path

TARGET = Path(__file__).resolve().parents[2] / "docs" / "demo.svg"
WIDTH, LINE, SIZE, COLUMNS = 980, 17, 12.5, 124
COLOURS = {"1": "#f8fafc", "32": "#86efac", "1;36": "#67e8f9", "0": "#cbd5e1"}
# Lines that fit into a picture; the others are in the terminal only.
FEWER = re.compile(
    r"^ +(--|=> [BRE]|==|images |cluster|web |worker |preparing|release \d: |started |stopping |scaling |roll|pending: |StandardError"
    r"|Exiting|Live now|To try the stage|execution |/tmp/.*in `change'|migrate failed|deploy failed|The pipeline waits|https://|shop local$"
    r"|local-web|healthy|its last|AddItem|\w+ +\w+ +(ok|·) |\d\d:\d\d:\d\d (Source: |still |.* in progress)"
    r"|Running command|Command did not|\{|(?<= {8})PG::|task [0-9a-f]{32}|\d+ requests: version 1 answered \d+; 0 failed$)"
)
HEAD = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {{height}}"
     font-family="ui-monospace, Menlo, Consolas, monospace" font-size="{SIZE}">
  <rect width="{WIDTH}" height="{{height}}" rx="8" fill="#0f172a"/>
"""


def spans(line: str) -> list[tuple[str, str]]:
    """Pieces of a line with their colours."""
    colour, pieces = COLOURS["0"], []
    for number, part in enumerate(re.split(r"\x1b\[([0-9;]*)m", line)):
        if number % 2:
            colour = COLOURS.get(part, COLOURS["0"])
        elif part:
            pieces.append((colour, part))
    return pieces


def draw(lines: list[str]) -> str:
    rows = []
    for number, line in enumerate(lines):
        left, texts = COLUMNS, []
        for colour, text in spans(line):
            texts.append(f'<tspan fill="{colour}">{escape(text[:left])}</tspan>')
            left = max(0, left - len(text))
        rows.append(f'  <text x="20" y="{30 + number * LINE}" xml:space="preserve">{"".join(texts)}</text>')
    return HEAD.format(height=44 + len(lines) * LINE) + "\n".join(rows) + "\n</svg>\n"


def shown(lines: list[str]) -> list[str]:
    """The lines without what says little, and without two empty ones after each other."""
    kept: list[str] = []
    for line in lines:
        bare = re.sub(r"\x1b\[[0-9;]*m", "", line)
        if not FEWER.match(bare) and (bare.strip() or (kept and kept[-1].strip())):
            kept.append(line)
    return kept


if __name__ == "__main__":
    TARGET.write_text(draw(shown(Path(sys.argv[1]).read_text().strip().splitlines())))
