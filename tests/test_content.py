"""Content addresses follow what code does, not how it is written down; a lock lets one process in at a time."""

import ast
import os
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tooling.content import cache_folder, digest, lock, tree_hash

ROOT = Path(__file__).parents[1]

SOURCE = '''"""A module."""

import math


class Circle:
    """A circle."""

    scale = 2.0

    def area(self, radius: float) -> float:
        """Its area."""
        return math.pi * radius**2 * self.scale


async def wait(seconds: float) -> str:
    """Wait."""
    return "done"
'''


def syntax_hash(source: str) -> str:
    """The hash of a module's source."""
    return tree_hash(ast.parse(source).body)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""A module."""', '"""Another text\n\nof several lines."""'),
        ('"""A module."""\n', ""),
        ('"""A circle."""', "'''A round thing.'''"),
        ('"""Its area."""\n        ', ""),
        ('"""Wait."""\n    ', ""),
        ("import math\n", "# the constant pi\nimport math  # standard library\n\n\n\n"),
        (
            "return math.pi * radius**2 * self.scale",
            "return (\n            math.pi * radius ** 2\n            * self.scale\n        )",
        ),
        ("scale = 2.0", 'scale = 2.0\n    "a remark as a text"'),
        ('"done"', "'done'"),
        ("2.0", "2.00"),
        ("\n", "\r\n"),
    ],
)
def test_what_only_the_reader_sees_does_not_change_the_hash(old: str, new: str) -> None:
    changed = SOURCE.replace(old, new)
    assert changed != SOURCE
    assert syntax_hash(changed) == syntax_hash(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2.0", "2.1"),
        ("2.0", "2"),
        ("radius**2", "radius*2"),
        ("* self.scale", "/ self.scale"),
        ("* self.scale", ""),
        ("radius", "size"),
        ('"done"', '"over"'),
        ("import math", "import cmath as math"),
        ("async def", "def"),
        ("radius: float", "radius: float = 1.0"),
        ("(self, radius", "(self, /, radius"),
        ("class Circle:", "class Circle(object):"),
    ],
)
def test_what_the_interpreter_sees_changes_the_hash(old: str, new: str) -> None:
    changed = SOURCE.replace(old, new)
    assert changed != SOURCE
    assert syntax_hash(changed) != syntax_hash(SOURCE)


def test_the_order_of_statements_counts() -> None:
    assert syntax_hash("a = 1\nb = 2\n") != syntax_hash("b = 2\na = 1\n")


def test_a_file_of_a_docstring_alone_is_as_good_as_empty() -> None:
    assert syntax_hash('"""It."""') == syntax_hash("")


def test_a_part_of_a_tree_can_be_hashed_alone() -> None:
    first, second = ast.parse("a = {'x': 1}").body, ast.parse("# elsewhere\na = {'x':1}").body
    assert tree_hash(first) == tree_hash(second) != tree_hash(ast.parse("a = {'x': 2}").body)


def test_values_of_different_kinds_have_different_hashes() -> None:
    values = ["1", "1.0", "True", "'1'", "b'1'", "None", "1j", "-1", "...", "()", "[]", "{}", "{1}"]
    assert len({syntax_hash(f"a = {value}") for value in values}) == len(values)


def test_a_digest_is_the_same_for_equal_values_and_for_no_others() -> None:
    assert digest("a", 1) == digest("a", 1)
    assert re.fullmatch("[0-9a-f]{16}", digest("a", 1))
    assert len({digest("a", 1), digest("a1"), digest("a", 1.0), digest(("a", 1)), digest()}) == 5


def test_the_cache_is_where_the_environment_says_or_in_the_user_s_cache_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TOOLING_CACHE", "elsewhere")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == Path("elsewhere")
    monkeypatch.setenv("TOOLING_CACHE", "")
    assert cache_folder() == tmp_path / "post-deepseek-r1"
    monkeypatch.delenv("TOOLING_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "post-deepseek-r1"


HOLDER = """
    import sys
    from pathlib import Path
    from tooling.content import lock
    with lock(Path(sys.argv[1])):
        print("held", flush=True)
        sys.stdin.readline()
        print("leaving", flush=True)
"""


def holder(path: Path) -> subprocess.Popen[str]:
    """A process that wants the lock beside `path`, says `held`, and keeps it until a line comes or it is killed."""
    command = [sys.executable, "-c", textwrap.dedent(HOLDER), str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment, cwd=path.parent)


def test_a_lock_keeps_a_second_process_out_until_it_is_left(tmp_path: Path) -> None:
    path = tmp_path / "below" / "thing"
    path.parent.mkdir()
    with holder(path) as first:
        assert first.stdout.readline() == "held\n"
        with holder(path) as second:
            os.set_blocking(second.stdout.fileno(), False)
            time.sleep(0.7)
            assert second.stdout.readline() == "", "the second waits"
            os.set_blocking(second.stdout.fileno(), True)
            first.stdin.write("\n")
            first.stdin.flush()
            assert first.stdout.readline() == "leaving\n"
            assert second.stdout.readline() == "held\n"
            second.communicate("\n", timeout=60)
    assert first.returncode == second.returncode == 0


def test_a_killed_process_leaves_no_lock_behind(tmp_path: Path) -> None:
    with holder(tmp_path / "thing") as first:
        assert first.stdout.readline() == "held\n"
        first.kill()
    with lock(tmp_path / "thing"):
        pass


def test_a_lock_is_left_when_the_work_under_it_fails(tmp_path: Path) -> None:
    with pytest.raises(KeyError), lock(tmp_path / "new" / "thing"):
        raise KeyError
    with lock(tmp_path / "new" / "thing"):
        assert (tmp_path / "new" / "thing.lock").exists()


def test_locks_of_different_things_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with lock(tmp_path / "one"), lock(tmp_path / "other"):
        pass
