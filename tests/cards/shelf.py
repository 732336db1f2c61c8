"""A small library of works that do not exist, in a folder that a test may spoil."""

import shutil
from pathlib import Path
from typing import NamedTuple

from tooling.cards import Library, Problem, check
from tooling.cards.load import read_library

LIBRARY = Path(__file__).parent / "library"


class Shelf(NamedTuple):
    """A copy of the library below `root`, with `papers/` and `repro/`."""

    root: Path

    @property
    def papers(self) -> Path:
        """The folder with the cards."""
        return self.root / "papers"

    def text(self, name: str) -> str:
        """The text of a card's file."""
        return (self.papers / f"{name}.yaml").read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        """Make or replace a card's file."""
        (self.papers / f"{name}.yaml").write_text(text, encoding="utf-8")

    def spoil(self, name: str, old: str, new: str) -> None:
        """Replace the one place where `old` stands in a card's file."""
        text = self.text(name)
        if text.count(old) != 1:
            raise ValueError(f"`{old}` stands {text.count(old)} times in `{name}`")
        self.write(name, text.replace(old, new))

    def problems(self) -> list[Problem]:
        """What `tooling check` finds: the problems of the files and those between them."""
        library, problems = read_library(self.papers)
        return sorted([*problems, *check(library, self.root)])

    def lines(self) -> list[str]:
        """The problems as `tooling check` prints them."""
        return [str(problem) for problem in self.problems()]

    def library(self) -> Library:
        """The cards that can be read."""
        return read_library(self.papers).library


def new_shelf(folder: Path) -> Shelf:
    """A fresh copy of the library in `folder`."""
    root = folder / "survey"
    shutil.copytree(LIBRARY, root)
    return Shelf(root)
