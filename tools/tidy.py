#!/usr/bin/env python3
"""Checks the shape of the code that no compiler does: floors, purity, the co_await rule, sizes and
leftovers. `tools/tidy.py [ROOT]` prints `path:line: rule` per finding and exits 1 if there is any.
The rules themselves are tested by tools/tidy_test.py."""

import pathlib
import re
import sys

import await_rule
from cpp_text import blank, functions_of

LINES_MAX, COLUMNS_MAX, FUNCTION_LINES_MAX = 500, 100, 70

# Who may include whom (docs/architecture.md): a floor, and everything it may see besides itself:
# floors, and rooms of floors.
VALUES = {"base", "domain"}
FLOORS = {
    "base": set(),
    "domain": {"base"},
    "codec": VALUES,
    "core": VALUES,
    "ports": VALUES,
    "adapters": VALUES | {"codec", "core", "ports"},
    "service": VALUES | {"codec", "core", "ports"},
    "http": VALUES | {"codec", "core", "ports", "service"},
    "import": VALUES | {"codec", "core", "ports", "service", "adapters/files", "adapters/mongo"},
    "sim": VALUES | {"codec", "core", "ports", "service"},
}
# Real servers and clients, which play the world around the service.
FLOORS["sandbox"] = set(FLOORS) - {"http", "import", "sim"} | {"http/server"}
EVERYTHING = set(FLOORS) | {"app"}
FLOORS["app"] = EVERYTHING
BESIDE = {"test", "fuzz", "bench"}  # See everything, are seen by nobody.
for folder in BESIDE:
    FLOORS[folder] = EVERYTHING | BESIDE

# A floor of many files has rooms: folders of their own, each with the rooms of its floor that it
# may see. Files that lie in the floor's own folder tie its rooms together: they see all of them,
# and no room sees them. Adapters are rooms that see nobody, but for what databases share.
BYTES_AND_JSON = {"bytes", "json"}
ROOMS = {
    "codec": {
        "bytes": set(),
        "json": set(),
        "twilio": BYTES_AND_JSON,
        "elevenlabs": BYTES_AND_JSON,
    },
    "core": {
        "store": {"placing"},
        "settle": set(),
        "delivery": set(),
        "placing": set(),
        "watch": set(),
    },
    "adapters": {room: set() for room in (
        "sql", "mongo", "phone", "curl", "twilio", "elevenlabs", "destinations", "files", "clock",
        "log", "metrics")} | {"sqlite": {"sql"}, "postgres": {"sql"}},
    "service": {
        "tasks": set(),
        "commit": {"tasks"},
        "intake": {"commit", "tasks"},
        "courier": {"commit", "tasks"},
        "fleet": {"tasks"},
        "reconciler": {"intake", "commit", "tasks"},
        "settler": {"courier", "commit", "tasks"},
        "alerts": {"commit", "tasks"},
        "ledger": {"commit", "tasks"},
        "replay": {"commit", "tasks"},
        "placer": {"commit", "intake", "tasks"},
    },
    "http": {
        "server": set(),
        "api": {"server"},
        "web": {"server"},
        "webhooks": {"server"},
    },
    "app": {
        "program": set(),
        "config": set(),
        "serve": {"config", "program"},
        "doctor": {"config", "program"},
        "demo": {"program"},
        "migrate": set(),
        "cli": {"config", "demo", "doctor", "migrate", "program", "serve"},
    },
    "sandbox": {
        "calls": set(),
        "twilio": {"calls"},
        "elevenlabs": {"calls"},
        "crm": set(),
    },
}

PURE = {"base", "domain", "core"}
IMPURE = re.compile(
    r"<boost/|<(thread|mutex|atomic|future|condition_variable|iostream|fstream|random|filesystem)>"
    r"|_clock::now\s*\(|\bstd::random_device|\brand\s*\(|\bgetenv\s*\(|\btime\s*\(\s*(nullptr|0)"
    r"|\bgettimeofday\b|\bclock_gettime\b|\bsleep_(for|until)\b|<(unistd|sys/\w+)\.h>")
# The simulator is honest only while its workers read no clock but the port.
CLOCKLESS = {"service", "codec", "ports", "sim"}
CLOCK = re.compile(r"_clock::now\s*\(|\bclock_gettime\b|\bgettimeofday\b|\bstd::random_device")
ASIO = re.compile(r"<boost/(asio|beast)")

BANNED = [
    (re.compile(r"\busing namespace std\b"), "name what you use from std"),
    (re.compile(r"(?<![\w:])assert\s*\("), "use WRAPUP_ASSERT, which stays on in production"),
    (re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atof)\s*\("),
     "bounded and checked: std::string, fmt, std::from_chars"),
    (re.compile(r"\basio::detached\b"), "give the task a completion handler that sees exceptions"),
    (re.compile(r"<regex>"), "std::regex recurses on its input; write the parser"),
]
# A loop over what is inside of a temporary: `: *f()` and `: f()->x`.
GONE = re.compile(r"\bfor \([^;]* : (\*[\w.>-]+\([^;]*\)|[\w.>-]+\([^;]*\)->\w+(\(\))?)\)")
# Spelled in pieces, so that this file passes its own check.
LEFTOVER = re.compile(r"\b(FIX" + r"ME|XX" + r"X)\b|\bTO" + r"DO\b(?!\(#\d+\))")
REGISTRY = re.compile("|".join(
    re.escape(host + "." + domain)
    for host, domain in [("registry.npmjs", "org"), ("registry.yarnpkg", "com"), ("pypi", "org"),
                         ("pythonhosted", "org"), ("deb.debian", "org"), ("npmmirror", "com"),
                         ("proxy.golang", "org"), ("crates", "io")]))

CPP = {".cpp", ".hpp"}
CODE = CPP | {".py", ".mjs", ".sh", ".txt", ".cmake", ".sql", ""}
TEXT = CODE | {".md", ".json", ".toml", ".yml", ".yaml", ".service", ".ts", ".css", ".html"}
SKIPPED = {".git", "build", "data", "node_modules", "corpus", "dist"}


def floor_of(path):
    """The floor of a path relative to the root, and the room; None: the floor's own folder."""
    parts = path.parts[1:] if path.parts[0] == "src" else path.parts
    return parts[0], parts[1] if len(parts) > 2 else None


def check_include(floor, room, target):
    parts = target.split("/")
    other = parts[1] if len(parts) > 2 else None
    if parts[0] not in FLOORS:
        return f'include "{target}" by its path from the root of the floors'
    if parts[0] != floor:
        is_seen = parts[0] in FLOORS[floor] or f"{parts[0]}/{other}" in FLOORS[floor]
        return None if is_seen else f"{floor}/ may not include {target}"
    if floor in BESIDE or room is None or other == room:
        return None
    if other in ROOMS.get(floor, {}).get(room, set()):
        return None
    return f"{floor}/{room} may not include {target}"


def check_cpp(path, text):
    floor, room = floor_of(path)
    if floor not in FLOORS:
        yield 1, f"{floor}/ is no floor that tools/tidy.py knows"
        return
    if floor in ROOMS and room is not None and room not in ROOMS[floor]:
        yield 1, f"{floor}/{room} is no room that tools/tidy.py knows"
        return
    if path.suffix == ".hpp" and "#pragma once" not in text:
        yield 1, "a header begins with #pragma once"
    code = blank(text)
    for number, (line, raw) in enumerate(zip(code.splitlines(), text.splitlines()), 1):
        if include := re.match(r'\s*#\s*include\s+"([^"]+)"', raw):
            if problem := check_include(floor, room, include[1]):
                yield number, problem
        if floor in PURE and IMPURE.search(line):
            yield number, f"{floor}/ is pure: no Boost, clock, thread, stream or environment"
        if floor in CLOCKLESS and CLOCK.search(line):
            yield number, f"{floor}/ takes time and randomness as arguments"
        if floor == "codec" and ASIO.search(line):
            yield number, "codec/ turns bytes into values; Asio begins at ports/"
        if GONE.search(line):
            yield number, "what the loop walks over is gone before its first turn: name the Result"
        if floor not in BESIDE:
            for pattern, instead in BANNED:
                if pattern.search(line):
                    yield number, f"banned: {instead}"
    for number, length, name in functions_of(code):
        if length > FUNCTION_LINES_MAX:
            yield number, f"{name} has {length} lines, more than {FUNCTION_LINES_MAX}"
    yield from await_rule.check(code)


def check_text(path, text):
    lines = text.splitlines()
    is_code = path.suffix in CODE and path.parts[0] != "docs"  # There .txt is a recording.
    if is_code and len(lines) > LINES_MAX:
        yield LINES_MAX, f"the file has {len(lines)} lines, more than {LINES_MAX}"
    for number, line in enumerate(lines, 1):
        if is_code and len(line) > COLUMNS_MAX:
            yield number, f"the line has {len(line)} columns, more than {COLUMNS_MAX}"
        if is_code and line != line.rstrip():
            yield number, "blanks at the end of the line"
        if LEFTOVER.search(line):
            yield number, "a leftover: finish it, or name the issue in brackets, as in (#12)"
        if REGISTRY.search(line):
            yield number, "a package registry's address does not belong into the project"


def check(path, text):
    """Every finding in one file as (line, rule); `path` is relative to the project's root."""
    yield from check_text(path, text)
    if path.suffix in CPP:
        yield from check_cpp(path, text)


def files_of(root):
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if SKIPPED & set(relative.parts) or not path.is_file():
            continue
        if path.suffix in TEXT and path.name != "LICENSE":
            yield path, relative


def main(root):
    failures = []
    for path, relative in files_of(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            failures.append(f"{relative}:1: not UTF-8")
            continue
        failures += [f"{relative}:{number}: {rule}" for number, rule in check(relative, text)]
    print("\n".join(failures), end="\n" if failures else "")
    return 1 if failures else 0


if __name__ == "__main__":
    default = pathlib.Path(__file__).resolve().parent.parent
    sys.exit(main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default))
