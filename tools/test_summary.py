#!/usr/bin/env python3
"""Adds up what the test runs left behind: `tools/test_summary.py RESULTS [OPTION…]`.

RESULTS/<run>/ctest.xml names every ctest entry; <run>/<entry>_test.json, where there is one, the
GoogleTest cases inside it; RESULTS/<build>/e2e.json the end-to-end tests against that binary. The
last line printed is "N passed, N failed". With --failed-step a failure is counted even where no
test reported it, such as a build that broke; with --some-steps there need be no tests."""

import json
import pathlib
import sys
import xml.etree.ElementTree as xml


def cases_of(path):
    """(passed, failed, names of the failed) of one GoogleTest binary's report."""
    passed, failed = 0, []
    for suite in json.loads(path.read_text())["testsuites"]:
        for case in suite["testsuite"]:
            if case.get("failures"):
                failed.append(f"{suite['name']}.{case['name']}")
            elif case.get("result") == "COMPLETED":
                passed += 1
    return passed, failed


def entries_of(run):
    """The same for one ctest run. An entry whose suite crashed counts as one failure."""
    passed, failed = 0, []
    for entry in xml.parse(run / "ctest.xml").getroot().iter("testcase"):
        name, is_fine = entry.get("name"), entry.get("status") == "run"
        report = run / f"{name}_test.json"
        if not report.exists():
            passed += is_fine
            failed += [] if is_fine else [name]
            continue
        cases_passed, cases_failed = cases_of(report)
        passed += cases_passed
        failed += cases_failed or ([] if is_fine else [f"{name} (see its output)"])
    return passed, failed


def main(results, has_failed_step, may_have_none):
    passed, failed = 0, []
    runs = [(run.name, entries_of(run)) for run in sorted(results.glob("*"))
            if (run / "ctest.xml").exists()]
    for end_to_end in sorted(results.glob("*/e2e.json")):
        report = json.loads(end_to_end.read_text())
        runs.append((f"end to end, {end_to_end.parent.name}",
                     (report["passed"], report["failed"])))
    for name, (count, names) in runs:
        print(f"  {name}: {count} passed, {len(names)} failed")
        for case in names:
            print(f"    failed: {case}")
        passed += count
        failed += names
    failed_count = len(failed) or (1 if has_failed_step else 0)
    print(f"{passed} passed, {failed_count} failed")
    has_tests = passed > 0 or (may_have_none and not runs)
    return 0 if failed_count == 0 and has_tests else 1


if __name__ == "__main__":
    options = sys.argv[2:]
    sys.exit(main(pathlib.Path(sys.argv[1]), "--failed-step" in options, "--some-steps" in options))
