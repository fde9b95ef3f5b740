#!/usr/bin/env python3
"""Draws what a program printed on a terminal as an SVG picture.
`tools/terminal_picture.py RECORDING PICTURE [--first N] [--last N]`: of a long recording the first
and the last lines, with a mark between. Understands colours and the erasing of a line."""

import argparse
import html
import pathlib
import re

# By SGR code, readable on the dark ground below.
COLOURS = {31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79c0ff", 35: "#d2a8ff",
           36: "#76e3ea", 90: "#8b949e"}
GROUND, TEXT, FAINT = "#0d1117", "#e6edf3", "#8b949e"
CHARACTER, LINE, MARGIN, FONT_SIZE = 7.8, 18, 16, 13
PHRASE = re.compile(r"\S+(?: \S+)*")
ESCAPE = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])")


def lines_of(recording):
    """Each line as (style, text) runs; what was erased before its end is not there."""
    for line in recording.replace("\r\n", "\n").split("\n"):
        yield runs_of(line.rsplit("\x1b[2K", 1)[-1].rsplit("\r", 1)[-1])


def runs_of(line):
    style, at, runs = {}, 0, []
    for found in ESCAPE.finditer(line):
        runs.append((dict(style), line[at:found.start()]))
        at = found.end()
        if found[2] == "m":
            apply(style, [int(code or 0) for code in found[1].split(";")])
    runs.append((dict(style), line[at:]))
    return [(how, text) for how, text in runs if text]


def apply(style, codes):
    for code in codes:
        if code == 0:
            style.clear()
        elif code == 1:
            style["font-weight"] = "bold"
        elif code == 2:
            style["fill"] = FAINT
        elif code in COLOURS:
            style["fill"] = COLOURS[code]


def chosen(lines, first, last):
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) <= first + last:
        return lines
    return [*lines[:first], [({"fill": FAINT}, "  ⋮")], *lines[-last:]]


def picture_of(lines):
    columns = max(sum(len(text) for _, text in line) for line in lines)
    width = columns * CHARACTER + 2 * MARGIN
    height = len(lines) * LINE + 2 * MARGIN
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
           f'width="{width:.0f}" height="{height}" font-family="DejaVu Sans Mono, Menlo, '
           f'Consolas, monospace" font-size="{FONT_SIZE}">')
    yield f'<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>'
    for number, line in enumerate(lines):
        column, y = 0, MARGIN + (number + 0.75) * LINE
        for style, text in line:
            attributes = "".join(f' {name}="{value}"' for name, value in style.items())
            if "fill" not in style:
                attributes += f' fill="{TEXT}"'
            # Browsers fold runs of spaces, so none is drawn: each phrase has its own place. It says
            # how wide it is, so that columns meet in whatever font there is.
            for phrase in PHRASE.finditer(text):
                x = MARGIN + (column + phrase.start()) * CHARACTER
                yield (f'<text x="{x:.1f}" y="{y:.1f}" '
                       f'textLength="{len(phrase[0]) * CHARACTER:.1f}"{attributes}>'
                       f'{html.escape(phrase[0])}</text>')
            column += len(text)
    yield "</svg>"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording", type=pathlib.Path)
    parser.add_argument("picture", type=pathlib.Path)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--last", type=int, default=1000)
    options = parser.parse_args()
    recording = options.recording.read_bytes().decode("utf-8")  # With its carriage returns.
    lines = chosen(list(lines_of(recording)), options.first, options.last)
    options.picture.write_text("\n".join(picture_of(lines)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
