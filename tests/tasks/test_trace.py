"""A pool of traces has the shares that were asked for, and breaks off where it says so."""

from collections import Counter

import pytest

from tooling.tasks import Addition, Completion, Split, chosen, split_of, traces

TASK = Addition(digits=3, fewest=1)
STYLES = {"steps": 3.0, "check": 1.0}


def test_the_same_seed_gives_the_same_pool_and_another_one_another() -> None:
    first = traces(TASK, STYLES, count=30, seed=1, broken=0.2)
    assert traces(TASK, STYLES, count=30, seed=1, broken=0.2) == first
    assert traces(TASK, STYLES, count=30, seed=2, broken=0.2) != first
    assert traces(TASK, STYLES, count=20, seed=1, broken=0.2) == first[:20]


def test_items_are_of_the_split_for_training() -> None:
    assert {split_of(trace.item.key) for trace in traces(TASK, STYLES, count=100, seed=1)} == {Split.TRAIN}


def test_styles_come_by_their_weights_and_no_trace_breaks_off_unasked() -> None:
    pool = traces(TASK, STYLES, count=2000, seed=1)
    assert 1400 < Counter(trace.style for trace in pool)["steps"] < 1600
    for trace in pool:
        assert trace.whole
        assert ("!" in trace.demonstration.completion) == (trace.style == "check")
        assert TASK.grade(Completion(trace.demonstration.completion, (), True), trace.item).correct


def test_the_broken_share_ends_in_the_middle_and_earns_nothing() -> None:
    pool = traces(TASK, STYLES, count=2000, seed=1, broken=0.13)
    lost = [trace for trace in pool if not trace.whole]
    assert 200 < len(lost) < 320
    for trace in lost:
        text = trace.demonstration.completion
        assert len(text) > 3
        assert not TASK.grade(Completion(text, (), True), trace.item).correct


def pool_and_solved() -> tuple[list, list[bool]]:
    """A pool with broken traces, of which the items of one digit are solved."""
    pool = traces(TASK, {"steps": 1.0, "check": 1.0}, count=900, seed=2, broken=0.13)
    return pool, [max(trace.item.facts["terms"]) < 10 for trace in pool]


def test_chosen_traces_are_whole_unsolved_and_different() -> None:
    pool, solved = pool_and_solved()
    found = chosen(pool, solved, count=100, domain=TASK.domain, seed=0)
    assert len({id(trace) for trace in found}) == 100
    assert all(trace.whole and max(trace.item.facts["terms"]) >= 10 for trace in found)
    assert chosen(pool, solved, count=100, domain=TASK.domain, seed=0) == found
    assert chosen(pool, solved, count=100, domain=TASK.domain, seed=1) != found


def test_every_domain_is_as_likely_and_long_traces_are_favoured() -> None:
    pool, solved = pool_and_solved()
    found = [trace for seed in range(40) for trace in chosen(pool, solved, count=20, domain=TASK.domain, seed=seed)]
    domains = Counter(TASK.domain(trace.item) for trace in found)
    assert len(domains) == 7, "two and three digits, with none to all of their columns carrying"
    assert max(domains.values()) < 1.5 * min(domains.values())
    left = [trace for trace, done in zip(pool, solved, strict=True) if trace.whole and not done]
    before, after = (sum(trace.style == "check" for trace in part) / len(part) for part in (left, found))
    assert after > before + 0.1


def test_too_few_to_choose_from_is_said() -> None:
    pool, _ = pool_and_solved()
    with pytest.raises(ValueError, match="0 traces are whole and unsolved, fewer than 5"):
        chosen(pool, [True] * len(pool), count=5, domain=TASK.domain, seed=0)
