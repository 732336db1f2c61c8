"""Outcomes are packed to bits and come back as they were."""

from pathlib import Path

import numpy as np
import pytest

from tooling.errors import Invalid
from tooling.runs.outcome import archive, pack, read_outcomes, unpack


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(0).random((37, 8)) < 0.3,
        [True, False, True],
        np.arange(10),
        np.array([[0, 5], [3, 4]], dtype=np.uint8),
        [0, 0, 0],
        [],
        np.array(2**40),
    ],
)
def test_outcomes_come_back_as_they_were(values: object) -> None:
    back = unpack(pack(values))
    assert back.shape == np.shape(values)
    assert np.array_equal(back.astype(np.int64), np.asarray(values).astype(np.int64))


@pytest.mark.parametrize("values", [[0.5, 0.25], [-1, 2], ["right", "wrong"], [None]])
def test_what_is_no_outcome_is_refused(values: list[object]) -> None:
    with pytest.raises(Invalid, match="cannot be packed"):
        pack(values)


def test_an_archive_holds_every_array_under_arm_seed_and_name(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    arrays = {
        (arm, seed, name): generator.integers(0, top, (items, 3))
        for arm, seed, name, top, items in [("b", 1, "right", 2, 5), ("a", 1000, "why", 6, 7), ("a", 3, "right", 2, 1)]
    }
    path = tmp_path / "mini-1-outcomes.npz"
    path.write_bytes(archive({key: pack(array) for key, array in arrays.items()}))
    back = read_outcomes(path)
    assert back.keys() == arrays.keys()
    assert all(np.array_equal(back[key].astype(int), arrays[key]) for key in arrays)


def test_the_same_outcomes_make_the_same_bytes() -> None:
    packed = {("a", seed, "right"): pack(np.arange(50) % (seed + 2) == 0) for seed in range(4)}
    assert archive(packed) == archive(dict(reversed(packed.items())))


def test_right_or_wrong_of_a_usual_recording_takes_about_a_bit_each() -> None:
    generator = np.random.default_rng(2)
    packed = {("a", seed, "right"): pack(generator.random((200, 16)) < 0.4) for seed in range(24)}
    assert len(archive(packed)) < 1.1 * 24 * 200 * 16 / 8 + 2000
