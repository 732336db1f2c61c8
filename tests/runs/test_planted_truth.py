"""The rules on planted truth keep the bars that were set before any recording; 4,000 repeats of each case."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tooling.runs import Above, Claim, Within
from tooling.runs.decision import Evidence, decide
from tooling.runs.planted_page import missed, page, run_planted_truth
from tooling.runs.planted_truth import (
    COLLAPSED,
    COVERAGE,
    EFFECTS,
    FALSE_DIRECTION,
    FALSE_EQUIVALENCE,
    MARGIN,
    SHARES,
    SPREADS,
    VERDICTS,
    Case,
    collapsed,
    drawn,
    judge,
    planted,
    planted_share,
    planted_shares,
    pooled,
    shares_result,
)

ROOT = Path(__file__).parents[2]
DIRECTION = Case()
EQUIVALENCE = Case(kind="equivalence", seeds=12)
ALONE = 60  # repeats that are also judged one by one


def one_by_one(case: Case, rows: object, *, diverged: frozenset[tuple[str, int]] = frozenset()) -> list[str]:
    """The verdicts of `decide` on the first repeats."""
    rule = Claim(
        arms=("a", "b"),
        contrast=lambda m: m["b"]["x"] - m["a"]["x"],
        region=Above() if case.kind == "direction" else Within(),
        margin=MARGIN,
        unit="pass@1",
    )
    found = []
    for row in rows[:ALONE]:
        arms = {arm: {seed: {"x": float(x)} for seed, x in enumerate(row[:, i])} for i, arm in enumerate("ab")}
        found.append(decide(rule, Evidence(arms, diverged), seeds=range(case.seeds)).verdict)
    return found


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("case", [DIRECTION, replace(DIRECTION, seeds=5), EQUIVALENCE], ids=str)
def test_the_verdicts_of_all_repeats_at_once_are_those_of_decide(case: Case, spread: float) -> None:
    for effect in EFFECTS:
        case = replace(case, effect=effect * MARGIN, spread=spread)
        rows = drawn(case)
        judged = judge(rows[:, :, 1] - rows[:, :, 0], case.kind)
        assert [VERDICTS[each] for each in judged.verdict[:ALONE]] == one_by_one(case, rows)


def test_no_spread_at_all_decides_nothing_in_either_way() -> None:
    rows = drawn(DIRECTION) * 0 + 0.5
    assert {VERDICTS[each] for each in judge(rows[:, :, 1] - rows[:, :, 0] + 0.2, "direction").verdict} == {
        "inconclusive"
    }
    assert set(one_by_one(DIRECTION, rows)) == {"inconclusive"}


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("case", [DIRECTION, replace(DIRECTION, seeds=5)], ids=str)
def test_a_direction_keeps_its_bars(case: Case, spread: float) -> None:
    found = {effect: planted(replace(case, effect=effect * MARGIN, spread=spread)) for effect in EFFECTS}
    assert found[0.0].supported <= FALSE_DIRECTION
    assert found[1.0].contradicted <= FALSE_DIRECTION
    assert found[2.0].contradicted <= 0.001
    assert all(COVERAGE[0] <= each.coverage <= COVERAGE[1] for each in found.values())
    assert not any(any(missed("direction", effect, found=each).values()) for effect, each in found.items())


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("case", [EQUIVALENCE, replace(EQUIVALENCE, seeds=5)], ids=str)
def test_an_equivalence_keeps_its_bars(case: Case, spread: float, side: int) -> None:
    found = planted(replace(case, effect=side * MARGIN, spread=spread))
    assert found.supported <= FALSE_EQUIVALENCE
    assert COVERAGE[0] <= found.coverage <= COVERAGE[1]


def test_effects_of_twice_the_margin_are_found_and_equal_arms_are_called_equal() -> None:
    assert planted(replace(DIRECTION, effect=2 * MARGIN)).supported >= 0.99
    # an effect as large as the margin reaches it in half of all cases, one of half its size seldom
    assert 0.4 <= planted(replace(DIRECTION, effect=MARGIN)).supported <= 0.6
    assert planted(replace(DIRECTION, effect=MARGIN / 2)).supported <= 0.05
    assert planted(EQUIVALENCE).supported >= 0.95
    assert planted(EQUIVALENCE).contradicted <= FALSE_DIRECTION
    assert planted(replace(EQUIVALENCE, effect=2 * MARGIN)).contradicted >= 0.99


@pytest.mark.parametrize("spread", [0.03, 0.06])
def test_the_pooled_analysis_fails_the_bars_that_the_rules_keep(spread: float) -> None:
    found = pooled(replace(DIRECTION, spread=spread))
    assert found.supported > 2 * FALSE_DIRECTION
    assert found.supported + found.contradicted > 0.14
    assert not COVERAGE[0] <= found.coverage <= COVERAGE[1]


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("at", [0.0, 0.15])
def test_a_flagged_divergence_never_gives_support_by_accident(spread: float, at: float) -> None:
    assert collapsed(replace(DIRECTION, spread=spread), at) <= FALSE_DIRECTION


def test_where_the_divergence_favours_the_claim_it_is_its_flag_that_prevents_false_support() -> None:
    # gains of half the margin: never support-worthy, but a lucky collapse lifts the estimate over the margin
    case = replace(DIRECTION, effect=MARGIN / 2)
    assert collapsed(case, 0.15) <= FALSE_DIRECTION
    assert collapsed(case, 0.15, flagged=False) > 4 * FALSE_DIRECTION


def test_a_flagged_divergence_is_judged_as_by_decide() -> None:
    case = replace(DIRECTION, effect=MARGIN, repeats=ALONE)
    rows = drawn(case)
    rows[:, COLLAPSED, 0] = 0.15
    alone = one_by_one(case, rows, diverged=frozenset({("a", COLLAPSED)}))
    assert 0 < alone.count("supported") < ALONE
    assert collapsed(case, 0.15) == alone.count("supported") / ALONE


def test_a_difference_of_shares_over_thirty_seeds_keeps_the_bars_of_a_direction() -> None:
    found = {effect: planted_shares(effect * SHARES.margin, seeds=30) for effect in EFFECTS}
    assert found[0.0].supported <= FALSE_DIRECTION
    assert found[1.0].contradicted <= FALSE_DIRECTION
    assert found[2.0].supported >= 0.85
    assert found[0.0].contradicted <= 0.4
    assert all(COVERAGE[0] <= each.coverage <= COVERAGE[1] for each in found.values())
    assert not any(any(missed("direction", effect, found=each).values()) for effect, each in found.items())


def test_a_share_over_thirty_seeds_is_rarely_called_more_than_a_half_where_it_is_a_half() -> None:
    found = {effect: planted_share(effect * SHARES.margin, seeds=30) for effect in EFFECTS}
    assert found[0.0].supported <= FALSE_DIRECTION
    assert found[1.0].contradicted <= FALSE_DIRECTION
    assert found[2.0].supported >= 0.9
    assert all(each.coverage >= COVERAGE[0] for each in found.values())


def test_what_is_exact_agrees_with_what_is_drawn() -> None:
    effect, seeds, repeats = 0.2, 30, 20_000
    generator = np.random.default_rng(11)
    first, second = (generator.random((repeats, seeds)) < chance for chance in (0.3, 0.3 + effect))
    more, fewer = (second & ~first).sum(axis=1), (first & ~second).sum(axis=1)
    supported = np.mean(
        [
            shares_result(seeds, more=pair[0], fewer=pair[1]).verdict == "supported"
            for pair in zip(more.tolist(), fewer.tolist(), strict=True)
        ]
    )
    assert planted_shares(effect, seeds=seeds).supported == pytest.approx(supported, abs=4 * (0.25 / repeats) ** 0.5)


def test_the_page_in_the_tree_is_what_the_command_writes(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    run_planted_truth(tmp_path, repeats=4000, write=True)
    assert (tmp_path / "site/planted-truth.md").read_text() == (ROOT / "site/planted-truth.md").read_text()


def test_the_command_prints_the_page(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run_planted_truth(tmp_path, repeats=200, write=False)
    assert capsys.readouterr().out == page(200)
    assert list(tmp_path.iterdir()) == []
