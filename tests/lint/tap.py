# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""What the lint tests share: results as TAP, and the list of the tree's files."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAYERS = ["base", "address", "stream", "plugin", "client"]

_results = 0
_failed = False


def result(name, complaints):
    """One result; it is a failure if there are complaints, a line each."""
    global _results, _failed
    _results += 1
    complaints = list(complaints)
    print(f"{'not ok' if complaints else 'ok'} {_results} {name}")
    for complaint in complaints:
        print(f"# {complaint}")
    sys.stdout.flush()
    _failed = _failed or bool(complaints)


def skip(name, reason):
    global _results
    _results += 1
    print(f"ok {_results} {name} # SKIP {reason}", flush=True)


def skip_all(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def finish():
    print(f"1..{_results}")
    sys.exit(1 if _failed else 0)


def files(*patterns):
    """The files that are, or by .gitignore would be, under version control, as relative paths."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    command += ["--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        skip_all("no git: install the package git")
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().splitlines()[0]
        skip_all(f"not a git checkout, so the tree's files are unknown ({reason}): clone the project")
    paths = sorted(set(pathlib.PurePosixPath(path) for path in listing.split("\0") if path))
    return [
        path
        for path in paths
        if (ROOT / path).is_file()
        and (not patterns or any(path.match(pattern) for pattern in patterns))
    ]


def read(path):
    """A file's text, or None if it is not text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
