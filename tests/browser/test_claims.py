"""All claims, narrowed down as a reader does it: what stays is compared with what Python finds in the cards."""

import random
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_explorer import COUNTS, words
from tooling.cards import load_library
from tooling.pages.survey import Finding, Survey
from tooling.runs.result import load_results

ROOT = Path(__file__).parents[2]
READY = ".sift[data-state=ready]"
KEYS = "links => links.map(link => link.pathname.split('/').at(-2) + '/' + link.hash.slice(1))"
OPTIONS = "all => all.filter(each => each.value).map(each => [each.value, +each.textContent.match(/\\((\\d+)\\)$/)[1]])"
Picked = dict[str, list[str]]


@cache
def findings() -> tuple[Finding, ...]:
    """The claims of the real cards."""
    return tuple(Survey(load_library(ROOT / "papers"), load_results(ROOT)).findings.values())


def filed(finding: Finding) -> dict[str, set[str]]:
    """What a claim has in each facet."""
    return {
        "verdict": {finding.verdict},
        "miniature": {finding.claim.bearing.kind},
        "question": set(finding.claim.question),
    }


def meets(finding: Finding, picked: Picked, *, but: str = "") -> bool:
    """Whether a claim has one of the values in every facet, one facet left aside."""
    return all(filed(finding)[facet] & set(some) for facet, some in picked.items() if facet != but)


def told(asked: str) -> list[Finding]:
    """The claims in whose statement or work each word begins a word; a long title is cut on the page as well."""
    starts = words(asked)
    return [f for f in findings() if all(any(w.startswith(s) for w in words(f.claim.statement)) for s in starts)]


def visit(page: Page, picked: Picked, **more: str) -> None:
    """Go to the address of a choice and wait until it is shown."""
    page.goto(f"claims/?{urlencode({**picked, **more}, doseq=True)}")
    expect(page.locator(READY)).to_be_visible()


def shown(page: Page) -> set[str]:
    """The keys of the claims that are shown."""
    found: list[str] = page.locator(".matrix tr:not([hidden]) td:nth-child(2) a").evaluate_all(KEYS)
    assert len(set(found)) == len(found)
    return set(found)


def choice(seed: int) -> Picked:
    """A random choice that some claim meets."""
    draw = random.Random(seed)
    held = filed(draw.choice(findings()))
    picked = {facet: [draw.choice(sorted(held[facet]))] for facet in draw.sample(sorted(held), draw.randrange(1, 4))}
    if "verdict" in picked and seed % 2:
        picked["verdict"].append("contradicted" if picked["verdict"] != ["contradicted"] else "supported")
    return picked


def test_what_is_shown_and_every_count_agree_with_the_cards(page: Page) -> None:
    sizes = set()
    for seed in range(20):
        picked = choice(seed)
        visit(page, picked)
        wanted = {finding.key for finding in findings() if meets(finding, picked)}
        assert shown(page) == wanted, picked
        expect(page.locator(".sift .found b")).to_have_text(str(len(wanted)))
        boxes = page.locator(".sift input[type=checkbox]").evaluate_all(COUNTS)
        questions = page.locator(".sift option").evaluate_all(OPTIONS)
        counts = [*boxes, *(["question", value, number] for value, number in questions)]
        for facet, value, number in counts:
            left = [each for each in findings() if value in filed(each)[facet] and meets(each, picked, but=facet)]
            assert number == len(left), (picked, facet, value)
        sizes.add(len(wanted))
    assert len(sizes) > 8


@pytest.mark.parametrize("asked", ["length", "SFT base", "pass@k", "Budget forc", "qqzz"])
def test_words_narrow_the_claims_down_and_tables_without_one_go(page: Page, asked: str) -> None:
    visit(page, {}, words=asked)
    assert shown(page) >= {finding.key for finding in told(asked)}
    assert len(shown(page)) < len(findings()) / 2
    tables = page.locator(".matrix table:not([hidden])")
    for table in tables.all():
        rows = table.locator("tbody tr:not([hidden])").count()
        assert rows > 0
        expect(table.locator("caption .number")).to_have_text(str(rows))
    expect(page.locator(".matrix .empty")).to_be_visible(visible=asked == "qqzz")
    assert (tables.count() == 0) == (asked == "qqzz")


def test_the_address_keeps_the_choice_and_the_back_button_takes_it_back(page: Page) -> None:
    page.goto("claims/")
    page.locator(".sift [value=supported]").check()
    page.locator(".sift [value=direct]").check()
    both = shown(page)
    assert parse_qs(urlsplit(page.url).query) == {"verdict": ["supported"], "miniature": ["direct"]}
    page.go_back()
    assert parse_qs(urlsplit(page.url).query) == {"verdict": ["supported"]}
    assert shown(page) > both
    page.get_by_role("button", name="Show all").click()
    assert urlsplit(page.url).query == ""
    assert len(shown(page)) == len(findings())
    expect(page.get_by_role("button", name="Show all")).to_be_hidden()


def test_the_form_is_worked_by_keyboard_alone(page: Page) -> None:
    page.goto("claims/")
    expect(page.locator(READY)).to_be_visible()
    page.locator("#_words").focus()
    page.keyboard.type("length")
    page.keyboard.press("Tab")
    page.keyboard.type("shorter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator(".sift [value=supported]")).to_be_checked()
    query = parse_qs(urlsplit(page.url).query)
    assert query["words"] == ["length"]
    assert query["verdict"] == ["supported"]
    assert len(query["question"]) == 1


def test_the_counts_of_the_start_page_lead_to_their_claims(page: Page) -> None:
    page.goto("./")
    page.locator(".standing a.contradicted").click()
    expect(page.locator(READY)).to_be_visible()
    assert shown(page) == {finding.key for finding in findings() if finding.verdict == "contradicted"}


def test_without_scripts_every_claim_is_there_and_no_form(chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=address)
    page = context.new_page()
    page.goto("claims/")
    expect(page.locator(".sift")).to_be_hidden()
    expect(page.locator("noscript .verdict").first).to_be_visible()
    assert shown(page) == {finding.key for finding in findings()}
    context.close()


def test_a_phone_has_room_for_the_form_and_long_labels(chromium: Browser, address: str) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 800}, base_url=address)
    page = context.new_page()
    visit(page, {"verdict": ["contradicted"]})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("document.documentElement.scrollHeight") < 6_000
    heights = page.locator(".sift label:has(input[type=checkbox])").evaluate_all("all => all.map(e => e.clientHeight)")
    assert min(heights) >= 44
    context.close()
