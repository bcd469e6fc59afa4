#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""Checks that need no more than the text of the tree's files: licences, words, lengths, places."""

import re

import tap

TOP_LEVEL = {
    "COPYING",
    "README.md",
    "core",
    "include",
    "meson.build",
    "meson_options.txt",
    "plugins",
    "tests",
}
# What carries no licence lines: texts, drawn figures, and data that has no place for a comment
# or that a tool writes anew.
UNLICENSED = [
    "COPYING",
    "*.md",
    "*.plugin",
    "*.plugin.in",
    "*.svg",
    "*.tsv",
    ".*",
    "Cargo.lock",
    "exported-symbols",
    "go.sum",
]
LICENCE = "SPDX-License-Identifier: LGPL-2.1-or-later"
COPYRIGHT = "Copyright the libhvsock authors"
LONGEST = 600

# The brackets keep these patterns from finding themselves.
LEFT_FOR_LATER = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X])\b")
HOME_FOLDER = re.compile(r"/[h]ome/\w")
WAITING = re.compile(r"\b(g_usleep|usleep|sleep|nanosleep|thrd_sleep) *\(")


def lines_with(pattern, paths):
    for path in paths:
        text = tap.read(path) or ""
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line):
                yield f"{path}:{number}: {line.strip()}"


def without_licence():
    for path in paths:
        text = tap.read(path)
        if text is None or any(path.match(pattern) for pattern in UNLICENSED):
            continue
        head = "\n".join(text.splitlines()[:5])
        for line in LICENCE, COPYRIGHT:
            if line not in head:
                yield f"{path}: the first lines lack '{line}'"


def too_long():
    for path in paths:
        if path.name == "COPYING" or path.suffix in (".md", ".svg", ".tsv"):
            continue
        length = (tap.read(path) or "").count("\n")
        if length > LONGEST:
            yield f"{path}: {length} lines, {LONGEST} at most"


paths = tap.files()
tests_in_c = [path for path in tap.files("*.c", "*.h") if path.parts[0] == "tests"]
top_level = {path.parts[0] for path in paths}

tap.result("/lint/tree/licence", without_licence())
tap.result("/lint/tree/length", too_long())
tap.result("/lint/tree/left-for-later", lines_with(LEFT_FOR_LATER, paths))
tap.result("/lint/tree/no-home-folders", lines_with(HOME_FOLDER, paths))
tap.result("/lint/tree/no-sleep-in-tests", lines_with(WAITING, tests_in_c))
tap.result(
    "/lint/tree/top-level",
    sorted(name for name in top_level if name not in TOP_LEVEL and not name.startswith(".")),
)
tap.finish()
