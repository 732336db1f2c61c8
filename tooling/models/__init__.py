"""Small base models from scratch, made by recipe and cached by content; or loaded from a folder or a hub name."""

from tooling.models.families import OTHER_FAMILIES, PUZZLE, four_families
from tooling.models.policy import Policy, fingerprint
from tooling.models.recipe import Mixture, Recipe
from tooling.models.source import load

__all__ = ["OTHER_FAMILIES", "PUZZLE", "Mixture", "Policy", "Recipe", "fingerprint", "four_families", "load"]
