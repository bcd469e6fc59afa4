#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""Compares what the library exports with the list in tests/lint/exported-symbols.

A plugin exports exactly its hvsock_plugin_<name>_describe.
  exported-symbols.py LIBRARY [PLUGIN-MODULE]...
  exported-symbols.py --write LIBRARY      writes the list anew
"""

import pathlib
import shutil
import subprocess
import sys

import tap

LIST = tap.ROOT / "tests/lint/exported-symbols"


def exported(path):
    command = ["nm", "--dynamic", "--defined-only", "--format=posix", path]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return sorted(line.split()[0] for line in output.splitlines())


def differences(expected, seen):
    for name in sorted(set(seen) - set(expected)):
        yield f"{name} is exported, but not in the list"
    for name in sorted(set(expected) - set(seen)):
        yield f"{name} is in the list, but not exported"


def check_library(path):
    seen = exported(path)
    expected = LIST.read_text().split()
    complaints = list(differences(expected, seen))
    if complaints:
        complaints.append(f"if that is meant: {sys.argv[0]} --write {path}")
    tap.result("/lint/exported-symbols/library", complaints)
    foreign = [name for name in seen if not name.startswith("hvsock_")]
    tap.result("/lint/exported-symbols/prefix", (f"{name}: no hvsock_" for name in foreign))
    tap.result(
        "/lint/exported-symbols/sorted",
        [] if expected == sorted(set(expected)) else [f"{LIST.name}: sort it, each name once"],
    )


if not shutil.which("nm"):
    tap.skip_all("no nm: install the package binutils")
if sys.argv[1] == "--write":
    LIST.write_text("".join(f"{name}\n" for name in exported(sys.argv[2])))
    sys.exit(0)

check_library(sys.argv[1])
for module in sys.argv[2:]:
    name = pathlib.Path(module).stem
    tap.result(
        f"/lint/exported-symbols/plugins/{name}",
        differences([f"hvsock_plugin_{name}_describe"], exported(module)),
    )
tap.finish()
