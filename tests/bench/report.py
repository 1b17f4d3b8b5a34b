"""The results for people: a Markdown table on the terminal; JSON, a page and charts in a folder."""

from __future__ import annotations

import json
import os
import platform
import statistics
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import matplotlib as mpl
from figures import Curve, Figure, Results, spread
from peers import said

mpl.use("svg")
from matplotlib import pyplot as plt

#: Readable on light and dark pages.
OURS_COLOUR, PEER_COLOUR = "#e0823d", "#3b82c4"


def table(figures: list[Figure]) -> str:
    """The figures in Markdown: medians, with half the distance of the quartiles and the number of rounds."""
    lines = ["| what | Ferrobook | peer | | ratio | target |", "|---|---:|---:|---|---:|---:|"]
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        target = (
            "" if figure.target is None else f"≤ {figure.target:g} {'✓' if figure.met else '✗'}"
        )
        lines.append(
            f"| {figure.name} | {sample(figure.ours, figure.unit)} | {sample(figure.peer, figure.unit)} "
            f"| {figure.peer_name} | {ratio} | {target} |"
        )
    notes = [f"- {figure.name}: {figure.note}." for figure in figures if figure.note]
    return "\n".join(lines + (["", *notes] if notes else []))


def sample(samples: list[float], unit: str) -> str:
    """``12.3 ± 0.4 ms (30)``."""
    if not samples:
        return "not measured"
    median = statistics.median(samples)
    digits = 0 if median >= 100 else 1 if median >= 10 else 2
    if len(samples) == 1:
        return f"{median:.{digits}f} {unit} (1)"
    return f"{median:.{digits}f} ± {spread(samples):.{digits}f} {unit} ({len(samples)})"


def machine() -> dict[str, str]:
    """What the figures were taken on."""
    return {
        "processor": processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / (1 << 30):.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "ipykernel": version("ipykernel"),
        "Node.js": said("node", "--version"),
        "rustc": said("rustc", "--version"),
    }


def processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def write(results: Results, folder: Path, *, quick: bool) -> None:
    """Write ``results.json``, ``README.md`` and the charts."""
    folder.mkdir(parents=True, exist_ok=True)
    about = machine()
    data = {"quick": quick, "machine": about, **asdict(results)}
    (folder / "results.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    pictures = [chart(curve, folder / f"{slug(curve.x_label)}.svg") for curve in results.curves]
    if any(figure.ratio is not None for figure in results.figures):
        pictures.insert(0, ratios(results.figures, folder / "ratios.svg"))
    page = [
        "# Benchmarks",
        "",
        "Taken by `npm run bench`: each row in one run, Ferrobook and its peer in turns. Medians ± half the distance of",
        "the quartiles, and in parentheses the number of rounds. A ratio below 1 means that Ferrobook is faster.",
        "Unless a row says otherwise, each Rust cell is a new one that has to be compiled.",
        "",
        *(f"![{name}]({path.name})" for name, path in pictures),
        "",
        table(results.figures),
        "",
        *(text + "\n" for text in results.tables),
        "## Machine",
        "",
        *(f"- {name}: {value}" for name, value in about.items()),
    ]
    (folder / "README.md").write_text("\n".join(page) + "\n", encoding="utf-8")


def slug(text: str) -> str:
    """A file's name."""
    return text.lower().replace(" ", "-")


def chart(curve: Curve, path: Path) -> tuple[str, Path]:
    """Both curves in one picture, with the quartiles."""
    figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    for name, points, colour in (
        ("Ferrobook", curve.ours, OURS_COLOUR),
        (curve.peer_name, curve.peer, PEER_COLOUR),
    ):
        at = sorted(points)
        medians = [statistics.median(points[x]) for x in at]
        axes.errorbar(
            at,
            medians,
            [spread(points[x]) for x in at],
            label=name,
            color=colour,
            marker="o",
            capsize=3,
        )
    axes.set(xlabel=curve.x_label, ylabel=curve.unit, title=curve.name.replace("`", ""))
    axes.set_ylim(bottom=0)
    axes.legend()
    axes.grid(alpha=0.3)
    return saved(figure, curve.name.replace("`", ""), path)


def ratios(figures: list[Figure], path: Path) -> tuple[str, Path]:
    """Each row's ratio as a bar, with its target."""
    shown = [figure for figure in reversed(figures) if figure.ratio is not None]
    figure, axes = plt.subplots(figsize=(8, 0.32 * len(shown) + 1), layout="constrained")
    names = [row.name.replace("`", "") for row in shown]
    axes.barh(names, [row.ratio or 0 for row in shown], color=OURS_COLOUR, height=0.6)
    for position, row in enumerate(shown):
        if row.target is not None:
            axes.plot([row.target] * 2, [position - 0.4, position + 0.4], color="#444", linewidth=2)
    axes.axvline(1, color=PEER_COLOUR, linewidth=1)
    axes.set(xlabel="time of Ferrobook as a share of its peer's (dark marks: targets)")
    return saved(figure, "Ferrobook next to its peers", path)


def saved(figure: plt.Figure, name: str, path: Path) -> tuple[str, Path]:
    """Write a picture that looks the same in every run."""
    figure.patch.set_facecolor("white")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    return name, path
