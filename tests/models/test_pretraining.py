"""Pretraining shows demonstrations of the split for it, and its loss is on completions alone."""

import random
from itertools import islice

import torch

from tooling.models import Mixture, Recipe
from tooling.models.pretraining import demonstrations, new_model, pretrain
from tooling.models.tokenizer import BEGIN, END, number_tokenizer, token_ids
from tooling.tasks import Countdown, Multiplication, Split

TASK = Countdown(count=2)
MIXTURE = Mixture.of(TASK, guess=1.0)


def rows(mixture: Mixture, *, seed: int, batches: int = 20) -> list[tuple[str, str]]:
    """Prompt and completion of the demonstrations in some batches, read back from tokens and labels."""
    read = []
    for batch in islice(demonstrations(mixture, 8, seed=seed), batches):
        for ids, labels, mask in zip(*(batch[name] for name in ("input_ids", "labels", "attention_mask")), strict=True):
            shown = ids[mask.bool()]
            learnt = labels[labels != -100]
            assert shown[0] == token_ids()[BEGIN]
            assert shown[-1] == learnt[-1] == token_ids()[END]
            assert torch.equal(shown[-len(learnt) :], learnt)
            prompt = number_tokenizer().decode(shown[: -len(learnt)], skip_special_tokens=True)
            read.append((prompt, number_tokenizer().decode(learnt, skip_special_tokens=True)))
    return read


def test_the_loss_is_on_the_completion_and_the_end_token() -> None:
    for prompt, completion in rows(MIXTURE, seed=0):
        assert prompt.endswith(":")
        assert "=" in completion
        assert ":" not in completion


def test_demonstrations_are_of_the_split_for_pretraining() -> None:
    elsewhere = {item.prompt for split in (Split.TRAIN, Split.TEST) for item in islice(TASK.stream(split, 0), 800)}
    shown = {prompt for prompt, _ in rows(MIXTURE, seed=0)}
    assert len(shown) > 50
    assert not shown & elsewhere


def test_styles_and_tasks_have_the_shares_of_the_mixture() -> None:
    mixture = Mixture(((TASK, "search", 1.0), (TASK, "format", 2.0), (Multiplication(), "direct", 1.0)))
    shown = rows(mixture, seed=1, batches=100)
    shares = {
        "search": sum(";" in completion for _, completion in shown) / len(shown),
        "format": sum(prompt.endswith(">:") for prompt, _ in shown) / len(shown),
        "direct": sum("*" in prompt for prompt, _ in shown) / len(shown),
    }
    assert all(
        abs(shares[name] - share) < 0.06 for name, share in {"search": 0.25, "format": 0.5, "direct": 0.25}.items()
    )


def test_the_seed_draws_the_demonstrations() -> None:
    assert rows(MIXTURE, seed=1) == rows(MIXTURE, seed=1)
    assert rows(MIXTURE, seed=1) != rows(MIXTURE, seed=2)


def test_pretraining_lowers_the_loss_and_tells_every_step() -> None:
    recipe = Recipe(MIXTURE, width=16, layers=1, heads=2, batch=16, steps=25, learning_rate=1e-2)
    losses: list[float] = []
    model = new_model(recipe)
    pretrain(model, recipe, report=lambda step, steps, state: losses.append(float(state.split()[1])))
    assert len(losses) == 25
    assert losses[-1] < losses[0] - 0.5


def test_padding_does_not_change_the_loss_of_a_row() -> None:
    recipe = Recipe(MIXTURE, width=16, layers=1, heads=2)
    model = new_model(recipe).eval()
    batch = next(demonstrations(Mixture.of(TASK, guess=1.0, search=1.0), 2, seed=0))
    row = {name: tensor[:1] for name, tensor in batch.items()}
    wider = {
        "input_ids": torch.nn.functional.pad(row["input_ids"], (0, 7), value=token_ids()["7"]),
        "labels": torch.nn.functional.pad(row["labels"], (0, 7), value=-100),
        "attention_mask": torch.nn.functional.pad(row["attention_mask"], (0, 7), value=0),
    }
    assert torch.allclose(model(**row).loss, model(**wider).loss, atol=1e-6)


def test_demonstrations_fit_the_context_of_the_default_recipe() -> None:
    styles = {Countdown(): ("guess", "solve", "search", "loose", "format"), Multiplication(): ("decompose", "search")}
    for task, names in styles.items():
        source = random.Random(2)
        for item in islice(task.stream(Split.PRETRAIN, 0), 300):
            for style in names:
                shown = task.demonstration(item, style, source=source)
                assert len(shown.prompt) + len(shown.completion) + 2 <= Recipe.context  # begin and end
