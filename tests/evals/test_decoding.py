"""Decoding gives what `generate` gives, and no row notices its neighbours."""

from collections import Counter

import pytest
import torch
from transformers import GenerationConfig

from tests.models.tiny import tiny_policy
from tooling.evals.decoding import Choice, decode

END = 2
GREEDY = Choice(temperature=0.0, top_p=1.0, top_k=0, suppressed=(), ends=(END,))
PLAIN = Choice(temperature=1.0, top_p=1.0, top_k=0, suppressed=(), ends=(END,))
PROMPTS = ["2 8 9>3:", "1 1>2:", "12 11 10>33:", "7>7:", "5 6 7 8 9>35:"]


def ids(prompts: list[str]) -> list[list[int]]:
    """The prompts as the tiny policy reads them."""
    return [tiny_policy().encode(prompt) for prompt in prompts]


def generated(prefix: list[int], tokens: int) -> list[int]:
    """The greedy continuation of one prefix by `generate`, the end token included."""
    config = GenerationConfig(max_new_tokens=tokens, do_sample=False, eos_token_id=END, pad_token_id=0)
    out = tiny_policy().model.eval().generate(torch.tensor([prefix]), generation_config=config)
    row = out[0, len(prefix) :].tolist()
    return row[: row.index(END) + 1] if END in row else row


def test_greedy_rows_are_those_of_generate_one_by_one() -> None:
    model = tiny_policy().model.eval()
    prefixes = ids([*PROMPTS, *PROMPTS[:2]])
    assert len({len(prefix) for prefix in prefixes}) > 2, "padding matters"
    decoded = decode(model, prefixes, choice=GREEDY, tokens=12)
    assert decoded.rows == [generated(prefix, 12) for prefix in prefixes]
    assert len({len(row) for row in decoded.rows}) > 1, "rows leave at different times"


def test_log_probabilities_are_those_of_one_forward_pass() -> None:
    model = tiny_policy().model.eval()
    torch.manual_seed(0)
    prefixes = ids(PROMPTS) * 8
    decoded = decode(model, prefixes, choice=PLAIN, tokens=10)
    for prefix, row, known in zip(prefixes, decoded.rows, decoded.logprobs, strict=True):
        with torch.no_grad():
            logits = model(torch.tensor([prefix + row])).logits[0, len(prefix) - 1 : -1]
        expected = logits.log_softmax(-1).gather(1, torch.tensor(row)[:, None])[:, 0]
        assert torch.tensor(known).allclose(expected, atol=1e-5)
        assert END not in row[:-1]
        assert len(row) == 10 or row[-1] == END


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_first_tokens_have_the_frequencies_of_the_model(temperature: float) -> None:
    model = tiny_policy().model.eval()
    (prefix,) = ids(PROMPTS[:1])
    torch.manual_seed(1)
    count = 20_000
    choice = Choice(temperature=temperature, top_p=1.0, top_k=0, suppressed=(), ends=(END,))
    seen = Counter(row[0] for row in decode(model, [prefix] * count, choice=choice, tokens=1).rows)
    with torch.no_grad():
        chances = (model(torch.tensor([prefix])).logits[0, -1] / temperature).softmax(-1)
    expected = {token: count * chance for token, chance in enumerate(chances.tolist()) if chance * count >= 20}
    statistic = sum((seen[token] - times) ** 2 / times for token, times in expected.items())
    freedom = len(expected)
    assert statistic < freedom + 5 * (2 * freedom) ** 0.5, "chi-square within five standard deviations"


def test_second_tokens_depend_on_the_row_s_own_first_token() -> None:
    model = tiny_policy().model.eval()
    (prefix,) = ids(PROMPTS[:1])
    torch.manual_seed(2)
    rows = [row for row in decode(model, [prefix] * 20_000, choice=PLAIN, tokens=2).rows if len(row) == 2]
    first, size = Counter(row[0] for row in rows).most_common(1)[0]
    seen = Counter(row[1] for row in rows if row[0] == first)
    with torch.no_grad():
        chances = model(torch.tensor([[*prefix, first]])).logits[0, -1].softmax(-1)
    assert size > 500
    for token, times in seen.most_common(3):
        chance = float(chances[token])
        assert abs(times / size - chance) < 5 * (chance * (1 - chance) / size) ** 0.5


def test_cut_off_and_suppressed_tokens_are_never_chosen() -> None:
    model = tiny_policy().model.eval()
    (prefix,) = ids(PROMPTS[:1])
    with torch.no_grad():
        order = model(torch.tensor([prefix])).logits[0, -1].argsort(descending=True).tolist()
    torch.manual_seed(3)
    two = Choice(temperature=1.0, top_p=1.0, top_k=2, suppressed=(), ends=(END,))
    assert {row[0] for row in decode(model, [prefix] * 500, choice=two, tokens=1).rows} == set(order[:2])
    nucleus = Choice(temperature=1.0, top_p=1e-6, top_k=0, suppressed=(), ends=(END,))
    assert {row[0] for row in decode(model, [prefix] * 50, choice=nucleus, tokens=1).rows} == {order[0]}
    without = Choice(temperature=0.0, top_p=1.0, top_k=0, suppressed=(order[0],), ends=(END,))
    assert decode(model, [prefix], choice=without, tokens=1).rows == [[order[1]]]


def test_the_model_keeps_no_trace_of_a_decoding() -> None:
    model = tiny_policy().model.eval()
    prefixes = ids(PROMPTS)
    first = decode(model, prefixes, choice=GREEDY, tokens=12)
    assert decode(model, prefixes, choice=GREEDY, tokens=12) == first
    loss = model(torch.tensor(prefixes[:1]), labels=torch.tensor(prefixes[:1])).loss
    loss.backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
