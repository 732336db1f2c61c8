"""No constant answer earns more than a task's published chance level, and the search for one finds a planted one."""

import pytest

from tests.verify.constant import Farm, best, farms
from tooling.verify import best_constant, integer


@pytest.mark.parametrize("farm", farms(), ids=lambda farm: farm.name)
def test_no_constant_answer_earns_more_than_chance(farm: Farm) -> None:
    assert 0 < farm.chance < 0.5
    assert best(farm).score <= farm.chance


def test_a_constant_that_pays_is_found() -> None:
    found = best_constant(integer, [7, 7, 8, 9], candidates=["", "nan", "8", "7", "9"])
    assert found.text == "7"
    assert found.score == 0.5
