"""A task whose environment answers: the items and scores of `Rollouts`, with replies between the policy's turns."""

from collections.abc import Sequence

from tests.train.oracle import Rollouts
from tooling.tasks import Item

REPLIES = ("7,", "3+4=7;", "")


class Talk(Rollouts):
    """Replies of three lengths, one of them empty, that depend on what was said; a turn of a single token gets none."""

    def reply(self, item: Item, transcript: Sequence[str]) -> str | None:
        """The environment's next turn."""
        return None if len(transcript[-1]) <= 1 else REPLIES[len(transcript[-1]) % len(REPLIES)]
