"""A model with its tokenizer, ready to sample and to train."""

import copy
import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass
class Policy:
    """A causal language model, its tokenizer, and the name under which results cite it."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    name: str
    prefix: str  # text before every prompt: the begin token of the small bases, nothing for models of a hub

    @property
    def parameters(self) -> int:
        """The number of parameters; tied ones count once."""
        return sum(p.numel() for p in self.model.parameters())

    def encode(self, prompt: str) -> list[int]:
        """The token ids of a prompt, with what the policy's prompts begin with."""
        return list(self.tokenizer(self.prefix + prompt, add_special_tokens=not self.prefix)["input_ids"])

    def save(self, folder: Path) -> None:
        """Write weights and tokenizer as transformers and vLLM load them; prompts then get their begin token there."""
        self.model.save_pretrained(folder)
        tokenizer = copy.deepcopy(self.tokenizer)
        if self.prefix:
            begin = (self.prefix, tokenizer.convert_tokens_to_ids(self.prefix))
            tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
                single=f"{self.prefix} $A", special_tokens=[begin]
            )
        tokenizer.save_pretrained(folder)

    def copy(self) -> "Policy":
        """The same policy with weights of its own, so that training it leaves this one alone."""
        # not a deep copy: a trainer leaves hooks on a model that would go on calling the original
        with torch.random.fork_rng():
            model = type(self.model)(copy.deepcopy(self.model.config))
        model.load_state_dict(self.model.state_dict())
        model.generation_config = copy.deepcopy(self.model.generation_config)
        return Policy(model.to(self.model.device, self.model.dtype).eval(), self.tokenizer, self.name, self.prefix)


def fingerprint(model: torch.nn.Module) -> str:
    """A hash of all weights, 16 hex digits. Compare within one run only: it differs between kinds of CPU."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().to("cpu", torch.float32).contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]
