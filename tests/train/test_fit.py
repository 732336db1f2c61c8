"""An ordinary loop: AdamW by hand gives the same weights, every setting counts, and a bad loss ends it."""

from collections.abc import Iterator
from dataclasses import fields, replace

import pytest
import torch
from torch.nn.functional import dropout

from tooling.models import fingerprint
from tooling.train import Fitted, Loop, fit

SETTINGS = Loop(steps=6, learning_rate=0.05, warmup=2, floor=0.1, max_grad_norm=0.5, weight_decay=0.01)


def network() -> torch.nn.Module:
    """Two layers with weights of their own."""
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))


def batches(seed: int = 1) -> Iterator[torch.Tensor]:
    """Batches without end."""
    source = torch.Generator().manual_seed(seed)
    while True:
        yield torch.randn(5, 3, generator=source)


def squares(model: torch.nn.Module, batch: torch.Tensor) -> torch.Tensor:
    """How far the outputs are from the sum of the inputs."""
    return (model(batch).squeeze(1) - batch.sum(1)).square().mean()


def noisy(model: torch.nn.Module, batch: torch.Tensor) -> torch.Tensor:
    """The same with a part of the inputs left out at random."""
    return squares(model, dropout(batch, 0.5))


def by_hand(settings: Loop) -> torch.nn.Module:
    """The network after AdamW (arXiv:1711.05101, algorithm 2), with clipped gradients."""
    model, source = network(), batches()
    weights = list(model.parameters())
    first, second = ([torch.zeros_like(each) for each in weights] for _ in range(2))
    for step in range(settings.steps):
        gradients = torch.autograd.grad(squares(model, next(source)), weights)
        norm = torch.stack([each.square().sum() for each in gradients]).sum().sqrt()
        scale = min(1.0, settings.max_grad_norm / (float(norm) + 1e-6))
        for place, gradient in enumerate(gradients):
            first[place] = 0.9 * first[place] + 0.1 * scale * gradient
            second[place] = 0.99 * second[place] + 0.01 * (scale * gradient) ** 2
            mean = first[place] / (1 - 0.9 ** (step + 1))
            spread = (second[place] / (1 - 0.99 ** (step + 1))).sqrt()
            with torch.no_grad():
                decayed = settings.weight_decay * weights[place]
                weights[place] -= settings.rate(step) * (mean / (spread + 1e-8) + decayed)
    return model


def fitted(settings: Loop = SETTINGS, *, seed: int = 3, loss=squares) -> tuple[Fitted, torch.nn.Module]:
    """A short training of the network."""
    model = network()
    return fit(model, batches(), loss, settings=settings, seed=seed), model


def test_the_weights_are_those_of_adamw_by_hand() -> None:
    done, model = fitted()
    for ours, expected in zip(model.parameters(), by_hand(SETTINGS).parameters(), strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-5, atol=1e-6)
    assert done.curves["step"] == [1, 2, 3, 4, 5, 6]
    assert max(done.curves["grad_norm"]) > SETTINGS.max_grad_norm, "so that clipping matters"
    assert done.curves["loss"][0] == pytest.approx(squares(network(), next(batches())).item())
    assert not done.diverged


def test_each_setting_changes_the_outcome() -> None:
    changes = {"steps": 5, "learning_rate": 0.01, "warmup": 3, "floor": 1.0, "max_grad_norm": 9.0, "weight_decay": 0.5}
    assert set(changes) == {field.name for field in fields(Loop)}
    ends = [fingerprint(fitted(replace(SETTINGS, **{name: value}))[1]) for name, value in changes.items()]
    assert len({*ends, fingerprint(fitted()[1])}) == len(changes) + 1


def test_the_rate_warms_up_and_falls_along_a_cosine() -> None:
    settings = Loop(steps=6, learning_rate=1.0, warmup=2, floor=0.5)
    expected = [0.5, 1.0, 1.0, 0.92678, 0.75, 0.57322]
    assert [settings.rate(step) for step in range(6)] == pytest.approx(expected, abs=1e-5)
    assert {Loop(steps=6).rate(step) for step in range(6)} == {1e-3}


def test_what_is_random_in_the_loss_is_drawn_by_the_seed_and_nothing_else_moves() -> None:
    torch.manual_seed(8)
    expected = float(torch.rand(1))
    ends = []
    for seed in (1, 1, 2):
        model = network()
        torch.manual_seed(8)
        fit(model, batches(), noisy, settings=SETTINGS, seed=seed)
        ends.append(fingerprint(model))
        assert float(torch.rand(1)) == expected
    assert ends[0] == ends[1] != ends[2]


def test_a_loss_that_is_not_finite_ends_the_training_before_it_reaches_the_weights() -> None:
    model, seen = network(), []

    def breaking(model: torch.nn.Module, batch: torch.Tensor) -> torch.Tensor:
        seen.append(batch)
        return squares(model, batch) * (float("nan") if len(seen) == 3 else 1.0)

    done = fit(model, batches(), breaking, settings=SETTINGS, seed=0)
    assert done.diverged
    assert done.curves["step"] == [1, 2, 3]
    assert all(bool(torch.isfinite(parameter).all()) for parameter in model.parameters())


def test_batches_that_end_early_are_an_error_with_the_step() -> None:
    few = [next(batches()) for _ in range(4)]
    with pytest.raises(ValueError, match="end after 4 steps; 6 are to be made"):
        fit(network(), few, squares, settings=SETTINGS, seed=0)


def test_the_network_comes_back_in_the_mode_it_came_in() -> None:
    model, modes = network().eval(), []

    def noting(model: torch.nn.Module, batch: torch.Tensor) -> torch.Tensor:
        modes.append(model.training)
        return squares(model, batch)

    fit(model, batches(), noting, settings=SETTINGS, seed=0)
    assert modes == [True] * 6
    assert not model.training
