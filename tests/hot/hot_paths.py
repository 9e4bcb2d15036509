#!/usr/bin/env python3
"""Counts the instructions of the audience's hot paths under callgrind and compares them with limits.txt: what became
much slower is seen here, whatever the clock says. Usage: hot_paths.py PROGRAM [--print]; prints TAP, or with --print
the limits as they would be (a half more than was counted)."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def counts(program):
    with tempfile.TemporaryDirectory() as folder:
        one = str(min(os.sched_getaffinity(0)))  # how threads would share the work is chance
        subprocess.run(
            ["taskset", "-c", one, "valgrind", "--tool=callgrind", "--collect-atstart=no",
             f"--callgrind-out-file={folder}/out", program],
            check=True, capture_output=True)
        found = {}
        for path in sorted(pathlib.Path(folder).iterdir(), key=lambda p: p.stat().st_mtime_ns):
            text = path.read_text()
            name = re.search(r"^desc: Trigger: Client Request: (\w+)", text, re.M)
            total = re.search(r"^(?:totals|summary): (\d+)", text, re.M)
            if name and total:
                found[name[1]] = int(total[1])
        return found


def main():
    found = counts(sys.argv[1])
    if "--print" in sys.argv:
        for name, n in found.items():
            print(name, int(n * 1.5) // 1000 * 1000)
        return 0
    limits = dict(line.split() for line in (HERE / "limits.txt").read_text().splitlines() if line[:1] not in ("#", ""))
    failed = 0
    for i, (name, limit) in enumerate(limits.items(), 1):
        n = found.get(name)
        good = n is not None and n <= int(limit)
        failed += not good
        print(f"{'ok' if good else 'not ok'} {i} - {name}: {n} instructions, at most {limit}")
    return 1 if failed else 0


sys.exit(main())
