"""What git knows of a repository: the commit that it is at, and whether its files differ from it."""

import subprocess
from pathlib import Path


def git(root: Path, *arguments: str) -> str | None:
    """What git answers in the repository, None where it fails or is not there."""
    command = ["git", "-C", str(root), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None


def head_commit(root: Path) -> str | None:
    """The commit that the repository is at, None where it has none."""
    return (git(root, "rev-parse", "--verify", "--quiet", "HEAD") or "").strip() or None


def changed_paths(root: Path) -> list[str]:
    """The files that differ from the commit or are not in it, as `git status --porcelain` lists them."""
    return (git(root, "status", "--porcelain") or "").splitlines()
