#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""Unpacks the archive for Windows where it was not built, and uses what is in it, under Wine.
  unpack.py ZIP GLIB VERSION [PROGRAM | PLUGIN-MODULE]...

GLIB is for the headers of a program that is built against the unpacked library. What follows VERSION
was built, and must be in it.
"""

import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lint"))
import tap  # noqa: E402

EXPECTED = """
    COPYING README.md bin/gspawn-win64-helper-console.exe bin/gspawn-win64-helper.exe
    bin/libgio-2.0-0.dll bin/libglib-2.0-0.dll bin/libgmodule-2.0-0.dll
    bin/libgobject-2.0-0.dll bin/libhvsock-1-0.dll bin/zlib1.dll include/hvsock-1/hvsock/hvsock.h
    include/hvsock-1/hvsock/hvsock-plugin.h include/hvsock-1/hvsock/hvsock-version.h
    lib/libhvsock-1.dll.a lib/pkgconfig/hvsock-1.pc licences/README licences/glib2.0
    licences/libffi licences/libz-mingw-w64 licences/mingw-w64 licences/pcre2
""".split()

PLUGINS = "lib/hvsock-1/plugins"

# Nothing beside what was unpacked may help.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in ("HVSOCK_PLUGIN_PATH", "WINEPATH", "LD_LIBRARY_PATH")
}


def run(*command, **environment):
    """The exit status, and all output as one line, whatever bytes are in it."""
    run = subprocess.run(
        [str(part) for part in command],
        env=ENVIRONMENT | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return run.returncode, " | ".join(os.fsdecode(run.stdout).splitlines())


def run_windows(program, *arguments):
    return run(os.environ["MESON_EXE_WRAPPER"], root / "bin" / program, *arguments)


def windows_path(path):
    return "Z:" + str(path).replace("/", "\\")


def expect(name, status, output, succeeds, *expected):
    shown = ascii(output)
    complaints = [f"{text!a} is missing in: {shown}" for text in expected if text not in output]
    if (status == 0) != succeeds:
        complaints.append(f"exit status {status}: {shown}")
    tap.result(f"/windows/zip/{name}", complaints)


def check_contents(archive):
    names = [name.partition("/")[2] for name in archive.namelist()]
    expected = EXPECTED + [f"bin/{program}.exe" for program in programs]
    for plugin in plugins:
        expected += [f"{PLUGINS}/{plugin}.dll", f"{PLUGINS}/{plugin}.plugin"]
    tap.result(
        "/windows/zip/contents", [f"{name} is missing" for name in expected if name not in names]
    )


def check_program():
    """Others build against it, from the pkg-config file that moved with it."""
    source = tap.ROOT / "tests/examples/hello.c"
    compiler = shlex.split(os.environ["CC"])
    machine = run(*compiler, "-dumpmachine")[1]
    folders = [f"{root}/lib/pkgconfig", f"{glib}/lib/pkgconfig", f"/usr/{machine}/lib/pkgconfig"]
    query = ["pkg-config", "--cflags", "--libs", "hvsock-1"]
    status, output = run(*query, PKG_CONFIG_LIBDIR=":".join(folders))
    if status == 0:
        command = [*compiler, "-o", root / "bin/hello.exe", source, *shlex.split(output)]
        status, output = run(*command, f"-L{glib}/lib")
    expect("program/built", status, output, True)
    expect("program/run", *run_windows("hello.exe", "none://x"), False, "cannot resolve 'none://x'")


archive, glib, version, *built = sys.argv[1:]
programs = [pathlib.Path(path).stem for path in built if path.endswith(".exe")]
plugins = [pathlib.Path(path).stem for path in built if path.endswith(".dll")]
with tempfile.TemporaryDirectory(prefix="hvsock zip ä ") as folder:
    with zipfile.ZipFile(archive) as packed:
        check_contents(packed)
        packed.extractall(folder)
    root = pathlib.Path(folder) / pathlib.Path(archive).stem
    searched = f"searched {windows_path(root / PLUGINS)};"

    for program in programs:
        expect(f"version/{program}", *run_windows(f"{program}.exe", "--version"), True, version)
    expect("plugin-folder", *run_windows("hvsock-probe.exe", "none://x"), False, searched)
    output = run_windows("hvsock-probe.exe")[1]
    for plugin in plugins:
        expect(f"plugin/{plugin}", 0, output, True, plugin)
    check_program()
tap.finish()
