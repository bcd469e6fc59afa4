#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""Checks that clang-format would leave the tree's C files as they are."""

import re
import shutil
import subprocess

import tap

# Other versions format some things differently.
VERSION = "14"


def find_clang_format():
    for name in f"clang-format-{VERSION}", "clang-format":
        path = shutil.which(name)
        if path:
            output = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
            if re.search(rf"version {VERSION}\.", output):
                return path
    return None


def complaints():
    paths = [str(path) for path in tap.files("*.c", "*.h")]
    command = [clang_format, "--dry-run", "-Werror", *paths]
    run = subprocess.run(command, cwd=tap.ROOT, capture_output=True, text=True)
    lines = [line for line in run.stderr.splitlines() if "error:" in line]
    yield from lines[:20]
    if lines:
        files = sorted({line.partition(":")[0] for line in lines})
        yield f"{len(files)} files: {clang_format} -i {' '.join(files)}"
    elif run.returncode != 0:
        yield run.stderr.strip()


clang_format = find_clang_format()
if not clang_format:
    tap.skip_all(f"no clang-format {VERSION}: install the package clang-format-{VERSION}")
tap.result("/lint/formatting", complaints())
tap.finish()
