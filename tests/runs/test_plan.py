"""A plan has the cells that its claims need, in an order that keeps workers apart."""

import pytest

from tests.runs.conftest import Repository
from tooling.errors import UsageError
from tooling.runs.plan import Plan, Request, make_plan, seed_range
from tooling.runs.script import load_script

THIRD = ("replace(config, gain=0.3)}", 'replace(config, gain=0.3), "control": replace(config, gain=0.1)}')


def plan(repository: Repository, **request: object) -> Plan:
    """The plan of the script at `mini`."""
    return make_plan(load_script(repository.root, "fake"), Request(scale="mini", **request))


def test_neighbours_differ_in_their_arm(repository: Repository) -> None:
    repository.script(THIRD)
    cells = plan(repository).cells
    assert [(cell.arm, cell.seed) for cell in cells[:4]] == [("small", 0), ("large", 0), ("control", 0), ("small", 1)]
    assert len({cell.key for cell in cells}) == len(cells) == 24


def test_a_control_that_no_claim_reads_runs_on_the_seeds_of_the_script(repository: Repository) -> None:
    repository.script(THIRD, ('unit="pass@1",', 'unit="pass@1", seeds=12,'))
    cells = plan(repository).cells
    assert {arm: sum(cell.arm == arm for cell in cells) for arm in ("small", "large", "control")} == {
        "small": 12,
        "large": 12,
        "control": 8,
    }
    assert {cell.arm for cell in plan(repository, claims=("more-helps",)).cells} == {"small", "large"}


def test_the_address_of_a_cell_is_the_same_at_another_scale_with_the_same_settings(repository: Repository) -> None:
    repository.script(('"quick": Config(steps=2)', '"quick": Config()'))
    script = load_script(repository.root, "fake")
    quick = make_plan(script, Request(scale="quick")).cells
    assert {cell.key for cell in quick} < {cell.key for cell in plan(repository).cells}


@pytest.mark.parametrize("text", ["", "3", "3:", ":3", "a:b", "3:3", "5:2", "-1:2", "1:2:3", "\u0663:\u0664"])
def test_what_is_no_range_of_seeds_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no range"):
        seed_range(text)


def test_a_range_leaves_its_end_out() -> None:
    assert seed_range("1000:1003") == (1000, 1001, 1002)
