"""Search engines find every page at its whole address, with the day of its last fact."""

from datetime import date
from urllib.robotparser import RobotFileParser

import pytest
from lxml import etree

from tests.exports.shelf import real
from tests.pages.sample import card, claim, claim_result, library, result, results
from tooling.exports.day import changed, page_changed
from tooling.exports.sitemap import NAMESPACE, robots, sitemap
from tooling.pages.survey import Survey

SITE = "https://survey.example/x/"


def survey() -> Survey:
    """Two works of one topic; the older has a recording and asks another question."""
    old = card("old", date="2024-02", claims=[claim("first-claim", question=["what-scales"])], methods={})
    recorded = result("old", {"old/first-claim": claim_result()}, started="2026-11-22T21:00:00Z")
    return Survey(library(old, card("new")), results(recorded), site=SITE)


def listed(text: str) -> dict[str, str | None]:
    """The pages of a site map with their dates, read by another library; each element is the protocol's."""
    root = etree.fromstring(text.encode())
    assert root.tag == f"{{{NAMESPACE}}}urlset"
    found = {}
    for url in root:
        names = [etree.QName(child).localname for child in url]
        assert url.tag == f"{{{NAMESPACE}}}url" and names in (["loc"], ["loc", "lastmod"])
        assert {etree.QName(child).namespace for child in url} == {NAMESPACE}
        found[url[0].text] = url[1].text if len(url) > 1 else None
    assert len(found) == len(root)
    return found


def test_a_page_changed_on_the_day_of_the_last_fact_of_its_cards() -> None:
    found = listed(sitemap(survey(), ["", "papers/old/", "papers/new/", "questions/what-scales/", "methods/grpo/"]))
    assert found == {
        SITE: "2026-11-22",
        f"{SITE}papers/old/": "2026-11-22",
        f"{SITE}papers/new/": "2025-03-26",
        f"{SITE}questions/what-scales/": "2026-11-22",
        f"{SITE}methods/grpo/": "2025-03-26",
    }


def test_prose_has_no_date_and_a_month_becomes_its_first_day() -> None:
    bare = Survey(library(card("old", date="2024-02")), results(), site=SITE)
    assert listed(sitemap(bare, ["about/", "papers/old/"], prose=["about/"])) == {
        f"{SITE}about/": None,
        f"{SITE}papers/old/": "2024-02-01",
    }


def test_an_earlier_recording_and_a_revalidation_count_as_facts() -> None:
    def day(**changes: object) -> str:
        recorded = result("one", {"one/first-claim": claim_result()}, **changes)
        kept = card("one")
        return changed(Survey(library(kept), results(recorded)), kept)

    assert day() == "2026-11-22"
    assert day(history=({"recording": 2, "started": "2026-11-30T09:00:00Z", "claims": {}},)) == "2026-11-30"
    assert day(revalidations=({"date": "2026-12-24T09:00:00Z", "agrees": False},)) == "2026-12-24"


def test_the_recording_of_another_works_script_changes_the_page_of_the_claim() -> None:
    kept = card("one")
    elsewhere = result("other", {"one/first-claim": claim_result()})
    assert changed(Survey(library(kept, card("other")), results(elsewhere)), kept) == "2026-11-22"


def test_every_real_page_has_a_whole_date() -> None:
    known = real().survey
    addresses = [*(f"papers/{slug}/" for slug in known.library), *(f"topics/{term}/" for term in known.users["topics"])]
    assert all(page_changed(known, address) for address in addresses)
    assert all(date.fromisoformat(day or "") for day in listed(sitemap(known, addresses)).values())


def test_an_address_is_text_in_the_map() -> None:
    assert listed(sitemap(survey(), ["papers/a&b<c/"])).keys() == {f"{SITE}papers/a&b<c/"}


@pytest.mark.parametrize("site", ["", SITE, "http://127.0.0.1:8000/x/y/"])
def test_below_a_path_there_is_no_robots_file(site: str) -> None:
    assert robots(site) == ""


def test_on_a_host_of_its_own_robots_are_let_in_and_led_to_the_map() -> None:
    parser = RobotFileParser()
    parser.parse(robots("https://survey.example/").splitlines())
    assert parser.can_fetch("anyone", "https://survey.example/papers/s1/")
    assert parser.site_maps() == ["https://survey.example/sitemap.xml"]
