# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""The results for Unix sockets as one picture of four panels, by gnuplot."""

import re
import shutil
import subprocess

from results import IDLE, idle_series, speed, spread

COLOURS = {
    "plain": "#777777",
    "hvsock": "#0b6fb8",
    "hvsock-async": "#0b6fb8",
    "hvcat": "#0b6fb8",
    "hvsock-splice": "#7cc0ee",
    "gio": "#d9822b",
    "gio-async": "#d9822b",
    "socat": "#d9822b",
    "socat -b 262144": "#f2c14e",
    "ncat": "#777777",
}
BARS = "set style data histograms; set style histogram clustered gap 1; set style fill solid 0.9"


def block(name, lines):
    return [f"${name} << END", *lines, "END"]


def titled(title, **settings):
    lines = ["reset", "set grid ytics lc '#dddddd'", "set border 3", "set tics nomirror"]
    lines.append(f"set title '{title}'")
    lines += [f"set {key} {value}" for key, value in settings.items()]
    return lines


def kibibytes(group):
    return re.search(r"(\d+) KiB", group.what)[1]


def throughput(results):
    lines = titled(
        "Throughput by size of pieces",
        xlabel="'KiB'",
        ylabel="'GB/s'",
        key="below horizontal Left reverse maxrows 2",
        yrange="[0:*]",
        logscale="x 2",
    )
    plots = []
    for direction, dash, point in ("sent", 1, 7), ("received", 2, 6):
        groups = [
            group
            for group in results.of_topic("throughput")
            if group.transport == "unix" and group.what.startswith(direction)
        ]
        for name in groups[0].contenders if groups else ():
            data = f"{direction}_{name}"
            points = (f"{kibibytes(group)} {speed(group.median(name))}" for group in groups)
            lines += block(data, points)
            plots.append(
                f"${data} with linespoints lw 2 dt {dash} pt {point} lc rgb '{COLOURS[name]}'"
                f" title '{name}, {direction}'"
            )
    return lines, plots


def idle(results):
    group = results.find("round-trip", "unix", IDLE)
    if group is None:
        return [], []
    lines = titled(
        "Round trip of 64 B beside idle streams",
        xlabel="'idle streams'",
        ylabel="'µs'",
        key="below horizontal Left reverse maxrows 2",
        logscale="xy",
    )
    # Zero has no place on this axis.
    lines.append("set xtics ('0' 1, '10' 10, '100' 100, '1000' 1000, '10000' 10000)")
    lines.append("set xrange [0.8:*]")
    plots = []
    for contender, turns in idle_series(group).items():
        data = "idle_" + contender.replace("-", "_")
        points = []
        for count, name in turns.items():
            middle, low, high = spread(list(group.contenders[name].values()))
            points.append(f"{max(count, 1)} {middle * 1e6} {low * 1e6} {high * 1e6}")
        lines += block(data, points)
        colour = COLOURS[contender]
        plots.append(f"${data} with lines lw 2 lc rgb '{colour}' title '{contender}'")
        plots.append(f"${data} with yerrorbars lw 1 pt 7 lc rgb '{colour}' notitle")
    return lines, plots


def bars(groups, data, value):
    """A cluster for each (label, group), a bar for each contender."""
    names = list(groups[0][1].contenders)
    rows = (
        f'"{label}" ' + " ".join(f"{value(group.median(name))}" for name in names)
        for label, group in groups
    )
    plots = [
        f"${data} using {column}{':xtic(1)' if column == 2 else ''} lc rgb '{COLOURS[name]}'"
        f" title '{name}'"
        for column, name in enumerate(names, 2)
    ]
    return block(data, rows), plots


def echo(results):
    groups = [
        (group.what.split()[0], group)
        for group in results.of_topic("echo")
        if group.transport == "unix" and group.what.endswith("busy")
    ]
    if not groups:
        return [], []
    lines = titled(
        "Echo servers, one thread",
        xlabel="'busy connections'",
        ylabel="'thousand messages a second'",
        key="below horizontal Left reverse maxrows 2",
        yrange="[0:*]",
    )
    data, plots = bars(groups, "echo", lambda seconds: 1e-3 / seconds)
    return [*lines, BARS, *data], plots


def tools(results):
    groups = [
        (group.what, group) for group in results.of_topic("tools") if group.transport == "unix"
    ]
    if not groups:
        return [], []
    lines = titled(
        "hvcat and others, bulk data",
        ylabel="'GB/s'",
        key="below horizontal Left reverse maxrows 2",
        yrange="[0:*]",
    )
    data, plots = bars(groups, "tools", speed)
    return [*lines, BARS, *data], plots


def draw(results, folder):
    """Returns why there is no picture, or None."""
    if not shutil.which("gnuplot"):
        return "no picture: install the package gnuplot-nox"
    body = ["set multiplot layout 2,2"]
    for panel in throughput, idle, echo, tools:
        lines, plots = panel(results)
        body += [*lines, "plot " + ", ".join(plots)] if plots else ["set multiplot next"]
    body.append("unset multiplot")

    script = ["set encoding utf8"]
    for terminal, name in ("svg size 1200,900 background '#ffffff'", "figures.svg"), (
        "pngcairo size 1200,900",
        "figures.png",
    ):
        script += [f"set terminal {terminal} font 'Sans,11'", f"set output '{name}'", *body]
        script.append("unset output")
    script = "\n".join(script)
    run = subprocess.run(["gnuplot"], input=script, cwd=folder, capture_output=True, text=True)
    if run.returncode != 0 or run.stderr.strip():
        return f"gnuplot complains: {run.stderr.strip()}"
    return None
