"""What a page says to programs: whose page it is, which work it is about, and nothing that can break out of it."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.exports.shelf import TITLES, awkward, real
from tests.pages.sample import card, claim_result, library, result, results
from tooling.exports.metadata import AUTHORS, TYPES, coins, metadata, work
from tooling.exports.text import plain
from tooling.pages.survey import Survey

ROOT = Path(__file__).parents[2]
SITE = "https://survey.example/x/"


class Scripts(HTMLParser):
    """The texts of the `script` elements of a page, and the names of all its elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.texts += [""] if tag == "script" else []

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == "script":
            self.texts[-1] += data


def survey(site: str = "") -> Survey:
    """One work with one recording, of which the second run is the last fact."""
    recorded = result(
        "one",
        {"one/first-claim": claim_result()},
        revalidations=({"date": "2026-12-01T10:00:00Z", "agrees": True},),
    )
    return Survey(library(card("one", venue="ICML 2025")), results(recorded), site=site)


def test_the_page_is_the_surveys_and_the_work_is_its_authors() -> None:
    said = json.loads(metadata(survey(SITE))["papers/one.md"].linked)
    assert (said["@context"], said["@type"], said["url"]) == ("https://schema.org", "WebPage", f"{SITE}papers/one/")
    assert said["author"]["name"] == "Post-DeepSeek-R1"
    assert said["dateModified"] == "2026-12-01"
    about = said["about"]
    assert (about["@type"], about["name"], about["datePublished"]) == ("ScholarlyArticle", "Title of one", "2025-03-26")
    assert [each["name"] for each in about["author"]] == ["Ada One", "Ben Two"]
    assert about["identifier"] == ["arXiv:2503.20783"]
    assert about["sameAs"] == ["https://example.org/paper", "https://arxiv.org/abs/2503.20783"]
    assert "url" not in about


def test_a_preprint_has_the_doi_that_arxiv_gives_it() -> None:
    said = work(card("one"))
    assert "doi:10.48550/arXiv.2503.20783" in said["identifier"]
    assert said["sameAs"][-1] == "https://doi.org/10.48550/arXiv.2503.20783"


def test_without_the_sites_address_no_address_of_the_site_is_made_up() -> None:
    said = metadata(survey())
    assert "url" not in json.loads(said["papers/one.md"].linked)
    graph = json.loads(said["index.md"].linked)["@graph"]
    assert all("url" not in each for each in graph)
    assert graph[1]["distribution"][0]["contentUrl"] == "exports/works.jsonl"


def test_the_start_page_offers_exports_that_exist() -> None:
    from tooling.exports import exports

    site, data = json.loads(metadata(survey(SITE))["index.md"].linked)["@graph"]
    assert (site["@type"], data["@type"], data["dateModified"]) == ("WebSite", "Dataset", "2026-12-01")
    assert data["license"] in (ROOT / "papers" / "LICENSE").read_text(encoding="utf-8")
    written = {file.path for file in exports(survey().library, survey().results)}
    offered = [each["contentUrl"].removeprefix(SITE) for each in data["distribution"]]
    assert len(offered) == 6 and set(offered) <= written


@pytest.mark.parametrize("title", [*TITLES, "</script><!--<script>", "a\u2028b\u2029c"])
def test_no_text_of_a_card_breaks_out_of_the_script_or_the_attribute(title: str) -> None:
    # past the schema, which refuses some of these
    kept = card("one").model_copy(update={"title": title, "authors": ("</script><b>Ada</b> --> One",)})
    linked = metadata(Survey(library(kept), results()))["papers/one.md"].linked
    found = Scripts(f'<script type="application/ld+json">{linked}</script><p>')
    assert found.tags == ["script", "p"]
    assert json.loads(found.texts[0])["about"]["name"] == plain(title)
    assert linked.isascii() and "<" not in linked
    assert not re.search(r"""["'<>\s]""", coins(kept))


def test_of_two_hundred_authors_eight_are_named_and_a_team_is_no_person() -> None:
    kept = awkward().cards[0]
    assert len(kept.authors) == 200
    named = work(kept)["author"]
    assert [each["name"] for each in named] == list(kept.authors[:AUTHORS])
    kinds = {each["name"]: each["@type"] for each in named}
    assert kinds["Leandro von Werra"] == "Person" and kinds["DeepSeek-AI"] == "Organization"
    assert len(parse_qs(coins(kept))["rft.creator"]) == AUTHORS


def test_zotero_is_told_what_kind_of_work_it_is() -> None:
    def told(**changes: str | None) -> dict[str, list[str]]:
        return parse_qs(coins(card("one", **changes)))

    assert told()["rft.type"] == ["preprint"]
    assert told()["rft_id"] == ["info:doi/10.48550/arXiv.2503.20783"]
    published = told(venue="ICML 2025 (oral)")
    assert (published["rft.type"], published["rft.source"]) == (["conferencePaper"], ["ICML 2025"])
    article = told(venue="Nature 2025")
    assert (article["rft.type"], article["rft.source"]) == (["journalArticle"], ["Nature"])
    assert told(kind="blog")["rft.type"] == ["blogPost"]
    assert told()["ctx_ver"] == ["Z39.88-2004"] and told()["rft_val_fmt"] == ["info:ofi/fmt:kev:mtx:dc"]


def test_every_kind_of_the_vocabulary_has_a_type() -> None:
    assert set(real().survey.vocabulary.kinds) == set(TYPES)


def test_what_a_real_card_says_is_light() -> None:
    said = metadata(real().survey)
    assert max(len(each.linked) for path, each in said.items() if path != "index.md") <= 1400
    assert max(len(each.coins) for each in said.values()) <= 900
