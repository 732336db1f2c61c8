"""`tooling import` as it is typed: a foreign list in one go, its streams and exit codes, and doing it twice."""

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cards.foreign import STYLES, foreign_list, works
from tests.cards.test_add_command import Rig, new_rig
from tests.servers import arxiv as server
from tests.servers.arxiv import Work

ROOT = Path(__file__).parents[2]
SURVEY = Path(__file__).parent / "data" / "survey.md"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A rig whose server knows all works of the foreign list, beside the vocabulary of the real survey."""
    for rig in new_rig(tmp_path):
        rig.server.add(*(Work(each.id, title=each.title) for number in range(len(STYLES)) for each in works(number)))
        shutil.copy(ROOT / "papers" / "_vocabulary.yaml", rig.shelf.papers)
        yield rig


def listed(tmp_path: Path, text: str, name: str = "list.md") -> str:
    """The path of a file with this text."""
    (tmp_path / name).write_text(text, "utf-8")
    return str(tmp_path / name)


def test_a_foreign_list_of_150_works_becomes_150_cards_in_one_go(rig: Rig, tmp_path: Path) -> None:
    before, file = rig.names(), listed(tmp_path, foreign_list())
    result = rig.result("import", "--draft", file)
    assert result.exit_code == 0, result.stderr
    assert len(rig.cards(before)) == len(result.stdout.splitlines()) == 150
    # two batches of a hundred at most
    assert len(rig.server.requests) <= 3
    cards = {card.arxiv: card for card in rig.shelf.library().values()}
    efficient, scaled, unplaced = (cards[works(style)[3].id] for style in (0, 1, 4))
    assert (efficient.topics, scaled.topics) == (("efficiency",), ("test-time-scaling",))
    assert efficient.title == works(0)[3].title
    assert [(note.kind, note.text) for note in efficient.notes] == [("opinion", "teaches small models to count")]
    assert efficient.provenance.fields["notes"] == efficient.provenance.fields["topics"] == (
        "Awesome Abaci (list.md), line 17"
    )  # fmt: skip
    assert "topics" not in unplaced.provenance.fields
    assert "150 added; 3 places left out or in doubt" in result.stderr.splitlines()[-1]
    again = rig.result("import", file)
    assert again.exit_code == 0
    assert "150 works of `Awesome Abaci` in the library (150 by arXiv id); nothing to add" in again.stderr
    assert sorted(again.stdout.splitlines()) == sorted(result.stdout.splitlines())
    assert len(rig.names()) == len(before) + 150


def test_the_curators_survey_finds_its_works_and_makes_nothing_offline(rig: Rig) -> None:
    for card in (ROOT / "papers").glob("[a-z]*.yaml"):
        shutil.copy(card, rig.shelf.papers)
    before = rig.names()
    result = rig.result("import", "--offline", str(SURVEY))
    assert result.exit_code == 0, result.stderr
    assert len(result.stdout.splitlines()) >= 103
    assert result.stderr.endswith("; nothing to add\n")
    assert (rig.names(), rig.server.requests) == (before, [])


def test_a_dry_run_names_the_works_and_asks_nobody(rig: Rig, tmp_path: Path) -> None:
    before = rig.names()
    result = rig.result("import", "--dry-run", listed(tmp_path, foreign_list()))
    assert result.exit_code == 0
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert lines[0] == [works(0)[0].id, "efficiency", works(0)[0].title]
    assert [line[:2] for line in lines[40:41]] == [[works(4)[0].id, "-"]]
    assert (len(lines), rig.server.requests, rig.names()) == (150, [], before)


def test_json_has_what_happened_with_lines_and_findings(rig: Rig) -> None:
    text = (
        f"- [A](https://arxiv.org/abs/{works(0)[0].id})\n- [There](https://arxiv.org/abs/2501.12590)\n"
        "- [Tool](https://github.com/a/b)\n- [Bad](https://arxiv.org/abs/2513.00001)\n"
    )
    result = rig.result("import", "--json", "--draft", "-", given=text)
    assert result.exit_code == 5
    assert result.stderr.splitlines()[-1] == (
        "tooling: 1 place of `stdin` could not be read; all else was taken over"
    )  # fmt: skip
    tried = rig.result("import", "--dry-run", "-", given=text)
    assert tried.stderr.splitlines()[-1].endswith("could not be read; all else would be taken over")
    data = json.loads(result.stdout)
    assert data["list"] == "stdin"
    assert data["present"] == [{"line": 2, "slug": "counting-aloud", "known_by": "id"}]
    (work,) = data["works"]
    assert (work["state"], work["lines"]) == ("added", [1])
    assert (rig.shelf.root / work["path"]).is_file()
    assert [(each["line"], each["code"]) for each in data["findings"]] == [(3, "no-identifier"), (4, "unreadable")]


def test_a_bibliography_is_taken_over_too(rig: Rig, tmp_path: Path) -> None:
    first, second = works(0)[:2]
    text = f"@misc{{a, eprint={{{first.id}}}, keywords={{data}}}}\n@misc{{b, title={{No Id of Its Own}}}}\n@misc{{c\n"
    result = rig.result("import", "--draft", listed(tmp_path, text, "works.bib"))
    assert result.exit_code == 5
    assert [line.split(" ")[0].rpartition("/")[2] for line in result.stderr.splitlines()[:2]] == [
        "works.bib:2:", "works.bib:3:"
    ]  # fmt: skip
    assert len(result.stdout.splitlines()) == 1
    result = rig.result("import", "--dry-run", "-", given=f"@misc{{a, eprint={{{second.id}}}}}")
    assert result.stdout == f"{second.id}\t-\t-\n"


def test_a_work_that_nobody_knows_is_refused_with_its_line_and_stops_nothing(rig: Rig, tmp_path: Path) -> None:
    known = works(0)[0].id
    text = f"- [A](https://arxiv.org/abs/2504.99999)\n- [B](https://arxiv.org/abs/{known})\n"
    result = rig.result("import", "--draft", listed(tmp_path, text))
    assert result.exit_code == 3
    assert "list.md:1: arXiv has no work `2504.99999`" in result.stderr
    assert len(result.stdout.splitlines()) == 1


def test_a_users_mistakes_are_told_apart(rig: Rig, tmp_path: Path) -> None:
    assert rig.result("import").exit_code == 2
    assert rig.result("import", str(tmp_path / "none.md")).exit_code == 2
    (tmp_path / "broken.md").write_bytes(b"\xff\xfe\x00")
    result = rig.result("import", str(tmp_path / "broken.md"))
    assert (result.exit_code, "it is no UTF-8 text" in result.stderr) == (2, True)
    empty = rig.result("import", listed(tmp_path, ""))
    assert (empty.exit_code, empty.stdout) == (0, "")
    rig.shelf.write("broken", "kind: [")
    assert rig.result("import", listed(tmp_path, "- x")).exit_code == 5


def test_an_import_that_is_interrupted_keeps_what_it_has_and_goes_on(rig: Rig, tmp_path: Path) -> None:
    file = listed(tmp_path, foreign_list())
    rig.server.faults = [server.changed(lambda feed: feed), server.silence(30)]
    rig.environment["TOOLING_ARXIV_PATIENCE"] = "60"
    process = rig.start("--draft", file, command="import")
    while len(rig.server.requests) < 2:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in err
    assert 0 < len(out.splitlines()) < 150
    result = rig.result("import", "--draft", file)
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 150)


def test_no_network_is_exit_code_75_and_nothing_is_written(rig: Rig, tmp_path: Path) -> None:
    rig.environment["TOOLING_ARXIV_URL"] = "http://127.0.0.1:9"
    before = rig.names()
    assert rig.result("import", listed(tmp_path, foreign_list())).exit_code == 75
    assert {name for name in rig.names() - before if name.endswith(".yaml")} == set()
