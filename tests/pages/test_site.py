"""The whole site, built by mkdocs from the real cards: links, weight, navigation, nothing from elsewhere."""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
import yaml

from tests.pages.copy import mkdocs, whole
from tests.pages.reader import Reader

ROOT = Path(__file__).parents[2]
HEAVIEST_CARD = 60_000
HEAVIEST_FONTS = 120_000
# what a browser would fetch by itself; addresses in `a` are followed by people only
FETCHED = re.compile(
    r"""<(?:script|link|img|iframe|source|object|embed|video|audio|use)\b[^>]*?\b(?:src|href|data)=["']([^"']+)"""
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the real cards, built strictly."""
    root = whole(tmp_path_factory.mktemp("site"))
    outcome = mkdocs(root, "build", "--strict")
    assert outcome.returncode == 0, outcome.stderr
    assert "WARNING" not in outcome.stderr
    return root / ".build" / "site"


@pytest.fixture(scope="module")
def documents(built: Path) -> dict[str, str]:
    """The HTML pages by address, `papers/s1/`."""
    files = [path for path in built.rglob("*.html") if path.name != "404.html"]
    return {
        path.relative_to(built).as_posix().removesuffix("index.html"): path.read_text(encoding="utf-8")
        for path in files
    }


def seen(document: str) -> Reader:
    """A built page as a reader sees it."""
    reader = Reader()
    reader.feed(document)
    return reader


def test_every_card_question_and_topic_has_a_page(documents: dict[str, str]) -> None:
    slugs = {path.stem for path in (ROOT / "papers").glob("[!_]*.yaml")}
    vocabulary = yaml.safe_load((ROOT / "papers" / "_vocabulary.yaml").read_text(encoding="utf-8"))
    wanted = {f"papers/{slug}/" for slug in slugs} | {f"questions/{term}/" for term in vocabulary["questions"]}
    assert wanted <= documents.keys()
    assert len([path for path in documents if re.fullmatch(r"topics/[^/]+/", path)]) > 10


def test_every_link_within_the_site_leads_somewhere(documents: dict[str, str], built: Path) -> None:
    read = {address: seen(document) for address, document in documents.items()}
    broken = []
    for address, reader in read.items():
        for link in reader.links:
            if urlsplit(link).scheme in ("http", "https", "mailto", "javascript"):
                continue
            target, anchor = urldefrag(urljoin(f"/{address}", link))
            name = urlsplit(target).path.lstrip("/")
            if name in read:
                if anchor and anchor not in read[name].ids:
                    broken.append((address, link))
            elif not (built / name).is_file():
                broken.append((address, link))
    assert broken == []


def test_no_page_and_no_style_fetches_from_another_host(documents: dict[str, str], built: Path) -> None:
    fetched = {found for document in documents.values() for found in FETCHED.findall(document)}
    for sheet in built.rglob("*.css"):
        fetched.update(re.findall(r"url\(([^)]+)\)", sheet.read_text(encoding="utf-8")))
    used = {found for found in fetched if found.startswith(("http", "//"))}
    assert used == set()


def test_a_page_of_a_card_weighs_at_most_60_kilobytes(documents: dict[str, str]) -> None:
    weights = sorted((len(text.encode()), path) for path, text in documents.items() if path.startswith("papers/"))
    print(f"largest card pages: {weights[-3:]}")
    assert weights[-1][0] <= HEAVIEST_CARD


def test_every_card_says_to_programs_what_it_is_about(documents: dict[str, str]) -> None:
    cards = {f"papers/{path.stem}/" for path in (ROOT / "papers").glob("[!_]*.yaml")}
    for path, text in documents.items():
        blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text)
        if path not in {"", *cards}:
            assert blocks == []
            continue
        [said] = map(json.loads, blocks)
        assert said["@context"] == "https://schema.org"
        assert text.count('property="og:title"') == text.count('property="og:description"') == 1
        assert not re.search('property="og:(url|image)"', text)
        if not path:
            assert '<meta property="og:title" content="Post-DeepSeek-R1">' in text
        else:
            assert said["about"]["name"] and text.count('class="Z3988"') == 1


def test_every_page_has_a_policy_and_only_bars_are_drawn_by_style_attributes(built: Path) -> None:
    pages = {path: path.read_text(encoding="utf-8") for path in built.rglob("*.html")}
    for path, text in pages.items():
        assert text.count('<meta http-equiv="content-security-policy"') == 1, path
        assert "script-src 'self' 'sha256-" in text or 'http-equiv="refresh"' in text, path
        assert "'unsafe-inline'" not in text.replace("style-src-attr 'unsafe-inline'", ""), path
        assert (" style=" in text) == ("style-src-attr" in text), path


def test_of_the_theme_only_its_script_is_served_beside_its_licence(built: Path) -> None:
    ours = {path.relative_to(ROOT / "site") for path in (ROOT / "site" / "assets").rglob("*") if path.is_file()}
    served = {path.relative_to(built) for path in (built / "assets").rglob("*") if path.is_file()}
    [script] = served - ours
    assert re.fullmatch(r"assets/javascripts/bundle\.\w+\.min\.js", script.as_posix())
    assert Path("assets/javascripts/bundle-LICENSE.txt") in served


def test_fonts_are_vendored_with_their_licences_and_light() -> None:
    fonts = list((ROOT / "site" / "assets" / "fonts").glob("*.woff2"))
    assert sum(font.stat().st_size for font in fonts) <= HEAVIEST_FONTS
    assert len(list((ROOT / "site" / "assets" / "fonts").glob("*LICENSE.txt"))) == 2


def test_cards_stay_out_of_the_navigation(documents: dict[str, str]) -> None:
    start = documents[""]
    navigation = start[
        start.index('<nav class="sections"') : start.index("</nav>", start.index('<nav class="sections"'))
    ]
    assert "papers/" not in navigation
    assert navigation.count("<a ") == 5


def test_each_page_leads_to_the_file_it_is_made_from(documents: dict[str, str]) -> None:
    edit = 'href="https://github.com/jzhou316/Post-DeepSeek-R1_LLM-RL/{}" rel="edit"'
    assert edit.format("edit/main/papers/tinyzero.yaml") in documents["papers/tinyzero/"]
    assert edit.format("edit/main/papers/_vocabulary.yaml") in documents["questions/what-scales/"]
    assert edit.format("edit/main/site/about.md") in documents["about/"]
    assert edit.format("tree/main/papers") in documents["claims/"]


def test_all_claims_are_in_the_matrix(documents: dict[str, str]) -> None:
    claims = [
        f"{path.stem}/#{claim['id']}"
        for path in (ROOT / "papers").glob("[!_]*.yaml")
        for claim in yaml.safe_load(path.read_text(encoding="utf-8")).get("claims", ())
    ]
    links = [link.removeprefix("../papers/") for link in seen(documents["claims/"]).links]
    assert len(claims) >= 264
    assert [claim for claim in claims if links.count(claim) != 1] == []


def test_every_correction_of_the_survey_is_listed(documents: dict[str, str]) -> None:
    text = seen(documents["errata/"]).text
    notes = [
        note["text"]
        for path in (ROOT / "papers").glob("[!_]*.yaml")
        for note in yaml.safe_load(path.read_text(encoding="utf-8")).get("notes", ())
        if note["kind"] == "erratum"
    ]
    assert notes
    assert [note for note in notes if " ".join(note.split()) not in text] == []


def test_the_site_needs_no_training_stack() -> None:
    code = "import sys, tooling.pages.hook; print({'torch', 'transformers', 'trl', 'vllm'} & set(sys.modules))"
    outcome = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert outcome.stdout.strip() == "set()"
