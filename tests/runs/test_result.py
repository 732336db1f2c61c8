"""A result file comes back as it was, is the same text each time, and is refused when its shape was touched."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tooling.errors import Invalid
from tooling.runs import Above, All, Claim, Within
from tooling.runs.decision import Evidence, decide
from tooling.runs.result import ArmResult, Result, dump, load_result, load_results, to_json, write_atomic, write_result


def result(**changes: object) -> Result:
    """A result of a claim of two parts on two seeds."""
    measures = {"a": {0: {"x": 0.3}, 1: {"x": 0.31}}, "b": {0: {"x": 0.5}, 1: {"x": 0.52}}}
    difference = lambda m: m["b"]["x"] - m["a"]["x"]  # noqa: E731
    part = {"arms": ("a", "b"), "contrast": difference, "margin": 0.05, "unit": "x"}
    rule = All(it_rises=Claim(region=Above(), **part), it_stays=Claim(region=Within(), **part))
    arms = {
        name: ArmResult(
            note=name, settings={"width": 2}, measures=own, curves={0: {"step": [0.0, None]}}, diverged=(1,)
        )
        for name, own in measures.items()
    }
    given = {
        "slug": "some-work",
        "scale": "mini",
        "recording": 1,
        "quick": False,
        "commit": "c" * 40,
        "script": "repro/some-work/run.py",
        "claims": {"some-work/it-rises": decide(rule, Evidence(measures), seeds=[0, 1])},
        "arms": arms,
        "sizes": {"steps": 3},
        "hashes": {"script": "s", "rules": {}},
        "versions": {"python": "3.11"},
        "device": "a machine",
        "seconds": 3.0,
        "tokens": 12,
        "cost_usd": 0.01,
        "price": "p",
        "started": "2026-11-22T21:00:00Z",
        "history": ({"recording": 1, "claims": {}},),
        **changes,
    }
    return Result(**given)


def write(root: Path, found: Result, *, place: str = "repro/some-work/results/mini.json") -> Path:
    path = root / place
    write_result(path, found)
    return path


def test_a_result_comes_back_as_it_was(tmp_path: Path) -> None:
    found = result()
    assert load_result(write(tmp_path, found)) == found


def test_a_result_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    plain = json.loads(write(tmp_path, result()).read_text())
    assert {"schema", "slug", "scale", "recording", "commit", "claims", "arms", "hashes", "versions"} <= plain.keys()
    assert {"device", "seconds", "tokens", "cost_usd", "price", "started", "history", "sizes"} <= plain.keys()
    claim = plain["claims"]["some-work/it-rises"]
    keys = "verdict scope estimate low high level unit margin rule seeds contrast_per_seed diverged smallest_visible"
    assert set(keys.split()) <= claim.keys()
    assert [part["name"] for part in claim["parts"]] == ["it rises", "it stays"]
    assert plain["arms"]["a"]["measures"] == {"0": {"x": 0.3}, "1": {"x": 0.31}}
    assert "stale" not in plain


def test_the_same_result_is_the_same_text_with_lists_on_one_line() -> None:
    text = dump(to_json(result()))
    assert text == dump(to_json(result()))
    assert json.loads(text) == json.loads(json.dumps(to_json(result())))
    assert '"seeds": [0,1]' in text
    assert max(len(line) for line in text.splitlines()) < 400


def test_a_file_that_is_no_result_is_refused_with_its_name(tmp_path: Path) -> None:
    path = write(tmp_path, result())
    text = path.read_text()
    for broken in (
        "",
        "[]",
        "{}",
        text[:200],
        text.replace('"schema": 2', '"schema": 9'),
        text.replace('"verdict"', '"v"'),
    ):
        path.write_text(broken)
        with pytest.raises(Invalid, match="mini.json: not a result of the harness"):
            load_result(path)


def test_a_result_that_was_moved_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, result(), place="repro/other/results/mini.json")
    with pytest.raises(Invalid, match="is not to be moved"):
        load_result(path)


def test_all_results_are_found_by_work_scale_and_claim(tmp_path: Path) -> None:
    write(tmp_path, result())
    write(tmp_path, result(scale="gpu"), place="repro/some-work/results/gpu.json")
    write(tmp_path, result(scale="quick", quick=True), place=".build/quick/some-work/quick.json")
    results = load_results(tmp_path)
    assert {slug: list(found) for slug, found in results.items()} == {"some-work": ["gpu", "mini"]}
    assert [(scale, claim.verdict) for scale, claim, _ in results.verdicts("some-work/it-rises")] == [
        ("gpu", "contradicted"),
        ("mini", "contradicted"),
    ]
    assert results.verdicts("some-work/other") == []
    assert results.quick["some-work"]["quick"].quick


def test_all_broken_results_are_reported_at_once_and_broken_quick_looks_left_out(tmp_path: Path) -> None:
    for place in (
        "repro/some-work/results/mini.json",
        "repro/some-work/results/gpu.json",
        ".build/quick/some-work/quick.json",
    ):
        write_atomic(tmp_path / place, b"{}")
    with pytest.raises(Invalid) as caught:
        load_results(tmp_path)
    assert len(str(caught.value).splitlines()) == 2
    (tmp_path / "repro/some-work/results/mini.json").unlink()
    (tmp_path / "repro/some-work/results/gpu.json").unlink()
    assert load_results(tmp_path).quick == {}


def test_a_repository_without_results_has_none(tmp_path: Path) -> None:
    assert len(load_results(tmp_path)) == 0


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, result())
    before = path.read_bytes()

    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[:100])
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space left"):
        write_result(path, result(tokens=13))
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["mini.json"]


def test_a_file_is_replaced_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cell.json"
    path.write_bytes(b"old")
    seen = []
    replace_file = os.replace
    monkeypatch.setattr(
        os, "replace", lambda source, target: (seen.append(path.read_bytes()), replace_file(source, target))
    )
    write_atomic(path, b"new")
    assert (seen, path.read_bytes()) == ([b"old"], b"new")


def test_what_a_killed_process_left_of_a_write_is_removed_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "mini.json"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for left in (f".mini.json.{ended.pid}", f".mini.json.{os.getppid()}", ".mini.json.orig"):
        (tmp_path / left).write_bytes(b"half")
    write_atomic(path, b"new")
    kept = {".mini.json.orig", f".mini.json.{os.getppid()}", "mini.json"}
    assert {each.name for each in tmp_path.iterdir()} == kept


def test_what_is_no_number_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant|Out of range"):
        write(tmp_path, result(seconds=float("nan")))
    assert not (tmp_path / "repro").exists()
