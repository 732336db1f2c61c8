"""A made-up survey with runs of every kind and texts that want to break the page, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import serving
from tests.pages.copy import CARD, mkdocs, small
from tests.pages.sample import claim_result, result
from tooling.runs.result import write_result

NASTY = (
    """<script>alert(1)</script> {{ 7*7 }} {% x %} ${y} | *b* _c_ `d` <img src=x onerror=alert(2)> [e](javascript:f)"""
)
CLAIMS = "\n".join(
    f"""\
- id: claim-{name}
  statement: "It holds for {name}: {NASTY}."
  reported: A figure of 12 points at 32B.
  source: {{address: https://example.org/{"long" * 40}, place: null, confidence: paper}}
  test: Run it.
  question: [what-it-costs]
  bearing: {{kind: direct, why: It is the same.}}"""
    for name in ("above", "below", "within", "parts", "unfit")
)
SCRIPT = '"""Does it hold?\n\nIdea: <script>alert(3)</script> `code`.\n\nDiffers: in size.\n"""\n'


def recording() -> dict[str, object]:
    """A decision of each kind by claim key."""
    part = claim_result(name="a part with a long name", verdict="inconclusive", unit="share of rollouts")
    whole = claim_result(
        region="all", parts=(part, claim_result(name="other")), verdict="inconclusive", why="too few seeds"
    )
    down = claim_result(
        side="below", region="below", estimate=-0.3, low=-0.9, high=-0.2, contrast_per_seed=(-0.4, -0.2)
    )
    same = claim_result(side="within", region="within", verdict="contradicted", estimate=0.2, low=0.1, high=0.3)
    unfit = claim_result(
        verdict="inconclusive", estimate=None, low=None, high=None, fit=False, unfit=("the base",), why=NASTY
    )
    names = ("above", "below", "within", "parts", "unfit")
    kinds = (claim_result(scope=NASTY, unit="points of pass@1"), down, same, whole, unfit)
    return {f"one-work/claim-{name}": kind for name, kind in zip(names, kinds, strict=True)}


@pytest.fixture(scope="module")
def showcase(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the made-up survey's site."""
    root = small(tmp_path_factory.mktemp("showcase"))
    card = CARD.format(title="T", key="one20251")
    start, end = card.index("- id:"), card.index("citation_key")
    card = card[:start] + CLAIMS + "\nrepro: repro/one-work/run.py\n" + card[end:]
    card = card.replace("title: 'T'", f'title: "{NASTY} {"x" * 300}"')
    (root / "papers" / "one-work.yaml").write_text(card, encoding="utf-8")
    script = root / "repro" / "one-work" / "run.py"
    script.parent.mkdir(parents=True)
    script.write_text(SCRIPT, encoding="utf-8")
    made = result("one-work", recording(), device=NASTY)  # type: ignore[arg-type]
    write_result(root / "repro" / "one-work" / "results" / "mini.json", made)
    (root / "repro" / "one-work" / "results" / "mini-1-outcomes.npz").write_bytes(b"")
    look = result("one-work", {"one-work/claim-above": claim_result()}, scale="quick", quick=True, recording=0)
    write_result(root / ".build" / "quick" / "one-work" / "quick.json", look)
    outcome = mkdocs(root, "build", "--strict")
    assert outcome.returncode == 0, outcome.stderr
    with serving(root / ".build" / "site") as site:
        yield site


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_pages_with_runs_and_hostile_text_fit_the_window_and_run_nothing(
    chromium: Browser, showcase: str, width: int
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800}, base_url=showcase)
    page = context.new_page()
    alarms: list[str] = []
    page.on("dialog", lambda dialog: alarms.append(dialog.message))
    page.on("pageerror", lambda error: alarms.append(str(error)))
    page.on("request", lambda sent: alarms.append(sent.url) if sent.url.endswith("/x") else None)
    for path in ("./", "papers/one-work/", "questions/what-it-costs/", "claims/", "topics/efficiency/", "reproduce/"):
        page.goto(path)
        page.evaluate("document.fonts.ready")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
    assert alarms == []


def test_a_search_shows_a_hostile_title_as_text(chromium: Browser, showcase: str) -> None:
    context = chromium.new_context(base_url=showcase)
    page = context.new_page()
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto("./")
    page.locator(".search input").click()
    page.locator(".search input").press_sequentially("alert", delay=1)
    expect(page.locator(".search[data-state=done] li").first).to_be_visible(timeout=20_000)
    assert "<script>" in page.locator(".search li").first.inner_text()
    assert page.locator(".search li :is(img, script)").count() == 0
    context.close()


def test_a_column_of_intervals_shares_its_zero(chromium: Browser, showcase: str) -> None:
    for width in (360, 1280):
        context = chromium.new_context(viewport={"width": width, "height": 800}, base_url=showcase)
        page = context.new_page()
        page.goto("./")
        boxes = "[...document.querySelectorAll('.forest .interval')].map(i => i.getBoundingClientRect())"
        places = page.evaluate(f"{boxes}.map(box => box.x + box.width / 2)")
        assert len(places) == 4
        assert max(places) - min(places) < 1
        axis = page.locator(".forest .scale").bounding_box()
        assert axis is not None and abs(axis["x"] + axis["width"] / 2 - places[0]) < 1
        context.close()


def test_the_quick_look_is_marked(chromium: Browser, showcase: str) -> None:
    context = chromium.new_context(base_url=showcase)
    page = context.new_page()
    page.goto("papers/one-work/")
    expect(page.locator(".quick")).to_contain_text("It decides nothing")
    assert page.locator(".claim").count() == 5
    context.close()
