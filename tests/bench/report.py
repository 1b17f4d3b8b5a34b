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
    notes = [f"- {figure.name}: {remark}." for figure in figures for remark in remarks(figure)]
    return "\n".join(lines + (["", *notes] if notes else []))


def remarks(figure: Figure) -> list[str]:
    """What stands below the table about a row."""
    missed = figure.met is False
    return [text for text in (figure.note, figure.limit if missed else "") if text]


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


def earlier(folder: Path, *, quick: bool) -> Results:
    """What an earlier run of the same kind on the same machine has written into the folder, if there is any."""
    try:
        data = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Results()
    if data["quick"] != quick or data["machine"] != machine():
        return Results()
    rows = [
        Figure(
            row["name"],
            row["peer_name"],
            *((row[side] or {"samples": []})["samples"] for side in ("ours", "peer")),
            **{key: row[key] for key in ("target", "unit", "note", "limit")},
        )
        for row in data["figures"]
    ]
    for curve in data["curves"]:
        for side in ("ours", "peer"):
            curve[side] = {int(at): samples for at, samples in curve[side].items()}
    return Results(rows, [Curve(**curve) for curve in data["curves"]], data["tables"])


def write(results: Results, folder: Path, *, quick: bool) -> None:
    """Write ``results.json``, ``README.md`` and the charts."""
    folder.mkdir(parents=True, exist_ok=True)
    taken_on = machine()
    data = {"quick": quick, "machine": taken_on, **asdict(results)}
    data["figures"] = [{**asdict(figure), **summary(figure)} for figure in results.figures]
    (folder / "results.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    pictures = []
    if any(figure.ratio is not None for figure in results.figures):
        pictures.append(ratios(results.figures, folder / "ratios.svg"))
    if results.curves:
        pictures.append(growth(results.curves, folder / "growth.svg"))
    page = [
        "# Benchmarks",
        "",
        *(["**A quick run: few rounds, and not all rows.**", ""] if quick else []),
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
        *(f"- {name}: {value}" for name, value in taken_on.items()),
    ]
    (folder / "README.md").write_text("\n".join(page) + "\n", encoding="utf-8")


def summary(figure: Figure) -> dict[str, object]:
    """What the samples of a row come to."""
    return {
        "ratio": figure.ratio,
        "met": figure.met,
        "ours": about(figure.ours),
        "peer": about(figure.peer),
    }


def about(samples: list[float]) -> dict[str, object] | None:
    """Samples, and what is read of them."""
    if not samples:
        return None
    return {
        "median": statistics.median(samples),
        "spread": spread(samples),
        "rounds": len(samples),
        "samples": samples,
    }


def growth(curves: list[Curve], path: Path) -> tuple[str, Path]:
    """All curves in one picture, Ferrobook's and the peer's in the same axes, with the quartiles."""
    figure, panels = plt.subplots(
        1, len(curves), figsize=(5.5 * len(curves), 3.6), layout="constrained", squeeze=False
    )
    for axes, curve in zip(panels[0], curves, strict=True):
        for name, points, colour in (
            ("Ferrobook", curve.ours, OURS_COLOUR),
            (curve.peer_name, curve.peer, PEER_COLOUR),
        ):
            at = sorted(points)
            medians = [statistics.median(points[x]) for x in at]
            spreads = [spread(points[x]) for x in at]
            axes.errorbar(at, medians, spreads, label=name, color=colour, marker="o", capsize=3)
        axes.set(xlabel=curve.x_label, ylabel=curve.unit, title=curve.name.replace("`", ""))
        axes.set_ylim(bottom=0)
        axes.legend()
        axes.grid(alpha=0.3)
    return saved(figure, "How a small cell slows down as a notebook grows", path)


def ratios(figures: list[Figure], path: Path) -> tuple[str, Path]:
    """Each row's ratio as a bar, with its target."""
    shown = [figure for figure in reversed(figures) if figure.ratio is not None]
    figure, axes = plt.subplots(figsize=(11, 0.32 * len(shown) + 1), layout="constrained")
    names = [row.name.replace("`", "") for row in shown]
    axes.barh(names, [row.ratio or 0 for row in shown], color=OURS_COLOUR, height=0.6)
    for position, row in enumerate(shown):
        if row.target is not None:
            axes.plot([row.target] * 2, [position - 0.4, position + 0.4], color="#444", linewidth=2)
    axes.axvline(1, color=PEER_COLOUR, linewidth=1)
    axes.set(xlabel="Ferrobook / peer (dark marks: targets)")
    axes.margins(y=0.01)
    return saved(figure, "Ferrobook next to its peers", path)


def saved(figure: plt.Figure, name: str, path: Path) -> tuple[str, Path]:
    """Write a picture that looks the same in every run."""
    figure.patch.set_facecolor("white")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    return name, path
