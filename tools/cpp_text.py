"""Just enough of C++'s shape for checks that read text: comments and literals blanked out, and
which brace opens what. Not a parser; code that fools it is better written plainer."""

import re

TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/"
    r'|R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|(?<![0-9A-Za-z_])'(?:[^'\\\n]|\\.)+'",
    re.DOTALL)


def blank(text):
    """The same text, as long and with the same lines, without comments and what literals hold."""

    def hide(match):
        found = match[0]
        hidden = re.sub(r"[^\n]", " ", found)
        if found.startswith(("//", "/*")):
            return hidden
        return '"' + hidden[1:-1] + '"'

    return TOKEN.sub(hide, text)


def match_back(code, index):
    """Where the bracket that closes at `index` was opened."""
    pairs = {")": "(", "}": "{", "]": "["}
    depth = 0
    closing, opening = code[index], pairs[code[index]]
    for at in range(index, -1, -1):
        if code[at] == closing:
            depth += 1
        elif code[at] == opening:
            depth -= 1
            if depth == 0:
                return at
    return 0


def match_forward(code, index):
    """Where the bracket that opens at `index` is closed."""
    pairs = {"(": ")", "{": "}", "[": "]"}
    depth = 0
    opening, closing = code[index], pairs[code[index]]
    for at in range(index, len(code)):
        if code[at] == opening:
            depth += 1
        elif code[at] == closing:
            depth -= 1
            if depth == 0:
                return at
    return len(code) - 1


BLOCK_WORD = re.compile(r"\b(else|do|try|const|noexcept|override|final|mutable)$")
TRAILING_TYPE = re.compile(r"\)\s*(?:mutable|noexcept|const|\s)*->\s*[\w:<>,&*\s]+$")


def is_block(code, index):
    """Whether the `{` at `index` opens a block of statements rather than a list of values."""
    before = code[:index].rstrip()
    if not before or before[-1] in ";{})":
        return True
    if before[-1] == "]":  # A lambda without parameters, or an array's initialiser.
        return is_lambda(code, match_back(code, len(before) - 1))
    if BLOCK_WORD.search(before[-12:]):
        return True
    if before[-1] == ":":  # `case x: {`, but `for (x : {`.
        return bool(re.search(r"\b(case\b[^;{}]*|default\s*):$", before[-200:]))
    tail = before[-300:]
    return bool(TRAILING_TYPE.search(tail) or
                re.search(r"\b(namespace|struct|class|enum|union)\b[^;{}()]*$", tail))


def is_lambda(code, index):
    """Whether the `[` at `index` begins a lambda."""
    if code[index:index + 2] == "[[" or (index > 0 and code[index - 1] == "["):
        return False
    before = code[:index].rstrip()
    if not before:
        return True
    if before[-1] in ")]":
        return False
    word = re.search(r"(\w+)$", before[-20:])
    return word is None or word[1] in {"return", "co_return", "co_await", "co_yield"}


SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")


def functions_of(code):
    """(line, length in lines, name) of every function with a body, lambdas counted inside it."""
    at, header_from = 0, 0
    while at < len(code):
        mark = code[at]
        if mark in ";}":
            header_from = at + 1
        elif mark == "#" and code[code.rfind("\n", 0, at) + 1:at].isspace() | (
                at == 0 or code[at - 1] == "\n"):
            at = code.find("\n", at)
            if at < 0:
                return
            header_from = at
        elif mark == "{":
            header = code[header_from:at]
            if "(" in header and not re.search(r"\b(struct|class|enum|union)\s+\w+[^()]*$", header):
                end = match_forward(code, at)
                if is_block(code, at):
                    first = code.count("\n", 0, header_from + len(header) - len(header.lstrip()))
                    name = re.search(r"([\w:~]+)\s*\(", header)
                    yield first + 1, code.count("\n", 0, end) - first + 1, \
                        name[1] if name else "a function"
                    header_from = end + 1
                at = end
            elif SCOPE.search(header):
                header_from = at + 1
            else:
                at = match_forward(code, at)
                header_from = at + 1
        at += 1
