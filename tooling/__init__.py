"""Post-DeepSeek-R1: a living survey whose claims run. Cards, verifiers, a lab and the pages that join them."""

__version__ = "0.1.0"
