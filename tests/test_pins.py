"""pins.txt has every package that the extras pull in, at the version that is installed, and nothing else."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# what `make` installs; a GPU machine adds the extra `gpu` by itself
EXTRAS = ("repro", "dev")
# Debian 12's, and the newest that the lab is known to run on
PYTHONS = ("3.11.2", "3.12.12")


def pins() -> dict[str, str]:
    """The pinned version of each package by its canonical name."""
    lines = [line for line in (ROOT / "pins.txt").read_text().splitlines() if line and not line.startswith("#")]
    pairs = [line.split("==") for line in lines]
    return {canonicalize_name(name): version for name, version in pairs}


def asked() -> list[Requirement]:
    """What pyproject.toml itself asks for, the build tool among it."""
    extras = PROJECT["optional-dependencies"]
    return [
        Requirement(each) for each in ["setuptools", *PROJECT["dependencies"], *(e for x in EXTRAS for e in extras[x])]
    ]


def wanted(requirement: Requirement, extras: set[str]) -> bool:
    """Whether a requirement holds on this machine for a package with these extras."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or {""})


def refuses(pythons: str, versions: Iterable[str]) -> list[str]:
    """Those versions of Python that a package's own range (such as `>=3.11.5`) leaves out."""
    return [version for version in versions if version not in SpecifierSet(pythons)]


def installed() -> Iterator[tuple[str, str]]:
    """Name and version of every package that is needed, those asked for by others included."""
    waiting = [(each, "pyproject.toml") for each in asked()]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement, origin = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            found = distribution(requirement.name)
        except PackageNotFoundError as error:
            raise AssertionError(
                f"{origin} asks for {requirement}, which is not installed; `make .venv/.lab`"
            ) from error
        yield key[0], found.version
        inner = [Requirement(text) for text in found.requires or ()]
        waiting += [(each, requirement.name) for each in inner if wanted(each, {"", *requirement.extras})]


def test_every_package_that_is_pulled_in_is_pinned_at_the_version_that_is_tested() -> None:
    # `2.13.0+cpu` is the CPU build of 2.13.0
    needed = {name: version.partition("+")[0] for name, version in installed()}
    assert {name: pins().get(name) for name in needed} == needed, "write them anew with `make pins`"


def test_nothing_is_pinned_that_nothing_asks_for() -> None:
    assert set(pins()) - {name for name, _ in installed()} == set()


def test_a_pin_is_one_exact_version() -> None:
    lines = [line for line in (ROOT / "pins.txt").read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", line)] == []


def test_every_pin_serves_the_python_of_debian_12() -> None:
    ranges = {name: distribution(name).metadata.get("Requires-Python") or "" for name, _ in installed()}
    assert {name: found for name, pythons in ranges.items() if (found := refuses(pythons, PYTHONS))} == {}


def test_a_package_that_needs_a_later_patch_of_python_is_noticed() -> None:
    assert refuses(">=3.11.5", PYTHONS) == ["3.11.2"]
    assert refuses("", PYTHONS) == []


def test_torch_is_pinned_so_that_no_newer_build_is_pulled_in() -> None:
    assert f"torch=={pins()['torch']}" in PROJECT["optional-dependencies"]["repro"]
