"""What a command says on stderr while it works: lines, and a bar for people who wait."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

_BAR_AFTER_SECONDS = 2.0


class Talk:
    """What is said on stderr, beside a progress bar where one is shown."""

    def __init__(self) -> None:
        self.say: Callable[[str], None] = lambda text: click.echo(text, err=True)

    @contextmanager
    def progress(self, total: int) -> Iterator[Callable[[int], None]]:
        """A function that moves the bar on by so many works; the bar is shown to people who wait for over 2 s."""
        if total < 2 or not sys.stderr.isatty():
            yield lambda _count: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        class Patient(Progress):
            """A bar that stays hidden for the first two seconds."""

            begun = time.monotonic()

            def get_renderables(self) -> Iterator[Any]:
                if time.monotonic() - self.begun > _BAR_AFTER_SECONDS:
                    yield from super().get_renderables()

        columns = (TextColumn("asking arXiv"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Patient(*columns, console=Console(stderr=True), transient=True) as bar:
            task, echo = bar.add_task("", total=total), self.say
            self.say = lambda text: bar.console.print(text, markup=False, highlight=False, soft_wrap=True)
            try:
                yield lambda count: bar.advance(task, count)
            finally:
                self.say = echo
