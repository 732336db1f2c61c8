"""What a reader's eyes and hands meet: width, measure, colours, copying, the keyboard, print."""

import pytest
from playwright.sync_api import Browser, Page, expect

PAGES = (
    "./",
    "papers/deepseek-r1/",
    "papers/tinyzero/",
    "papers/awesome-o1/",
    "questions/",
    "questions/algorithm-details/",
    "claims/",
    "claims/disputes/",
    "found/",
    "explore/",
    "works/",
    "topics/",
    "topics/efficiency/",
    "methods/grpo/",
    "models/",
    "timeline/",
    "how-to-read/",
    "reproduce/",
    "errata/",
    "about/",
)
# characters on the fullest line of each paragraph: ranges that share a top edge share a line
LINES = """() => [...document.querySelectorAll('.text > p, .lead p')].filter(p => p.textContent.length > 300).map(p => {
  const lines = {}, walker = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
  for (let node; node = walker.nextNode();) for (let i = 0; i < node.length; i++) {
    const range = document.createRange(); range.setStart(node, i); range.setEnd(node, i + 1);
    const top = Math.round(range.getBoundingClientRect().bottom / 6); lines[top] = (lines[top] || 0) + 1;
  }
  return Math.max(...Object.values(lines));
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_the_window(page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    for path in PAGES:
        page.goto(path)
        page.evaluate("document.fonts.ready")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_lines_of_text_have_at_most_80_characters_and_mostly_65_to_75(page: Page) -> None:
    page.goto("how-to-read/")
    page.evaluate("document.fonts.ready")
    longest = page.evaluate(LINES)
    assert longest and all(60 <= count <= 80 for count in longest)


def test_both_faces_are_loaded_from_the_site(page: Page) -> None:
    page.goto("papers/tinyzero/")
    page.wait_for_load_state("networkidle")
    loaded = page.evaluate(
        "document.fonts.ready.then(f => [...f].filter(x => x.status == 'loaded').map(x => x.family))"
    )
    assert {face.strip('"') for face in loaded} == {"Source Serif 4", "IBM Plex Mono"}


LIGHT, DARK = "rgb(255, 255, 255)", "rgb(21, 24, 27)"


def expect_background(page: Page, colour: str) -> None:
    """Wait until the colour behind the text is this one: the theme follows the system a moment later."""
    expect(page.locator("body")).to_have_css("background-color", colour)


def test_colours_follow_the_system_and_then_the_reader(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("./")
    expect_background(page, DARK)
    page.emulate_media(color_scheme="light")
    expect_background(page, LIGHT)
    toggle = page.locator(".palette label:visible")
    toggle.click()  # light, whatever the system says
    page.emulate_media(color_scheme="dark")
    expect_background(page, LIGHT)
    toggle.click()
    page.emulate_media(color_scheme="light")
    expect_background(page, DARK)
    page.goto("about/")
    expect_background(page, DARK)


def test_without_scripts_a_page_reads_and_follows_the_system(chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False, color_scheme="dark", base_url=address)
    bare = context.new_page()
    bare.goto("papers/tinyzero/")
    assert bare.locator("h1").inner_text() == "TinyZero"
    assert bare.locator(".claim h3").first.is_visible()
    expect_background(bare, DARK)
    context.close()


def test_the_citation_is_copied_with_one_press(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("papers/tinyzero/")
    page.wait_for_load_state("networkidle")
    page.locator('.copy[data-clipboard-target="#bibtex"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator(".md-dialog")).to_have_class("md-dialog md-dialog--active")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("@misc{pan2025tinyzero,") and "Alane Suhr" in copied


def test_the_first_screen_of_a_card_says_what_is_claimed_and_whether_it_holds(page: Page) -> None:
    page.goto("papers/tinyzero/")
    fold = page.evaluate("innerHeight")
    for words in ("h1", ".authors", ".lead", "#_claims", ".verdict"):
        box = page.locator(words).first.bounding_box()
        assert box is not None and box["y"] + box["height"] <= fold, words


def test_every_control_can_be_reached_by_keyboard_and_shows_its_focus(page: Page) -> None:
    page.goto("./")
    page.wait_for_load_state("networkidle")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.innerText")
        )
    assert reached[0].strip() == "Skip to content"
    for name in ("Questions", "Claims", "Works", "How it works", "Search works, authors, methods, claims"):
        assert name in [words.strip() for words in reached]
    assert any("Colours" in words for words in reached)


def test_a_verdict_is_told_by_shape_and_word_not_by_colour_alone(page: Page) -> None:
    page.goto("how-to-read/")
    shapes = page.evaluate("[...document.querySelectorAll('.legend .glyph')].map(glyph => glyph.innerHTML)")
    words = page.locator(".legend .verdict").all_inner_texts()
    assert len(set(shapes)) == len(shapes) == 5
    assert words == ["supported", "contradicted", "inconclusive", "not tested", "untestable"]


def test_on_paper_the_card_stands_alone(page: Page) -> None:
    page.goto("papers/tinyzero/")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator(".masthead").is_visible()
    assert not page.locator(".contents").is_visible()
    assert page.locator(".claim h3").first.is_visible()
    expect_background(page, LIGHT)
