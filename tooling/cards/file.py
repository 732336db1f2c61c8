"""Files that are there whole or not at all, whatever interrupts the writing."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCRATCH_SUFFIX = ".part"
# what file systems without hard links answer (FAT, some network shares)
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})


def create_file(path: Path, text: str) -> None:
    """Make the file `path` with this text, in one step.

    Raises `FileExistsError` where a file of that name is there already: it is never overwritten. A process that is
    killed leaves at most a hidden file beside it whose name ends in `.part`.
    """
    with _scratch(path, text) as scratch:
        try:
            # a hard link fails where the name is taken, which a rename would not
            os.link(scratch, path)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if path.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from error
            os.rename(scratch, path)
    _sync_folder(path.parent)


def replace_file(path: Path, text: str) -> None:
    """Write this text to the file `path`, in one step, in place of what was there."""
    with _scratch(path, text) as scratch:
        os.replace(scratch, path)


def sweep_scratch(folder: Path) -> None:
    """Remove what killed processes left in `folder`; call it only where no other process is writing there."""
    for left in folder.glob(f".*{SCRATCH_SUFFIX}"):
        left.unlink(missing_ok=True)


@contextmanager
def _scratch(path: Path, text: str) -> Iterator[Path]:
    """A hidden file beside `path` that holds the text and has reached the disk; gone afterwards."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=SCRATCH_SUFFIX, dir=path.parent)
    scratch = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fchmod(stream.fileno(), 0o666 & ~_mask())
            os.fsync(stream.fileno())
        yield scratch
    finally:
        scratch.unlink(missing_ok=True)


def _mask() -> int:
    """The permissions that new files of this process lack."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
