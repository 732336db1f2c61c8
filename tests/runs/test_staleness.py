"""A result goes stale by what it rests on, and by nothing else; the reason names it."""

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.runs.test_result import result
from tooling.closure import SharedSource
from tooling.runs.result import Result, load_results, write_result
from tooling.runs.staleness import PACKAGE, current_hashes, shared_source, stale_reasons
from tooling.runs.syntax import DECIDING, ScriptSource, contrast_source, tree_hash

SCRIPT = '''"""Does it?"""
from tooling.runs import Above, Claim
from tooling.tasks import Countdown
from tooling.train import grpo

WIDTH = 3  # a comment
SIZES = {"smoke": 1, "mini": 2}
SEEDS = {"mini": 8}
CLAIMS = {
    "it-rises": Claim(contrast=lambda m: m["b"]["x"] - m["a"]["x"], margin=0.05),
    "other/it-stays": Claim(margin=1),
}

def measure(arm, config, seed):
    """Measure."""
    return grpo(WIDTH)
'''

PACKAGE_FILES = {
    "__init__.py": "",
    "train/__init__.py": "from tooling.train.grpo import grpo\nfrom tooling.train.sft import sft\n",
    "train/grpo.py": '"""GRPO."""\nimport torch\n\ndef grpo(x):\n    """Train."""\n'
    "    from tooling.train.adapter import run\n    return run(x) * 2\n",
    "train/adapter.py": "from ..verify import grade\nRATE = 0.1\n",
    "train/sft.py": "from tooling.tasks import Unused\nRATE = 1\n",
    "tasks/__init__.py": "from .countdown import Countdown\nfrom .unused import Unused\n",
    "tasks/countdown.py": "class Countdown:\n    top = 9\n",
    "tasks/unused.py": "Unused = 1\n",
    "verify/__init__.py": "def grade(x):\n    return x\n",
    **{f"runs/{name}.py": f"NAME = '{name}'\n" for name in DECIDING},
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a package and a script of its own."""
    for name, text in PACKAGE_FILES.items():
        path = tmp_path / "tooling" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    path = tmp_path / "repro" / "some-work" / "run.py"
    path.parent.mkdir(parents=True)
    path.write_text(SCRIPT)
    return tmp_path


def recorded(root: Path) -> Result:
    """A result that was recorded on the repository as it is."""
    source = ScriptSource(root / "repro" / "some-work" / "run.py")
    hashes = current_hashes(source, shared_source(root), slug="some-work", scale="mini")
    claim = next(iter(result().claims.values()))
    return result(hashes=hashes, claims={"some-work/it-rises": claim, "other/it-stays": claim})


def change(path: str, old: str, new: str) -> Callable[[Path], None]:
    """A function that replaces text in a file of the repository."""

    def apply(root: Path) -> None:
        text = (root / path).read_text()
        if old not in text:
            raise ValueError(f"not in {path}: {old}")
        (root / path).write_text(text.replace(old, new))

    return apply


RUN = "repro/some-work/run.py"


def test_a_fresh_result_is_current(root: Path) -> None:
    assert stale_reasons(root, recorded(root)) == ()


def test_only_what_a_script_imports_is_in_its_closure(root: Path) -> None:
    shared = SharedSource(root / "tooling")
    found = shared.closure(ScriptSource(root / RUN).tree)
    assert found == ("tooling.tasks.countdown", "tooling.train.adapter", "tooling.train.grpo", "tooling.verify")


@pytest.mark.parametrize(
    "edit",
    [
        change("tooling/train/grpo.py", '"""Train."""', '"""Train, in other words."""'),
        change("tooling/train/grpo.py", '"""GRPO."""\n', "# no docstring\n"),
        change("tooling/train/grpo.py", "    return run(x) * 2", "    # a reason\n    return (run(x) * 2)"),
        change("tooling/train/sft.py", "RATE = 1", "RATE = 2"),
        change("tooling/tasks/unused.py", "1", "2"),
        change(RUN, '"""Does it?"""', '"""Does it, really?"""'),
        change(RUN, "# a comment", "# another"),
        change(RUN, '"smoke": 1', '"smoke": 7, "gpu": 100'),
        change(RUN, '"mini": 8', '"mini": 12'),
    ],
)
def test_words_layout_other_sizes_and_other_modules_change_nothing(root: Path, edit: Callable[[Path], None]) -> None:
    found = recorded(root)
    edit(root)
    assert stale_reasons(root, found) == ()


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (change("tooling/train/grpo.py", "* 2", "* 3"), "the shared module `tooling.train.grpo` has changed since"),
        (
            change("tooling/train/adapter.py", "0.1", "0.2"),
            "the shared module `tooling.train.adapter` has changed since",
        ),
        (
            change("tooling/verify/__init__.py", "return x", "return 1"),
            "the shared module `tooling.verify` has changed since",
        ),
        (
            change("tooling/runs/region.py", "NAME", "NAMED"),
            "the shared module `tooling.runs.region` has changed since",
        ),
        (change(RUN, "WIDTH = 3", "WIDTH = 4"), "the script has changed since"),
        (change(RUN, '"mini": 2', '"mini": 3'), "the size `mini` of the script has changed since"),
        (change(RUN, "margin=0.05", "margin=0.04"), "the rule of the claim `some-work/it-rises` has changed since"),
        (change(RUN, "margin=1", "margin=2"), "the rule of the claim `other/it-stays` has changed since"),
        (change(RUN, '"it-rises"', '"it-falls"'), "the rule of the claim `some-work/it-rises` has changed since"),
        (change(RUN, "def measure", "def measure(("), "the script `repro/some-work/run.py` cannot be parsed"),
        (lambda root: (root / RUN).unlink(), "the script `repro/some-work/run.py` is gone"),
    ],
)
def test_what_a_result_rests_on_makes_it_stale_and_is_named(
    root: Path, edit: Callable[[Path], None], reason: str
) -> None:
    found = recorded(root)
    edit(root)
    assert stale_reasons(root, found) == (reason,)


def test_rules_and_sizes_that_are_not_written_out_count_as_part_of_the_script(root: Path) -> None:
    change(RUN, 'SIZES = {"smoke": 1, "mini": 2}', "SIZES = dict(smoke=1, mini=2)")(root)
    found = recorded(root)
    change(RUN, "mini=2", "mini=3")(root)
    assert stale_reasons(root, found) == ("the script has changed since",)


TABLES = SCRIPT.replace(
    'SIZES = {"smoke": 1, "mini": 2}', 'TINY = 1\nSMOKE = TINY + 1\nMINI = 7\nSIZES = {"smoke": SMOKE, "mini": MINI}'
)
TABLES = TABLES.replace(
    'Claim(contrast=lambda m: m["b"]["x"] - m["a"]["x"], margin=0.05)', "Claim(contrast=gain(twice), margin=0.05)"
).replace(
    "CLAIMS =",
    "def gain(x):\n    return 1\n\ntwice = 2\n\nclass Config:\n    width = 1\n\n    @property\n"
    '    def scope(self):\n        return "small"\n\nCLAIMS =',
)


@pytest.mark.parametrize(
    ("old", "new", "reasons"),
    [
        ("TINY = 1", "TINY = 9", ()),
        ("MINI = 7", "MINI = 9", ("the size `mini` of the script has changed since",)),
        ("return 1\n", "return 2\n", ("the rule of the claim `some-work/it-rises` has changed since",)),
        ("twice = 2", "twice = 3", ("the rule of the claim `some-work/it-rises` has changed since",)),
        ('return "small"', 'return "large"', ()),
        ("    width = 1", "    width = 2", ("the script has changed since",)),
        ("import Above, Claim", "import Above, Claim, Within", ()),
        ("WIDTH = 3", "WIDTH = 4", ("the script has changed since",)),
        (
            "return grpo(WIDTH)",
            "return grpo(WIDTH + MINI)",
            ("the script has changed since", "the size `mini` of the script has changed since"),
        ),
    ],
)
def test_what_only_a_table_uses_counts_for_its_entries_alone(
    root: Path, old: str, new: str, reasons: tuple[str, ...]
) -> None:
    (root / RUN).write_text(TABLES)
    found = recorded(root)
    change(RUN, old, new)(root)
    assert stale_reasons(root, found) == reasons


def test_a_module_that_is_gone_and_one_that_came_are_named(root: Path) -> None:
    found = recorded(root)
    change("tooling/train/grpo.py", "from tooling.train.adapter import run", "from tooling.train.sft import run")(root)
    names = [reason.split("`")[1] for reason in stale_reasons(root, found)]
    assert names == [
        "tooling.tasks.unused",
        "tooling.train.adapter",
        "tooling.train.grpo",
        "tooling.train.sft",
        "tooling.verify",
    ]


def test_loaded_results_carry_their_reasons(root: Path) -> None:
    found = recorded(root)
    write_result(root / "repro/some-work/results/mini.json", found)
    assert load_results(root)["some-work"]["mini"].stale == ()
    change(RUN, "WIDTH = 3", "WIDTH = 4")(root)
    stale = load_results(root)["some-work"]["mini"]
    assert stale.stale == ("the script has changed since",)
    assert replace(stale, stale=()) == found


def test_hashes_do_not_depend_on_the_version_of_python() -> None:
    # the same on 3.11, 3.12 and 3.13, whose `ast.dump` differ on every function
    text = 'def f(a: int = 1, *b, c=None) -> str:\n    "doc"\n    return f"{a:>{c}} x" + (lambda: 1j)()\n'
    assert tree_hash(ast.parse(text).body) == "422c032df5027adb"


def test_an_empty_text_in_a_list_counts() -> None:
    assert tree_hash(ast.parse("x = ['', 'a']").body) != tree_hash(ast.parse("x = ['a']").body)


def test_the_contrast_of_a_claim_is_known_as_text(root: Path) -> None:
    entries = ScriptSource(root / RUN).entries("CLAIMS")
    assert contrast_source(entries["it-rises"]) == {"": "m['b']['x'] - m['a']['x']"}
    assert contrast_source(entries["other/it-stays"]) == {}


def test_the_modules_of_this_repository_can_be_followed() -> None:
    shared = SharedSource(PACKAGE)
    assert all(shared.hash(f"tooling.runs.{name}") != "missing" for name in DECIDING)
