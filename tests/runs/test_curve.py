"""Curves lie compressed beside a result, come back as they were, and leave room for a large recording."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.runs.test_result import result
from tooling.errors import Invalid
from tooling.runs.curve import read_curves
from tooling.runs.outcome import archive, pack, read_outcomes
from tooling.runs.result import (
    LARGEST_RECORDING_BYTES,
    ArmResult,
    Result,
    dump,
    load_result,
    to_json,
    write_atomic,
    write_result,
)

CURVES = {"a": {0: {"step": [0, 1.0, 2], "loss": [0.5, None, 1e-7]}, 1000: {"step": [3]}}, "b": {}}


def stored(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "repro/some-work/results/mini-1-outcomes.npz"
    write_atomic(path, content)
    return path


def test_curves_come_back_as_they_were_beside_the_outcomes(tmp_path: Path) -> None:
    packed = {("a", 0, "right"): pack([True, False])}
    path = stored(tmp_path, archive(packed, CURVES))
    assert read_curves(path) == CURVES
    assert read_outcomes(path)["a", 0, "right"].tolist() == [True, False]
    assert archive(packed, CURVES) == archive(packed, CURVES)


def test_without_outcomes_and_curves_there_is_no_file() -> None:
    assert archive({}, {"a": {}}) == b""
    assert archive({}, CURVES) != b""


def test_an_archive_of_outcomes_alone_has_no_curves(tmp_path: Path) -> None:
    assert read_curves(stored(tmp_path, archive({("a", 0, "right"): pack([True])}))) == {}


def beside(tmp_path: Path, found: Result) -> Path:
    """The result written with its curves beside it."""
    stored(tmp_path, archive({}, {name: arm.curves for name, arm in found.arms.items()}))
    path = tmp_path / "repro/some-work/results/mini.json"
    write_result(path, replace(found, beside="mini-1-outcomes.npz"))
    return path


def test_a_result_reads_the_curves_of_the_file_beside_it(tmp_path: Path) -> None:
    path = beside(tmp_path, result())
    assert '"curves"' not in path.read_text()
    assert load_result(path) == replace(result(), beside="mini-1-outcomes.npz")


def test_the_older_format_with_the_curves_in_the_text_is_read_and_stays_as_it_is(tmp_path: Path) -> None:
    older = replace(result(), schema=1)
    path = tmp_path / "repro/some-work/results/mini.json"
    write_result(path, older)
    assert json.loads(path.read_text())["arms"]["a"]["curves"] == {"0": {"step": [0.0, None]}}
    assert load_result(path) == older
    assert dump(to_json(load_result(path))) == path.read_text()


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06" + b"\0" * 10])
def test_a_damaged_file_beside_a_result_is_named(tmp_path: Path, content: bytes) -> None:
    path = beside(tmp_path, result())
    stored(tmp_path, content)
    with pytest.raises(Invalid, match="mini.json: not a result of the harness"):
        load_result(path)


def test_a_file_beside_a_result_that_is_gone_is_named(tmp_path: Path) -> None:
    path = beside(tmp_path, result())
    path.with_name("mini-1-outcomes.npz").unlink()
    with pytest.raises(Invalid, match=r"mini-1-outcomes\.npz"):
        load_result(path)


def test_only_a_file_of_the_same_folder_is_read(tmp_path: Path) -> None:
    path = beside(tmp_path, result())
    path.write_text(path.read_text().replace('"mini-1-outcomes.npz"', '"../secret.npz"'))
    with pytest.raises(Invalid, match="no file of the same folder"):
        load_result(path)


def test_an_archive_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("curves.npy", b"\x93NUMPY\x02\x00")
    with pytest.raises(ValueError, match=r"format 1\.0"):
        read_curves(path)


def test_six_arms_of_eight_seeds_with_curves_and_outcomes_fit_with_room(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    names = ("reward", "spread", "tokens", "truncated", "entropy", "pass@1", "kl", "length")

    def curves() -> dict[str, list[float]]:
        # four digits of noise: what real curves hold at most
        drawn = {name: [float(f"{value:.4g}") for value in generator.random(48)] for name in names}
        return {"step": list(range(48)), **drawn}

    arms = {
        f"arm-{number}": ArmResult(
            note="differs in one thing",
            settings={"training.learning_rate": 3e-4},
            measures={
                seed: {f"measure {i}": float(f"{generator.random():.6g}") for i in range(8)} for seed in range(8)
            },
            curves={seed: curves() for seed in range(8)},
            seconds=dict.fromkeys(range(8), 61.25),
            tokens=dict.fromkeys(range(8), 188_079),
        )
        for number in range(6)
    }
    outcomes = {
        (arm, seed, name): pack(generator.random((150, 8)) < 0.4)
        for arm in arms
        for seed in range(8)
        for name in ("base", "trained")
    }
    archived = archive(outcomes, {name: arm.curves for name, arm in arms.items()})
    text = dump(to_json(replace(result(), arms=arms, beside="mini-1-outcomes.npz")))
    assert len(archived) + len(text.encode()) < 0.8 * LARGEST_RECORDING_BYTES
