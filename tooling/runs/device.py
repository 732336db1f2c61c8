"""The machine that a result was measured on, in words, and the versions of the libraries. Imports none of them."""

import os
import platform
import shutil
import subprocess
from functools import lru_cache
from importlib import metadata
from pathlib import Path

LIBRARIES = ("accelerate", "numpy", "tokenizers", "torch", "transformers", "trl", "vllm")
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",  # bars of one weight file each, between our own lines
}


def core_count() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@lru_cache(maxsize=1)
def gpu_names() -> tuple[str, ...]:
    """The names of the CUDA GPUs of this machine; empty where there is none or all are hidden."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1") or not (tool := shutil.which("nvidia-smi")):
        return ()
    command = [tool, "--query-gpu=name", "--format=csv,noheader"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(line.strip() for line in answer.stdout.splitlines() if line.strip())


@lru_cache(maxsize=1)
def device() -> str:
    """The machine in words, e.g. `AMD EPYC 7763, 2 cores` or `..., 16 cores; NVIDIA H200`."""
    cores = core_count()
    words = f"{_processor()}, {cores} {'core' if cores == 1 else 'cores'}"
    return "; ".join((words, *gpu_names()))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return " ".join((named[0] if named else platform.processor() or platform.machine() or "unknown processor").split())


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """The version of Python and of each library of the lab that is installed."""
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            continue
    return found
