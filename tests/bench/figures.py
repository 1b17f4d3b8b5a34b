"""What a benchmark yields: samples of ours and of a peer, taken in turns."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Figure:
    """One row of the report. ``ours`` and ``peer`` are samples in ``unit``; ``target`` bounds the ratio of their medians."""

    name: str
    peer_name: str
    ours: list[float]
    peer: list[float]
    #: The largest ratio that is good enough, or nothing.
    target: float | None = None
    unit: str = "ms"
    #: What a reader must know, such as that an answer comes from a cache.
    note: str = ""
    #: What stands in the way of the target; shown where it is missed.
    limit: str = ""

    @property
    def ratio(self) -> float | None:
        """Median of ours over median of the peer's."""
        if not self.ours or not self.peer:
            return None
        return statistics.median(self.ours) / statistics.median(self.peer)

    @property
    def met(self) -> bool | None:
        """Whether the target is met."""
        if self.ratio is None or self.target is None:
            return None
        return self.ratio <= self.target


@dataclass
class Curve:
    """A figure that depends on a number, for ours and for the peer."""

    name: str
    x_label: str
    peer_name: str
    unit: str = "ms"
    ours: dict[int, list[float]] = field(default_factory=dict)
    peer: dict[int, list[float]] = field(default_factory=dict)


@dataclass
class Results:
    """All that a benchmark found."""

    figures: list[Figure] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    #: Markdown tables of their own.
    tables: list[str] = field(default_factory=list)

    def replace(self, newer: Results) -> None:
        """Put what ``newer`` has measured in the place of the same rows, curves and tables, or at the end."""
        for mine, theirs, name in (
            (self.figures, newer.figures, lambda row: row.name),
            (self.curves, newer.curves, lambda curve: curve.name),
            (self.tables, newer.tables, lambda text: text.split("\n", 1)[0]),
        ):
            places = {name(item): place for place, item in enumerate(mine)}
            for item in theirs:
                if name(item) in places:
                    mine[places[name(item)]] = item
                else:
                    mine.append(item)

    def add(self, other: Results) -> None:
        """Append what another benchmark found."""
        self.figures += other.figures
        self.curves += other.curves
        self.tables += other.tables


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    quick: bool

    def rounds(self, usual: int) -> int:
        """A number of rounds, smaller in a quick run: one of what takes seconds."""
        return max(1, usual // 6) if self.quick else usual


def in_turns(
    rounds: int, ours: Callable[[int], float], peer: Callable[[int], float] | None
) -> tuple[list[float], list[float]]:
    """``rounds`` samples of each, one after the other, so that whatever else the machine does falls on both."""
    mine: list[float] = []
    theirs: list[float] = []
    for number in range(rounds):
        mine.append(ours(number))
        if peer is not None:
            theirs.append(peer(number))
    return mine, theirs


def spread(samples: list[float]) -> float:
    """Half the distance between the quartiles, which a single outlier does not move."""
    if len(samples) < 2:
        return 0.0
    low, _, high = statistics.quantiles(samples, n=4, method="inclusive")
    return (high - low) / 2
