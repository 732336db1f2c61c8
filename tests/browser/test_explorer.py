"""The explorer as a reader uses it: what it finds is compared with what Python finds in the cards."""

import csv
import io
import json
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

import bibtexparser
import pytest
from playwright.sync_api import Browser, Page, expect

from tooling.cards import Card, load_library
from tooling.cards.name import read_name
from tooling.pages.survey import Survey
from tooling.runs.result import load_results

ROOT = Path(__file__).parents[2]
READY = ".explorer[data-state=ready]"
SLOWEST_MS = 100
LINKS = "links => links.map(link => link.pathname.split('/').at(-2))"
COUNTS = (
    """boxes => boxes.map(box => [box.name, box.value, +box.closest('label').querySelector('.number').textContent])"""
)
Picked = Mapping[str, Sequence[str]]


class Answer(NamedTuple):
    """The works that are found, and for each value of each facet how many works it would leave."""

    found: list[Card]
    counts: dict[tuple[str, str], int]


@cache
def survey() -> Survey:
    """The real cards with their results."""
    return Survey(load_library(ROOT / "papers"), load_results(ROOT))


@cache
def filed(slug: str) -> dict[str, set[str]]:
    """What each facet has of a work, from its card."""
    card = survey().library[slug]
    return {
        "verdict": {finding.verdict for finding in survey().of(card)},
        "reproduction": {"yes"} if card.repro else set(),
        "topic": set(card.topics),
        "question": {term for claim in card.claims for term in claim.question},
        "method": set(card.methods),
        "model": set(card.models),
        "benchmark": set(card.benchmarks),
        "kind": {card.kind},
        "year": {card.date[:4]},
    }


def words(text: str) -> list[str]:
    """The words of a text without accents and capitals."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)).lower()
    return re.findall(r"[^\W_]+(?:\.[0-9]+)*", bare)


@cache
def said(slug: str) -> tuple[str, ...]:
    """The words under which a work is found."""
    card, methods = survey().library[slug], survey().vocabulary.methods
    names = [text for term in card.methods for text in (methods[term].name, *methods[term].aliases)]
    whole = card.authors if len(card.authors) < 3 else card.authors[:1]
    families = [read_name(author).family for author in (*card.authors[1:5], *card.authors[5:][-2:])]
    return tuple(
        words(
            " ".join(
                [
                    card.title,
                    card.slug,
                    *whole,
                    *families,
                    f"arxiv {card.arxiv}" * bool(card.arxiv),
                    card.venue or "",
                    *names,
                ]
            )
        )
    )


def meets(slug: str, picked: Picked, *, but: str = "") -> bool:
    """Whether a work has one of the values in every facet, one facet left aside."""
    return all(filed(slug)[facet] & set(some) for facet, some in picked.items() if facet != but)


def answer(picked: Picked, asked: str = "") -> Answer:
    """What the explorer is to show, newest first."""
    starts = words(asked)
    told = [
        card
        for card in survey().by_date(survey().library.values())
        if all(any(word.startswith(start) for word in said(card.slug)) for start in starts)
    ]
    counts: Counter[tuple[str, str]] = Counter()
    for card in told:
        for facet, held in filed(card.slug).items():
            if meets(card.slug, picked, but=facet):
                counts.update((facet, value) for value in held)
    return Answer([card for card in told if meets(card.slug, picked)], dict(counts))


def visit(page: Page, picked: Picked, **more: str) -> None:
    """Go to the address of a choice and wait until it is shown."""
    page.goto(f"explore/?{urlencode({**picked, **more}, doseq=True)}")
    expect(page.locator(READY)).to_be_visible(timeout=20_000)


def shown(page: Page) -> list[str]:
    """The slugs of all works that are found, in their order."""
    button = page.locator(".more button")
    while button.is_visible():
        button.click()
    found: list[str] = page.locator(".results .entry a").evaluate_all(LINKS)
    return found


def counted(page: Page) -> dict[tuple[str, str], int]:
    """The number beside each box, zeros left out."""
    boxes = page.locator(".facet input").evaluate_all(COUNTS)
    return {(name, value): number for name, value, number in boxes if number}


def drawn(seed: int) -> tuple[dict[str, list[str]], str]:
    """A random choice that some work meets, with a word of it in every other one."""
    draw = random.Random(seed)
    card = draw.choice(list(survey().library.values()))
    held = {facet: sorted(some) for facet, some in filed(card.slug).items() if some}
    picked = {facet: [draw.choice(held[facet])] for facet in draw.sample(sorted(held), draw.randrange(1, 4))}
    for facet, some in picked.items():
        every = sorted({value for slug in survey().library for value in filed(slug)[facet]} - set(some))
        some += draw.sample(every, min(len(every), draw.randrange(3)))
    word = draw.choice([word for word in words(card.title) if word.isascii()])
    return picked, word[: draw.randrange(1, len(word) + 1)] if seed % 2 else ""


def test_what_is_found_and_every_count_agree_with_the_cards(page: Page) -> None:
    sizes = []
    for seed in range(30):
        picked, asked = drawn(seed)
        visit(page, picked, words=asked)
        wanted = answer(picked, asked)
        assert shown(page) == [card.slug for card in wanted.found], (picked, asked)
        assert counted(page) == wanted.counts, (picked, asked)
        expect(page.locator(".found b")).to_have_text(str(len(wanted.found)))
        sizes.append(len(wanted.found))
    assert len(set(sizes)) > 8


@pytest.mark.parametrize(
    "asked", ["krahenbuhl", "2503.20783v2", "https://arxiv.org/abs/2503.20783", "gandhi HABITS", "GRPO", "qqzz"]
)
def test_words_find_works_whatever_their_accents_capitals_and_versions(page: Page, asked: str) -> None:
    visit(page, {}, words=asked)
    plain = re.sub(r".*/|v\d$", "", asked)
    assert shown(page) == [card.slug for card in answer({}, plain).found]
    expect(page.locator(".explorer .empty")).to_be_visible(visible=asked == "qqzz")


def test_sorting_puts_works_by_date_title_and_number_of_decided_claims(page: Page) -> None:
    cards = list(survey().library.values())
    by_title = survey().by_title(cards)

    def decided(card: Card) -> int:
        return sum(finding.verdict in ("supported", "contradicted") for finding in survey().of(card))

    orders = {
        "oldest": sorted(by_title, key=lambda card: card.date),
        "title": by_title,
        "decided": sorted(survey().by_date(cards), key=decided, reverse=True),
        "newest": survey().by_date(cards),
    }
    visit(page, {})
    for name, wanted in orders.items():
        page.locator("[name=sort]").select_option(name)
        assert shown(page) == [card.slug for card in wanted], name
    assert decided(orders["decided"][0]) >= 2


def test_the_list_reads_the_same_before_and_after_the_data_are_there(
    page: Page, chromium: Browser, address: str
) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=address)
    bare = context.new_page()
    bare.goto("explore/")
    expect(bare.locator("noscript a").first).to_be_visible()
    expect(bare.locator(".choose")).to_be_hidden()
    rows = bare.locator(".results li")
    before = [" ".join(text.split()) for text in rows.all_text_contents()]
    context.close()
    visit(page, {})
    after = [" ".join(text.split()) for text in page.locator(".results li").all_text_contents()]
    assert len(after) == 50 and after == before


def query(page: Page) -> dict[str, list[str]]:
    """What the address says."""
    return parse_qs(urlsplit(page.url).query)


def test_the_address_follows_the_choice_and_back_and_forward_restore_it(page: Page) -> None:
    visit(page, {})
    page.locator("[name=topic][value=efficiency]").check()
    page.locator("[name=verdict][value='not tested']").check()
    page.locator("[name=sort]").select_option("title")
    both = {"topic": ["efficiency"], "verdict": ["not tested"]}
    assert query(page) == {**both, "sort": ["title"]}
    page.locator("[name=words]").press_sequentially("length", delay=5)
    page.wait_for_url("**words=length**")
    found = shown(page)
    page.go_back()
    page.wait_for_url(lambda address: "sort" not in address)
    expect(page.locator("[name=sort]")).to_have_value("newest")
    expect(page.locator("[name=words]")).to_have_value("")
    assert shown(page) == [card.slug for card in answer(both).found]
    page.go_back()
    expect(page.locator("[name=verdict][value='not tested']")).not_to_be_checked()
    page.go_forward()
    page.go_forward()
    expect(page.locator("[name=words]")).to_have_value("length")
    assert shown(page) == found
    page.reload()
    expect(page.locator(READY)).to_be_visible()
    assert shown(page) == found


def test_words_typed_just_before_a_box_is_ticked_are_a_step_of_their_own(page: Page) -> None:
    visit(page, {})
    page.evaluate("""() => {
        const words = document.querySelector('[name=words]');
        words.value = 'length';
        words.dispatchEvent(new Event('input', { bubbles: true }));
        document.querySelector('[name=topic][value=efficiency]').click();
    }""")
    assert query(page) == {"words": ["length"], "topic": ["efficiency"]}
    page.go_back()
    expect(page.locator("[name=topic][value=efficiency]")).not_to_be_checked()
    assert query(page) == {"words": ["length"]}
    assert shown(page) == [card.slug for card in answer({}, "length").found]


def test_an_address_with_unknown_values_shows_all_works(page: Page) -> None:
    visit(page, {"topic": ["nothing"], "other": ["x"]}, sort="constructor", words="")
    assert len(shown(page)) == len(survey().library)
    expect(page.locator("[name=sort]")).to_have_value("newest")


def test_what_is_chosen_is_listed_and_taken_away_one_by_one_or_at_once(page: Page) -> None:
    visit(page, {"method": ["grpo", "ppo"], "year": ["2025"]}, words="re")
    chips = page.locator(".chips button")
    expect(chips).to_have_count(5)
    page.get_by_role("button", name="Remove Method: PPO").click()
    assert "ppo" not in query(page)["method"]
    expect(chips).to_have_count(4)
    assert page.evaluate("document.activeElement.closest('.chips') !== null")
    page.get_by_role("button", name="Clear all").click()
    expect(chips).to_have_count(0)
    expect(page.locator("[name=words]")).to_be_focused()
    assert query(page) == {}
    page.go_back()
    expect(chips).to_have_count(4)


def test_by_keyboard_alone_a_reader_gets_from_the_top_to_a_work(page: Page) -> None:
    visit(page, {})

    def tab_to(wanted: str) -> None:
        for _ in range(400):
            page.keyboard.press("Tab")
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
                assert outline != "none" or wanted == "[name=words]"
                return
        pytest.fail(f"no way by keyboard to {wanted}")

    tab_to("[name=words]")
    page.keyboard.type("rewards")
    tab_to("[name=verdict]")
    page.keyboard.press("Space")
    expect(page.locator(".chips li")).to_have_count(3)
    tab_to(".results a")
    (first, *_) = answer({"verdict": ["supported"]}, "rewards").found
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/papers/{first.slug}/")
    page.go_back()
    expect(page.locator(".chips li")).to_have_count(3)


def test_show_more_moves_the_focus_to_the_first_new_work_and_back_finds_it_again(page: Page) -> None:
    visit(page, {})
    rows = page.locator(".results li")
    expect(rows).to_have_count(50)
    page.locator(".more button").press("Enter")
    expect(rows).to_have_count(100)
    expect(rows.nth(50).locator("a")).to_be_focused()
    rows.nth(60).locator("a").click()
    page.wait_for_url("**/papers/**")
    page.go_back()
    expect(rows).to_have_count(100)


def test_the_number_of_works_is_announced_and_every_control_has_a_name(page: Page) -> None:
    visit(page, {"topic": ["efficiency"]})
    expect(page.get_by_role("status").first).to_have_text(re.compile(r"^\d+ of \d+ works$"))
    for name in ("Verdict", "Topic"):
        expect(page.get_by_role("group", name=name, exact=True).locator("input").first).to_be_visible()
    expect(page.get_by_role("textbox", name="Title, author")).to_be_visible()
    expect(page.get_by_role("combobox", name="Sort by")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Efficient reasoning")).to_be_checked()


def taken(page: Page, name: str) -> str:
    """The text of an export of what is chosen."""
    with page.expect_download() as waiting:
        page.locator(".export").get_by_role("button", name=name).click()
    return Path(waiting.value.path()).read_bytes().decode()


def test_exports_have_the_chosen_works_in_their_order_and_nothing_else(page: Page, address: str) -> None:
    picked = {"topic": ["efficiency"], "verdict": ["not tested"]}
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    visit(page, picked, sort="oldest")
    assert not [url for url in asked if "/exports/" in url]
    slugs = shown(page)
    assert 5 < len(slugs) < len(survey().library)
    table = list(csv.DictReader(io.StringIO(taken(page, "CSV"))))
    assert [row["slug"] for row in table] == slugs
    assert [row["page"] for row in table] == [f"{address}papers/{slug}/" for slug in slugs]
    works = json.loads(taken(page, "JSON"))
    assert [work["slug"] for work in works] == slugs
    assert [work["page"] for work in works] == [row["page"] for row in table]
    library = bibtexparser.parse_string(taken(page, "BibTeX"))
    assert library.failed_blocks == []
    keys = [survey().library[slug].citation_key for slug in slugs]
    assert [entry.key for entry in library.entries] == keys
    expect(page.locator(".export .note")).to_have_text(f"works.bib has {len(slugs)} works")


def test_an_export_that_cannot_be_read_is_told(page: Page) -> None:
    visit(page, {})
    page.route("**/exports/works.csv", lambda route: route.fulfill(status=200, body="slug\r\n"))
    page.locator(".export").get_by_role("button", name="CSV").click()
    expect(page.locator(".export .note")).to_contain_text("could not be read")


def test_without_its_data_the_page_leads_to_the_plain_list(page: Page) -> None:
    page.route("**/explore.json", lambda route: route.fulfill(status=200, body="no JSON"))
    page.goto("explore/?topic=efficiency")
    link = page.locator(".found").get_by_role("link", name="All works")
    expect(link).to_be_visible()
    expect(page.locator(".results")).to_have_css("opacity", "1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_at_360_pixels_the_facets_fold_away_and_every_target_is_large(page: Page, scheme: str) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    page.emulate_media(color_scheme=scheme)
    visit(page, {"method": ["grpo"], "verdict": ["supported"]})
    box = page.locator("[name=topic][value=efficiency]")
    expect(box).to_be_hidden()
    page.locator(".facets > summary").click()
    expect(box).to_be_visible()
    for fold in page.locator(".facets details:not([open]) > summary").all():
        if fold.is_visible():
            fold.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    targets = ".facets summary, .facet label, .explorer button, .explorer select, [name=words]"
    small = f"""[...document.querySelectorAll('{targets}')]
        .filter(each => each.checkVisibility() && each.getBoundingClientRect().height < 43.5)"""
    assert page.evaluate(f"{small}.map(each => each.outerHTML)") == []


def test_a_hostile_title_is_text_and_an_address_with_markup_is_too(page: Page, address: str) -> None:
    data = page.request.get(f"{address}explore.json").json()
    nasty = "<img src=x onerror=alert(1)> <script>alert(2)</script>"
    data |= {"title": [nasty] * len(data["title"]), "author": [nasty] * len(data["author"])}
    page.route("**/explore.json", lambda route: route.fulfill(status=200, body=json.dumps(data)))
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    visit(page, {}, words="<img src=x onerror=alert(3)>")
    expect(page.locator(".results li").first).to_contain_text(nasty)
    expect(page.locator(".chips button").first).to_contain_text("<img src=x onerror=alert(3)>")
    expect(page.locator(".explorer :is(img, script)")).to_have_count(0)


def many(data: dict[str, Any], size: int) -> dict[str, Any]:
    """The data of a library of so many works: the real ones over and over, with a number in slug and title."""
    real = len(data["slug"])

    def column(some: list[Any]) -> list[Any]:
        return [some[place % real] for place in range(size)]

    columns = ("author", "others", "date", "arxiv", "venue", "claims")
    numbered = {name: [f"{text} {place}" for place, text in enumerate(column(data[name]))] for name in ("title",)}
    slugs = [f"{text}-{place}" for place, text in enumerate(column(data["slug"]))]
    facets = {name: {**facet, "of": column(facet["of"])} for name, facet in data["facets"].items()}
    return {**data, **{name: column(data[name]) for name in columns}, **numbered, "slug": slugs, "facets": facets}


# from the press to the frame after which the page shows the answer
TIMES = """async () => {
    const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    const words = document.querySelector('[name=words]'), took = {};
    const time = async (name, act) => {
        await frame();
        const start = performance.now();
        act();
        await frame();
        took[name] = performance.now() - start;
    };
    for (const value of ['efficiency', 'data', 'code'])
        await time(value, () => document.querySelector(`[name=topic][value=${value}]`).click());
    await time('not tested', () => document.querySelector('[value="not tested"]').click());
    for (const text of ['r', 're', 'rei', 'rein'])
        await time(text, () => { words.value = text; words.dispatchEvent(new Event('input', { bubbles: true })); });
    const sort = document.querySelector('[name=sort]');
    await time('sort', () => { sort.value = 'title'; sort.dispatchEvent(new Event('change')); });
    await time('clear', () => document.querySelector('.chips [data-do=clear]').click());
    return took;
}"""


@pytest.mark.alone
def test_at_5000_works_each_answer_is_there_within_100_milliseconds(page: Page, address: str) -> None:
    body = json.dumps(many(page.request.get(f"{address}explore.json").json(), 5_000))
    page.route("**/explore.json", lambda route: route.fulfill(status=200, body=body))
    visit(page, {})
    expect(page.locator(".found b")).to_have_text("5000")
    rounds = [page.evaluate(TIMES) for _ in range(3)]
    took = {name: min(each[name] for each in rounds) for name in rounds[0]}
    print({name: round(ms, 1) for name, ms in took.items()})
    assert page.locator(".results li").count() == 50
    assert max(took.values()) < SLOWEST_MS, took
