"""Trainings leave nothing behind: no trainer, no model but the ones in hand, no folder."""

import gc
import tempfile
import weakref
from dataclasses import replace
from pathlib import Path

import pytest
from transformers import PreTrainedModel
from trl import GRPOTrainer

from tests.models.tiny import tiny_policy
from tests.train.oracle import Rollouts
from tests.train.talk import Talk
from tests.train.test_grpo import SETTINGS
from tooling.train import grpo


def alive(kind: type) -> set[int]:
    """The objects of a kind that a collection leaves, of those that the collector sees."""
    gc.collect()
    return {id(each) for each in gc.get_objects() if isinstance(each, kind)}


def test_trainers_and_models_are_gone_after_a_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    policy = tiny_policy()
    before = {kind: alive(kind) for kind in (GRPOTrainer, PreTrainedModel)}
    kept = grpo(policy, Rollouts(), replace(SETTINGS, kl=0.1), seed=1, probe=lambda policy, step: {}, every=1)
    gone = weakref.ref(grpo(policy, Talk(), replace(SETTINGS, turns=2), seed=1).policy.model)
    assert alive(GRPOTrainer) == before[GRPOTrainer]
    parts = {id(part) for part in kept.policy.model.modules() if isinstance(part, PreTrainedModel)}
    assert alive(PreTrainedModel) - before[PreTrainedModel] == parts
    assert gone() is None
    assert list(tmp_path.iterdir()) == []
