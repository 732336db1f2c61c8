"""Pages on a slow phone: a processor four times slower, 1.6 Mbit/s, 150 ms to the server, nothing cached.

The network is that of Lighthouse's slow phone. Times are the best of several loads, as other work on the machine only
ever adds to them; where it does, there are more of them. Files are sent as they are; hosts that compress do better.
"""

import gzip
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page

SLOWER = 4
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 640}, "device_scale_factor": 2, "is_mobile": True}
LOADS, MOST_LOADS = 3, 9
MOST_PAINT_MS, MOST_SHIFT = 2_000, 0.1
MOST_BLOCKED_MS = 600  # above it Lighthouse calls a page slow
MOST_CARD_BYTES, MOST_SCRIPT_BYTES = 60_000, 150_000
# a task blocks for what it takes beyond 50 ms; what moves because somebody pressed something is no shift
WATCH = """
window.seen = {paint: 0, shift: 0, blocked: 0, moved: []};
const watch = (type, each) =>
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({type, buffered: true});
watch('largest-contentful-paint', (entry) => { seen.paint = entry.startTime; });
const name = ({node, previousRect, currentRect}) =>
    `${node?.outerHTML?.slice(0, 80) ?? node?.nodeValue}: ${previousRect.y} to ${currentRect.y}`;
watch('layout-shift', (entry) => {
    if (entry.hadRecentInput) return;
    seen.shift += entry.value;
    seen.moved.push(`${Math.round(entry.startTime)} ms, ${entry.value}: ${entry.sources.map(name)}`);
});
watch('longtask', (entry) => { seen.blocked += Math.max(0, entry.duration - 50); });
"""


class Load(NamedTuple):
    """What a reader waits for: ms to the largest paint and in long tasks, shift of the layout, bytes of script.

    `moved` says what the shift is made of.
    """

    paint_ms: float
    blocked_ms: float
    shift: float
    script_bytes: int
    moved: tuple[str, ...]


def load(browser: Browser, address: str) -> Load:
    """One load of the page with an empty cache, until it is quiet; scripts count as gzip would send them."""
    context = browser.new_context(**PHONE)
    page = context.new_page()
    devices = context.new_cdp_session(page)
    devices.send("Network.enable")
    devices.send("Network.emulateNetworkConditions", NETWORK)
    devices.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(WATCH)
    answers: list[Any] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    seen = page.evaluate("new Promise((done) => requestIdleCallback(() => done(window.seen)))")
    scripts = [answer.body() for answer in answers if answer.request.resource_type == "script"]
    context.close()
    sent = sum(len(gzip.compress(body)) for body in scripts)
    return Load(seen["paint"], seen["blocked"], seen["shift"], sent, tuple(seen["moved"]))


def best(loads: list[Load]) -> Load:
    """Times at their best, which is where other work disturbed least; shifts and bytes at their worst."""
    worst = max(loads, key=lambda each: each.shift)
    paint, blocked = min(each.paint_ms for each in loads), min(each.blocked_ms for each in loads)
    return worst._replace(paint_ms=paint, blocked_ms=blocked, script_bytes=max(each.script_bytes for each in loads))


def in_time(taken: Load) -> bool:
    """Whether the largest paint comes early enough, and long tasks leave room for taps."""
    return taken.paint_ms < MOST_PAINT_MS and taken.blocked_ms < MOST_BLOCKED_MS


def cards(page: Page, address: str) -> dict[str, int]:
    """The bytes of each card's page by its address."""
    slugs = sorted(path.stem for path in (Path(__file__).parents[2] / "papers").glob("[!_]*.yaml"))
    return {f"papers/{slug}/": len(page.request.get(f"{address}papers/{slug}/").body()) for slug in slugs}


def test_no_cards_page_has_more_than_60_kb(page: Page, address: str) -> None:
    sizes = cards(page, address)
    assert len(sizes) > 100
    assert {path: size for path, size in sizes.items() if size > MOST_CARD_BYTES} == {}


@pytest.mark.alone
@pytest.mark.parametrize("kind", ["the heaviest card", "the explorer", "the start page"])
def test_a_slow_phone_shows_the_page_within_two_seconds(chromium: Browser, page: Page, address: str, kind: str) -> None:
    path = {"the explorer": "explore/", "the start page": ""}.get(kind)
    if path is None:
        sizes = cards(page, address)
        path = max(sizes, key=lambda each: sizes[each])
    loads = [load(chromium, address + path) for _ in range(LOADS)]
    while len(loads) < MOST_LOADS and not in_time(best(loads)):
        loads.append(load(chromium, address + path))
    taken = best(loads)
    print(f"{kind}: {taken}")
    assert taken.script_bytes < MOST_SCRIPT_BYTES
    assert taken.shift < MOST_SHIFT, taken.moved
    assert in_time(taken)
