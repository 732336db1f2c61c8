"""Items have keys that do not depend on how they were drawn, and each key has one split."""

import doctest
from collections import Counter

from tooling.tasks import Split, item, split_of
from tooling.tasks.item import item_key


def test_the_example_of_a_key_holds() -> None:
    assert doctest.testmod(item).failed == 0
    assert doctest.testmod(item).attempted > 0


def test_equal_canonical_forms_have_equal_keys_and_others_differ() -> None:
    assert item_key("a", (1, 2), 3) == item_key("a", (1, 2), 3)
    keys = {item_key("a", (1, 2), 3), item_key("b", (1, 2), 3), item_key("a", (2, 1), 3), item_key("a", (1, 2), 4)}
    assert len(keys) == 4


def test_each_key_is_in_one_split_and_the_splits_have_their_shares() -> None:
    counts = Counter(split_of(item_key("share", number)) for number in range(5000))
    assert set(counts) == set(Split)
    assert 0.57 < counts[Split.PRETRAIN] / 5000 < 0.63
    assert 0.17 < counts[Split.TRAIN] / 5000 < 0.23
    assert 0.17 < counts[Split.TEST] / 5000 < 0.23
