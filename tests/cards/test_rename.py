"""A card that is renamed goes on to be found: what names it is rewritten, and an interruption costs nothing."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.cards.shelf import Shelf, new_shelf
from tooling.cards import rename
from tooling.cards.rename import Names, run_rename
from tooling.cli import main
from tooling.errors import Exists, Invalid, NotFound, UsageError

OLD, NEW = "counting-aloud", "saying-numbers"
SCRIPT = (
    '"""Does `counting-aloud/aloud-beats-silent` hold?"""\n'
    'CLAIMS = {"counting-aloud/aloud-beats-silent": 1, \'counting-aloud/twice-the-price\': 2, "own": 3}\n'
    'ELSE = ["counting-aloud/no-claim", "counting-aloud"]\n'
)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """The small library with a script of another work, a page, a result and scratch that name the card."""
    made = new_shelf(tmp_path)
    (made.root / "mkdocs.yml").touch()
    (made.root / "site").mkdir()
    page = "[a](papers/counting-aloud.md), repro/counting-aloud/run.py, papers/counting-aloud-too.md, counting-aloud\n"
    (made.root / "site" / "about.md").write_text(page)
    (made.root / "CHANGELOG.md").write_text(page)
    made.spoil("silent-sums", "citation_key:", "repro: repro/silent-sums/run.py\ncitation_key:")
    other = made.root / "repro" / "silent-sums"
    other.mkdir()
    (other / "run.py").write_text(SCRIPT)
    results = made.root / "repro" / OLD / "results"
    results.mkdir(exist_ok=True)
    (results / "mini.json").write_text(json.dumps({"claims": {f"{OLD}/aloud-beats-silent": {}}}))
    (made.root / ".build" / "recordings" / OLD).mkdir(parents=True)
    return made


def call(shelf: Shelf, *arguments: str) -> Result:
    """What the command does in the library."""
    return CliRunner().invoke(main, ["rename", *arguments, "--root", str(shelf.root)])


def files(shelf: Shelf) -> dict[str, bytes]:
    """All files of the repository but the lock, with their content."""
    found = {path.relative_to(shelf.root).as_posix(): path for path in shelf.root.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.endswith(".lock")}


def test_a_renamed_card_keeps_its_text_and_knows_its_earlier_names(shelf: Shelf) -> None:
    before = shelf.text(OLD)
    said = call(shelf, OLD, NEW)
    assert (said.exit_code, said.stdout) == (0, f"papers/{NEW}.yaml\n")
    wanted = before.replace("aliases: [count-aloud]", "aliases: [count-aloud, counting-aloud]")
    assert shelf.text(NEW) == wanted.replace("repro/counting-aloud", "repro/saying-numbers")
    assert not (shelf.papers / f"{OLD}.yaml").exists()
    assert shelf.lines() == []


def test_whatever_names_the_card_has_the_new_name_and_what_happens_to_look_like_it_stays(shelf: Shelf) -> None:
    said = call(shelf, OLD, NEW)
    assert "3 files that named it" in said.stderr
    card = shelf.library()["silent-sums"]
    assert card.related == (NEW,)
    assert card.claims[0].supports == (f"{NEW}/twice-the-price",)
    script = (shelf.root / "repro/silent-sums/run.py").read_text()
    assert script.splitlines()[1:] == [
        'CLAIMS = {"saying-numbers/aloud-beats-silent": 1, \'saying-numbers/twice-the-price\': 2, "own": 3}',
        'ELSE = ["counting-aloud/no-claim", "counting-aloud"]',
    ]
    page = "[a](papers/saying-numbers.md), repro/saying-numbers/run.py, papers/counting-aloud-too.md, counting-aloud\n"
    assert (shelf.root / "site/about.md").read_text() == page
    assert "papers/counting-aloud.md" in (shelf.root / "CHANGELOG.md").read_text()


def test_script_results_and_scratch_move_and_no_byte_of_a_result_changes(shelf: Shelf) -> None:
    result = files(shelf)[f"repro/{OLD}/results/mini.json"]
    call(shelf, OLD, NEW)
    assert files(shelf)[f"repro/{NEW}/results/mini.json"] == result
    assert sorted(path.name for path in (shelf.root / "repro").iterdir()) == [NEW, "silent-sums"]
    assert (shelf.root / ".build/recordings" / NEW).is_dir()


def test_renaming_again_changes_nothing_and_renaming_back_gives_the_first_name(shelf: Shelf) -> None:
    call(shelf, OLD, NEW)
    done = files(shelf)
    said = call(shelf, OLD, NEW)
    assert (said.exit_code, said.stdout) == (0, f"papers/{NEW}.yaml\n")
    assert "already called" in said.stderr
    assert files(shelf) == done
    assert call(shelf, NEW, OLD).exit_code == 0
    assert shelf.library()[OLD].aliases == ("count-aloud", NEW)
    assert shelf.lines() == []


def test_a_dry_run_writes_nothing(shelf: Shelf) -> None:
    before = files(shelf)
    said = call(shelf, OLD, NEW, "--dry-run")
    assert f"would rename `{OLD}` to `{NEW}`: its card, its script, 3 files that named it" in said.stderr
    assert files(shelf) == before


@pytest.mark.parametrize("step", range(1, 8))
def test_an_interruption_anywhere_is_made_good_by_the_same_command(
    shelf: Shelf, step: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = new_shelf(tmp_path / "whole")
    for name, content in files(shelf).items():
        (other.root / name).parent.mkdir(parents=True, exist_ok=True)
        (other.root / name).write_bytes(content)
    (other.root / ".build" / "recordings" / OLD).mkdir(parents=True)
    run_rename(other.root, Names(OLD, NEW))
    left = [step]

    def cut(make: Callable[..., None]) -> Callable[..., None]:
        def made(*given: Any, **options: Any) -> None:
            # the scratch files of the other steps are taken away too
            left[0] -= not given[0].name.startswith(".")
            if left[0] == 0:
                raise KeyboardInterrupt
            make(*given, **options)

        return made

    with monkeypatch.context() as patch:
        patch.setattr(rename, "create_file", cut(rename.create_file))
        patch.setattr(rename, "replace_file", cut(rename.replace_file))
        patch.setattr(rename.os, "rename", cut(os.rename))
        patch.setattr(Path, "unlink", cut(Path.unlink))
        with pytest.raises(KeyboardInterrupt):
            run_rename(shelf.root, Names(OLD, NEW))
    run_rename(shelf.root, Names(OLD, NEW))
    assert files(shelf) == files(other)


@pytest.mark.parametrize(
    ("names", "error", "says"),
    [
        (("no-such", NEW), NotFound, "no card `no-such`"),
        (("count-aloud", NEW), NotFound, "it is now called `counting-aloud`"),
        ((OLD, "silent-sums"), Exists, "the name of another work's card"),
        ((OLD, "Bad Name"), UsageError, "`bad-name` would do"),
        ((OLD, "index"), UsageError, "cannot be a slug"),
        ((OLD, "../etc"), UsageError, "cannot be a slug"),
        ((OLD, OLD), UsageError, "both names"),
        (("../papers/counting-aloud", NEW), NotFound, "no card"),
    ],
)
def test_what_cannot_be_renamed_is_refused_before_anything_is_written(
    shelf: Shelf, names: tuple[str, str], error: type[Exception], says: str
) -> None:
    before = files(shelf)
    with pytest.raises(error, match=says):
        run_rename(shelf.root, Names(*names))
    assert files(shelf) == before


def test_a_name_that_something_else_has_is_refused(shelf: Shelf) -> None:
    (shelf.root / "repro" / NEW).mkdir()
    with pytest.raises(Exists, match=f"`repro/{NEW}`"):
        run_rename(shelf.root, Names(OLD, NEW))
    with pytest.raises(Exists, match="once was"):
        run_rename(shelf.root, Names("silent-sums", "count-aloud"))


def test_a_card_that_cannot_be_read_is_not_renamed(shelf: Shelf) -> None:
    shelf.spoil(OLD, "kind: paper", "kind: [paper")
    with pytest.raises(Invalid, match="cannot be read"):
        run_rename(shelf.root, Names(OLD, NEW))
