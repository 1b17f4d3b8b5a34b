"""Python's side reads cells and writes times as the kernel and the JupyterLab extension do: jest reads the same cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ferrobook._notebook import duration, marker_line, remarks, title_of

CASES: dict[str, list[Any]] = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "notebook" / "cases.json").read_text("utf-8")
)


@pytest.mark.parametrize(("ms", "text"), CASES["durations"])
def test_times_are_written_as_the_kernel_writes_them(ms: float, text: str) -> None:
    assert duration(ms) == text


@pytest.mark.parametrize(("source", "title"), CASES["titles"])
def test_a_cell_is_known_by_the_same_line(source: str, title: str) -> None:
    assert title_of(source) == title


@pytest.mark.parametrize(("source", "name"), CASES["markers"])
def test_a_marker_is_what_the_kernel_takes_for_one(source: str, name: str | None) -> None:
    found = marker_line(source.split("\n"))
    assert (found and found[1]) == name


def test_remarks_of_options_and_of_records_that_have_none() -> None:
    assert remarks({"build": None, "options": {"debug": True}}) == ["with debug checks"]
    build = {"debug": True, "targetCpu": "native"}
    assert remarks({"build": build}) == ["with debug checks", "for native"]
    assert remarks({"build": {"debug": False, "targetCpu": None}}) == []
