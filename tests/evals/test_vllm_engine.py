"""Without vLLM, what to do is said. With it, the tests are those of tests/vllm."""

import sys

import pytest

from tests.models.tiny import tiny_policy
from tooling.errors import ToolingError
from tooling.evals import vllm_sampler


def test_a_machine_without_vllm_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(ToolingError, match=r"vLLM is not installed here .*pip install 'post-deepseek-r1\[gpu\]'"):
        with vllm_sampler(tiny_policy()):
            pass
