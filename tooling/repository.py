"""Where the repository is that a command works on."""

from pathlib import Path

from tooling.errors import NotFound


def find_root(start: Path) -> Path:
    """The folder at or above `start` that holds `papers/` and `mkdocs.yml`.

    Raises `NotFound` when there is none up to the root of the file system.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "papers").is_dir() and (folder / "mkdocs.yml").is_file():
            return folder
    raise NotFound(f"no repository at or above `{start}` (a folder with `papers/` and `mkdocs.yml`); pass `--root DIR`")
