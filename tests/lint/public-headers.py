#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""Compiles each public header alone, as C and as C++, and checks the guard that keeps the others
from being included directly.
  public-headers.py INCLUDE-FOLDER...
"""

import concurrent.futures
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

import tap

DIRECT = {"hvsock.h", "hvsock-plugin.h"}
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
C = [os.environ.get("CC", "cc"), "-std=c11", "-x", "c"]
CXX = [os.environ.get("CXX", "c++"), "-std=c++17", "-x", "c++"]
GUARD = "can be included directly"


def compile_header(compiler, header, defines):
    """The compiler's first complaints, or nothing."""
    source = f"#include <hvsock/{header}>\n"
    command = [*compiler, *WARNINGS, *defines, *includes, "-"]
    run = subprocess.run(command, input=source, capture_output=True, text=True)
    return run.stderr.splitlines()[:10] if run.returncode != 0 else []


def compile_alone(compiler, header):
    defines = [] if header in DIRECT else ["-DHVSOCK_COMPILATION"]
    return compile_header(compiler, header, defines)


def check_guard(header):
    if any(GUARD in line for line in compile_header(C, header, [])):
        return []
    return [f"<hvsock/{header}> can be included directly"]


def run_all(name, check, headers):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for header, complaints in zip(headers, pool.map(check, headers)):
            tap.result(f"/lint/public-headers/{name}/{header}", complaints)


folders = [pathlib.Path(folder) for folder in sys.argv[1:]]
headers = sorted({path.name for folder in folders for path in folder.glob("hvsock/*.h")})
try:
    flags = subprocess.run(
        ["pkg-config", "--cflags", "gio-2.0"], capture_output=True, text=True, check=True
    ).stdout
except (FileNotFoundError, subprocess.CalledProcessError):
    tap.skip_all("no gio-2.0 for pkg-config: install pkg-config and libglib2.0-dev")
includes = [f"-I{folder}" for folder in folders] + shlex.split(flags)

run_all("c", lambda header: compile_alone(C, header), headers)
if shutil.which(CXX[0]):
    run_all("c++", lambda header: compile_alone(CXX, header), headers)
else:
    tap.skip("/lint/public-headers/c++", "no C++ compiler: install the package g++")
run_all("guard", check_guard, [header for header in headers if header not in DIRECT])
tap.finish()
