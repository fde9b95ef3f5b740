#!/usr/bin/env python3
"""Puts the results of one run together: bench/results/<date>-<commit>.json, a table on the
terminal, and with --whole the same table in docs/benchmarks.md between its markers.
`bench/report.py RAW_FOLDER [--quick] [--whole]`; `bench/report.py --turns FILE` only prints the
table of two programs that took turns; `--postgres FILE` that of both
databases; `--peers FOLDER` puts those of express.json and node-red.json
into docs/benchmarks.md. script/bench calls it."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "benchmarks.md"
# A million stored calls may cost this much more per call, a backlog this much more memory.
FLAT_COST, FLAT_MEMORY = 1.25, 1.25


def output_of(*command):
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def first_match(path, pattern):
    try:
        found = re.search(pattern, pathlib.Path(path).read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else "unknown"


def package_version(name):
    return output_of("dpkg-query", "-W", "-f", "${Version}", name) or "unknown"


def conditions(raw):
    commit = output_of("git", "rev-parse", "--short", "HEAD") or "unknown"
    dirty = bool(output_of("git", "status", "--porcelain", "--untracked-files=no"))
    return {
        "measured_at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": commit + ("-changed" if dirty else ""),
        "cpu": first_match("/proc/cpuinfo", r"^model name\s*:\s*(.*)$"),
        "cores": os.cpu_count(),
        "memory_mb": int(first_match("/proc/meminfo", r"^MemTotal:\s*(\d+)") or 0) // 1024,
        "kernel": platform.release(),
        "system": first_match("/etc/os-release", r'^PRETTY_NAME="?([^"\n]*)'),
        "compiler": output_of("g++", "-dumpfullversion"),
        "sqlite": package_version("libsqlite3-0"),
        "libcurl": package_version("libcurl4"),
        "boost": package_version("libboost1.81-dev"),
        "load_1min": os.getloadavg()[0],
        "disk": raw.get("disk", {}),
    }


def level(result, key, value):
    for entry in result.get("levels", []):
        if entry[key] == value:
            return entry
    return {}


def ack_rows(raw):
    for scenario, name, connection_counts, target in (
            ("acks", "acknowledgements : /healthz, {} connections, delivering", (64, 256), 0.5),
            ("acks-node", "the same from Node's client, {} connections", (64, 256), 0.5),
            ("acks-alone", "the same, {} connections, delivery off", (1, 64, 256), None)):
        for connections in connection_counts:
            at = level(raw.get(scenario, {}), "connections", connections)
            if at:
                yield (name.format(connections), f">= {target}" if target else "", at["ratio"],
                       at["ratio"] >= target if target else None,
                       f'{at["acks_per_s"]:,.0f}/s : {at["healthz_per_s"]:,.0f}/s')


def flow_rows(raw):
    if records := raw.get("records"):
        value = records["records_per_s"]
        yield ("records per second, 64 connections", ">= 3,000", value, value >= 3000,
               f'{records["calls"]:,} calls')
    if delay := raw.get("delay"):
        note = f'{delay["calls_per_s"]:.0f} calls/s'
        yield ("callback to CRM, p50, ms", "<= 3", delay["p50_ms"], delay["p50_ms"] <= 3, note)
        yield ("callback to CRM, p99, ms", "<= 25", delay["p99_ms"], delay["p99_ms"] <= 25, note)
    if idle := raw.get("idle"):
        yield ("idle memory, MB", "<= 25", idle["rss_mb"], idle["rss_mb"] <= 25, "resident set")
        value = max(idle["ready_ms"], idle["ready_new_folder_ms"])
        yield ("ready after, ms", "<= 100", value, value <= 100, "the slower of new and old folder")


def size_rows(raw):
    if backlog := raw.get("backlog"):
        yield ("backlog drained per second", "", backlog["drained_per_s"], None,
               f'{backlog["deliveries"]:,} deliveries')
        growth = backlog["rss_max_mb"] / backlog["rss_start_mb"]
        yield ("memory while it drains : before", f"<= {FLAT_MEMORY}", growth,
               growth <= FLAT_MEMORY,
               f'{backlog["rss_start_mb"]:.0f} MB, at most {backlog["rss_max_mb"]:.0f} MB')
    if levels := raw.get("stored", {}).get("levels"):
        for at in levels:
            yield (f'CPU per call, {at["stored_calls"]:,} stored, µs', "",
                   at["server_cpu_us_per_call"], None, f'{at["records_per_s"]:,.0f} records/s')
        growth = levels[-1]["server_cpu_us_per_call"] / levels[0]["server_cpu_us_per_call"]
        yield (f'cost with {levels[-1]["stored_calls"]:,} stored : {levels[0]["stored_calls"]:,}',
               f"<= {FLAT_COST}", growth, growth <= FLAT_COST, "")


def mongodb_rows(raw):
    found = raw.get("mongodb")
    if not found:
        return
    with_it = found["records_per_s"]
    ratio = found["ratio_to_find_ones"]
    yield ("records with MongoDB : a loop of findOnes, call, campaign, contact", ">= 3", ratio,
           ratio >= 3, f'{with_it:,.0f}/s : {found["calls_per_s_by_find_ones"]:,.0f}/s')
    ratio = found["ratio_to_one_find_one"]
    yield ("records with MongoDB : a loop of findOnes, call only", ">= 3", ratio, ratio >= 3,
           f'{with_it:,.0f}/s : {found["calls_per_s_by_one_find_one"]:,.0f}/s')
    yield ("records with MongoDB : without", "", found["ratio_to_no_mongodb"], None,
           f'{with_it:,.0f}/s : {found["records_per_s_without"]:,.0f}/s')
    stopped = found["stopped"]
    ratio = stopped["ack_p99_stopped_ms"] / stopped["ack_p99_before_ms"]
    yield (f'acknowledgement p99, MongoDB stopped for {stopped["stopped_s"]:.0f} s : before',
           "<= 2", ratio, ratio <= 2,
           f'{stopped["ack_p99_stopped_ms"]:.2f} ms : {stopped["ack_p99_before_ms"]:.2f} ms')


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def table_of(rows):
    lines = ["| figure | target | measured | ok | |", "|---|---|---|---|---|"]
    for name, target, value, is_ok, note in rows:
        verdict = "" if is_ok is None else "yes" if is_ok else "**no**"
        lines.append(f"| {name} | {target} | {number(value)} | {verdict} | {note} |")
    return lines


def parts_of(micro):
    lines = ["| part | time | CPU |", "|---|---|---|"]
    for entry in micro.get("benchmarks", []):
        name = entry["name"].replace("/real_time", "")
        unit = {"ns": 1e-3, "us": 1, "ms": 1e3}[entry["time_unit"]]
        lines.append(f'| {name} | {entry["real_time"] * unit:,.2f} µs '
                     f'| {entry["cpu_time"] * unit:,.2f} µs |')
    return lines


def conditions_of(about):
    disk = about["disk"]
    return [f'Measured {about["measured_at"][:10]} at commit {about["commit"]} on {about["cpu"]}, '
            f'{about["cores"]} cores, {about["memory_mb"]:,} MB; {about["system"]}, kernel '
            f'{about["kernel"]}; g++ {about["compiler"]}, SQLite {about["sqlite"]}, libcurl '
            f'{about["libcurl"]}. Load generator and CRM share the machine with the service.',
            "",
            f'The disk by itself: an append of 4 KiB with fdatasync takes '
            f'{disk.get("fdatasync_p50_us", 0):,.0f} µs (p50), '
            f'{disk.get("fdatasync_p99_us", 0):,.0f} µs (p99). '
            f'Load average before the table was written: {about["load_1min"]:.1f}.', ""]


def write_document(lines, part="figures"):
    begin, end = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
    text = DOCUMENT.read_text(encoding="utf-8")
    head, rest = text.split(begin, 1)
    tail = rest.split(end, 1)[1]
    DOCUMENT.write_text(head + begin + "\n" + "\n".join(lines) + "\n" + end + tail,
                        encoding="utf-8")


def print_table(rows):
    width = max((len(row[0]) for row in rows), default=0)
    for name, target, value, is_ok, note in rows:
        verdict = "" if is_ok is None else "ok" if is_ok else "MISSED"
        print(f"  {name:<{width}}  {target:>9}  {number(value):>10}  {verdict:<6}  {note}")


def print_turns(path):
    found = json.loads(path.read_text())
    print(f'  {found["rounds"]} rounds of {found["calls_per_round"]:,} calls each, '
          f'{found["connections"]} connections; medians, and the ratio within a round\n')
    print(f'  {"":<28}  {"before":>9}  {"now":>9}  {"ratio":>6}  middle half')
    for figure in found["figures"]:
        print(f'  {figure["name"]:<28}  {number(figure["before"]):>9}  '
              f'{number(figure["now"]):>9}  {figure["ratio"]:>6.3f}  '
              f'{figure["ratio_lower_quartile"]:.3f} to {figure["ratio_upper_quartile"]:.3f}')
    return 0


def print_postgres(path):
    found = json.loads(path.read_text())
    columns = (("acks_per_s", 1), ("records_per_s", 1), ("wrapup_cpu_us", 1),
               ("database_cpu_us", 1), ("wal_bytes", 1000))
    print(f'{found["rounds"]} rounds of {found["calls_per_round"]:,} calls each, '
          f'{found["connections"]} connections; medians. One process on PostgreSQL has '
          f'{found["ratio_one_process_to_sqlite"]:.2f} of SQLite\'s records per second within a '
          f'round. Load average {os.getloadavg()[0]:.1f}.\n')
    print("| | acknowledgements/s | records/s | CPU per call, wrapup, µs | database, µs "
          "| WAL per call, kB |")
    print("|---|---|---|---|---|---|")
    for at in [*found["figures"], *found["stored"]["levels"]]:
        cells = [number(at[key] / unit) if key in at else "" for key, unit in columns]
        print(f'| {at["name"]} | {" | ".join(cells)} |')
    return 0


def write_peers(folder):
    about = conditions({})
    node = output_of("node", "--version")[1:]
    lines = ["", f'Measured {about["measured_at"][:10]} at commit {about["commit"]} on '
             f'{about["cpu"]}, {about["cores"]} cores; Node.js {node}, load average '
             f'{about["load_1min"]:.1f}. Ratios are medians of those within a round.', "",
             "| peer | figure | the peer | wrapup | ratio |", "|---|---|---|---|---|"]
    for peer, name in (("express", "Express 5"), ("node-red", "Node-RED 4")):
        found = json.loads((folder / f"{peer}.json").read_text())
        for figure in found["figures"]:
            times = figure["ratio"] if "per second" in figure["name"] else 1 / figure["ratio"]
            lines.append(f'| {name} | {figure["name"]} | {number(figure["before"])} '
                         f'| {number(figure["now"])} | {times:.1f} times better |')
    write_document([*lines, ""], "peers")
    return 0


def main(folder, options):
    raw = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
    micro = raw.pop("micro", {})
    about = conditions(raw)
    rows = [*ack_rows(raw), *flow_rows(raw), *size_rows(raw), *mongodb_rows(raw)]
    about["is_quick"] = "--quick" in options
    parts = {entry["name"]: {"real_ns": entry["real_time"], "cpu_ns": entry["cpu_time"]}
             for entry in micro.get("benchmarks", []) if entry["time_unit"] == "ns"}
    results = ROOT / "bench" / "results"
    results.mkdir(exist_ok=True)
    path = results / f'{about["measured_at"][:10]}-{about["commit"]}.json'
    everything = {"conditions": about, "scenarios": raw, "parts": parts}
    path.write_text(json.dumps(everything, indent=1) + "\n", encoding="utf-8")
    print_table(rows)
    print(f"\n  {path.relative_to(ROOT)}")
    if "--whole" in options:
        parts_table = ["", "What the parts cost by themselves:", "", *parts_of(micro)]
        write_document(["", *conditions_of(about), *table_of(rows), *parts_table, ""])
        print(f"  {DOCUMENT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if sys.argv[1] == "--turns":
        sys.exit(print_turns(pathlib.Path(sys.argv[2])))
    if sys.argv[1] == "--postgres":
        sys.exit(print_postgres(pathlib.Path(sys.argv[2])))
    if sys.argv[1] == "--peers":
        sys.exit(write_peers(pathlib.Path(sys.argv[2])))
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2:]))
