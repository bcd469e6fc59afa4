# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
"""The lines that the programs print, and what each round of them says about a contender."""

import statistics

IDLE = "64 B beside idle streams"
# Topics where more is better: their ratios are of speeds, the others' of times or sizes.
SPEEDS = "throughput", "tools"


class Group:
    """What was measured in the same rounds: a value for each contender and round."""

    def __init__(self, topic, transport, what, unit):
        self.topic = topic
        self.transport = transport
        self.what = what
        self.unit = unit
        self.contenders = {}

    def median(self, contender):
        return statistics.median(self.contenders[contender].values())

    def ratios(self, contender, reference):
        """One for each round, so that what slows down a whole round has no part in them."""
        values = self.contenders[contender]
        if self.topic in SPEEDS:
            return [reference[number] / values[number] for number in values]
        return [values[number] / reference[number] for number in values]

    def best_of(self, contenders):
        """The best value of each round."""
        rounds = self.contenders[contenders[0]]
        return {number: min(self.contenders[c][number] for c in contenders) for number in rounds}


class Results:
    def __init__(self):
        self.groups = {}

    def add(self, line):
        fields = line.rstrip("\n").split("\t")
        if len(fields) != 7:
            raise ValueError(f"not a line of a benchmark: {line!r}")
        *key, contender, number, value = fields
        if not float(value) >= 0:
            raise ValueError(f"not a measurement: {line!r}")
        group = self.groups.setdefault(tuple(key), Group(*key))
        rounds = group.contenders.setdefault(contender, {})
        if int(number) in rounds:
            raise ValueError(f"the same round twice: {line!r}")
        rounds[int(number)] = float(value)

    def check(self):
        """Each contender of a group had its turn in each round."""
        for key, group in self.groups.items():
            if len({tuple(sorted(rounds)) for rounds in group.contenders.values()}) != 1:
                raise ValueError(f"rounds are missing: {key}")

    def of_topic(self, topic):
        return [group for group in self.groups.values() if group.topic == topic]

    def find(self, topic, transport, what):
        for group in self.of_topic(topic):
            if (group.transport, group.what) == (transport, what):
                return group
        return None


def spread(values):
    """Median and quartiles."""
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return middle, low, high


def idle_series(group):
    """For each contender the numbers of idle streams with the names of their turns."""
    series = {}
    for name in group.contenders:
        contender, count = name.split(", ")
        series.setdefault(contender, {})[int(count.split()[0])] = name
    return series


def speed(seconds_per_mebibyte):
    """In GB/s."""
    return 2**20 / seconds_per_mebibyte / 1e9
