"""The address of code follows the modules that it rests on, and no others."""

from pathlib import Path

import pytest

from tooling import closure
from tooling.closure import code_hash, running_source
from tooling.content import PACKAGE


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with three modules of the lab, in place of the real one: `a` imports `b`, nobody imports `c`."""
    (tmp_path / "models").mkdir()
    for name, text in (("a", "from tooling.models.b import f\n"), ("b", "def f(): return 1\n"), ("c", "x = 1\n")):
        (tmp_path / "models" / f"{name}.py").write_text(f'"""It."""\n{text}')
    monkeypatch.setattr(closure, "PACKAGE", tmp_path)
    running_source.cache_clear()
    yield tmp_path
    running_source.cache_clear()


def fresh(*names: str) -> str:
    """The hash of modules as they are now."""
    running_source.cache_clear()
    return code_hash(*(f"tooling.models.{name}" for name in names))


def test_the_hash_follows_what_is_imported_and_leaves_out_the_rest(lab: Path) -> None:
    before, other = fresh("a"), fresh("c")
    (lab / "models" / "b.py").write_text('"""In other words."""\ndef f(): return 1  # the same\n')
    (lab / "models" / "c.py").write_text("x = 2\n")
    assert fresh("a") == before
    assert fresh("c") != other
    (lab / "models" / "b.py").write_text("def f(): return 2\n")
    assert fresh("a") != before
    assert fresh("b") != fresh("a") != fresh("a", "c")


def test_hashes_are_those_of_the_moment_they_were_first_asked(lab: Path) -> None:
    before = fresh("a")
    (lab / "models" / "b.py").write_text("def f(): return 'edited while a run goes on'\n")
    assert code_hash("tooling.models.a") == before


def test_a_base_rests_on_its_pretraining_and_its_tasks_but_not_on_other_graders() -> None:
    source = running_source()
    assert source.package == PACKAGE
    found = source.closure_of("tooling.models.pretraining", "tooling.tasks.countdown")
    assert {"tooling.models.tokenizer", "tooling.verify.countdown", "tooling.tasks.item"} <= set(found)
    assert not {"tooling.tasks.multiplication", "tooling.verify.product", "tooling.models.source"} & set(found)
