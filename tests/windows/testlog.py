#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""Prints a log of meson test for tests/guest/merge.awk, which makes one TAP of it.
  testlog.py TESTLOG.json

Of a test that failed all that it said is shown. Such tests come last: Meson shows the end of a long log.
"""

import json
import sys

GOOD = {"OK", "SKIP"}


def lines_of(test, stream):
    return (test.get(stream) or "").splitlines()


def results(lines):
    return [line for line in lines if line.startswith(("ok", "1.."))]


def show(test):
    good = test["result"] in GOOD
    stdout = lines_of(test, "stdout")
    # Without its suites.
    print("#program", test["name"].split(" / ")[-1])
    for line in results(stdout) if good else stdout:
        print(line)
    if not good:
        for line in lines_of(test, "stderr"):
            print("#", line)
    print("#exit", 0 if good else test["result"])


with open(sys.argv[1], encoding="utf-8") as log:
    tests = [json.loads(line) for line in log]
for test in sorted(tests, key=lambda test: test["result"] not in GOOD):
    show(test)
