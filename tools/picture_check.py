#!/usr/bin/python3
"""Looks at a picture of tools/terminal_picture.py in a real browser.
`tools/picture_check.py PICTURE.svg SCREENSHOT.png`: draws it in headless Chromium, leaves the
screenshot for people, and fails when a character is not in its column or a gap is not empty."""

import pathlib
import subprocess
import sys
import xml.etree.ElementTree

import PIL.Image

import terminal_picture as drawn

SVG = "{http://www.w3.org/2000/svg}"
# A glyph may reach this far into its neighbour's column, in pixels.
OVERHANG = 2


def screenshot(picture, image, width, height):
    subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                    f"--window-size={width},{height}", f"--screenshot={image}",
                    picture.resolve().as_uri()],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)


def cells_of(root):
    """By the baseline of its line: for each column that is drawn in, its character."""
    lines = {}
    for text in root.iter(f"{SVG}text"):
        column = round((float(text.get("x")) - drawn.MARGIN) / drawn.CHARACTER)
        line = lines.setdefault(float(text.get("y")), {})
        for offset, character in enumerate(text.text):
            if character != " ":
                line[column + offset] = character
    return lines


def has_ink(image, left, right, baseline):
    top, bottom = round(baseline - 0.75 * drawn.LINE) + 1, round(baseline + 0.25 * drawn.LINE) - 1
    ground = tuple(int(drawn.GROUND[at:at + 2], 16) for at in (1, 3, 5))
    return any(max(abs(one - other) for one, other in zip(image.getpixel((x, y)), ground)) > 24
               for x in range(left, right) for y in range(top, bottom))


def faults_of(root, image):
    columns = int((float(root.get("width")) - 2 * drawn.MARGIN) / drawn.CHARACTER)
    for baseline, line in cells_of(root).items():
        for column in range(columns):
            left = drawn.MARGIN + column * drawn.CHARACTER
            if column in line:
                if not has_ink(image, round(left), round(left + drawn.CHARACTER), baseline):
                    yield f"line at {baseline}: {line[column]!r} is not in column {column}"
            elif column - 1 not in line and column + 1 not in line:
                if has_ink(image, round(left) + OVERHANG,
                           round(left + drawn.CHARACTER) - OVERHANG, baseline):
                    yield f"line at {baseline}: column {column} should be empty"


def main():
    picture, image = (pathlib.Path(name) for name in sys.argv[1:])
    root = xml.etree.ElementTree.parse(picture).getroot()
    screenshot(picture, image, round(float(root.get("width"))), round(float(root.get("height"))))
    faults = list(faults_of(root, PIL.Image.open(image).convert("RGB")))
    for fault in faults[:10]:
        print(f"{picture}: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
