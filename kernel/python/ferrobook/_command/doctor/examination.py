"""All checks, in the order in which one part needs the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ferrobook._command.doctor import compilers, jupyter, programs, room, trial
from ferrobook._command.doctor.check import Check


def examine(*, quick: bool) -> Iterator[Check]:
    """Yields each check when it is done. `quick` leaves out those that start a kernel."""
    yield from _guarded("Node.js", programs.node)
    yield from _guarded("Python", programs.python)
    yield from _guarded("Rust programs", _rust)
    yield from _guarded("kernelspecs", jupyter.kernelspecs)
    yield from _guarded("JupyterLab", jupyter.lab_extension)
    yield from _guarded("temporary files", room.temporary_files)
    yield from _guarded("snapshots", room.forks)
    if not quick:
        yield from _guarded("kernel", trial.run)


def _rust() -> Iterator[Check]:
    """The Rust host knows best what it will work with, so it is asked."""
    check, report = programs.rust_programs()
    yield check
    if report is None:
        yield compilers.linker(None)
        return
    yield compilers.toolchain(report)
    yield compilers.linker(report)
    yield room.cache(report)
    for complaint in report["complaints"]:
        yield Check("settings", "warning", complaint, "correct or unset the variable")


def _guarded(name: str, look: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """Nothing that is wrong with a machine ends the examination."""
    try:
        yield from look()
    except Exception as error:
        yield Check(name, "problem", f"{type(error).__name__} while it was looked at: {error}")
