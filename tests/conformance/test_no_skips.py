"""The rule itself: without it, a check that a kernel does not pass could be left out unseen."""

from __future__ import annotations

import no_skips
import pytest

pytest_plugins = ["pytester"]


@pytest.mark.parametrize(
    "source",
    [
        "import unittest\nclass T(unittest.TestCase):\n def test(self):\n  raise unittest.SkipTest('attribute unset')",
        "import unittest\nclass T(unittest.TestCase):\n def test(self):\n"
        "  with self.subTest(part=1):\n   raise unittest.SkipTest('attribute unset')",
        "import pytest\ndef test():\n pytest.skip('attribute unset')",
        "import pytest\n@pytest.mark.skip(reason='attribute unset')\ndef test():\n pass",
        "import pytest\npytest.skip('attribute unset', allow_module_level=True)",
    ],
    ids=["unittest", "subtest", "pytest", "mark", "module"],
)
def test_a_skip_fails_the_run(pytester: pytest.Pytester, source: str) -> None:
    pytester.makepyfile(source)
    result = pytester.runpytest_inprocess("-rf", plugins=[no_skips])
    assert result.ret != pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*attribute unset*", "*must not be skipped*"])
    assert "skipped" not in result.parseoutcomes()
