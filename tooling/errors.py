"""Errors that a user can act on; each class fixes the exit code of the command.

    ToolingError      1   anything below
    ├── UsageError    2   the command was called wrongly
    ├── NotFound      3   a card, a script, an arXiv id that does not exist
    ├── Exists        4   what was to be made is there already
    ├── Invalid       5   a card, a result or an answer from a service that breaks the rules
    └── TryLater     75   a service or the network does not answer now; nothing was written

A bug is any other exception, and prints its traceback.
"""

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C has ended."""
STACK = (
    "accelerate", "datasets", "math_verify", "mpmath", "numpy", "scipy", "sympy", "tokenizers", "torch", "transformers",
    "trl",
)  # fmt: skip
"""The modules that runs need, and that `make site` leaves out."""


class ToolingError(Exception):
    """A mistake that the user can repair; printed as one line without a traceback."""

    exit_code = 1


class UsageError(ToolingError):
    """The command was called with words that make no sense together."""

    exit_code = 2


class NotFound(ToolingError):
    """What was asked for does not exist."""

    exit_code = 3


class Exists(ToolingError):
    """What was to be made is there already and differs."""

    exit_code = 4


class Invalid(ToolingError):
    """A file or an answer breaks the rules; the message lists every problem."""

    exit_code = 5


class TryLater(ToolingError):
    """A service or the network does not answer now; nothing was written."""

    exit_code = 75
