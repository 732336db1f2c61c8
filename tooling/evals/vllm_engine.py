"""vLLM behind the sampler's type: the engine for long completions and for models of a hub, on a GPU or on a CPU."""

import multiprocessing
import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any

from tooling.errors import ToolingError
from tooling.evals.sampler import Prefix, Sampler, SampleSettings, completion_of, encoded, single_tokens
from tooling.models import Policy
from tooling.tasks import Completion

GIB = 2**30
PATIENCE = 30.0  # seconds that the engine has to end by itself
NEVER = -100.0  # added to a suppressed token's logit: the lowest that vLLM takes, a factor of e^-100
# read when vLLM is imported; nothing of a run is to leave the machine
QUIET = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "VLLM_LOGGING_LEVEL": "ERROR"}


@contextmanager
def vllm_sampler(
    policy: Policy, *, memory: float | None = None, context: int | None = None, eager: bool = False
) -> Iterator[Sampler]:
    """Within the block, a sampler that runs vLLM on the policy's weights as they are now; its processes end with it.

    The policy is saved to a scratch folder and loaded from there in its own precision, so that a trained one in memory
    will do; training it further does not change the sampler. `memory` is what the key-value cache may take, in GiB
    (nothing: the share of all memory that vLLM takes by itself), `context` the longest prompt and completion in tokens
    (nothing: the model's). `eager` spares the compilation: minutes less before the first token, and slower ones after.

    It means the same by `SampleSettings` as `transformers_sampler`, and greedy completions are the same up to ties in
    the last digits; sampled ones are other draws from the same distribution. Each has a seed of its own, made from
    `settings.seed` and its place, so that `settings.batch` (which the engine decides for itself) changes nothing.

    Raises `ToolingError` with the remedy where vLLM is missing, and `ValueError` for a prompt that leaves no room. On a
    CPU vLLM has attention heads of 32 numbers and wider only. A script that calls this must be importable, since the
    engine's processes import it: calls stand under `if __name__ == "__main__"`.
    """
    vllm = _imported()
    before = set(multiprocessing.active_children())
    options = {"kv_cache_memory_bytes": int(memory * GIB)} if memory else {}
    with tempfile.TemporaryDirectory(prefix="policy-") as folder:
        policy.model.save_pretrained(folder)
        policy.tokenizer.save_pretrained(folder)
        engine = vllm.LLM(
            folder,
            dtype=str(policy.model.dtype).removeprefix("torch."),
            max_model_len=context,
            enforce_eager=eager,
            # the ids go in and come out: no second tokenizer, and nothing that the checkpoint suggests for sampling
            skip_tokenizer_init=True,
            generation_config="vllm",
            logprobs_mode="raw_logprobs",
            **options,
        )
    try:
        yield _VllmSampler(policy, f"vllm {vllm.__version__}", engine, vllm.SamplingParams)
    finally:
        engine.llm_engine.engine_core.shutdown()
        _ended(set(multiprocessing.active_children()) - before)


def _ended(processes: set[BaseProcess]) -> None:
    """Wait until these processes have ended, and end those that do not by themselves."""
    for process in processes:
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
            process.join()


def _imported() -> Any:
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import vllm
    except ImportError as error:
        remedy = "`pip install 'post-deepseek-r1[gpu]'` on a machine with a GPU; `make test-vllm` shows it on a CPU"
        raise ToolingError(f"vllm_sampler: vLLM is not installed here ({error}): {remedy}") from error
    return vllm


@dataclass(frozen=True)
class _VllmSampler:
    policy: Policy
    engine: str
    running: Any  # vllm.LLM
    parameters: type  # vllm.SamplingParams

    def __call__(self, prefixes: Sequence[Prefix], settings: SampleSettings) -> list[Completion]:
        if not prefixes:
            return []
        tokenizer = self.policy.tokenizer
        ends = [tokenizer.eos_token_id, *single_tokens(tokenizer, settings.stop)]
        ids = [encoded(self.policy, prefix) for prefix in prefixes]
        drawn = self.running.generate(
            [{"prompt_token_ids": each} for each in ids],
            [self._request(settings, ends, place) for place in range(len(ids))],
            use_tqdm=False,
        )
        return [self._completion(each.outputs[0], ends) for each in drawn]

    def _request(self, settings: SampleSettings, ends: Sequence[int], place: int) -> Any:
        suppressed = single_tokens(self.policy.tokenizer, settings.suppressed)
        return self.parameters(
            max_tokens=settings.tokens,
            temperature=settings.temperature,
            top_p=settings.top_p,
            top_k=settings.top_k,
            seed=random.Random(f"sample {settings.seed} {place}").getrandbits(31),
            # all ends are named, so that those of the checkpoint's settings play no part
            ignore_eos=True,
            stop_token_ids=list(ends),
            logit_bias=dict.fromkeys(suppressed, NEVER) or None,
            logprobs=0 if settings.logprobs else None,
            detokenize=False,
        )

    def _completion(self, output: Any, ends: Sequence[int]) -> Completion:
        tokens = list(output.token_ids)
        known = None
        if output.logprobs is not None:
            known = [float(each[token].logprob) for token, each in zip(tokens, output.logprobs, strict=True)]
        return completion_of(self.policy, tokens, ends=ends, logprobs=known)
