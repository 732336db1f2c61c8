"""Time the site at 103, 1,000 and 5,000 cards: a table on stdout, JSON in .build/bench/site.json.

The real cards, and libraries of growth.py, each in a repository of its own that plain mkdocs builds in a process. Pages
are asked in Chromium, and a preview of the real cards is edited while it runs. Times in the browser are the best of
five rounds. Exits 1 where a bar is missed or a figure is lacking. `site.py SIZE...` measures only these sizes.
"""

import gzip
import json
import os
import platform
import re
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.growth import MOST_GROWTH, write_library  # noqa: E402
from tests.benchmarks.survey import spent  # noqa: E402
from tests.browser.queries import QUERIES  # noqa: E402
from tests.pages.copy import copy_site, environment, previewing, whole  # noqa: E402

OUTPUT = ROOT / ".build" / "bench" / "site.json"
REAL = frozenset(path.stem for path in (ROOT / "papers").glob("[!_]*.yaml"))
SIZES = (len(REAL), 1_000, 5_000)
BUILD = ("-m", "mkdocs", "build", "--strict")
# what the search box loads before it answers; the rest of the index follows by itself
FIRST_ANSWER = ("js/search.js", "js/minisearch.js", "search.json")
CHOICES, ROUNDS = 10, 5
EDITED, EDITS, PATIENCE_SECONDS = "tinyzero", 5, 60.0
POLL_SECONDS = 0.5  # the watcher of mkdocs looks so often
# from the press to the frame after which the page shows the answer; each choice changes the list, and is taken back
CLICKS = """async (most) => {
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const found = () => document.querySelector('.explorer .found').textContent;
    const all = Number(document.querySelector('.explorer .found b').textContent);
    const number = (box) => Number(box.closest('label').querySelector('.number').textContent);
    const facets = [...document.querySelectorAll('.facet')].map((facet) =>
        [...facet.querySelectorAll('input')].filter((box) => number(box) > 0 && number(box) < all));
    const longest = Math.max(...facets.map((boxes) => boxes.length)), boxes = [];
    for (let rank = 0; rank < longest; rank++)
        for (const some of facets) if (some[rank] && boxes.length < most) boxes.push(some[rank]);
    const took = {};
    for (const box of boxes) {
        for (let fold = box.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
        await frame();
        const before = found(), start = performance.now();
        box.click();
        await frame();
        took[`${box.name}: ${box.value}`] = performance.now() - start;
        if (found() === before) throw new Error(`${box.name}: ${box.value} did not change the list`);
        box.click();
        await frame();
    }
    return took;
}"""


class Bar(NamedTuple):
    """What a figure is held to."""

    limit: float
    word: str = "at most"

    def holds(self, value: float) -> bool:
        """Whether a figure keeps to it."""
        return value >= self.limit if self.word == "at least" else value <= self.limit


class Row(NamedTuple):
    """One figure with its unit and bar; in place of one that could not be had, why it is `lacking`."""

    name: str
    cards: int
    value: float | None
    unit: str
    bar: Bar | None = None
    lacking: str = ""


def write_repository(root: Path, size: int) -> None:
    """Put a repository of so many cards into the folder: the real one, or the site with a library of growth.py."""
    if size == len(REAL):
        whole(root)
    else:
        write_library(copy_site(root), size)


def build_rows(root: Path, size: int) -> list[Row]:
    """A strict build by mkdocs, and what its files weigh."""
    say(f"{size:,} cards: building")
    seconds, cpu_seconds, peak_mb = spent(BUILD, folder=root, environment=environment())
    site = root / ".build" / "site"
    pages = {page.parent.name: page.stat().st_size for page in (site / "papers").glob("*/index.html")}
    if len(pages) < size:
        raise RuntimeError(f"{site}: {len(pages)} pages of {size} cards; read what the build does with the others")
    return [
        Row("build", size, cpu_seconds, "CPU s", Bar(90)),
        Row("build, by the clock", size, seconds, "s"),
        Row("build, peak memory", size, peak_mb, "MB", Bar(1_500)),
        Row("largest page of a card", size, max(pages.values()) / 1_000, "KB", Bar(60)),
        Row("data of the explorer", size, packed_kb(site, ["explore.json"]), "KB gzip", Bar(300)),
        Row("search, up to the first answer", size, packed_kb(site, FIRST_ANSWER), "KB gzip", Bar(300)),
        Row("search, what follows by itself", size, packed_kb(site, ["search-more.json"]), "KB gzip"),
    ]


def packed_kb(site: Path, names: Iterable[str]) -> float:
    """What files weigh as a server sends them, in KB."""
    return sum(len(gzip.compress((site / name).read_bytes())) for name in names) / 1_000


def growth(rows: Sequence[Row]) -> list[Row]:
    """How much longer a card takes at the largest size than at the middle one; a start weighs too much on the first."""
    each = {row.cards: row.value / row.cards for row in rows if row.name == "build" and row.value is not None}
    if not {*SIZES[1:]} <= set(each):
        return []
    middle, last = SIZES[1:]
    name = f"build of a card, against {middle:,} cards"
    return [Row(name, last, each[last] / each[middle], "times", Bar(MOST_GROWTH))]


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium while the block lasts, or a text that says what is missing for it."""
    with ExitStack() as opened:
        try:
            from tests.browser.conftest import launched

            chromium = opened.enter_context(launched())
        except ImportError as error:
            chromium = f"no `{error.name}` in this environment; type `make .venv/.lab`"
        except FileNotFoundError as error:
            chromium = str(error)
        yield chromium


def page_rows(chromium: Any, site: Path, size: int) -> list[Row]:
    """What a reader waits for in the explorer, and how many of the queries have their page among the first five."""
    clicks, recall = Row("filter, slowest of ten", size, None, "ms", Bar(100)), recall_row(size)
    if isinstance(chromium, str):
        return [row._replace(lacking=chromium) for row in (clicks, recall)]
    from tests.browser.conftest import serving
    from tests.browser.test_explorer import READY
    from tests.browser.test_search import ANSWER

    say(f"{size:,} cards: in Chromium")
    with serving(site) as address:
        page = chromium.new_page(viewport={"width": 1280, "height": 900}, base_url=address)
        page.goto("explore/")
        page.locator(READY).wait_for()
        rounds = [page.evaluate(CLICKS, CHOICES) for _ in range(ROUNDS)]
        page.goto("./")
        answers = page.evaluate(ANSWER, [list(QUERIES), False])
        page.close()
    return [clicks._replace(value=slowest(rounds)), recall._replace(value=recalled(answers))]


def slowest(rounds: Sequence[Mapping[str, float]]) -> float:
    """The worst of ten choices, each at its best: other work on the machine only ever adds to it."""
    if len(rounds[0]) < CHOICES:
        raise RuntimeError(f"only {len(rounds[0])} choices change the list of the explorer; {CHOICES} are wanted")
    return max(min(took[choice] for took in rounds) for choice in rounds[0])


def recall_row(size: int) -> Row:
    """The row of the queries; where cards come again and again, one of them counts as the card, and there is no bar."""
    if size == len(REAL):
        return Row(f"recall@5 of {len(QUERIES)} queries", size, None, "%", Bar(95, "at least"))
    return Row(f"recall@5 of {len(QUERIES)} queries, copies count", size, None, "%")


def recalled(answers: Sequence[Sequence[str]]) -> float:
    """In percent, the queries that have their page among the answers, or a copy of it under a name with a number."""
    kept = zip(QUERIES.values(), answers, strict=True)
    return 100 * sum(wanted in {original(found) for found in some} for wanted, some in kept) / len(QUERIES)


def original(page: str) -> str:
    """The address of the real card that a page is of."""
    copied = re.fullmatch(r"papers/(.+)-[0-9]+/", page)
    return f"papers/{copied[1]}/" if copied and copied[0].split("/")[1] not in REAL else page


def preview_rows(root: Path) -> list[Row]:
    """How long after an edit `mkdocs serve` shows the card anew, and whether the explorer follows."""
    say(f"{len(REAL)} cards: editing a preview")
    card = root / "papers" / f"{EDITED}.yaml"
    taken, known = [], 0
    with previewing(root) as address:
        until_shown(f"{address}papers/{EDITED}/", "<article")
        for number in range(EDITS):
            # edits fall anywhere between two looks of the watcher
            time.sleep(2 * POLL_SECONDS + number * POLL_SECONDS / EDITS)
            title = f"A title of edit {number + 1}"
            text = re.sub(r"^title: .*(?:\n  .*)*", f"title: {title}", card.read_text("utf-8"), flags=re.MULTILINE)
            started = time.perf_counter()
            card.write_text(text, "utf-8")
            until_shown(f"{address}papers/{EDITED}/", title)
            taken.append(time.perf_counter() - started)
            known += title in fetched(f"{address}explore.json")
    return [
        Row(f"preview, best of {EDITS} edits", len(REAL), min(taken), "s"),
        Row(f"preview, median of {EDITS} edits", len(REAL), median(taken), "s", Bar(2)),
        Row("preview, edits that the explorer knows", len(REAL), known, "edits", Bar(EDITS, "at least")),
    ]


def fetched(address: str) -> str:
    """What a server answers."""
    with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS) as answer:
        return str(answer.read().decode())


def until_shown(address: str, text: str) -> None:
    """Wait until a page has the text; raises `TimeoutError` after a minute."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if text in fetched(address):
                return
        except OSError:
            pass  # not listening yet
        time.sleep(0.02)
    raise TimeoutError(f"{address}: does not show `{text}` within {PATIENCE_SECONDS:.0f} s; read what the build says")


def measured(sizes: Sequence[int]) -> list[Row]:
    """All figures, the smallest library first; the preview comes last."""
    rows: list[Row] = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            write_repository(Path(folder), size)
            rows += build_rows(Path(folder), size)
            # opened for each size: a browser that waits takes memory and time from the build
            with browser() as chromium:
                rows += page_rows(chromium, Path(folder) / ".build" / "site", size)
    rows += growth(rows)
    if len(REAL) in sizes:
        with tempfile.TemporaryDirectory() as folder:
            rows += preview_rows(whole(Path(folder)))
    return rows


def over(rows: Iterable[Row]) -> list[str]:
    """What misses its bar or could not be measured, one line each."""
    said = []
    for row in rows:
        if row.value is None:
            said.append(f"{row.name} at {row.cards:,} cards: not measured; {row.lacking}")
        elif row.bar and not row.bar.holds(row.value):
            said.append(
                f"{row.name} at {row.cards:,} cards: {row.value:.4g} {row.unit}, {row.bar.word} {row.bar.limit:g}"
            )
    return said


def table(rows: Iterable[Row], title: str) -> Table:
    """The rows as a table for people, those of one name together."""
    made = Table("what", "cards", "measured", "unit", "bar", title=title)
    listed = list(rows)
    names = list(dict.fromkeys(row.name for row in listed))
    for row in sorted(listed, key=lambda row: (names.index(row.name), row.cards)):
        value = row.lacking if row.value is None else f"{row.value:,.{0 if row.value >= 100 else 2}f}"
        bar = f"{row.bar.word} {row.bar.limit:,g}" if row.bar else ""
        made.add_row(row.name, f"{row.cards:,}", value, row.unit, bar)
    return made


def say(what: str) -> None:
    """A line on stderr about what goes on."""
    print(f"site  {what}", file=sys.stderr)


def main(sizes: Sequence[int]) -> int:
    """1 when a figure misses its bar or is lacking, else 0; writes the table and the JSON file."""
    rows = measured(sizes)
    # seconds by the clock and in the browser say little where others wait for the cores as well
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "load": round(os.getloadavg()[2], 1)}
    Console().print(table(rows, "site, Python {python}, {cores} cores, load {load}".format(**machine)))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    kept = [{**row._asdict(), "bar": row.bar and row.bar._asdict()} for row in rows]
    OUTPUT.write_text(json.dumps({**machine, "rows": kept}, indent=2) + "\n")
    said = over(rows)
    for line in said:
        print(line)
    return int(bool(said))


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or SIZES))
