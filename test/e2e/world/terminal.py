"""Runs a command on a terminal of its own: terminal.py COMMAND… with lines of JSON on stdin,
[what to wait for, what to type then], and prints all that was on the screen. Its exit code is the
command's, 128 + the number of the signal that ended it."""

import json
import os
import pty
import select
import sys
import time

PATIENCE_S = 30


def main():
    script = [json.loads(line) for line in sys.stdin if line.strip()]
    child, screen = pty.fork()
    if child == 0:
        os.execvp(sys.argv[1], sys.argv[1:])
    shown, seen_until = "", 0
    give_up_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up_at:
        if script:
            at = shown.find(script[0][0], seen_until)
            if at >= 0:
                seen_until = at + len(script[0][0])
                os.write(screen, script.pop(0)[1].encode())
                continue
        if not select.select([screen], [], [], 1)[0]:
            continue
        try:
            piece = os.read(screen, 65536)
        except OSError:
            piece = b""
        if not piece:
            break
        shown += piece.decode("utf-8", "replace")
    else:
        os.kill(child, 9)
    sys.stdout.write(shown)
    status = os.waitpid(child, 0)[1]
    code = os.waitstatus_to_exitcode(status)
    sys.exit(code if code >= 0 else 128 - code)


main()
