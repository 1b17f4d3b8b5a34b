"""The tools that people run notebooks with, on notebooks that mix Python and Rust.

Each of them knows only the source of a cell, so each shows that the `%%rust` marker is enough.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from queue import Empty
from textwrap import dedent
from typing import Any

import jupytext
import nbformat
import psutil
import pytest
from bs4 import BeautifulSoup, Tag
from jupyter_client import BlockingKernelClient
from live_kernel import CELL_TIMEOUT, LiveKernel, Message
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

TIMING_MIME = "application/vnd.ferrobook.timing+json"

#: Seconds in which what a dead kernel has left is gone; it goes at once where the machine is idle.
END = 30

KERNELSPECS = {
    "ferrobook": {"name": "ferrobook", "display_name": "Python + Rust", "language": "python"},
    "ferrobook-rust": {
        "name": "ferrobook-rust",
        "display_name": "Rust + Python",
        "language": "rust",
    },
}


def notebook(*sources: str, kernel: str = "ferrobook") -> NotebookNode:
    """A notebook with one code cell for each source."""
    cells = [new_code_cell(dedent(source).strip("\n")) for source in sources]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNELSPECS[kernel]})


def execute(nb: NotebookNode, directory: Path, **options: object) -> NotebookNode:
    """Run a notebook in place, as `jupyter execute` does."""
    resources = {"metadata": {"path": str(directory)}}
    NotebookClient(nb, timeout=CELL_TIMEOUT, resources=resources, **options).execute()
    return nb


def run_tool(name: str, *arguments: str | Path) -> None:
    """Run a program of the environment as a user does in a shell; what it prints explains a failure."""
    command = [Path(sys.executable).with_name(name), *arguments]
    tool = subprocess.run(command, capture_output=True, text=True, check=False, timeout=570)
    assert tool.returncode == 0, tool.stdout + tool.stderr


def only_output(cell: NotebookNode) -> NotebookNode:
    [output] = cell.outputs
    return output


# nbclient ------------------------------------------------------------------------------------------------------------

MIXED = [
    "numbers = [1, 2, 3]\nsum(numbers)",
    "%%rust\nlet answer: i32 = 41;",
    '%%rust\nprintln!("the answer is {}", answer + 1);',
    "%%rust\nanswer + 1",
    "print(numbers)",
    "%%python\nlen(numbers)",
    "import ipywidgets\nipywidgets.IntSlider(value=7, max=9)",
    "%timing",
]


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    """A mixed notebook after a headless run."""
    return execute(notebook(*MIXED), tmp_path_factory.mktemp("mixed"))


def test_a_mixed_notebook_shows_what_its_cells_produce(executed: NotebookNode) -> None:
    python_value, rust_silent, rust_printed, rust_value, python_printed, marked, *_ = executed.cells
    assert only_output(python_value).data["text/plain"] == "6"
    assert rust_silent.outputs == []
    assert only_output(rust_printed).text == "the answer is 42\n"
    assert only_output(rust_value).data["text/plain"] == "42"
    assert only_output(python_printed).text == "[1, 2, 3]\n"
    assert only_output(marked).data["text/plain"] == "3"


def test_execution_counts_run_over_both_languages(executed: NotebookNode) -> None:
    counts = range(1, len(MIXED) + 1)
    assert [cell.execution_count for cell in executed.cells] == list(counts)
    results = {
        output.execution_count: cell.execution_count
        for cell in executed.cells
        for output in cell.outputs
        if output.output_type == "execute_result"
    }
    assert results == {1: 1, 4: 4, 6: 6, 7: 7}


def test_an_executed_notebook_keeps_its_sources_and_is_valid(executed: NotebookNode) -> None:
    assert [cell.source for cell in executed.cells] == MIXED
    nbformat.validate(executed)


def test_the_timing_table_is_an_output_like_any_other(executed: NotebookNode) -> None:
    table = only_output(executed.cells[-1]).data[TIMING_MIME]
    timed = [
        (cell["record"]["executionCount"], cell["record"]["language"]) for cell in table["cells"]
    ]
    languages = ["python", "rust", "rust", "rust", "python", "python", "python"]
    assert timed == list(enumerate(languages, start=1))
    assert [total["language"] for total in table["totals"]] == ["python", "rust"]


def test_a_rust_panic_stops_a_headless_run(tmp_path: Path) -> None:
    nb = notebook("1", '%%rust\npanic!("out of cheese");', "print('never')")
    with pytest.raises(CellExecutionError, match="out of cheese"):
        execute(nb, tmp_path)
    assert only_output(nb.cells[1]).output_type == "error"
    assert nb.cells[2].outputs == []


FAILING = [
    "1/0",
    '%%rust\nlet wrong: u8 = "text";',
    "input()",
    "%%rust\nlet mut line = String::new();\nstd::io::stdin().read_line(&mut line)?;",
    "%%rust\n1 + 1",
    "'still here'",
]


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    """A notebook with cells that fail in their own ways, run to its end."""
    directory = tmp_path_factory.mktemp("failing")
    return execute(notebook(*FAILING), directory, allow_errors=True)


def error_of(cell: NotebookNode) -> NotebookNode:
    """The error of a failed cell: exactly one, as its last output."""
    *before, error = cell.outputs
    assert error.output_type == "error"
    assert all(output.output_type == "stream" for output in before)
    return error


def test_allowed_errors_leave_one_error_in_each_failing_cell(failed: NotebookNode) -> None:
    python_error, rust_error, *_, rust_value, python_value = failed.cells
    assert error_of(python_error).ename == "ZeroDivisionError"
    assert error_of(rust_error).ename == "E0308"
    assert "mismatched types" in error_of(rust_error).evalue
    assert only_output(rust_value).data["text/plain"] == "2"
    assert only_output(python_value).data["text/plain"] == "'still here'"
    nbformat.validate(failed)


def test_a_headless_run_refuses_input_and_does_not_wait_for_it(failed: NotebookNode) -> None:
    """nbclient offers no stdin. An `io::Error` has no words of its own, so stderr says what is wrong."""
    python, rust = failed.cells[2:4]
    assert error_of(python).ename == "StdinNotImplementedError"
    assert "not supported" in error_of(rust).evalue
    assert "stdin" in rust.outputs[0].text


def test_a_notebook_of_evcxrs_own_kernel_runs_unchanged(tmp_path: Path) -> None:
    nb = notebook(
        """
        use std::collections::BTreeMap;
        #[derive(Debug)]
        struct Point { x: i32, y: i32 }
        """,
        'let mut points = BTreeMap::new();\npoints.insert("a".to_string(), Point { x: 1, y: 2 });',
        "points",
        ":vars",
        kernel="ferrobook-rust",
    )
    execute(nb, tmp_path)
    assert only_output(nb.cells[2]).data["text/plain"] == '{"a": Point { x: 1, y: 2 }}'
    assert "points" in str(nb.cells[3].outputs)
    assert nb.metadata.language_info.name == "rust"


def test_a_widgets_state_is_saved_with_the_notebook(executed: NotebookNode) -> None:
    view = only_output(executed.cells[6]).data["application/vnd.jupyter.widget-view+json"]
    saved = executed.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    assert saved[view["model_id"]]["state"]["value"] == 7


# papermill -----------------------------------------------------------------------------------------------------------


def test_papermill_injects_parameters_between_the_languages(tmp_path: Path) -> None:
    nb = notebook(
        "rows = 1\nname = 'default'", "%%rust\nlet factor = 3;\nfactor * 2", "f'{name}: {rows * 2}'"
    )
    nb.cells[0].metadata.tags = ["parameters"]
    # Papermill is told the kernel on its command line, and finds out the language from the notebook.
    del nb.metadata["kernelspec"]
    nb.metadata.language_info = {"name": "python"}
    source, target = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
    nbformat.write(nb, source)

    run_tool(
        "papermill", source, target, "-k", "ferrobook", "-p", "rows", "21", "-p", "name", "sample"
    )

    result = nbformat.read(target, as_version=4)
    defaults, injected, rust, python = result.cells
    assert defaults.source.startswith("rows = 1")
    assert injected.metadata.tags == ["injected-parameters"]
    assert 'rows = 21\nname = "sample"' in injected.source
    assert only_output(rust).data["text/plain"] == "6"
    assert only_output(python).data["text/plain"] == "'sample: 42'"
    assert rust.metadata.papermill.status == "completed"
    nbformat.validate(result)


# nbconvert -----------------------------------------------------------------------------------------------------------

RUST_SOURCE = "%%rust\nfn half(x: f64) -> f64 { x / 2.0 }\nlet mut total = half(5.0);"
PYTHON_SOURCE = "from math import tau\ndef half(x):\n    return tau / 2"


def tokens(page: str) -> list[dict[str, str]]:
    """For each code cell of an HTML page: its highlighted tokens and their Pygments classes."""
    cells = BeautifulSoup(page, "html.parser").select(".jp-CodeCell .highlight pre")
    return [
        {span.get_text(): class_of(span) for span in cell.select("span[class]")} for cell in cells
    ]


def class_of(span: Tag) -> str:
    return " ".join(span["class"])


def assert_each_cell_has_its_own_colours(page: str) -> None:
    rust, python = tokens(page)
    # kd: declaration, kt: type, mf: float; to Python `let` and `fn` are names, `f64` too.
    assert (rust["fn"], rust["let"], rust["mut"], rust["f64"]) == ("k", "kd", "k", "kt")
    assert (python["from"], python["import"], python["def"], python["return"]) == (
        "kn",
        "kn",
        "k",
        "k",
    )
    assert python["half"] == "nf"
    assert "err" not in {*rust.values(), *python.values()}


def test_nbconvert_colours_each_cell_by_its_marker(tmp_path: Path) -> None:
    """The environment's `jupyter_nbconvert_config.json` tells nbconvert about the marker."""
    source, target = tmp_path / "mixed.ipynb", tmp_path / "mixed.html"
    nb = notebook(RUST_SOURCE, PYTHON_SOURCE)
    nb.metadata.language_info = {"name": "python", "pygments_lexer": "ipython3"}
    nbformat.write(nb, source)
    run_tool("jupyter-nbconvert", "--to", "html", source)
    assert_each_cell_has_its_own_colours(target.read_text("utf-8"))


def test_nbconvert_colours_each_cell_by_its_metadata() -> None:
    """`magics_language`, which the JupyterLab extension keeps in the metadata, works without any configuration."""
    nb = notebook(RUST_SOURCE, PYTHON_SOURCE)
    nb.metadata.language_info = {"name": "python", "pygments_lexer": "ipython3"}
    nb.cells[0].metadata.magics_language = "rust"
    page, _ = HTMLExporter().from_notebook_node(nb)
    assert_each_cell_has_its_own_colours(page)


def test_nbconvert_colours_a_rust_notebook() -> None:
    """Rust needs no marker here. Python cells are coloured as Rust: nbconvert looks at `magics_language` only where the
    notebook's own lexer is IPython's."""
    nb = notebook(RUST_SOURCE.removeprefix("%%rust\n"), kernel="ferrobook-rust")
    nb.metadata.language_info = {"name": "rust", "pygments_lexer": "rust"}
    page, _ = HTMLExporter().from_notebook_node(nb)
    [rust] = tokens(page)
    assert (rust["fn"], rust["let"], rust["f64"]) == ("k", "kd", "kt")


def test_nbconvert_executes_a_mixed_notebook(tmp_path: Path) -> None:
    source, target = tmp_path / "mixed.ipynb", tmp_path / "done.ipynb"
    nbformat.write(notebook("6 * 7", "%%rust\n6 * 7"), source)
    run_tool("jupyter-nbconvert", "--to", "notebook", "--execute", "--output", target.name, source)
    done = nbformat.read(target, as_version=4)
    assert [only_output(cell).data["text/plain"] for cell in done.cells] == ["42", "42"]


def exported(nb: NotebookNode, directory: Path, to: str) -> str:
    """What `jupyter nbconvert --to …` makes of a notebook, with the configuration of the environment."""
    source = directory / "exported.ipynb"
    nbformat.write(nb, source)
    run_tool("jupyter-nbconvert", "--to", to, source)
    [target] = {*directory.glob("exported.*")} - {source}
    return target.read_text("utf-8")


def test_markdown_names_the_language_of_each_cell(executed: NotebookNode, tmp_path: Path) -> None:
    page = exported(executed, tmp_path, "markdown")
    assert "```python\nnumbers = [1, 2, 3]\n" in page
    assert "```rust\n%%rust\nanswer + 1\n```" in page


def test_a_script_is_a_python_module_with_rust_in_strings(
    executed: NotebookNode, tmp_path: Path
) -> None:
    script = exported(executed, tmp_path, "script")
    compile(script, "exported.py", "exec")
    assert "run_cell_magic('rust', '', 'answer + 1\\n')" in script


@pytest.fixture(scope="module")
def run_headless(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    """What `ferrobook run --output` writes."""
    directory = tmp_path_factory.mktemp("run")
    nb = notebook("1 + 1", "%%rust\n1 + 1", "%%rust --time\n2", "%timing reset")
    nbformat.write(nb, directory / "in.ipynb")
    run_tool("ferrobook", "run", directory / "in.ipynb", "--output", directory / "out.ipynb")
    return nbformat.read(directory / "out.ipynb", as_version=4)


def test_a_headless_run_keeps_the_times_where_jupyterlab_has_them(
    run_headless: NotebookNode,
) -> None:
    records = [cell.metadata.ferrobook.timing for cell in run_headless.cells[:3]]
    assert [record["executionCount"] for record in records] == [1, 2, 3]
    assert [record["language"] for record in records] == ["python", "rust", "rust"]
    nbformat.validate(run_headless)


def times_on(page: str) -> list[str]:
    """The lines about time on an HTML page."""
    outputs = BeautifulSoup(page, "html.parser").select(".jp-OutputArea-output div")
    return [text for text in (div.get_text().strip() for div in outputs) if " ms" in text]


def test_an_html_page_shows_the_times_that_a_notebook_has(
    run_headless: NotebookNode, tmp_path: Path
) -> None:
    python, rust, shown_before, *_ = times_on(exported(run_headless, tmp_path, "html"))
    assert python.startswith("Python · ")
    assert " · run " in python
    assert rust.startswith("Rust · ")
    assert " · compile " in rust
    assert "relay" not in rust
    # `--time` has put it into the outputs, and once is enough.
    assert shown_before.startswith("rust: ")


def test_a_time_of_another_run_is_not_shown(run_headless: NotebookNode, tmp_path: Path) -> None:
    stripped = deepcopy(run_headless)
    for cell in stripped.cells:
        cell.outputs, cell.execution_count = [], None
    stripped.cells[1].metadata.ferrobook = "somebody else's"
    assert times_on(exported(stripped, tmp_path, "html")) == []


# jupytext ------------------------------------------------------------------------------------------------------------

#: Sources that a text format could take for something of its own.
JUPYTEXT_SOURCES = [
    "x = 1\n\n\ndef f():\n    return x",
    '%%rust\nlet a = 1;\n// a comment\n\n\nprintln!("{a}");',
    '%%rust\n:dep rand = "0.8"\n:vars\na',
    "%%rust --time\n#[derive(Debug)]\nstruct Point<'a> { name: &'a str }",
    '%%rust\n%timing on\nlet quote = \'"\';\nlet raw = r#"a "b" c"#;\n#![allow(dead_code)]',
    "%%rust\n?Vec",
    "%%rust\n// %% looks like a cell marker\n// + so does this\n// ```\n1",
    "%%time\nsum(range(3))",
    "!echo hello",
]


@pytest.mark.parametrize("text_format", ["py:percent", "md", "md:myst"])
def test_a_mixed_notebook_survives_jupytext(text_format: str) -> None:
    """Jupytext knows Rust as a language: it takes the marker for `language="rust"` and writes it back.

    In `py:percent` the cell is commented out (`# %% language="rust"`), so that the file stays a Python module; in `md`
    it becomes a ```` ```rust ```` block; MyST keeps the marker. No setting is needed.

    A `%%python` that says what a notebook's cells are anyway is dropped, but in MyST.

    Two limits are Jupytext's own. `py:light` and `Rmd` turn evcxr's `:dep` into `// :dep` and not back: use one of the
    formats tested here. And three double quotes in a row, as in a raw string that ends in a quote, are taken for the
    start of a Python string.
    """
    before = notebook(*JUPYTEXT_SOURCES)
    before.cells.insert(0, new_markdown_cell("# A title"))
    after = jupytext.reads(jupytext.writes(before, text_format), text_format)
    assert [(cell.cell_type, cell.source) for cell in after.cells] == [
        (cell.cell_type, cell.source) for cell in before.cells
    ]
    assert after.metadata.kernelspec == before.metadata.kernelspec


def test_py_percent_is_a_python_module_with_rust_in_comments() -> None:
    text = jupytext.writes(notebook("x = 1", "%%rust --time\nlet a = 1;"), "py:percent")
    assert '# %% magic_args="--time" language="rust"\n# let a = 1;' in text
    compile(text, "notebook.py", "exec")


@pytest.mark.parametrize("text_format", ["rs:percent", "md"])
def test_a_rust_notebook_survives_jupytext(text_format: str) -> None:
    before = notebook(
        'let a = 1;\nprintln!("{a}");',
        ':dep rand = "0.8"\n:vars',
        "%%python\nx = 1\nif x:\n    print('#')",
        kernel="ferrobook-rust",
    )
    after = jupytext.reads(jupytext.writes(before, text_format), text_format)
    assert [cell.source for cell in after.cells] == [cell.source for cell in before.cells]
    assert after.metadata.kernelspec == before.metadata.kernelspec


# Widgets and comms ---------------------------------------------------------------------------------------------------


def comm_of(kernel: LiveKernel, widget: str) -> str:
    """The comm id of a widget that a variable of the kernel holds."""
    return kernel.succeed(f"{widget}.model_id").result["text/plain"].strip("'")


def set_state(kernel: LiveKernel, comm: str, state: dict[str, object]) -> list[dict[str, object]]:
    """Move a widget as a frontend does."""
    return kernel.tell(
        "comm_msg",
        {"comm_id": comm, "data": {"method": "update", "state": state, "buffer_paths": []}},
    )


def test_moving_a_slider_runs_its_callback(kernel: LiveKernel) -> None:
    """The callback prints and displays, so its output must come with the frontend's comm message as the parent."""
    kernel.succeed(
        dedent(
            """
            import ipywidgets
            slider = ipywidgets.IntSlider(value=3, max=100)
            def on_change(change):
                print('moved to', change.new)
                display({'text/html': f'<b>{change.new}</b>'}, raw=True)
            slider.observe(on_change, 'value')
            """
        )
    )
    caused = set_state(kernel, comm_of(kernel, "slider"), {"value": 42})
    kinds = [message["msg_type"] for message in caused]
    assert kinds[0] == "status"
    assert (
        "".join(m["content"]["text"] for m in caused if m["msg_type"] == "stream")
        == "moved to 42\n"
    )
    [shown] = [m["content"]["data"] for m in caused if m["msg_type"] == "display_data"]
    assert shown["text/html"] == "<b>42</b>"
    assert kernel.succeed("slider.value").result["text/plain"] == "42"


def test_interact_shows_its_result_in_an_output_widget(kernel: LiveKernel) -> None:
    shown = kernel.succeed(
        dedent(
            """
            import ipywidgets
            squares = []
            @ipywidgets.interact(n=ipywidgets.IntSlider(value=2, max=10))
            def square(n):
                squares.append(n * n)
                print(n * n)
            control = square.widget.children[0]
            """
        )
    )
    [view] = shown.of_type("display_data")
    assert "application/vnd.jupyter.widget-view+json" in view["data"]
    caused = set_state(kernel, comm_of(kernel, "control"), {"value": 9})
    assert "81\n" in [m["content"].get("text") for m in caused if m["msg_type"] == "stream"]
    assert kernel.succeed("squares").result["text/plain"] == "[4, 81]"


def test_binary_buffers_pass_in_both_directions(kernel: LiveKernel) -> None:
    bytes_out, bytes_in = bytes(range(256)), bytes(reversed(range(256)))
    opened = kernel.succeed(
        "import ipywidgets\nimage = ipywidgets.Image(value=bytes(range(256)))\nNone"
    ).messages
    [message] = [m for m in opened if m["msg_type"] == "comm_open" and m["buffers"]]
    assert message["content"]["data"]["buffer_paths"] == [["value"]]
    assert [bytes(buffer) for buffer in message["buffers"]] == [bytes_out]

    kernel.tell(
        "comm_msg",
        {
            "comm_id": message["content"]["comm_id"],
            "data": {"method": "update", "state": {}, "buffer_paths": [["value"]]},
        },
        buffers=[bytes_in],
    )
    assert (
        kernel.succeed("image.value == bytes(reversed(range(256)))").result["text/plain"] == "True"
    )


def test_comms_open_and_close_from_both_sides(kernel: LiveKernel) -> None:
    kernel.succeed(
        "import ipywidgets\nshort, lasting = ipywidgets.IntSlider(), ipywidgets.IntSlider()"
    )
    short, lasting = comm_of(kernel, "short"), comm_of(kernel, "lasting")

    closed = kernel.succeed("short.close()").of_type("comm_close")
    assert [content["comm_id"] for content in closed] == [short]

    kernel.tell("comm_close", {"comm_id": lasting, "data": {}})
    known = kernel.client.comm_info(reply=True, timeout=CELL_TIMEOUT)["content"]["comms"]
    assert not {short, lasting} & set(known)


def test_a_comm_to_an_unknown_target_is_closed(kernel: LiveKernel) -> None:
    """A frontend that waits for the other side of its comm must learn that there is none."""
    caused = kernel.tell("comm_open", {"comm_id": "lost", "target_name": "nobody", "data": {}})
    closed = [m["content"]["comm_id"] for m in caused if m["msg_type"] == "comm_close"]
    assert closed == ["lost"]


# Rich output ---------------------------------------------------------------------------------------------------------


def test_matplotlib_draws_inline(kernel: LiveKernel) -> None:
    drawn = kernel.succeed("import matplotlib.pyplot as plt\n_ = plt.plot([1, 4, 9])")
    [figure] = drawn.of_type("display_data")
    assert figure["data"]["image/png"].startswith("iVBOR")


def test_an_objects_own_html_is_shown(kernel: LiveKernel) -> None:
    shown = kernel.succeed(
        dedent(
            """
            class Bold:
                def _repr_html_(self):
                    return '<b>bold</b>'
            Bold()
            """
        )
    )
    assert shown.result["text/html"] == "<b>bold</b>"


def test_a_display_is_updated_by_its_id_from_a_later_cell(kernel: LiveKernel) -> None:
    first = kernel.succeed("handle = display('before', display_id='progress')")
    [shown] = first.of_type("display_data")
    assert shown["transient"] == {"display_id": "progress"}
    second = kernel.succeed("handle.update('after')")
    [updated] = second.of_type("update_display_data")
    assert updated["transient"] == {"display_id": "progress"}
    assert updated["data"]["text/plain"] == "'after'"


@pytest.mark.parametrize("wait", [True, False])
def test_a_rust_cell_clears_its_output(kernel: LiveKernel, wait: bool) -> None:
    """How a Rust cell draws a progress bar; `wait` keeps the old picture until the new one is there."""
    command = (
        json.dumps(json.dumps({"wait": wait})).strip('"').replace("{", "{{").replace("}", "}}")
    )
    answer = kernel.succeed(
        f"""%%rust
        println!("old");
        println!("EVCXR_BEGIN_CONTENT application/vnd.ferrobook.clear-output+json\\n{command}\\nEVCXR_END_CONTENT");
        println!("new");"""
    )
    assert answer.of_type("clear_output") == [{"wait": wait}]
    kinds = [message["msg_type"] for message in answer.messages]
    assert kinds.index("stream") < kinds.index("clear_output") < len(kinds) - 1


def test_json_that_rust_displays_arrives_as_json(kernel: LiveKernel) -> None:
    """Plotly, Vega and JupyterLab's JSON viewer want the value; a string of JSON would be drawn as a string."""
    answer = kernel.succeed(
        """%%rust
        println!("EVCXR_BEGIN_CONTENT application/vnd.plotly.v1+json\\n{{\\"data\\": [1, 2]}}\\nEVCXR_END_CONTENT");"""
    )
    [chart] = answer.of_type("display_data")
    assert chart["data"]["application/vnd.plotly.v1+json"] == {"data": [1, 2]}


def test_rust_shows_every_display_at_its_place(kernel: LiveKernel) -> None:
    answer = kernel.succeed(
        """%%rust
        for n in 1..=3 {
            println!("before {n}");
            println!("EVCXR_BEGIN_CONTENT text/html\\n<b>{n}</b>\\nEVCXR_END_CONTENT");
        }"""
    )
    shown = [
        content.get("text") or content["data"]["text/html"].strip()
        for content in (message["content"] for message in answer.messages)
    ]
    assert shown == ["before 1\n", "<b>1</b>", "before 2\n", "<b>2</b>", "before 3\n", "<b>3</b>"]


# Magics --------------------------------------------------------------------------------------------------------------


def test_time_and_capture_work(kernel: LiveKernel) -> None:
    timed = kernel.succeed("%%time\ntotal = sum(range(10))")
    assert "Wall time" in timed.stdout
    assert kernel.succeed("%%capture caught\nprint('hidden')").messages == []
    assert kernel.succeed("caught.stdout, total").result["text/plain"] == "('hidden\\n', 45)"


def test_shell_commands_and_scripts_run(kernel: LiveKernel, tmp_path: Path) -> None:
    assert kernel.succeed("!echo from the shell").stdout.splitlines() == ["from the shell"]
    script = tmp_path / "script.py"
    script.write_text("print('from a script')\nleft_behind = 5\n", "utf-8")
    assert kernel.succeed(f"%run {script}").stdout == "from a script\n"
    assert kernel.succeed("left_behind").result["text/plain"] == "5"


def test_magics_are_case_sensitive_and_a_slip_is_explained(kernel: LiveKernel) -> None:
    answer = kernel.run("%%rsut\nlet a = 1;")
    assert answer.content["ename"] == "UsageError"
    assert "Did you mean %%rust?" in answer.content["evalue"]


def test_timing_on_shows_each_cells_record(kernel: LiveKernel) -> None:
    """For headless runs, where no extension draws the record below the cell."""
    kernel.succeed("%timing on")
    try:
        for source, language in [("2 + 3", "python"), ("%%rust\n2 + 3", "rust")]:
            answer = kernel.succeed(source)
            assert answer.result["text/plain"] == "5"
            [shown] = answer.of_type("display_data")
            [timed] = shown["data"][TIMING_MIME]["cells"]
            assert timed["record"] == answer.reply["metadata"]["ferrobook"]["timing"]
            assert timed["record"]["language"] == language
            phases = sum(phase["ms"] for phase in timed["record"]["phases"])
            assert phases == pytest.approx(timed["record"]["totalMs"], abs=0.1)
    finally:
        kernel.succeed("%timing off")


# Input ---------------------------------------------------------------------------------------------------------------


def test_python_asks_and_gets_its_answer(kernel: LiveKernel) -> None:
    prompts = []

    def reply(question: dict[str, object]) -> str:
        prompts.append((question["prompt"], question["password"]))
        return "Ada"

    answer = kernel.succeed("name = input('Name? ')\nprint('Hello', name)", answer_input=reply)
    assert answer.stdout == "Hello Ada\n"
    kernel.succeed("import getpass\nsecret = getpass.getpass('Secret? ')", answer_input=reply)
    assert prompts == [("Name? ", False), ("Secret? ", True)]
    assert kernel.succeed("secret").result["text/plain"] == "'Ada'"


def test_rust_reads_a_line_from_the_user(kernel: LiveKernel) -> None:
    answer = kernel.succeed(
        """%%rust
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        println!("Hello {}", line.trim());""",
        answer_input=lambda _question: "Grace",
    )
    assert answer.stdout == "Hello Grace\n"


# The kernel's life ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def second_kernel() -> Iterator[LiveKernel]:
    with LiveKernel.start("ferrobook") as live:
        yield live


def test_a_restarted_kernel_is_a_fresh_one(second_kernel: LiveKernel) -> None:
    second_kernel.succeed("x = 1")
    second_kernel.succeed("%%rust\nlet y = 1;")
    old = second_kernel.processes()

    second_kernel.manager.restart_kernel()
    second_kernel.client.wait_for_ready(timeout=CELL_TIMEOUT)

    assert psutil.wait_procs(old, timeout=END)[1] == []
    first = second_kernel.run("x")
    assert (first.content["ename"], first.content["execution_count"]) == ("NameError", 1)
    assert second_kernel.run("%%rust\ny").content["ename"] == "E0425"
    assert second_kernel.succeed("%%rust\nlet y = 20; y + 1").result["text/plain"] == "21"
    assert second_kernel.succeed("1 + 1").result["text/plain"] == "2"


def test_nothing_outlives_a_killed_kernel() -> None:
    """A crash must not leave an ipykernel or a compiler behind that nobody sees any more."""
    with LiveKernel.start("ferrobook") as live:
        live.succeed("import os\nos.getpid()")
        live.succeed("%%rust\n1")
        processes = live.processes()
        assert len(processes) >= 3
        live.manager.shutdown_kernel(now=True)
        assert psutil.wait_procs(processes, timeout=END)[1] == []


@pytest.mark.parametrize(
    ("endless", "ename"),
    [
        ("print('running')\nwhile True:\n    pass", "KeyboardInterrupt"),
        ('%%rust\nprintln!("running");\nloop { std::hint::spin_loop(); }', "Interrupted"),
    ],
    ids=["python", "rust"],
)
def test_an_endless_cell_can_be_interrupted(kernel: LiveKernel, endless: str, ename: str) -> None:
    """Both languages keep what they had before."""
    kernel.succeed("kept = 1")
    kernel.succeed("%%rust\nlet kept = 2;")

    def interrupt_once_it_runs(message: Message) -> None:
        if message["msg_type"] == "stream":
            kernel.manager.interrupt_kernel()

    answer = kernel.run(endless, on_message=interrupt_once_it_runs)
    assert answer.content["ename"] == ename
    assert kernel.succeed("kept").result["text/plain"] == "1"
    assert kernel.succeed("%%rust\nkept").result["text/plain"] == "2"


def another_client(connection: dict[str, Any]) -> BlockingKernelClient:
    """A client with a session of its own, as a second frontend is.

    It listens to no heartbeat: jupyter_client's thread for it never ends when the kernel does not let it in.
    """
    client = BlockingKernelClient()
    client.load_connection_info(connection)
    client.start_channels(hb=False)
    return client


def test_several_clients_watch_one_kernel(kernel: LiveKernel) -> None:
    """A console beside the notebook. Each is welcomed before anything else, and one that leaves disturbs nobody."""
    watchers = [another_client(kernel.manager.get_connection_info()) for _ in range(3)]
    for watcher in watchers:
        assert watcher.get_iopub_msg(timeout=CELL_TIMEOUT)["msg_type"] == "iopub_welcome"
    gone, *others = watchers
    gone.stop_channels()
    try:
        kernel.succeed("print('for everybody')")
        for watcher in others:
            seen = []
            while "idle" not in seen:
                message = watcher.get_iopub_msg(timeout=CELL_TIMEOUT)
                seen.append(message["content"].get("execution_state", message["msg_type"]))
            # Everybody also hears the welcome of those who came later; Python may write a line in two pieces.
            kinds = [kind for kind in dict.fromkeys(seen) if kind != "iopub_welcome"]
            assert kinds == ["busy", "execute_input", "stream", "idle"]
    finally:
        for watcher in others:
            watcher.stop_channels()


def test_two_kernels_run_side_by_side(kernel: LiveKernel, second_kernel: LiveKernel) -> None:
    """Their builds, sockets and variables are their own, also while both compile."""
    kernels = [kernel, second_kernel]
    with ThreadPoolExecutor() as threads:
        for source in ("mine = {n}", "%%rust\nlet own = {n};"):
            list(threads.map(lambda at, s=source: kernels[at].succeed(s.format(n=at)), range(2)))
        for source in ("mine", "%%rust\nown"):
            answers = threads.map(lambda live, s=source: live.succeed(s), kernels)
            assert [answer.result["text/plain"] for answer in answers] == ["0", "1"]


def test_an_encrypted_connection_carries_every_channel() -> None:
    with LiveKernel.start("ferrobook", transport_encryption="required") as live:
        connection = live.manager.get_connection_info()
        assert len(connection["curve_publickey"]) == 40
        assert live.succeed("6 * 7").result["text/plain"] == "42"
        echoed = live.succeed("print(input())", answer_input=lambda _question: "typed")
        assert echoed.stdout == "typed\n"
        live.manager.interrupt_kernel()

        plain = {name: value for name, value in connection.items() if not name.startswith("curve_")}
        stranger = another_client(plain)
        later = another_client(connection)
        try:
            stranger.kernel_info()
            # Who comes later and has the key is answered on both channels.
            later.kernel_info(reply=True, timeout=CELL_TIMEOUT)
            assert later.get_iopub_msg(timeout=CELL_TIMEOUT)["msg_type"] == "iopub_welcome"
            live.succeed("6 * 7")
            for hear in (stranger.get_shell_msg, stranger.get_iopub_msg):
                with pytest.raises(Empty):
                    hear(timeout=0)
        finally:
            stranger.stop_channels()
            later.stop_channels()
