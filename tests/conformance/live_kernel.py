"""A running kernel as a test sees it: send a cell, look at everything that came back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
from jupyter_client import BlockingKernelClient, KernelManager

Message = dict[str, Any]

#: Seconds that a cell may take. The first Rust cell of a kernel waits for the compiler to come up.
CELL_TIMEOUT = 60


@dataclass
class Answer:
    """What one request brought back: the reply, and the iopub messages between busy and idle."""

    reply: Message
    messages: list[Message] = field(default_factory=list)

    @property
    def content(self) -> Message:
        return self.reply["content"]

    def of_type(self, msg_type: str) -> list[Message]:
        """The contents of all messages of one type, in order."""
        return [m["content"] for m in self.messages if m["msg_type"] == msg_type]

    def stream(self, name: str) -> str:
        """The text of stdout or stderr, however it was cut into messages."""
        return "".join(m["text"] for m in self.of_type("stream") if m["name"] == name)

    @property
    def stdout(self) -> str:
        return self.stream("stdout")

    @property
    def result(self) -> Message:
        """The MIME bundle of the only `execute_result`."""
        [content] = self.of_type("execute_result")
        return content["data"]


@dataclass
class LiveKernel:
    """A kernel process and a client of it."""

    manager: KernelManager
    client: BlockingKernelClient

    @classmethod
    @contextmanager
    def start(cls, kernel_name: str, **manager_options: Any) -> Iterator[LiveKernel]:
        """A kernel that is ready, for as long as the context lasts."""
        manager = KernelManager(kernel_name=kernel_name, **manager_options)
        manager.start_kernel()
        client = manager.client()
        try:
            client.start_channels()
            client.wait_for_ready(timeout=CELL_TIMEOUT)
            yield cls(manager, client)
        finally:
            client.stop_channels()
            if manager.has_kernel:
                manager.shutdown_kernel()

    def run(
        self,
        code: str,
        *,
        answer_input: Callable[[Message], str] | None = None,
        on_message: Callable[[Message], object] = lambda _message: None,
        timeout: float = CELL_TIMEOUT,
        **options: Any,
    ) -> Answer:
        """Execute `code` and wait for its end.

        `answer_input` gets the content of an input request and returns what the user types; without it the client says
        that it has no stdin. `on_message` sees each iopub message as it arrives.
        """
        messages: list[Message] = []

        def on_input(request: Message) -> None:
            assert answer_input is not None
            self.client.input(answer_input(request["content"]))

        def on_output(message: Message) -> None:
            messages.append(message)
            on_message(message)

        reply = self.client.execute_interactive(
            code,
            allow_stdin=answer_input is not None,
            stdin_hook=on_input,
            output_hook=on_output,
            timeout=timeout,
            **options,
        )
        return Answer(
            reply, [m for m in messages if m["msg_type"] not in ("status", "execute_input")]
        )

    def succeed(self, code: str, **options: Any) -> Answer:
        """Like :meth:`run`, for cells that must not fail; a failing one shows its traceback."""
        answer = self.run(code, **options)
        assert answer.content["status"] == "ok", "\n".join(answer.content.get("traceback", []))
        return answer

    def tell(
        self, msg_type: str, content: Message, buffers: list[bytes] | None = None
    ) -> list[Message]:
        """Send a message that has no reply, such as a comm's, and return what it causes until the kernel is idle."""
        message = self.client.session.msg(msg_type, content)
        message["buffers"] = buffers or []
        self.client.shell_channel.send(message)
        caused: list[Message] = []
        while True:
            received = self.client.get_iopub_msg(timeout=CELL_TIMEOUT)
            if received["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            if received["content"].get("execution_state") == "idle":
                return caused
            caused.append(received)

    def processes(self) -> list[psutil.Process]:
        """The kernel's process and everything that it started."""
        provisioner = self.manager.provisioner
        assert provisioner is not None
        parent = psutil.Process(provisioner.pid)
        return [parent, *parent.children(recursive=True)]
