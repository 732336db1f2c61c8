"""Going on from where a completion was cut: budget forcing, counterfactual resampling."""

from collections.abc import Sequence

from tooling.evals.sampler import Prefix, Sampler, SampleSettings, encoded
from tooling.tasks import Completion


def continue_from(
    sampler: Sampler, prefixes: Sequence[Prefix], *, completions: Sequence[Completion], settings: SampleSettings
) -> list[Completion]:
    """Whole completions: each given one, and behind it at most `settings.tokens` new tokens.

    A finished one comes back as it is. The ids are joined, never the texts, which a tokenizer might cut differently
    (`1` and `2` are two tokens, `12` is one); a sampler of a work's own therefore takes prefixes as ids only, else
    `ValueError`. Log-probabilities are kept where both parts have them. To leave the end of a completion out, give it
    shortened: `done._replace(tokens=done.tokens[:place], finished=False)`; the text is made anew from the tokens.
    """
    policy = getattr(sampler, "policy", None)
    if policy is None and any(isinstance(prefix, str) for prefix in prefixes):
        raise ValueError("continue_from: this sampler has no tokenizer to join a text and tokens; give prefixes as ids")
    pairs = list(zip(prefixes, completions, strict=True))
    open_places = [place for place, (_, done) in enumerate(pairs) if not done.finished]
    heads = [prefix if policy is None else encoded(policy, prefix) for prefix, _ in pairs]
    added = sampler([[*heads[place], *pairs[place][1].tokens] for place in open_places], settings)
    joined = list(completions)
    for place, more in zip(open_places, added, strict=True):
        first = joined[place]
        tokens = (*first.tokens, *more.tokens)
        text = first.text + more.text if policy is None else policy.tokenizer.decode(tokens, skip_special_tokens=True)
        known = (*first.logprobs, *more.logprobs) if first.logprobs is not None and more.logprobs is not None else None
        joined[place] = Completion(text, tokens, more.finished, known)
    return joined
