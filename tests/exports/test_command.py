"""`tooling export`: data on stdout, talk on stderr, the exit codes of the other commands."""

from pathlib import Path

import pytest

from tests.pages.copy import small, tooling
from tooling.cli import EXPORTS
from tooling.exports import FORMATS


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with two cards."""
    return small(tmp_path)


def test_the_command_knows_every_form() -> None:
    assert tuple(FORMATS) == EXPORTS


def test_works_go_to_stdout_all_or_those_that_are_named(root: Path) -> None:
    every, one = tooling(root, "export", "bibtex"), tooling(root, "export", "bibtex", "one-work")
    assert (every.returncode, every.stderr) == (0, "")
    assert every.stdout.count("@misc") == 2 and one.stdout.count("@misc") == 1
    assert tooling(root, "export", "csv", "--topic", "efficiency").stdout.count("\n") == 3


def test_a_file_is_written_whole_and_said_on_stderr(root: Path) -> None:
    outcome = tooling(root, "export", "ris", "--out", str(root / "works.ris"))
    assert (outcome.returncode, outcome.stdout) == (0, "")
    assert "wrote 2 works to" in outcome.stderr
    assert (root / "works.ris").read_bytes().count(b"ER  - \r\n") == 2


def test_what_does_not_exist_is_exit_code_3_and_a_wrong_word_2(root: Path) -> None:
    missing = tooling(root, "export", "bibtex", "one-wrok", "zzz")
    assert missing.returncode == 3
    assert "no card `one-wrok`; did you mean `one-work`?" in missing.stderr and "`zzz`" in missing.stderr
    assert tooling(root, "export", "bibtex", "--topic", "efficency").returncode == 3
    assert tooling(root, "export", "docx").returncode == 2
    homeless = tooling(root, "export", "jsonl", "--site", "example.org")
    said = "tooling: `--site example.org` is no address; write it whole: `https://example.org/survey/`\n"
    assert (homeless.returncode, homeless.stdout, homeless.stderr) == (2, "", said)
    unwritable = tooling(root, "export", "csv", "--out", str(root / "no" / "folder.csv"))
    assert unwritable.returncode == 2 and "Traceback" not in unwritable.stderr


def test_the_site_has_the_exports_and_links_them_from_the_card(root: Path) -> None:
    assert tooling(root, "site").returncode == 0
    built = root / ".build" / "site"
    for path in ("exports/works.bib", "exports/works.csv", "feeds/all.xml", "feeds/efficiency.xml", "llms.txt"):
        assert (built / path).is_file()
    assert (built / "papers" / "one-work.md").read_text("utf-8").startswith("# A title of one-work")
    page = (built / "papers" / "one-work" / "index.html").read_text("utf-8")
    assert 'href="cite.bib"' in page and 'href="../one-work.md"' in page
    assert (built / "papers" / "one-work" / "cite.bib").read_text("utf-8").startswith("@misc{one20251")
