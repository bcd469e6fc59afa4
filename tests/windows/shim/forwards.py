#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""Makes what a ws2_32.dll must export: forwards.py HEADER OUTPUT COMPILER...

Every function that the compiler's own import library names is in OUTPUT.def: as one of the
stand-ins that HEADER lists, or as a jump in OUTPUT.S through a table that shim-dll.c fills.
"""

import pathlib
import re
import subprocess
import sys

PROLOGUE = """
  .data
  .globl shim_forwards
shim_forwards:
  .fill {count}, 8, 0
  .globl shim_forward_names
shim_forward_names:
"""


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def imports(compiler):
    library = output_of(*compiler, "-print-file-name=libws2_32.a").strip()
    nm = output_of(*compiler, "-print-prog-name=nm").strip()
    return sorted(set(re.findall(r" __imp_(\w+)$", output_of(nm, library), re.MULTILINE)))


def assembly(names):
    yield PROLOGUE.format(count=len(names))
    for name in names:
        yield f"  .quad text_{name}\n"
    yield "  .quad 0\n"
    for name in names:
        yield f'text_{name}: .asciz "{name}"\n'
    yield "  .text\n"
    for number, name in enumerate(names):
        yield f"  .globl forward_{name}\n"
        yield f"forward_{name}: jmp *shim_forwards+{8 * number}(%rip)\n"


def definitions(names, stand_ins):
    yield "LIBRARY ws2_32.dll\nEXPORTS\n"
    for name in names:
        yield f"  {name} = {'shim' if name in stand_ins else 'forward'}_{name}\n"


header, output, *compiler = sys.argv[1:]
stand_ins = set(re.findall(r"^  F \((\w+)\)", pathlib.Path(header).read_text(), re.MULTILINE))
names = imports(compiler)
if not stand_ins or not stand_ins <= set(names):
    sys.exit(f"{header}: no stand-ins, or one that ws2_32.dll does not have")
if output.endswith(".def"):
    lines = definitions(names, stand_ins)
else:
    lines = assembly([name for name in names if name not in stand_ins])
pathlib.Path(output).write_text("".join(lines))
