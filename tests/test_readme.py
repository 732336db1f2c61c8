"""The written pages at the root tell the truth: the tree, the commands, the links, the version."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

import tooling
from tests.test_house_rules import tracked
from tooling.cards.load import parse_card, read_library

ROOT = Path(__file__).parents[1]
PROSE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
# folders of which the README names every member
SPELLED_OUT = ("tooling",)


def read(name: str) -> str:
    """The text of a file at the root."""
    return (ROOT / name).read_text("utf-8")


def named(readme: str) -> set[str]:
    """The paths in the README's annotated tree: two spaces of indent per level, the rest of a line explains."""
    found = re.search(r"^## The tree\n.*?```\w*\n(.*?)```", readme, re.DOTALL | re.MULTILINE)
    if not found:
        pytest.fail("README.md has no code block under `## The tree`")
    paths, above = set(), [""]
    for line in found.group(1).splitlines():
        entry = re.match(r"((?:  )*)(\S+)  ", line)
        if entry:
            depth = len(entry.group(1)) // 2
            above[depth + 1 :] = [above[depth] + entry.group(2)]
            paths.add(above[-1].rstrip("/"))
    return paths


def missing(paths: set[str], files: Mapping[str, None]) -> Iterator[str]:
    """Differences between the named paths and the files of the project."""
    folders = {"/".join(path.split("/")[:end]) for path in files for end in range(1, path.count("/") + 1)}
    for path in sorted(paths):
        if "<" not in path and path not in folders and path not in files:
            yield f"README.md names `{path}`, which is not on disk"
    there = folders | set(files)
    for path in sorted(there):
        parent = path.rpartition("/")[0]
        if parent in ("", *SPELLED_OUT) and path not in paths and not path.endswith("__init__.py"):
            yield f"`{path}` is on disk and not in README.md's tree"


def test_the_tree_of_the_readme_is_the_tree_on_disk() -> None:
    assert list(missing(named(read("README.md")), dict.fromkeys(tracked()))) == []


def test_a_tree_that_differs_from_the_disk_is_found_in_both_directions() -> None:
    readme = "## The tree\n\n```\npapers/      cards\ntooling/     package\n  old.py     gone\n```\n"
    files = dict.fromkeys(["papers/a.yaml", "tooling/__init__.py", "tooling/new.py", "Makefile"])
    assert list(missing(named(readme), files)) == [
        "README.md names `tooling/old.py`, which is not on disk",
        "`Makefile` is on disk and not in README.md's tree",
        "`tooling/new.py` is on disk and not in README.md's tree",
    ]


def commands() -> list[str]:
    """The names of the command's subcommands."""
    return sorted(tooling_cli().commands)


def tooling_cli() -> "tooling.cli.Group":  # type: ignore[name-defined]
    """The click group of the command."""
    from tooling.cli import main

    return main


@pytest.mark.parametrize("name", commands())
def test_every_command_is_documented(name: str) -> None:
    pages = [ROOT / path for path in tracked() if path in PROSE or re.fullmatch(r"site/.+\.md", path)]
    assert any(re.search(rf"tooling {name}\b(?!-)", page.read_text("utf-8")) for page in pages)


@pytest.mark.parametrize("path", PROSE)
def test_every_make_word_and_command_that_is_written_down_exists(path: str) -> None:
    words = set(re.findall(r"`make ([a-z][a-z-]*)", read(path))) | set(re.findall(r"^make ([a-z-]+)", read(path), re.M))
    assert words - set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE)) == set()
    written = set(re.findall(r"(?:`|^)(?:\.venv/bin/)?tooling ([a-z][a-z-]*)", read(path), re.MULTILINE))
    assert written - set(commands()) == set()


@pytest.mark.parametrize("path", PROSE)
def test_every_link_to_a_file_of_the_project_leads_there(path: str) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", read(path)) + re.findall(
        r'src="(?!http)([^"]+)"', read(path)
    )
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_card_in_the_guide_is_a_card_that_passes() -> None:
    found = re.search(r"```yaml\n(.*?)```", read("CONTRIBUTING.md"), re.DOTALL)
    assert found
    card = parse_card(found.group(1), "a-post", shown="CONTRIBUTING.md")
    assert card.draft and card.kind in read_library(ROOT / "papers").library.vocabulary.section("kinds")


def test_the_readme_leads_with_its_two_commands() -> None:
    assert (
        read("README.md").index("make demo")
        < read("README.md").index("make test")
        < read("README.md").index("## The tree")
    )


def test_the_version_is_the_same_in_the_package_the_changelog_and_the_citation() -> None:
    newest = re.search(r"^## \[?(\d[^\] ]*)", read("CHANGELOG.md"), re.MULTILINE)
    assert newest
    assert newest.group(1) == tooling.__version__ == yaml.safe_load(read("CITATION.cff"))["version"]


def test_the_citation_file_has_what_its_format_demands() -> None:
    citation = yaml.safe_load(read("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert all({"name", "family-names"} & set(author) for author in citation["authors"])


def test_the_demo_runs_a_scale_that_the_script_has() -> None:
    script = ast.parse(read("repro/tinyzero/run.py"))
    sizes = [node for node in script.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SIZES"]
    keys = {ast.literal_eval(key) for key in sizes[0].value.keys}  # type: ignore[attr-defined]
    assert "quick" in keys
