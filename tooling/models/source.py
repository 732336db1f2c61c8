"""Policies from recipes, folders and hub names; recipes are cached by content."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedConfig, PreTrainedModel, Qwen2ForCausalLM

from tooling.closure import code_hash
from tooling.content import cache_folder, lock
from tooling.errors import NotFound
from tooling.models.policy import Policy
from tooling.models.pretraining import continue_pretraining, new_model, pretrain
from tooling.models.recipe import Recipe
from tooling.models.tokenizer import BEGIN, number_tokenizer
from tooling.progress import Report, stage_report


def load(source: Recipe | str | Path, *, seed: int = 0) -> Policy:
    """The policy of a recipe (its fork drawn by `seed`), of a folder, or of a hub name.

    A recipe's trunk and forks are trained once and kept in the cache; two processes that need the same one train it
    once. The weights are on the GPU where there is one. Raises `NotFound` for a folder or name that does not load.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if not isinstance(source, Recipe):
        return _fetched(source, device)
    model = _made(source.trunk, 0, lambda report: _trunk(source, device, report)).to(device)
    if source.fork_steps:
        trunk = model
        model = _made(source, seed, lambda report: _fork(trunk, source, seed, report)).to(device)
    name = f"{source.layers} layers, {source.width} wide, {_key(source, seed)[:8]}"
    return Policy(model, number_tokenizer(), name, prefix=BEGIN)


def _fetched(source: str | Path, device: str) -> Policy:
    """The policy in a folder or of a hub name."""
    try:
        model = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32).to(device)
        # an empty config: the tokenizer is of the class that it names itself, not of the one usual for the model
        tokenizer = AutoTokenizer.from_pretrained(source, padding_side="left", config=PreTrainedConfig())
    except OSError as error:
        reason = " ".join(str(error).split())[:200]
        raise NotFound(f"no model loads from `{source}` ({reason}); give a folder or a name of the hub") from error
    return Policy(model, tokenizer, str(source), prefix="")


def _trunk(recipe: Recipe, device: str, report: Report) -> PreTrainedModel:
    model = new_model(recipe).to(device)
    pretrain(model, recipe, report=report)
    return model


def _fork(trunk: PreTrainedModel, recipe: Recipe, seed: int, report: Report) -> PreTrainedModel:
    continue_pretraining(trunk, recipe, seed=seed, report=report)
    return trunk


def _made(recipe: Recipe, seed: int, make: Callable[[Report], PreTrainedModel]) -> PreTrainedModel:
    """The cached model of a recipe and seed, made first where the cache lacks it."""
    folder = cache_folder() / "models" / _key(recipe, seed)
    with lock(folder):
        if not folder.exists():
            what = f"{'fork' if recipe.fork_steps else 'trunk'} {recipe.layers}x{recipe.width}"
            _save(make(stage_report(what)), folder)
    return Qwen2ForCausalLM.from_pretrained(folder)


def _key(recipe: Recipe, seed: int) -> str:
    """The content address of a model: recipe, seed, code that makes it, version of torch, kind of device."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
    mixtures = [mixture for mixture in (recipe.mixture, recipe.fork_mixture) if mixture]
    tasks = sorted({type(task).__module__ for mixture in mixtures for task, _, _ in mixture.parts})
    code = code_hash("tooling.models.pretraining", *tasks)
    return hashlib.sha256(repr((recipe, seed, code, torch.__version__, device)).encode()).hexdigest()[:24]


def _save(model: PreTrainedModel, folder: Path) -> None:
    """Write the model beside its place and move it there, so that a reader never sees half of it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
    try:
        model.save_pretrained(scratch)
        scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
