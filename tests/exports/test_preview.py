"""What changed cards will look like: only those that say something else, with what is wrong above."""

import io
import re
import subprocess
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.cards.shelf import Shelf, new_shelf
from tooling.cards.rename import Names, run_rename
from tooling.cli import main
from tooling.exports import preview


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """The small library in a repository with one commit."""
    made = new_shelf(tmp_path)
    (made.root / "mkdocs.yml").touch()
    git(made, "init", "--quiet")
    git(made, "add", "--all")
    git(made, "commit", "--quiet", "--message", "first")
    return made


def git(shelf: Shelf, *arguments: str) -> None:
    """Run git in the library's repository, whatever this machine's settings are."""
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(shelf.root), *who, *arguments], check=True, capture_output=True)


def call(shelf: Shelf, *arguments: str) -> Result:
    """What the command says."""
    return CliRunner().invoke(main, ["preview", "--root", str(shelf.root), *arguments])


def headings(text: str) -> list[str]:
    """The headings of the two upper levels."""
    return re.findall(r"^##? .*$", text, re.MULTILINE)


def test_where_nothing_changes_nothing_is_shown(shelf: Shelf) -> None:
    said = call(shelf)
    assert (said.exit_code, said.stdout) == (0, "# No card will look different\n\nNo problems.\n")


def test_a_changed_card_is_shown_as_what_differs_and_as_a_whole(shelf: Shelf) -> None:
    shelf.spoil("silent-sums", "It was, on apples.", "It was, on *pears*.")
    text = call(shelf, "HEAD").stdout
    assert headings(text) == [
        "# 1 card will look different",
        "## Could be better",
        "## Changed: Silent Sums (`silent-sums`)",
    ]
    assert (
        "\n-Is silence enough for sums? It was, on apples.\n+Is silence enough for sums? It was, on \\*pears\\*."
        in text
    )
    assert "<details><summary>The whole card</summary>\n\n### Silent Sums" in text


def test_a_change_of_the_vocabulary_shows_up_in_the_cards_that_use_it(shelf: Shelf) -> None:
    shelf.spoil("_vocabulary", "name: Patience", "name: Endurance")
    text = call(shelf).stdout
    assert headings(text)[0] == "# 1 card will look different"
    assert "+- Topics: Sums, Endurance" in text


def test_new_and_lost_cards_are_named_and_a_problem_stands_above(shelf: Shelf) -> None:
    (shelf.papers / "waiting-room.yaml").unlink()
    shelf.write("new-work", shelf.text("silent-sums").replace("Silent Sums", "Loud <b>Sums</b>"))
    said = call(shelf)
    assert said.exit_code == 0
    assert headings(said.stdout) == [
        "# 2 cards will look different",
        "## Problems",
        "## Could be better",
        "## New: Loud \\<b\\>Sums\\</b\\> (`new-work`)",
        "## Gone: The Waiting Room (`waiting-room`)",
    ]
    assert "`related[1]` names no card: `waiting-room`" in said.stdout
    assert "<b>" not in said.stdout.partition("## New")[2]


def test_a_card_that_cannot_be_read_is_a_problem_and_not_gone(shelf: Shelf) -> None:
    shelf.spoil("waiting-room", "kind: blog", "kind: [blog")
    text = call(shelf).stdout
    assert headings(text) == ["# No card will look different", "## Problems"]
    assert "papers/waiting-room.yaml" in text


def test_a_renamed_card_is_compared_with_itself(shelf: Shelf) -> None:
    run_rename(shelf.root, Names("silent-sums", "quiet-sums"))
    text = call(shelf).stdout
    assert "## Changed: Silent Sums (`quiet-sums`)" in headings(text)
    assert not [line for line in headings(text) if "Gone" in line or "New" in line]


def test_no_text_of_a_card_closes_the_fence_around_it(shelf: Shelf) -> None:
    shelf.spoil("silent-sums", "citation_key: quiet1999silent", "citation_key: quiet1999silence")
    text = call(shelf).stdout
    fence = re.search(r"^(`+)diff\n(.*?)\n\1$", text, re.MULTILINE | re.DOTALL)
    assert fence
    assert "+@misc{quiet1999silence" in fence[2]
    assert max(map(len, re.findall("`+", fence[2]))) < len(fence[1])


def test_what_does_not_fit_into_a_summary_is_named(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "LARGEST_BYTES", 200)
    shelf.spoil("silent-sums", "It was, on apples.", "It was, on pears.")
    assert call(shelf).stdout.endswith("Too long to be shown here: `silent-sums`.\n")


@pytest.mark.parametrize("base", ["nobody", "--output=/tmp/x", "HEAD:papers", ""])
def test_a_base_that_git_does_not_know_is_named(shelf: Shelf, base: str) -> None:
    said = call(shelf, "--", base)
    assert said.exit_code == 3
    assert "git knows no commit" in said.stderr


def test_a_base_without_cards_makes_all_of_them_new(shelf: Shelf) -> None:
    git(shelf, "checkout", "--quiet", "--orphan", "empty")
    git(shelf, "rm", "-r", "--quiet", "--cached", ".")
    git(shelf, "commit", "--quiet", "--allow-empty", "--message", "nothing")
    assert headings(call(shelf).stdout)[0] == "# 3 cards will look different"


def test_only_regular_files_within_the_folder_are_unpacked(tmp_path: Path) -> None:
    folder, archive = tmp_path / "folder", tmp_path / "tree.tar"
    folder.mkdir()
    link = tarfile.TarInfo("papers/link.yaml")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
    with tarfile.open(archive, "w") as packed:
        packed.addfile(link)
        for name in ("papers/card.yaml", "../outside.yaml", "papers/../../outside.yaml"):
            member = tarfile.TarInfo(name)
            member.size = 1
            packed.addfile(member, io.BytesIO(b"x"))
    with tarfile.open(archive) as packed:
        for member in packed:
            preview._unpack(packed, member, folder=folder)
    found = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if not path.is_dir()]
    assert sorted(found) == ["folder/papers/card.yaml", "tree.tar"]
