"""What holds for every task: the same items for the same seed, splits without overlap, solutions that are right."""

import os
import random
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from tests.tasks.draw import RIGHT_STYLES, SPLITS, TASKS, WRONG_STYLES, digest, styles
from tooling.tasks import Completion, Countdown, Knights, Multiplication, Split, Task, Tracking
from tooling.verify import Why

ROOT = Path(__file__).parents[2]
EVERY_TASK = pytest.mark.parametrize("name", TASKS)


def done(text: str) -> Completion:
    """A completion that ended by itself."""
    return Completion(text, tuple(range(len(text) + 1)), True)


@EVERY_TASK
def test_the_same_seed_draws_the_same_items_and_another_one_others(name: str) -> None:
    task = TASKS[name]
    for split in SPLITS:
        first = task.items(split, 8, seed=1)
        assert task.items(split, 8, seed=1) == first
        assert task.items(split, 8, seed=2) != first
        stream = list(islice(task.stream(split, 1), 8))
        assert list(islice(task.stream(split, 1), 8)) == stream
        assert list(islice(task.stream(split, 2), 8)) != stream


def test_another_process_with_other_string_hashes_draws_the_same() -> None:
    here = {name: digest(name) for name in TASKS}
    code = f"from tests.tasks.draw import TASKS, digest; print({{name: digest(name) for name in TASKS}} == {here!r})"
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        answer = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert answer.stdout.strip() == "True", answer.stderr


@EVERY_TASK
def test_the_splits_are_disjoint_whatever_the_seeds(name: str) -> None:
    task, seen = TASKS[name], {}
    for split in SPLITS:
        for seed in range(3):
            for item in [*task.items(split, 20, seed), *islice(task.stream(split, seed), 60)]:
                assert seen.setdefault(item.key, split) == split


@EVERY_TASK
def test_the_items_of_one_draw_are_different(name: str) -> None:
    for split in SPLITS:
        items = TASKS[name].items(split, 25, seed=0)
        assert len({item.key for item in items}) == len({item.prompt for item in items}) == 25


@EVERY_TASK
def test_one_seed_gives_each_split_its_own_items(name: str) -> None:
    drawn = [tuple(item.prompt for item in TASKS[name].items(split, 5, seed=0)) for split in SPLITS]
    assert len(set(drawn)) == 3


@EVERY_TASK
def test_the_solution_is_graded_correct_and_its_truncation_is_not(name: str) -> None:
    task = TASKS[name]
    for item in task.items(Split.TEST, 20, seed=0):
        assert task.grade(done(task.solution(item)), item) == (True, 1.0, task.solution(item), Why.OK)
        cut = Completion(task.solution(item), (1, 2), False)
        assert task.grade(cut, item)[1::2] == (0.0, Why.TRUNCATED)


@pytest.mark.parametrize(
    "task", [Countdown(count=2, largest=3), Multiplication(largest=12), Knights(people=2), Tracking(swaps=1)]
)
def test_more_items_than_there_are_is_refused_with_the_remedy(task: Task) -> None:
    with pytest.raises(ValueError, match="`test`.*ask for fewer"):
        task.items(Split.TEST, 50, seed=0)


@EVERY_TASK
def test_a_style_that_the_task_lacks_is_refused_with_those_it_has(name: str) -> None:
    item = TASKS[name].items(Split.TRAIN, 1, seed=0)[0]
    with pytest.raises(ValueError, match="no style `verse`; it has") as refused:
        TASKS[name].demonstration(item, "verse", source=random.Random(0))
    assert all(style in str(refused.value) for style in styles(name))


@EVERY_TASK
def test_demonstrations_follow_their_source(name: str) -> None:
    task = TASKS[name]
    item = task.items(Split.PRETRAIN, 1, seed=0)[0]
    for style in styles(name):
        first = [task.demonstration(item, style, source=random.Random(9)) for _ in range(2)]
        assert first[0] == first[1]


@EVERY_TASK
def test_each_style_is_graded_as_it_promises(name: str) -> None:
    task, source = TASKS[name], random.Random(f"promise {name}")
    for split in SPLITS:
        for item in task.items(split, 20, seed=7):
            for style in styles(name):
                grade = task.grade(done(task.demonstration(item, style, source=source).completion), item)
                assert grade.correct or style not in RIGHT_STYLES, (style, grade)
                assert grade.why == Why.WRONG or style not in WRONG_STYLES, (style, grade)


HOSTILE = ["\0", "\ud800", "!" * 10_000, "a" * 10_000, "<answer>" * 3000, "9" * 5000, "\u0663", ">" * 9999, ";." * 5000]
PIECES = "abcz!?#>.;,:=*|()0123456789 +-\n<answer></answer>"


@EVERY_TASK
def test_hostile_completions_get_a_grade_of_nothing(name: str) -> None:
    task, source = TASKS[name], random.Random(f"hostile {name}")
    for item in task.items(Split.TEST, 4, seed=9):
        noise = ["".join(source.choices(PIECES, k=source.randint(1, 40))) for _ in range(300)]
        around = [task.solution(item) + each for each in ("\0", "x", " or not", "\ud800", "1")]
        for text in [*HOSTILE, *noise, *around, item.prompt, ""]:
            grade = task.grade(done(text), item)
            assert grade.score in (0.0, 1.0)
            assert grade.why in (Why.WRONG, Why.MALFORMED, Why.NO_ANSWER) or text in noise
            assert len(grade.answer or "") < 1000
