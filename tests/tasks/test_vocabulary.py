"""Every demonstration can be read by the small bases, and fits their context."""

import random

import pytest

from tests.tasks.draw import TASKS, styles
from tooling.models.tokenizer import encoded
from tooling.tasks import Split

CONTEXT = 128
# sums that look again up to three times read their prompt each time; their bases have a context of 512
LONGER = {"addition": 320, "addition of three terms": 500}
# the tasks with their default settings, in the context of 96 that bases have unless told otherwise
DEFAULTS = {name for name, task in TASKS.items() if name.isalpha() and task == type(task)()}


# the questions of reasoning-gym are in English, for other vocabularies
@pytest.mark.parametrize("name", [name for name in TASKS if not name.startswith("gym")])
def test_demonstrations_keep_to_the_vocabulary_and_the_length_of_small_bases(name: str) -> None:
    task, source = TASKS[name], random.Random(f"length {name}")
    for item in task.items(Split.PRETRAIN, 25, seed=8):
        for style in styles(name):
            prompt, completion = task.demonstration(item, style, source=source)
            longest = LONGER.get(name, CONTEXT)
            assert len(encoded(prompt)) + len(encoded(completion)) + 2 <= longest, (style, prompt, completion)
            if name in DEFAULTS and name not in LONGER:
                assert len(encoded(prompt)) <= 40, prompt
                assert len(encoded(completion)) <= 60, (style, completion)
