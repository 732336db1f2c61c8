"""Claims that run: rules fixed beforehand, cells of arms and seeds, verdicts with intervals, recordings with a history.

A script `repro/<slug>/run.py` imports what it needs from here; nothing here imports torch.
"""

from tooling.runs.cell import Measured
from tooling.runs.claim import AcrossSeeds, All, Claim, Fit
from tooling.runs.region import Above, Below, Within
from tooling.runs.script import main

__all__ = ["Above", "AcrossSeeds", "All", "Below", "Claim", "Fit", "Measured", "Within", "main"]
