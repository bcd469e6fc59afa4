#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""Packs an archive of what a user on Windows needs: what Meson installs, and GLib's DLLs.
  package.py BUILD PREFIX GLIB ZIP

PREFIX is that of BUILD, GLIB the folder where tests/windows/setup put GLib. The same files give the
same archive, byte by byte.
"""

import calendar
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
INSTALLED = ["bin", "include", "lib"]
SPAWN_HELPERS = "gspawn-win64-helper*.exe"
# The oldest that an archive can hold; strip writes a time as well.
TIME = (1980, 1, 1, 0, 0, 0)

LICENCES = """\
libhvsock is under LGPL-2.1-or-later: see COPYING.

GLib is in this archive too, with what it is made of, as Debian has it and unchanged. Those are the
DLLs of bin but libhvsock's, and gspawn-win64-helper*.exe. All programs contain start-up code of
mingw-w64. The terms of each are in the folder licences; GLib's are LGPL-2.1-or-later, and its DLLs
can be replaced by others of its ABI. They were built by libhvsock's script tests/windows/setup from
these source packages of Debian, which are kept at https://snapshot.debian.org:

{sources}"""


def install(build, prefix, destdir):
    command = [os.environ["MESON"], "install", "-C", build, "--no-rebuild", "--quiet", "--strip"]
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(calendar.timegm(TIME))}
    subprocess.run([*command, "--destdir", destdir], env=environment, check=True)
    return pathlib.Path(destdir) / prefix.lstrip("/")


def imports(path):
    command = [os.environ["OBJDUMP"], "-p", path]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.findall(r"DLL Name: (\S+)", output)


def add_runtime(root, glib):
    """Those DLLs of GLib's that are asked for, by one another as well. The rest are Windows' own."""
    binaries = root / "bin"
    for helper in glib.glob(f"bin/{SPAWN_HELPERS}"):
        shutil.copy(helper, binaries)
    pending = [*root.rglob("*.exe"), *root.rglob("*.dll")]
    while pending:
        for name in imports(pending.pop()):
            if (glib / "bin" / name).exists() and not (binaries / name).exists():
                pending.append(shutil.copy(glib / "bin" / name, binaries))


def add_texts(root, glib):
    for name in "COPYING", "README.md":
        shutil.copy(SOURCE / name, root)
    shutil.copytree(glib / "licences", root / "licences")
    sources = "".join(f"  {line}\n" for line in (glib / "sources").read_text().splitlines())
    (root / "licences" / "README").write_text(LICENCES.format(sources=sources))


def pack(root, archive):
    folder = pathlib.PurePath(archive).stem
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            name = f"{folder}/{path.relative_to(root).as_posix()}"
            packed.writestr(zipfile.ZipInfo(name, TIME), path.read_bytes(), zipfile.ZIP_DEFLATED)


build, prefix, glib, archive = sys.argv[1:]
with tempfile.TemporaryDirectory() as work:
    installed = install(build, prefix, f"{work}/installed")
    root = pathlib.Path(work) / "root"
    for name in INSTALLED:
        shutil.copytree(installed / name, root / name)
    # Nobody links with a plugin.
    for library in root.glob("lib/hvsock-*/plugins/*.a"):
        library.unlink()
    add_runtime(root, pathlib.Path(glib))
    add_texts(root, pathlib.Path(glib))
    pack(root, archive)
