#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""Checks who includes whom.

In core: client -> plugin -> stream -> address -> base, each layer may include itself and those
after it. Tools and plugins include public headers and their own folder. Nothing includes tests.
A public header hvsock-x.h belongs to the layer whose folder holds hvsock-x.c.
"""

import pathlib
import re

import tap

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"]', re.MULTILINE)

# Public headers that no file implements.
LAYER_OF = {
    "hvsock-enum-types.h": "base",
    "hvsock-plugin.h": "plugin",
    "hvsock-version.h": "base",
    "hvsock-visibility.h": "base",
}
# These gather the others, so they have no layer.
GATHERING = {"hvsock.h", "hvsock-plugin.h"}


def layer_of_public(name):
    if name in LAYER_OF:
        return LAYER_OF[name]
    stem = name.removesuffix(".h")
    # A file may be split by platform: hvsock-x-unix.c.
    for pattern in (f"{stem}.c", f"{stem}-*.c"):
        found = [layer for layer in tap.LAYERS if any(tap.ROOT.glob(f"core/{layer}/{pattern}"))]
        if len(found) == 1:
            return found[0]
    return None


def too_high(layer, other):
    return tap.LAYERS.index(other) > tap.LAYERS.index(layer)


def check_layer(layer, bracket, target):
    """What is wrong with an include in a file of a core layer, or None."""
    folder, _, name = target.rpartition("/")
    if folder == "hvsock":
        if name == "hvsock.h":
            return "core includes single headers, not the umbrella"
        other = layer_of_public(name)
        if other is None:
            return f"no core/*/{name.removesuffix('.h')}.c tells its layer"
    elif bracket == "<":
        return None
    elif folder in tap.LAYERS:
        other = folder
        generated = name in (tap.ROOT / "core" / folder / "meson.build").read_text()
        if not generated and not (tap.ROOT / "core" / target).is_file():
            return "is not there"
    else:
        return 'a private header is included by its folder, as "address/hvsock-x-private.h"'
    if too_high(layer, other):
        return f"{layer} must not include {other}"
    return None


def check_outside(path, bracket, target):
    """The same for tools and plugins, which see public headers and their own folder."""
    if target.startswith("hvsock/"):
        name = target.removeprefix("hvsock/")
        public = (tap.ROOT / "include/hvsock" / name).is_file() or name in LAYER_OF
        return None if public else "is not a public header"
    if bracket == "<":
        return None
    if not (tap.ROOT / path.parent / target).resolve().is_file():
        return "is not in its own folder"
    if (tap.ROOT / path.parent / target).resolve().parent != (tap.ROOT / path.parent).resolve():
        return "is in another folder"
    return None


def complaints(paths, check):
    for path in paths:
        text = tap.read(path)
        for match in INCLUDE.finditer(text):
            wrong = check(path, match.group(1), match.group(2))
            if wrong:
                line = text.count("\n", 0, match.start()) + 1
                yield f"{path}:{line}: {match.group(2)}: {wrong}"


def is_in(*folder):
    return lambda path: path.parts[: len(folder)] == folder


paths = tap.files("*.c", "*.h", "*.h.in")

for layer in tap.LAYERS:
    tap.result(
        f"/lint/include-direction/core/{layer}",
        complaints(
            filter(is_in("core", layer), paths),
            lambda path, bracket, target: check_layer(layer, bracket, target),
        ),
    )


def check_header(path, bracket, target):
    name = path.name.removesuffix(".in")
    if name in GATHERING or not target.startswith("hvsock/"):
        return None
    layer = layer_of_public(name)
    if layer is None:
        return f"no core/*/{pathlib.PurePath(name).stem}.c tells the layer of {name}"
    return check_layer(layer, bracket, target)


tap.result(
    "/lint/include-direction/include", complaints(filter(is_in("include"), paths), check_header)
)
for folder in ("core", "tools"), ("plugins",):
    tap.result(
        f"/lint/include-direction/{'/'.join(folder)}",
        complaints(filter(is_in(*folder), paths), check_outside),
    )
tap.finish()
