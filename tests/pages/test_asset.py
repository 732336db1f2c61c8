"""What others made and the site serves stands beside its licence."""

import importlib.metadata
import json
import re
from pathlib import Path

import pytest

SITE = Path(__file__).parents[2] / "site"
PICTURES = {"assets/mark.svg", "assets/verdict.svg", "assets/share.svg", "assets/share.png"}
OWN = {"css/site.css", "js/claims.js", "js/explore.js", "js/search.js", "js/words.js", *PICTURES}
SERVED = [path for path in sorted(SITE.rglob("*")) if path.is_file() and path.suffix != ".md"]
LICENCES = [path for path in SERVED if path.name.endswith("-LICENSE.txt")]
KNOWN = re.compile(r"SIL Open Font License, Version 1\.1|Permission is hereby granted, free of charge")


def licence(path: Path) -> Path | None:
    """The licence beside a file whose name begins as the file's does: `x-LICENSE.txt` for `x-bold.woff2`."""
    names = [each for each in LICENCES if each.parent == path.parent]
    return next((each for each in names if path.name.startswith(each.name.removesuffix("-LICENSE.txt"))), None)


def test_every_file_that_is_not_ours_names_its_licence() -> None:
    others = [path for path in SERVED if path not in LICENCES and path.relative_to(SITE).as_posix() not in OWN]
    assert len(others) >= 5
    assert [path.name for path in others if licence(path) is None] == []


def test_nothing_is_ours_that_is_not_there() -> None:
    assert OWN <= {path.relative_to(SITE).as_posix() for path in SERVED}


@pytest.mark.parametrize("path", LICENCES, ids=lambda path: path.name)
def test_a_licence_says_whose_work_it_is_and_what_is_allowed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.search(r"Copyright|©", text)
    assert KNOWN.search(text)


def test_the_picture_beside_links_has_the_size_that_is_shown_uncut_and_is_light() -> None:
    data = (SITE / "assets" / "share.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR"
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == (1200, 630)
    assert len(data) <= 20_000


def test_the_licence_of_the_themes_script_is_that_of_the_installed_theme_and_names_all_it_holds() -> None:
    text = (SITE / "assets" / "javascripts" / "bundle-LICENSE.txt").read_text(encoding="utf-8")
    theme = importlib.metadata.distribution("mkdocs-material")
    files = {path.name: path for path in theme.files or () if "javascripts" not in path.parts or "bundle" in path.name}
    assert Path(str(files["LICENSE"].locate())).read_text(encoding="utf-8") in text
    [sources] = [path for name, path in files.items() if re.fullmatch(r"bundle\.\w+\.min\.js\.map", name)]
    held = json.loads(Path(str(sources.locate())).read_text(encoding="utf-8"))["sources"]
    packages = {found[1] for source in held if (found := re.search(r"node_modules/((?:@[^/]+/)?[^/]+)", source))}
    assert packages
    assert [name for name in packages if not re.search(rf"^{re.escape(name)} ", text, re.MULTILINE)] == []
