"""A transcript holds what each side said, whose each token is, and whether it ended by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from tests.models.tiny import tiny_policy
from tooling.evals import Prefix, SampleSettings, Transcript, Turns, rollout, transformers_sampler
from tooling.models import Policy
from tooling.tasks import Completion, Countdown, Item, Split

SETTINGS = SampleSettings(tokens=8, seed=3)
ITEMS = Countdown().items(Split.TEST, 6, seed=0)


@dataclass(frozen=True)
class Echo(Countdown):
    """Countdown whose environment answers with the number of turns so far, until there are more than `patience`."""

    patience: int = 100

    def reply(self, item: Item, transcript: Sequence[str]) -> str | None:
        """The next turn of the environment."""
        return None if len(transcript) > self.patience else f"{len(transcript)};"


def scripted(policy: Policy, *script: str):
    """A sampler whose turns are given: a `!` ends one that was cut off."""
    asked: list[list[Prefix]] = []

    def sample(prefixes: Sequence[Prefix], settings: SampleSettings) -> list[Completion]:
        text = script[len(asked)]
        asked.append(list(prefixes))
        ids = policy.tokenizer(text.rstrip("!"), add_special_tokens=False)["input_ids"]
        finished = not text.endswith("!")
        tokens = (*ids, policy.tokenizer.eos_token_id) if finished else tuple(ids)
        return [Completion(text.rstrip("!"), tokens, finished) for _ in prefixes]

    return sample, asked


def talked(policy: Policy, turns: int, *, task: Countdown | None = None, settings: SampleSettings = SETTINGS):
    """Transcripts of the tiny policy."""
    sampler = transformers_sampler(policy)
    return rollout(sampler, task or Echo(), items=ITEMS, turns=Turns(turns, policy), settings=settings)


def test_the_sides_speak_in_turn_and_the_mask_says_whose_each_token_is() -> None:
    policy = tiny_policy()
    sampler, asked = scripted(policy, "1+2", "3", "9")
    (talk,) = rollout(sampler, Echo(), items=ITEMS[:1], turns=Turns(3, policy), settings=SETTINGS)
    end = policy.tokenizer.eos_token_id
    ids = {
        text: policy.tokenizer(text, add_special_tokens=False)["input_ids"] for text in ("1+2", "1;", "3", "3;", "9")
    }
    assert talk.turns == ("1+2", "1;", "3", "3;", "9")
    expected = [*ids["1+2"], end, *ids["1;"], *ids["3"], end, *ids["3;"], *ids["9"], end]
    assert list(talk.completion.tokens) == expected
    assert talk.mask == (1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1)
    assert talk.completion.text == "1+21;33;9"
    assert talk.completion.finished
    assert list(talk.prompt) == policy.tokenizer(policy.prefix + ITEMS[0].prompt)["input_ids"]
    assert [list(prefixes[0]) for prefixes in asked] == [
        list(talk.prompt),
        [*talk.prompt, *expected[:6]],
        [*talk.prompt, *expected[:10]],
    ]


def test_a_turn_that_was_cut_off_ends_the_transcript_unfinished() -> None:
    policy = tiny_policy()
    sampler, asked = scripted(policy, "1+2", "3!", "never")
    (talk,) = rollout(sampler, Echo(), items=ITEMS[:1], turns=Turns(3, policy), settings=SETTINGS)
    assert talk.turns == ("1+2", "1;", "3")
    assert not talk.completion.finished
    assert len(asked) == 2


def test_no_reply_ends_the_transcript() -> None:
    policy = tiny_policy()
    sampler, asked = scripted(policy, "1", "2", "never")
    (talk,) = rollout(sampler, Echo(patience=1), items=ITEMS[:1], turns=Turns(9, policy), settings=SETTINGS)
    assert talk.turns == ("1", "1;", "2")
    assert talk.completion.finished
    assert len(asked) == 2


def test_the_last_turn_of_the_policy_gets_no_reply() -> None:
    policy = tiny_policy()
    sampler, _ = scripted(policy, "1", "2")
    (talk,) = rollout(sampler, Echo(), items=ITEMS[:1], turns=Turns(2, policy), settings=SETTINGS)
    assert talk.turns == ("1", "1;", "2")


def test_one_turn_is_plain_sampling() -> None:
    policy = tiny_policy()
    plain = transformers_sampler(policy)([item.prompt for item in ITEMS], SETTINGS)
    talks = talked(policy, 1)
    assert [talk.completion for talk in talks] == plain
    assert all(set(talk.mask) == {1} for talk in talks)


def consistent(policy: Policy, talk: Transcript) -> bool:
    """Whether tokens say what the turns say, and the mask has the policy's in the right places."""
    own = [token for token, mine in zip(talk.completion.tokens, talk.mask, strict=True) if mine]
    other = [token for token, mine in zip(talk.completion.tokens, talk.mask, strict=True) if not mine]
    decoded = [policy.tokenizer.decode(tokens, skip_special_tokens=True) for tokens in (own, other)]
    return decoded == ["".join(talk.turns[::2]), "".join(talk.turns[1::2])]


def test_a_policy_s_own_transcripts_are_whole_and_those_of_different_lengths_do_not_mix() -> None:
    policy = tiny_policy()
    talks = talked(policy, 3, task=Echo(patience=1))
    assert len(talks) == len(ITEMS)
    assert {len(talk.turns) for talk in talks} == {1, 3}, "some are cut off in their first turn"
    assert all(consistent(policy, talk) for talk in talks)
    assert [talk.prompt for talk in talks] == [talked(policy, 1)[place].prompt for place in range(len(ITEMS))]


def test_the_same_settings_give_the_same_transcripts_and_another_seed_does_not() -> None:
    policy = tiny_policy()
    first = talked(policy, 3)
    assert talked(policy, 3) == first
    assert talked(policy, 3, settings=replace(SETTINGS, seed=4)) != first


def test_each_turn_is_drawn_anew() -> None:
    class Again(Countdown):
        """Says nothing, so that every turn has nearly the prefix of the one before."""

        def reply(self, item: Item, transcript: Sequence[str]) -> str | None:
            """An empty turn."""
            return ""

    policy = tiny_policy()
    seeds: list[int] = []
    plain = transformers_sampler(policy)

    def noting(prefixes: Sequence[Prefix], settings: SampleSettings) -> list[Completion]:
        seeds.append(settings.seed)
        return plain(prefixes, settings)

    talks = rollout(noting, Again(), items=ITEMS, turns=Turns(3, policy), settings=SETTINGS)
    assert seeds[0] == SETTINGS.seed
    assert len(set(seeds)) == len(seeds) == 3
    assert all(set(talk.mask) == {1} for talk in talks), "an empty turn has no tokens"


def test_a_task_without_replies_or_no_turn_at_all_is_refused() -> None:
    policy = tiny_policy()
    with pytest.raises(ValueError, match="Countdown has no `reply`"):
        talked(policy, 2, task=Countdown())
    with pytest.raises(ValueError, match="0 turns; give at least 1"):
        talked(policy, 0)
