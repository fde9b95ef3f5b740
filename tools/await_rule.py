"""`co_await` takes names (docs/style.md). g++ 12 destroys some temporaries twice when their full
expression also awaits: braced aggregates, lambdas that capture by value, anything inside `?:` or
behind `&&` and `||`."""

import re

from cpp_text import is_block, is_lambda, match_back, match_forward

# Braced values of these types have nothing to destroy.
TRIVIAL = re.compile(
    r"\b(nanoseconds|microseconds|milliseconds|seconds|minutes|hours|days|UtcTime|time_point"
    r"|std::size_t|std::u?int\d+_t|bool|int|std::string_view)$")

# Spaced as clang-format spaces the operator; `auto&&` is another thing.
LOGICAL = re.compile(r"\s(&&|\|\|)\s")


def start_of(code, index):
    """Where the full expression around `index` begins, and whether braces of values enclose it."""
    at, in_braces = index - 1, False
    while at >= 0:
        mark = code[at]
        if mark == ";":
            break
        if mark in ")]":
            at = match_back(code, at)
        elif mark == "}":
            opening = match_back(code, at)
            if is_block(code, opening):
                break
            at = opening
        elif mark == "{":
            if is_block(code, at):
                break
            in_braces = True
        at -= 1
    return at + 1, in_braces


def end_of(code, index):
    at = index
    while at < len(code):
        mark = code[at]
        if mark in ";}":
            break
        if mark in "([":
            at = match_forward(code, at)
        elif mark == "{":
            if is_block(code, at) and not is_lambda_body(code, at):
                break
            at = match_forward(code, at)
        at += 1
    return at


def is_lambda_body(code, index):
    before = code[:index].rstrip()
    if before.endswith(")"):
        before = code[:match_back(code, len(before) - 1)].rstrip()
    return before.endswith("]") and is_lambda(code, match_back(code, len(before) - 1))


def captures_value(captures):
    """Whether a lambda with this capture list owns a copy of something. `this` is a pointer."""
    parts = [part.strip() for part in captures.split(",")]
    return any(part and part != "this" and not part.startswith("&") for part in parts)


def groups_at(code, start, index):
    """The brackets open at `index`, counted from `start`."""
    stack = []
    for at in range(start, index):
        if code[at] in "([{":
            stack.append(at)
        elif code[at] in ")]}" and stack:
            stack.pop()
    return stack


def problems_in(code, start, end, index):
    at, asked = start, groups_at(code, start, index)
    while at < end:
        mark = code[at]
        if mark == "?":
            inside = groups_at(code, start, at)
            if asked[:len(inside)] == inside:
                yield at, "no ?: around a co_await"
        elif at < index and LOGICAL.match(code, at - 1):
            inside = groups_at(code, start, at)
            if asked[:len(inside)] == inside:
                yield at, "no co_await behind && or ||: await into a name, then test it"
        elif mark == "[" and is_lambda(code, at):
            closing = match_forward(code, at)
            if captures_value(code[at + 1:closing]):
                yield at, "a lambda that captures by value, beside a co_await: name it first"
            body = code.find("{", closing)
            at = match_forward(code, body) if 0 <= body < end else closing
        elif mark == "{" and not (at < index < match_forward(code, at)):
            if not TRIVIAL.search(code[start:at].rstrip()):
                yield at, "a braced temporary beside a co_await: name it first"
            at = match_forward(code, at)
        at += 1


def check(code):
    """(line, rule) for every breach in code without comments and literals."""
    seen = set()
    for found in re.finditer(r"\bco_await\b", code):
        start, in_braces = start_of(code, found.start())
        problems = list(problems_in(code, start, end_of(code, found.start()), found.start()))
        if in_braces:
            problems.append((found.start(), "no braces around a co_await"))
        for at, rule in problems:
            if (at, rule) not in seen:
                seen.add((at, rule))
                yield code.count("\n", 0, at) + 1, f"{rule} (g++ 12 destroys twice)"
