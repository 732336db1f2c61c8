"""Small base models from scratch, made by recipe and cached by content; or loaded from a folder or a hub name."""

from tooling.models.policy import Policy, fingerprint
from tooling.models.recipe import Mixture, Recipe
from tooling.models.source import load

__all__ = ["Mixture", "Policy", "Recipe", "fingerprint", "load"]
