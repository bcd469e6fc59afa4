# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
#
# What the programs here share beside tests/guest/case.sh; sourced by each.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(realpath "$0")")/../guest/case.sh"

here=$(dirname "$(realpath "$0")")
# What setup built and unpacked.
built=${XDG_CACHE_HOME:-$HOME/.cache}/hvsock-peers/interop

if ! command -v hvcat >/dev/null; then
    echo "1..0 # SKIP no hvcat in PATH: build it, or use meson devenv"
    exit 0
fi

data=$(mktemp)
answer=$(mktemp)
head -c $((1024 * 1024 + 1)) /dev/urandom >"$data"
head -c $((512 * 1024 + 3)) /dev/urandom >"$answer"
trap 'rm -f "$data" "$answer"' EXIT

# Says what lacks of a program and how to get it, nothing when it is there.
lacks() { # PROGRAM PACKAGE
    command -v "$1" >/dev/null || echo "no ${1##*/}: install the package $2"
}

lacks_built() { # PROGRAM COMPILER
    [ -x "$built/$1" ] || echo "no $1: run tests/interop/setup with $2 in PATH"
}

# Tells a peer's version in a comment of the TAP: the first line with one.
tell_version() { # COMMAND...
    if command -v "$1" >/dev/null; then "$@" 2>&1 | sed -n '/[0-9]\.[0-9]/{s/^/# /p;q}'; fi
}

# The same of what setup built.
tell_built_version() { # WORD
    if [ -e "$built/versions" ]; then grep "$1" "$built/versions" | sed 's/^/# /'; fi
}

# Runs a case, or skips it with the reason if there is one. Each has a port of its
# own: none is told from the one before by chance.
port=2000
run_or_skip() { # REASON NAME FUNCTION [ARGUMENT]...
    local reason=$1
    shift
    port=$((port + 1))
    if [ -n "$reason" ]; then skip "$1" "$reason"; else run_case "$@"; fi
}
