"""What does not fit together between cards, vocabulary, reproductions and results."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cards.shelf import Shelf, new_shelf
from tooling.cards import check, load_library
from tooling.cards.check import Wish, run_check
from tooling.cli import main
from tooling.errors import Invalid, NotFound

ROOT = Path(__file__).parents[2]
SCRIPT = "repro/counting-aloud/run.py"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return new_shelf(tmp_path)


def test_a_sound_library_has_no_problems(shelf: Shelf) -> None:
    assert shelf.lines() == []


# links


def test_a_link_to_a_missing_card_is_named_with_its_line_and_a_suggestion(shelf: Shelf) -> None:
    shelf.spoil("silent-sums", "related: [counting-aloud]", "related: [counting-allowed]")
    assert shelf.lines() == [
        "papers/silent-sums.yaml:20: `related[0]` names no card: `counting-allowed`; did you mean `counting-aloud`?"
    ]


def test_a_link_to_nothing_known_asks_for_the_card(shelf: Shelf) -> None:
    shelf.spoil("silent-sums", "related: [counting-aloud]", "related:\n- counting-aloud\n- zzz")
    assert shelf.lines() == [
        "papers/silent-sums.yaml:22: `related[1]` names no card: `zzz`; add the card, or delete the link"
    ]


def test_a_link_to_an_earlier_name_says_the_present_one(shelf: Shelf) -> None:
    shelf.spoil("silent-sums", "related: [counting-aloud]", "related: [count-aloud]")
    assert shelf.lines() == [
        "papers/silent-sums.yaml:20: `related[0]` names no card: `count-aloud`; it is now called `counting-aloud`"
    ]


def test_a_card_is_not_related_to_itself(shelf: Shelf) -> None:
    shelf.spoil("silent-sums", "related: [counting-aloud]", "related: [silent-sums]")
    assert [problem.code for problem in shelf.problems()] == ["self-link"]


def test_a_link_to_a_missing_claim_names_the_claims_that_exist(shelf: Shelf) -> None:
    shelf.spoil("silent-sums", "counting-aloud/twice-the-price", "counting-aloud/zzz")
    assert shelf.lines() == [
        "papers/silent-sums.yaml:19: `claims[0].supports[0]` names no claim: `counting-aloud/zzz`; "
        "`counting-aloud` has `aloud-beats-silent`, `twice-the-price`"
    ]


def test_a_link_to_a_claim_of_a_card_without_claims_says_so(shelf: Shelf) -> None:
    shelf.spoil("silent-sums", "counting-aloud/twice-the-price", "waiting-room/patience")
    assert "`waiting-room` has no claims" in shelf.lines()[0]


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("counting-aloud/twice-the-prise", "missing-claim"),
        ("nobody/says-so", "missing-card"),
        ("silent-sums/silence-is-enough", "self-link"),
    ],
)
def test_each_wrong_link_between_claims_has_its_own_code(shelf: Shelf, key: str, code: str) -> None:
    shelf.spoil("silent-sums", "counting-aloud/twice-the-price", key)
    problems = shelf.problems()
    assert [(problem.code, problem.line, problem.field) for problem in problems] == [
        (code, 19, "claims[0].supports[0]")
    ]


def test_a_claim_does_not_support_what_it_contradicts(shelf: Shelf) -> None:
    shelf.spoil("silent-sums", "  supports:", "  contradicts: [counting-aloud/twice-the-price]\n  supports:")
    assert [(problem.code, problem.line) for problem in shelf.problems()] == [("both-ways", 20)]


# terms


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("kind: paper", "kind: papers", ":1: `kind` is `papers`, no term of `kinds`; did you mean `paper`?"),
        ("[sums,", "[summs,", ":11: `topics[0]` is `summs`, no term of `topics`; did you mean `sums`?"),
        ("[sums,", "[addition,", ":11: `topics[0]` is `addition`, no term of `topics`; it is called `sums`"),
        (
            "{grpo:",
            "{group-relative-policy-optimization: , grpo:",
            ":12: `methods.group-relative-policy-optimization` is no term of `methods`; it is called `grpo`",
        ),
        (
            "{abacus-7b:",
            "{slide-rule: , abacus-7b:",
            ":13: `models.slide-rule` is no term of `models`; add it to `_vocabulary.yaml`",
        ),
        (
            "[new-abilities]",
            "[new-ability]",
            ":37: `claims[0].question[0]` is `new-ability`, no term of `questions`; did you mean `new-abilities`?",
        ),
    ],
)
def test_a_term_that_the_vocabulary_does_not_have_is_named(shelf: Shelf, old: str, new: str, line: str) -> None:
    shelf.spoil("counting-aloud", old, new)
    assert shelf.lines() == [f"papers/counting-aloud.yaml{line}"]


def test_a_term_that_no_card_uses_is_a_problem_of_the_vocabulary(shelf: Shelf) -> None:
    shelf.spoil("counting-aloud", "benchmarks: {apples-2024: }\n", "")
    assert shelf.lines() == [
        "papers/_vocabulary.yaml:14: `benchmarks.apples-2024` is used by no card; delete it, or use it"
    ]


def test_nothing_is_called_unused_while_a_card_cannot_be_read(shelf: Shelf) -> None:
    shelf.spoil("counting-aloud", "arxiv: '2501.12590'", "arxiv: 2501.12590")
    assert [problem.code for problem in shelf.problems()] == ["not-quoted"]


def test_terms_are_not_looked_up_in_a_vocabulary_that_cannot_be_read(shelf: Shelf) -> None:
    shelf.spoil("_vocabulary", "topics:", "topic:")
    assert {problem.path for problem in shelf.problems()} == {"papers/_vocabulary.yaml"}


def test_two_terms_of_a_section_do_not_share_a_name(shelf: Shelf) -> None:
    shelf.spoil("_vocabulary", "name: Counting,", "name: Counting, aliases: [one, Grpo],")
    assert shelf.lines() == [
        "papers/_vocabulary.yaml:10: `methods.counting.aliases[1]` is `Grpo`, a name of `grpo` too; "
        "keep it in one of the two"
    ]


# ids that must be unique


def test_a_citation_key_belongs_to_one_card_whatever_its_case(shelf: Shelf) -> None:
    shelf.spoil("silent-sums", "quiet1999silent", "Bead2025Counting")
    assert shelf.lines() == [
        "papers/silent-sums.yaml:21: `citation_key` is `Bead2025Counting`, as in `counting-aloud`; choose another"
    ]


def test_one_work_has_one_card(shelf: Shelf) -> None:
    shelf.spoil("waiting-room", "date:", "arxiv: '2501.12590'\ndate:")
    lines = shelf.lines()
    assert (
        "papers/waiting-room.yaml:5: `arxiv` is `2501.12590`, as in `counting-aloud`; make one card of the two" in lines
    )


@pytest.mark.parametrize("alias", ["silent-sums", "count-aloud", "waiting-room"])
def test_an_alias_is_no_name_of_another_card(shelf: Shelf, alias: str) -> None:
    shelf.spoil("waiting-room", "citation_key:", f"aliases: [{alias}]\ncitation_key:")
    assert [(problem.code, problem.field) for problem in shelf.problems()] == [("alias-taken", "aliases[0]")]


def test_a_first_version_is_not_younger_than_its_id(shelf: Shelf) -> None:
    shelf.spoil("counting-aloud", "date: '2025-01-22'", "date: '2025-02-01'")
    assert shelf.lines() == [
        "papers/counting-aloud.yaml:9: `date` is 2025-02-01, after the month of the arXiv id (2025-01); "
        "give the date of version 1"
    ]
    shelf.spoil("counting-aloud", "date: '2025-02-01'", "date: '2024-12'")
    shelf.spoil("silent-sums", "date: 1999-01-04", "date: 1999-02")
    assert [problem.path for problem in shelf.problems()] == ["papers/silent-sums.yaml"]


# reproductions and results


def test_a_repro_without_a_script_is_named_with_file_and_line(shelf: Shelf) -> None:
    (shelf.root / SCRIPT).unlink()
    assert shelf.lines() == [
        "papers/counting-aloud.yaml:52: `repro` names no file: `repro/counting-aloud/run.py`; "
        "write the script (`tooling new-repro counting-aloud` starts one), or delete the key",
        "repro/counting-aloud:1: there is no `run.py`; write it, or delete the folder",
    ]


@pytest.mark.parametrize(
    "path", ["repro/silent-sums/run.py", "run.py", "../repro/counting-aloud/run.py", "/etc/passwd"]
)
def test_a_repro_is_the_script_of_its_own_card(shelf: Shelf, path: str) -> None:
    shelf.spoil("counting-aloud", SCRIPT, path)
    assert [(problem.code, problem.line) for problem in shelf.problems()] == [("wrong-script", 52)]
    assert shelf.problems()[0].remedy == f"write `{SCRIPT}`"


def test_a_script_that_its_card_does_not_name_is_a_problem(shelf: Shelf) -> None:
    shelf.spoil("counting-aloud", f"repro: {SCRIPT}\n", "")
    assert shelf.lines() == [
        "papers/counting-aloud.yaml:1: the file has no `repro` although `repro/counting-aloud/run.py` exists; "
        "add `repro: repro/counting-aloud/run.py`"
    ]


def test_a_reproduction_without_a_card_is_a_problem(shelf: Shelf) -> None:
    (shelf.root / "repro" / "silent-sum").mkdir()
    (shelf.root / "repro" / "silent-sum" / "run.py").touch()
    (shelf.root / "repro" / "__pycache__").mkdir()
    (shelf.root / "repro" / "README.md").touch()
    assert shelf.lines() == ["repro/silent-sum:1: no card has this name; did you mean `silent-sums`?"]


def test_a_library_without_reproductions_is_sound(shelf: Shelf) -> None:
    shelf.spoil("counting-aloud", f"repro: {SCRIPT}\n", "")
    (shelf.root / SCRIPT).unlink()
    (shelf.root / "repro" / "counting-aloud").rmdir()
    (shelf.root / "repro").rmdir()
    assert shelf.lines() == []


def record(shelf: Shelf, text: str) -> None:
    results = shelf.root / "repro" / "counting-aloud" / "results"
    results.mkdir(exist_ok=True)
    (results / "mini.json").write_text(text, encoding="utf-8")


def test_a_result_for_a_claim_that_no_card_has_is_named_with_its_line(shelf: Shelf) -> None:
    claims = {"counting-aloud/aloud-beats-silent": {}, "silent-sums/silence-is-enough": {}, "counting-aloud/aloud": {}}
    record(shelf, json.dumps({"schema": 1, "claims": claims}, indent=1))
    assert shelf.lines() == [
        "repro/counting-aloud/results/mini.json:6: the result names no claim: `counting-aloud/aloud`; "
        "did you mean `counting-aloud/aloud-beats-silent`?"
    ]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"claims": []}', '{"claims": null}', "[" * 100000, "\ud7ff"])
def test_a_result_that_is_no_result_is_left_to_the_reader_of_results(shelf: Shelf, text: str) -> None:
    record(shelf, text)
    assert shelf.lines() == []


def test_results_of_a_broken_card_are_not_called_wrong(shelf: Shelf) -> None:
    record(shelf, '{"claims": {"counting-aloud/anything": {}}}')
    shelf.spoil("counting-aloud", "arxiv: '2501.12590'", "arxiv: 2501.12590")
    assert [problem.code for problem in shelf.problems()] == ["not-quoted"]


# the whole


def test_problems_of_files_and_between_files_are_reported_at_once(shelf: Shelf) -> None:
    shelf.spoil("waiting-room", "kind: blog", "kind: blogs")
    shelf.spoil("waiting-room", "title: The", "titel: The")
    shelf.spoil("silent-sums", "related: [counting-aloud]", "related: [counting-aloud, nobody, waiting-room]")
    assert [(problem.path, problem.line, problem.code) for problem in shelf.problems()] == [
        ("papers/silent-sums.yaml", 20, "missing-card"),
        ("papers/waiting-room.yaml", 2, "missing-key"),
        ("papers/waiting-room.yaml", 3, "unknown-key"),
    ]


def test_the_root_is_the_folder_above_the_library_unless_given(shelf: Shelf, tmp_path: Path) -> None:
    library = load_library(shelf.papers)
    assert check(library) == []
    assert [problem.code for problem in check(library, tmp_path)] == ["missing-script"]


def test_every_problem_has_path_line_field_message_remedy_and_code(shelf: Shelf) -> None:
    shelf.spoil("silent-sums", "counting-aloud/twice-the-price", "nobody/says-so")
    shelf.spoil("counting-aloud", "[sums, patience]", "[sums, patients]")
    problems = shelf.problems()
    assert len(problems) == 3
    for problem in problems:
        assert problem.path.startswith("papers/") and problem.line > 1 and problem.field
        assert problem.message and problem.remedy and problem.code


# the command


def test_the_command_prints_one_line_per_problem_on_stdout_and_exits_with_5(shelf: Shelf) -> None:
    (shelf.root / "mkdocs.yml").touch()
    shelf.spoil("counting-aloud", "arxiv: '2501.12590'", "arxiv: 2501.12590")
    shelf.spoil("silent-sums", "related: [counting-aloud]", "related: [nobody]")
    outcome = CliRunner().invoke(main, ["check", "--root", str(shelf.root)])
    assert outcome.exit_code == 5
    assert outcome.stdout.splitlines() == [
        'papers/counting-aloud.yaml:7: `arxiv` was read as the number 2501.1259; quote it: "2501.12590"',
        "papers/silent-sums.yaml:20: `related[0]` names no card: `nobody`; add the card, or delete the link",
    ]
    assert outcome.stderr == (
        "tooling: 2 problems in 2 files; `tooling check --explain CODE` says more of not-quoted, missing-card\n"
    )


def test_one_kind_of_problem_is_explained_by_a_command_as_it_stands(shelf: Shelf) -> None:
    (shelf.root / "mkdocs.yml").touch()
    shelf.spoil("silent-sums", "related: [counting-aloud]", "related: [nobody]")
    outcome = CliRunner().invoke(main, ["check", "--root", str(shelf.root)])
    assert outcome.stderr == "tooling: 1 problem in 1 file; `tooling check --explain missing-card` says more\n"


def test_a_trial_without_repair_is_refused(shelf: Shelf) -> None:
    (shelf.root / "mkdocs.yml").touch()
    outcome = CliRunner().invoke(main, ["check", "--dry-run", "--root", str(shelf.root)])
    assert outcome.exit_code == 2
    assert outcome.stderr == "tooling: `--dry-run` is for `--fix`; without that nothing is written anyway\n"


def test_the_command_sums_up_a_sound_library_on_stderr(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    run_check(shelf.root)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        "3 cards, 3 claims, no problems (1 draft: summary and claims are still to be written); "
        "advice on 2 places (`tooling check --advice` prints it)\n"
    )


def test_the_command_gives_problems_as_json(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    run_check(shelf.root, Wish(as_json=True))
    assert {each["severity"] for each in json.loads(capsys.readouterr().out)} == {"advice"}
    shelf.spoil("silent-sums", "related: [counting-aloud]", "related: [nobody]")
    with pytest.raises(Invalid, match="1 problem in 1 file"):
        run_check(shelf.root, Wish(as_json=True))
    printed = json.loads(capsys.readouterr().out)
    assert [each for each in printed if each["severity"] == "error"] == [
        {
            "path": "papers/silent-sums.yaml",
            "line": 20,
            "field": "related[0]",
            "message": "`related[0]` names no card: `nobody`",
            "remedy": "add the card, or delete the link",
            "code": "missing-card",
            "place": ["related", 0],
            "severity": "error",
            "fixable": False,
        }
    ]


def test_the_command_needs_a_folder_with_cards(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        run_check(tmp_path)


@pytest.mark.skipif(not (ROOT / "papers" / "_vocabulary.yaml").exists(), reason="no cards here")
def test_the_real_library_is_clean() -> None:
    assert [str(problem) for problem in check(load_library(ROOT / "papers"), ROOT)] == []


def test_importing_the_cards_brings_neither_the_network_client_nor_the_stack() -> None:
    code = (
        "import resource, sys\n"
        "import tooling.cards\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_utime)\n"
        "heavy = {'torch', 'transformers', 'arxiv', 'requests', 'lxml', 'ruamel', 'mkdocs', 'tooling.cards.add'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    seconds, heavy = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert heavy == "[]"
    # about 0.2 s on an idle core; cores that are shared take longer
    assert float(seconds) < 1


def test_the_package_offers_what_others_build_on() -> None:
    import tooling.cards

    for name in tooling.cards.__all__:
        assert getattr(tooling.cards, name) is not None
    with pytest.raises(AttributeError, match="no attribute `remove_paper`"):
        tooling.cards.remove_paper  # noqa: B018
