"""What a machine needs, and how to get it: ``prerequisites.json``, which ``npm start`` reads, too."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

_RULES = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


def oldest(tool: str) -> tuple[int, int]:
    """The first version of ``node``, ``python`` or ``rust`` that will do."""
    major, minor = _RULES["oldest"][tool]
    return major, minor


def installation(thing: str) -> str:
    """What to do on this machine to get something: the first rule whose conditions hold."""
    return next(rule["say"] for rule in _RULES["install"][thing] if _holds(rule))


def _holds(rule: dict[str, str]) -> bool:
    return rule.get("system", sys.platform) == sys.platform and (
        "has" not in rule or shutil.which(rule["has"]) is not None
    )
