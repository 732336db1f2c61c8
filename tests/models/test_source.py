"""A recipe is trained once and kept by its content; forks share the trunk; what is half written is never read."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch

from tests.models.race import RECIPE
from tests.servers.hub import hub
from tooling.errors import NotFound
from tooling.evals import SampleSettings, transformers_sampler
from tooling.models import Mixture, Recipe, fingerprint, load, source
from tooling.tasks import Countdown, Multiplication

ROOT = Path(__file__).parents[2]
TRUNK = RECIPE.trunk


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache; the folder of its models."""
    monkeypatch.setenv("TOOLING_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "models"


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that grows by `trunk` or `fork` whenever one is trained."""
    done: list[str] = []
    for name, word in (("pretrain", "trunk"), ("continue_pretraining", "fork")):
        monkeypatch.setattr(source, name, _noting(done, word, getattr(source, name)))
    return done


def _noting(done: list[str], word: str, train: Callable[..., None]) -> Callable[..., None]:
    def noted(*arguments: object, **settings: object) -> None:
        done.append(word)
        train(*arguments, **settings)

    return noted


def folders(cache: Path) -> set[str]:
    """The models in the cache; locks and scratch folders are none."""
    return {path.name for path in cache.iterdir() if path.is_dir() and not path.name.startswith(".")}


def weights(recipe: Recipe, seed: int = 0) -> str:
    """The fingerprint of a recipe's model."""
    return fingerprint(load(recipe, seed=seed).model)


def test_a_second_load_reads_the_cache_and_gives_the_same_weights(cache: Path, trainings: list[str]) -> None:
    first = weights(RECIPE, 1)
    times = {name: (cache / name / "model.safetensors").stat().st_mtime_ns for name in folders(cache)}
    assert weights(RECIPE, 1) == first
    assert trainings == ["trunk", "fork"]
    assert times == {name: (cache / name / "model.safetensors").stat().st_mtime_ns for name in folders(cache)}


def test_the_same_recipe_gives_the_same_weights_when_made_anew(
    trainings: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(1)
    first = weights(RECIPE, 1)
    monkeypatch.setenv("TOOLING_CACHE", str(tmp_path / "other"))
    torch.manual_seed(2)
    assert weights(RECIPE, 1) == first
    assert trainings == ["trunk", "fork"] * 2


def test_forks_differ_by_seed_and_share_one_trunk(cache: Path, trainings: list[str]) -> None:
    forks = [weights(RECIPE, seed) for seed in range(3)]
    assert len({weights(TRUNK), *forks}) == 4
    assert trainings == ["trunk", "fork", "fork", "fork"]
    assert len(folders(cache)) == 4


def test_forks_of_other_mixtures_share_the_trunk_too(trainings: list[str]) -> None:
    other = replace(RECIPE, fork_mixture=Mixture.of(Countdown(count=2), loose=1.0))
    assert weights(other, 1) != weights(RECIPE, 1)
    assert trainings == ["trunk", "fork", "fork"]


def test_without_a_fork_the_seed_changes_nothing(trainings: list[str]) -> None:
    assert weights(TRUNK, 1) == weights(TRUNK, 2)
    assert trainings == ["trunk"]


def test_a_fork_starts_from_its_trunk() -> None:
    still = replace(RECIPE, fork_learning_rate=0.0)
    assert weights(still, 1) == weights(TRUNK)


CHANGES = {
    "mixture": Mixture.of(Countdown(count=2), loose=1.0),
    "width": 32,
    "layers": 2,
    "heads": 4,
    "context": 64,
    "batch": 5,
    "steps": 4,
    "learning_rate": 1e-2,
    "trunk_seed": 1,
    "fork_steps": 3,
    "fork_mixture": Mixture.of(Countdown(count=2), solve=1.0),
    "fork_learning_rate": 1e-2,
}


def test_every_field_of_a_recipe_is_known_to_this_file() -> None:
    assert set(CHANGES) == {field.name for field in fields(Recipe)}


def test_each_field_of_a_recipe_gives_another_model(cache: Path) -> None:
    prints = {"none": weights(RECIPE)}
    for name, value in CHANGES.items():
        before = folders(cache)
        prints[name] = weights(replace(RECIPE, **{name: value}))
        assert folders(cache) - before, name
    # the length of the context is a limit, not a weight
    assert prints.pop("context") == prints["none"]
    assert len(set(prints.values())) == len(prints)


def test_a_mixture_of_another_task_or_weight_gives_another_folder(cache: Path) -> None:
    task = Countdown(count=2)
    mixtures = [
        Mixture.of(task, guess=1.0, solve=1.0),
        Mixture.of(task, guess=1.0, solve=2.0),
        Mixture.of(Countdown(count=2, largest=30), guess=1.0, solve=1.0),
        Mixture(((task, "guess", 1.0), (Multiplication(), "direct", 1.0))),
    ]
    prints = {weights(replace(TRUNK, mixture=mixture)) for mixture in mixtures}
    assert len(folders(cache)) == len(prints) == len(mixtures)


def test_a_model_that_could_not_be_saved_leaves_nothing_behind(
    cache: Path, trainings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(model: torch.nn.Module, folder: Path) -> None:
        model.config.save_pretrained(folder)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("transformers.PreTrainedModel.save_pretrained", full_disk)
        with pytest.raises(OSError, match="No space left"):
            load(TRUNK)
    assert [path for path in cache.iterdir() if path.is_dir()] == []
    assert weights(TRUNK)
    assert trainings == ["trunk", "trunk"]


@pytest.mark.timeout(600)  # a process that imports the stack, on a machine that may be busy
def test_two_processes_train_once_and_a_killed_one_leaves_no_half_model(cache: Path) -> None:
    environment = {**os.environ, "TOOLING_CACHE": str(cache.parent), "TOKENIZERS_PARALLELISM": "false"}
    command = [sys.executable, "-m", "tests.models.race"]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    seen = json.loads(answer.stdout)
    assert seen["victim"] == {"fingerprint": "", "status": -9}
    first, second = seen["racers"]
    assert first == second
    assert first["status"] == 0
    # the victim got as far as saving its trunk; after it one trunk and one fork were trained, by either of the two
    assert answer.stderr.count("trunk 1x16: step 3 of 3") == 2
    assert answer.stderr.count("fork 1x16: step 2 of 2") == 1
    assert [path.name for path in cache.iterdir() if path.name.startswith(".making-")], "the victim's scratch is there"
    assert weights(RECIPE, 5) == first["fingerprint"], "and the same weights come out in this process"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A folder with a small base and its tokenizer, saved as transformers saves them."""
    load(RECIPE, seed=1).save(tmp_path / "checkpoint")
    return tmp_path / "checkpoint"


def test_a_folder_with_a_model_and_its_tokenizer_loads_and_samples(checkpoint: Path) -> None:
    policy, made = load(checkpoint), load(RECIPE, seed=1)
    assert fingerprint(policy.model) == fingerprint(made.model)
    assert policy.name == str(checkpoint)
    assert policy.tokenizer.padding_side == "left"
    settings = SampleSettings(tokens=6, temperature=0)
    (loaded,) = transformers_sampler(policy)(["2 8>10:"], settings)
    assert loaded == transformers_sampler(made)(["2 8>10:"], settings)[0]
    assert len(loaded.tokens) > 0


def test_a_small_base_in_a_folder_reads_texts_as_it_did_before_it_was_saved(checkpoint: Path) -> None:
    policy, made = load(checkpoint), load(RECIPE, seed=1)
    for prompt in ("2 8>10:", "12 11 10>33:", "99*9:"):
        assert policy.encode(prompt) == made.encode(prompt)
        assert policy.encode(prompt)[0] == made.tokenizer.bos_token_id
        assert policy.encode(prompt).count(made.tokenizer.bos_token_id) == 1


def test_a_policy_from_a_folder_that_is_saved_again_begins_its_prompts_once(checkpoint: Path, tmp_path: Path) -> None:
    load(checkpoint).save(tmp_path / "again")
    assert load(tmp_path / "again").encode("2 8>10:") == load(checkpoint).encode("2 8>10:")


FETCH = """
import json, sys
from tooling.models import fingerprint, load
for name in sys.argv[1:]:
    policy = load(name)
    print(json.dumps([fingerprint(policy.model), policy.name, policy.encode("2 8>10:")]))
"""


def fetched(*names: str, address: str, cache: Path) -> subprocess.CompletedProcess[str]:
    """A process that loads models by their hub names; the address of the hub is read when the library is imported."""
    environment = {**os.environ, "HF_ENDPOINT": address, "HF_HOME": str(cache), "HF_HUB_OFFLINE": "0"}
    command = [sys.executable, "-c", FETCH, *names]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.timeout(600)
def test_a_hub_name_is_fetched_once_and_works_like_its_folder(checkpoint: Path, tmp_path: Path) -> None:
    with hub(checkpoint, "someone/small") as server:
        answer = fetched("someone/small", address=server.address, cache=tmp_path / "hub")
        assert answer.returncode == 0, answer.stderr
        made = load(checkpoint)
        assert json.loads(answer.stdout) == [fingerprint(made.model), "someone/small", made.encode("2 8>10:")]
        assert any(path.endswith("/model.safetensors") for path in server.asked)
        server.asked.clear()
        again = fetched("someone/small", "someone/else", address=server.address, cache=tmp_path / "hub")
        assert again.stdout == answer.stdout
        assert not any(path.endswith("/model.safetensors") for path in server.asked)
        assert again.returncode != 0
        last = again.stderr.splitlines()[-1]
        assert last.startswith("tooling.errors.NotFound: no model loads from `someone/else` (")


def test_a_folder_that_is_not_there_is_named_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no model loads from `.*missing` \(.*\); give a folder") as raised:
        load(tmp_path / "missing")
    assert "\n" not in str(raised.value)


def test_a_policy_names_its_shape_and_counts_tied_weights_once() -> None:
    policy = load(TRUNK)
    assert policy.name.startswith("1 layers, 16 wide")
    assert policy.parameters == sum(p.numel() for p in dict(policy.model.named_parameters()).values())
    assert policy.model.lm_head.weight is policy.model.model.embed_tokens.weight


def test_a_copy_of_a_policy_has_weights_of_its_own() -> None:
    policy = load(TRUNK)
    before, copy = fingerprint(policy.model), policy.copy()
    with torch.no_grad():
        next(copy.model.parameters()).add_(1.0)
    assert fingerprint(policy.model) == before != fingerprint(copy.model)


def test_a_fingerprint_sees_the_smallest_change_of_one_weight() -> None:
    policy = load(TRUNK)
    before = fingerprint(policy.model)
    with torch.no_grad():
        weight = policy.model.model.norm.weight
        weight[0] = torch.nextafter(weight[0], torch.tensor(9.0))
    assert fingerprint(policy.model) != before
