# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
#
# TAP for the shell programs that test tools inside a guest; sourced by them,
# because each is a program of its own to the suite. Outside a guest everything
# is skipped: elsewhere an AF_VSOCK connection may reach a real host.
set -uo pipefail
# Functions and variables are exported from here on: each case is a bash of its
# own, for timeout to end.
set -a

if [ -z "${HVSOCK_TEST_IN_GUEST:-}" ]; then
    echo "1..0 # SKIP not in a guest: start it with tests/guest/run -- $0"
    exit 0
fi

cases=0
failures=0
# Seconds for one case, against a hang only: the guest may be emulated, on a busy machine, and start
# guests itself.
limit=${HVSOCK_TEST_LIMIT:-300}

result() { # STATUS NAME [LOG]
    cases=$((cases + 1))
    if [ "$1" = 0 ]; then
        echo "ok $cases $2"
        return
    fi
    failures=$((failures + 1))
    echo "not ok $cases $2"
    if [ -s "${3:-}" ]; then sed 's/^/# /' "$3"; fi
}

skip() { # NAME REASON
    cases=$((cases + 1))
    echo "ok $cases $1 # SKIP $2"
}

# Runs a function as one case, in a folder of its own; it fails with the first
# command that fails. What it leaves running is ended.
run_case() { # NAME FUNCTION [ARGUMENT]...
    local name=$1 folder group status
    shift
    folder=$(mktemp -d)
    # timeout leads a process group, which it leaves behind when the case is over.
    timeout --kill-after=5 "$limit" bash -euo pipefail -c 'cd "$0"; "$@"' "$folder" "$@" \
        >"$folder.log" 2>&1 </dev/null &
    group=$!
    wait "$group"
    status=$?
    kill -KILL -- "-$group" 2>/dev/null
    if [ "$status" = 124 ]; then echo "ended after $limit s" >>"$folder.log"; fi
    result "$status" "$name" "$folder.log"
    rm -rf "$folder" "$folder.log"
}

finish() {
    echo "1..$cases"
    [ "$failures" = 0 ]
}

# Starts hvcat as a listener in the background ($listener) and returns when it
# says that it is ready. Its standard input and output are the caller's; without
# the "<&0" bash would give it /dev/null.
start_listener() { # URI [OPTION]...
    local line
    mkfifo messages
    hvcat -v -l "$@" <&0 2>messages &
    listener=$!
    exec {messages}<messages
    read -r line <&"$messages" || line="hvcat said nothing"
    case $line in
    *"listening on "*) ;;
    *)
        echo "$line"
        return 1
        ;;
    esac
}
