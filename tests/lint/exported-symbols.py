#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""Compares what the library exports with the list in tests/lint/exported-symbols.

In the list "unix" stands after a name that Windows has not. A plugin exports exactly its
hvsock_plugin_<name>_describe. Modules for Windows are read by $OBJDUMP.
  exported-symbols.py LIBRARY [PLUGIN-MODULE]...
  exported-symbols.py --write LIBRARY      writes the list anew, of a library for a Unix
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import tap

LIST = tap.ROOT / "tests/lint/exported-symbols"


WINDOWS = ".dll"
EXPORT = re.compile(r"^\t\[ *\d+\] (\w+)$", re.MULTILINE)


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def exported(path):
    if path.endswith(WINDOWS):
        table = output_of(os.environ["OBJDUMP"], "-p", path).partition("[Ordinal/Name Pointer] Table")[2]
        return sorted(EXPORT.findall(table))
    output = output_of("nm", "--dynamic", "--defined-only", "--format=posix", path)
    return sorted(line.split()[0] for line in output.splitlines())


def read_list():
    """Each name, and the only system that has it, or nothing."""
    lines = LIST.read_text().splitlines()
    return {name: system for name, _, system in (line.partition(" ") for line in lines)}


def write_list(names):
    known = read_list()
    LIST.write_text("".join(f"{name} {known.get(name, '')}".rstrip() + "\n" for name in names))


def differences(expected, seen):
    for name in sorted(set(seen) - set(expected)):
        yield f"{name} is exported, but not in the list"
    for name in sorted(set(expected) - set(seen)):
        yield f"{name} is in the list, but not exported"


def check_library(path):
    seen = exported(path)
    system = "windows" if path.endswith(WINDOWS) else "unix"
    expected = [name for name, only in read_list().items() if only in ("", system)]
    complaints = list(differences(expected, seen))
    if complaints and system == "unix":
        complaints.append(f"if that is meant: {sys.argv[0]} --write {path}")
    tap.result("/lint/exported-symbols/library", complaints)
    foreign = [name for name in seen if not name.startswith("hvsock_")]
    tap.result("/lint/exported-symbols/prefix", (f"{name}: no hvsock_" for name in foreign))
    names = [line.partition(" ")[0] for line in LIST.read_text().splitlines()]
    tap.result(
        "/lint/exported-symbols/sorted",
        [] if names == sorted(set(names)) else [f"{LIST.name}: sort it, each name once"],
    )


if not shutil.which("nm"):
    tap.skip_all("no nm: install the package binutils")
if sys.argv[1] == "--write":
    write_list(exported(sys.argv[2]))
    sys.exit(0)

check_library(sys.argv[1])
for module in sys.argv[2:]:
    name = pathlib.Path(module).stem
    tap.result(
        f"/lint/exported-symbols/plugins/{name}",
        differences([f"hvsock_plugin_{name}_describe"], exported(module)),
    )
tap.finish()
