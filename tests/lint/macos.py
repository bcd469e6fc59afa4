#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""Compiles for macOS what Meson chooses there: library, plugins and tools, as Mach-O objects.

No more than that: linking would need GLib's libraries for macOS, and running a Mac. Warnings are
errors here.
"""

import json
import os
import pathlib
import re
import struct
import subprocess
import tempfile

import tap

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
COMPILER = CACHE / "hvsock-macos"

# The beginning of a 64-bit object (mach-o/loader.h): magic, processor, its variant, MH_OBJECT.
HEADER = struct.Struct("<4I")
MAGIC = 0xFEEDFACF
OBJECT = 1
PROCESSORS = {"x86_64": 0x01000007, "aarch64": 0x0100000C}

PLUGINS = {"hyperkit.dylib", "mux.dylib", "unix.dylib"}
# Files that macOS has in place of another system's.
CHOSEN = {
    "hvcat-peer-darwin.c",
    "hvcat-stdio-unix.c",
    "hvsock-fd-listening-darwin.c",
    "hvsock-fd-unix.c",
    "hvsock-native-unix.c",
    "hvsock-reactor-poll.c",
    "hvsock-secure-env-issetugid.c",
    "hvsock-splice-none.c",
    "hvsock-trust-unix.c",
    "hvsock-unix-path-unix.c",
    "tool-signals-unix.c",
}
OTHER_SYSTEM = re.compile(r"-(linux|windows|epoll)\.c$|/plugins/(vsock|hyperv)/")


def run(*command, **options):
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )


def configure(build, processor):
    """Complaints, a list."""
    # What is meant for this machine's compiler is not for that one.
    flags = ("CC", "CFLAGS", "CPPFLAGS", "LDFLAGS")
    environment = {name: value for name, value in os.environ.items() if name not in flags}
    options = ["-Dbuildtype=plain", "-Dwerror=true", "-Dintrospection=disabled", "-Dtests=disabled"]
    cross_file = f"--cross-file={COMPILER / processor}.ini"
    setup = run("meson", "setup", cross_file, *options, build, tap.ROOT, env=environment)
    return setup.stdout.splitlines() if setup.returncode != 0 else []


def compile_objects(build, objects):
    environment = {**os.environ, "ZIG_LOCAL_CACHE_DIR": f"{build}/zig"}
    ninja = run("ninja", "-k", "0", "-C", build, *objects, env=environment)
    if ninja.returncode == 0:
        return []
    lines = ninja.stdout.splitlines()
    return [line for line in lines if "error:" in line or "warning:" in line] or lines


def wrong_formats(build, objects, processor):
    for path in objects:
        try:
            header = (pathlib.Path(build) / path).read_bytes()[: HEADER.size]
        except FileNotFoundError:
            yield f"{path}: was not made"
            continue
        magic, machine, _, kind = HEADER.unpack(header)
        if (magic, machine, kind) != (MAGIC, PROCESSORS[processor], OBJECT):
            yield f"{path}: no Mach-O object for {processor}"


def wrong_sources(sources):
    names = {pathlib.PurePath(source).name for source in sources}
    yield from (f"{name}: is not compiled" for name in sorted(CHOSEN - names))
    yield from (f"{path}: is another system's" for path in sources if OTHER_SYSTEM.search(path))


def wrong_modules(build):
    targets = json.loads((pathlib.Path(build) / "meson-info/intro-targets.json").read_text())
    modules = {
        pathlib.PurePath(name).name
        for target in targets
        if target["type"] == "shared module"
        for name in target["filename"]
    }
    if modules != PLUGINS:
        yield f"the plugins are {', '.join(sorted(modules))}"


def check(build, processor):
    name = f"/lint/macos/{processor}"
    complaints = configure(build, processor)
    tap.result(f"{name}/configure", complaints)
    if complaints:
        return

    commands = json.loads((pathlib.Path(build) / "compile_commands.json").read_text())
    objects = [command["output"] for command in commands]
    tap.result(f"{name}/sources", wrong_sources([command["file"] for command in commands]))
    tap.result(f"{name}/modules", wrong_modules(build))
    tap.result(f"{name}/compile", compile_objects(build, objects))
    tap.result(f"{name}/format", wrong_formats(build, objects, processor))


for processor in PROCESSORS:
    if not (COMPILER / f"{processor}.ini").exists():
        tap.skip(f"/lint/macos/{processor}", "no compiler for macOS: run tests/macos/setup")
        continue
    with tempfile.TemporaryDirectory() as build:
        check(build, processor)
tap.finish()
