# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""The results as Markdown, a table for each topic."""

from results import IDLE, idle_series, speed, spread

TITLES = {
    "throughput": ("Throughput", "speed as a multiple of plain C's; more is better"),
    "round-trip": ("Round trips", "time as a multiple of plain C's; less is better"),
    "connect": ("Connect, first byte, close", "time as a multiple of plain C's; less is better"),
    "echo": ("Echo servers", "time of a message as a multiple of plain C's; less is better"),
    "tools": ("hvcat", "speed as a multiple of the best other tool's in the same round"),
    "memory": ("Heap of an idle stream with a read pending", "as a multiple of GIO's"),
}


def quantity(value, unit):
    if unit == "s/MiB":
        return f"{speed(value):.2f} GB/s" if value < 1e-3 else f"{speed(value) * 1e3:.0f} MB/s"
    if unit == "s":
        return f"{value * 1e6:.1f} µs" if value < 1e-3 else f"{value * 1e3:.2f} ms"
    return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.0f}"


def ratio(values):
    middle, low, high = spread(values)
    digits = 2 if middle < 10 else 0
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def rows(header, lines):
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    for line in lines:
        yield "| " + " | ".join(line) + " |"
    yield ""


def reference_of(group):
    """Its name, and its value in each round."""
    if group.topic == "memory":
        return ("gio", group.contenders["gio"]) if "gio" in group.contenders else None
    if group.topic == "tools":
        others = [name for name in group.contenders if name != "hvcat"]
        return ("best other", group.best_of(others)) if others else None
    return "plain", group.contenders["plain"]


def compared(group, names):
    reference = reference_of(group)
    # Without anything to compare with, the figure itself.
    if reference is None:
        return ["-", *(quantity(group.median(name), group.unit) for name in group.contenders)]

    title, values = reference
    cells = [quantity(spread(list(values.values()))[0], group.unit)]
    for name in names:
        present = name in group.contenders
        cells.append(ratio(group.ratios(name, values)) if present else "")
    return cells


def table(results, topic):
    groups = [group for group in results.of_topic(topic) if group.what != IDLE]
    names = list(dict.fromkeys(name for group in groups for name in group.contenders))
    title, meaning = TITLES[topic]
    first = (reference_of(groups[0]) or ("reference",))[0]
    names = [name for name in names if name != first]

    yield f"## {title}"
    yield ""
    yield f"{meaning[0].upper()}{meaning[1:]}."
    yield ""
    yield from rows(
        ["transport", "what", first, *names],
        ([group.transport, group.what, *compared(group, names)] for group in groups),
    )


def idle_table(results):
    groups = [group for group in results.of_topic("round-trip") if group.what == IDLE]
    lines = []
    for group in groups:
        for contender, turns in idle_series(group).items():
            none = turns.pop(0)
            cells = [group.transport, contender, quantity(group.median(none), group.unit)]
            cells.append(
                ", ".join(
                    f"{count}: {ratio(group.ratios(name, group.contenders[none]))}"
                    for count, name in turns.items()
                )
            )
            lines.append(cells)
    yield "## Round trips beside idle streams"
    yield ""
    yield "64 B; time as a multiple of the same contender's without idle streams; less is better."
    yield ""
    yield from rows(["transport", "contender", "none idle", "idle streams: ratio"], lines)


def start_up_table(results):
    lines = []
    for group in results.of_topic("start-up"):
        few, many = group.contenders["5 plugins"], group.contenders["100 plugins"]
        cells = [group.transport, group.what]
        cells += [quantity(group.median(name), group.unit) for name in ("5 plugins", "100 plugins")]
        if group.unit == "s":
            middle, low, high = spread([(many[number] - few[number]) * 1e3 for number in few])
            cells.append(f"{middle:.2f} ms ({low:.2f}-{high:.2f})")
        else:
            cells.append("")
        lines.append(cells)
    yield "## First connection of a process"
    yield ""
    yield from rows(["transport", "what", "5 plugins", "100 plugins", "difference"], lines)


def markdown(results):
    for topic in TITLES:
        if results.of_topic(topic):
            yield from table(results, topic)
        if topic == "round-trip" and results.of_topic(topic):
            yield from idle_table(results)
    if results.of_topic("start-up"):
        yield from start_up_table(results)


def explanation():
    yield "Ratios are medians of the rounds' own ratios, with quartiles: in a round all contenders"
    yield "take turns, in another order each time. The plain C, GIO and libhvsock programs are given"
    yield "one processor, the peer another. hyperkit is measured through a stand-in for its device,"
    yield "vsock in a guest of QEMU, over loopback."
    yield ""
