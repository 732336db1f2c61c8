"""Budget forcing does what s1 describes: the end gives way to an appended text, or thinking is cut; all is counted."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from tests.models.tiny import tiny_policy
from tooling.evals import Forcing, Prefix, SampleSettings, Thinker, cut_short, flips, forced, transformers_sampler
from tooling.evals.budget import completions_hash, rung_measures, sampled_tokens
from tooling.evals.sampler import single_tokens
from tooling.models import Policy
from tooling.models.tokenizer import number_tokenizer
from tooling.tasks import Addition, Completion, Item, Split

TASK = Addition()
ITEM = Item("3 4 7+8 5 9:", "1 2 0 6", {"terms": (347, 859)}, "key")
WRONG, AGAIN = "7+9+0=17 4+5+1=10 3+8+1=12", "9+7+0=16 5+4+1=10 8+3+1=12"
TOKENIZER = number_tokenizer()
END = TOKENIZER.eos_token_id
SETTINGS = SampleSettings(tokens=60, seed=4)


def ids(text: str) -> tuple[int, ...]:
    """The token ids of a text."""
    return tuple(TOKENIZER(text, add_special_tokens=False)["input_ids"])


@dataclass
class Script:
    """A sampler that goes on from a prefix as it is told to: text behind which -> what comes; it notes its settings.

    A continuation is cut at the first token of `stop` and at the limit, as a sampler does it.
    """

    lines: dict[str, str]
    calls: list[SampleSettings] = field(default_factory=list)

    def __call__(self, prefixes: Sequence[Prefix], settings: SampleSettings) -> list[Completion]:
        """The completions for prefixes of token ids."""
        self.calls.append(settings)
        return [self._one(TOKENIZER.decode(prefix, skip_special_tokens=True), settings) for prefix in prefixes]

    def _one(self, prefix: str, settings: SampleSettings) -> Completion:
        start = max((key for key in self.lines if prefix.endswith(key)), key=len)
        tokens = (*ids(self.lines[start]), END)
        stops = [place for place, token in enumerate(tokens) if token in single_tokens(TOKENIZER, settings.stop)]
        tokens = tokens[: min([settings.tokens, *(place + 1 for place in stops)])]
        return Completion(TOKENIZER.decode(tokens, skip_special_tokens=True), tokens, tokens[-1] == END)


LINES = {
    ":": f"{WRONG}>",
    "!": f"{AGAIN}>",
    "12.": ">",
    f"{WRONG}>": "1 2 0 7",
    f"{AGAIN}>": "1 2 0 6",
    ".>": "1 2 0 7",
}


def thinker(script: Script, settings: SampleSettings = SETTINGS) -> Thinker:
    """A thinker whose sampler is a script."""
    return Thinker(script, replace(tiny_policy(), tokenizer=TOKENIZER), settings)


def texts(script: Script, forcing: Forcing) -> list[str]:
    """The completion at each rung for the one item."""
    rungs = forced(thinker(script), TASK, items=[ITEM], samples=1, forcing=forcing)
    return [rung.table.completions[0][0].text for rung in rungs]


def test_the_end_of_thinking_becomes_a_wait_each_time_it_comes() -> None:
    assert texts(Script(LINES), Forcing(2, append="!")) == [
        f"{WRONG}>1 2 0 7",
        f"{WRONG}!{AGAIN}>1 2 0 6",
        f"{WRONG}!{AGAIN}!{AGAIN}>1 2 0 6",
    ]


def test_a_filler_behind_which_the_model_ends_at_once_adds_the_filler_alone() -> None:
    assert texts(Script(LINES), Forcing(1, append="."))[1] == f"{WRONG}.>1 2 0 7"


def test_rungs_are_graded_and_flips_are_counted_per_sample() -> None:
    rungs = forced(thinker(Script(LINES)), TASK, items=[ITEM], samples=3, forcing=Forcing(1, append="!"))
    assert [rung.table.outcomes for rung in rungs] == [[[False] * 3], [[True] * 3]]
    assert [rung.accuracy for rung in rungs] == [0, 1]
    assert [rung.accuracy_where(lambda text: "!" in text) for rung in rungs] == [0, 1]
    assert rungs[1].accuracy_where(lambda text: "?" in text) == 0
    assert flips(*rungs) == (1, 0)
    assert flips(*rungs[::-1]) == (0, 1)
    assert flips(rungs[0], rungs[0]) == (0, 0)


def test_the_measures_of_rungs_name_the_rung_and_their_flips_add_up_to_the_gain() -> None:
    rungs = forced(thinker(Script(LINES)), TASK, items=[ITEM], samples=2, forcing=Forcing(1, append="!"))
    found = rung_measures(rungs, checks=lambda text: "=17" in text)
    first, both = len(ids(WRONG)), len(ids(f"{WRONG}!{AGAIN}"))
    assert found == {
        "checks": 1,
        "right after a check": 0,
        "accuracy 0": 0,
        "tokens 0": first,
        "fixed 0": 0,
        "broke 0": 0,
        "accuracy 1": 1,
        "tokens 1": both,
        "fixed 1": 1,
        "broke 1": 0,
    }


def test_the_hash_of_completions_follows_their_tokens() -> None:
    rungs = [
        forced(thinker(Script(LINES)), TASK, items=[ITEM], samples=1, forcing=Forcing(1, append=text))
        for text in ("!", "!", ".")
    ]
    first, again, other = map(completions_hash, rungs)
    assert first == again != other
    assert completions_hash(rungs[0][:1]) == completions_hash(rungs[2][:1]), "the natural stop is shared"


def test_thinking_tokens_are_counted_without_its_end_and_with_what_was_appended() -> None:
    first, second = forced(thinker(Script(LINES)), TASK, items=[ITEM], samples=1, forcing=Forcing(1, append="!"))
    assert first.spent == [[len(ids(WRONG))]]
    assert second.spent == [[len(ids(f"{WRONG}!{AGAIN}"))]]
    assert second.tokens == len(ids(WRONG)) + 1 + len(ids(AGAIN))
    answer = len(ids("1 2 0 6")) + 1
    assert sampled_tokens([first, second]) == second.tokens + 2 * answer, "thinking that rungs share counts once"


def test_with_no_text_the_ends_are_suppressed_for_one_token_only() -> None:
    script = Script({**LINES, "3+8+1=12": " 0+0+1=01>", "=12 ": "0+0+1=01>", "=01>": "1 2 0 7"})
    assert texts(script, Forcing(1))[1] == f"{WRONG} 0+0+1=01>1 2 0 7"
    suppressing = [call for call in script.calls if call.suppressed]
    assert [(call.suppressed, call.tokens) for call in suppressing] == [((">", "</s>"), 1)]


def test_a_resampled_tail_replaces_thinking_and_is_paid_for() -> None:
    half = ids(WRONG)[: round(len(ids(WRONG)) / 2)]
    kept = TOKENIZER.decode(half)
    script = Script({**LINES, kept: " 8+3+1=12>", f"{kept} 8+3+1=12>": "1 2 0 6"})
    rungs = forced(thinker(script), TASK, items=[ITEM], samples=1, forcing=Forcing(1, drop=0.5))
    assert rungs[1].table.completions[0][0].text == f"{kept} 8+3+1=12>1 2 0 6"
    assert rungs[1].spent == [[len(ids(WRONG)) + len(ids(" 8+3+1=12"))]]


def test_thinking_that_reached_its_limit_is_not_forced_on() -> None:
    script = Script({":": WRONG * 9, WRONG: WRONG * 9, ">": "1 2 0 7"})
    rungs = forced(thinker(script), TASK, items=[ITEM], samples=1, forcing=Forcing(2, append="!"))
    assert [rung.spent for rung in rungs] == [[[SETTINGS.tokens]]] * 3
    assert "!" not in rungs[2].table.completions[0][0].text


def test_an_answer_without_an_end_of_thinking_is_taken_for_thinking_that_ended() -> None:
    script = Script({":": "1 2 0 6", "!": f"{AGAIN}>", ">": "1 2 0 6"})
    assert texts(script, Forcing(1, append="!")) == ["1 2 0 6>1 2 0 6", f"1 2 0 6!{AGAIN}>1 2 0 6"]


def test_thinking_is_cut_at_the_budget_and_must_answer() -> None:
    budgets = (0, 8, 1000)
    rungs = cut_short(thinker(Script(LINES | {">": "9"})), TASK, items=[ITEM], samples=1, budgets=budgets)
    assert [rung.table.completions[0][0].text for rung in rungs] == [">9", "7+9+0=17 >9", f"{WRONG}>1 2 0 7"]
    assert [rung.spent for rung in rungs] == [[[0]], [[8]], [[len(ids(WRONG))]]]
    assert [rung.within(8) for rung in rungs] == [1, 1, 0]


def test_each_call_of_the_sampler_has_a_seed_of_its_own() -> None:
    more = {"1=12": " 0+0+1=01>", "=12 ": "0+0+1=01>", "=01": " 0+0+0=01>", "=01 ": "0+0+0=01>", "=01>": "1 2 0 7"}
    script = Script(LINES | more)
    texts(script, Forcing(2))
    seeds = [call.seed for call in script.calls]
    assert seeds[0] == SETTINGS.seed
    assert len(set(seeds)) == len(seeds) == 2 + 2 * 3


@pytest.mark.parametrize("wrong", [{"times": -1}, {"times": 1, "drop": 1.5}, {"times": 1, "append": "!", "drop": 0.5}])
def test_a_forcing_that_makes_no_sense_is_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match="`times` from 0 on"):
        Forcing(**wrong)


def test_a_text_that_is_no_token_is_refused() -> None:
    with pytest.raises(ValueError, match="not one token"):
        texts(Script(LINES), Forcing(1, append="é"))


@pytest.fixture(scope="module")
def policy() -> Policy:
    """A policy with random weights."""
    return tiny_policy()


def test_a_real_sampler_is_forced_as_often_as_it_ended(policy: Policy) -> None:
    settings = SampleSettings(tokens=30, seed=2)
    real = Thinker(transformers_sampler(policy), policy, settings, answer_tokens=8)
    items = TASK.items(Split.TEST, 6, seed=0)
    rungs = {
        name: forced(real, TASK, items=items, samples=3, forcing=forcing)
        for name, forcing in {
            "wait": Forcing(2, append="!"),
            "again": Forcing(2, append="!"),
            "nothing": Forcing(2),
            "tail": Forcing(2, drop=0.5),
        }.items()
    }
    assert rungs["wait"] == rungs["again"]
    assert rungs["wait"][0] == rungs["nothing"][0] == rungs["tail"][0], "the natural stopping point is shared"
    assert len({tuple(map(str, found[2].table.completions)) for found in rungs.values()}) == 3
    ends = 0
    for before, after in zip(rungs["wait"][0].table.completions, rungs["wait"][1].table.completions, strict=True):
        for was, now in zip(before, after, strict=True):
            thinking = was.text.split(">")[0]
            ends += now.text.startswith(f"{thinking}!")
            assert now.text.startswith(thinking)
    assert ends > 3, "some thinking ended by itself, and went on with a WAIT"
    for found in rungs.values():
        assert found[0].tokens < found[1].tokens < found[2].tokens
