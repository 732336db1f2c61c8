"""`tooling links` over several days: what becomes broken, what is kept, and what an interruption leaves."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from tests.cards.shelf import Shelf, new_shelf
from tests.servers.web import WebServer
from tooling.cards.links import Options, addresses, markdown, run_links
from tooling.cards.probe import Manners, Probe
from tooling.cards.standing import FILE, Standing, load_standings, settled
from tooling.errors import Invalid, NotFound, TryLater

ROOT = Path(__file__).parents[2]
QUICK = Manners(pace=0.0, answer=1.0, private=True)
ROOM = "https://waiting.example.org/room"


@dataclass
class Rig:
    """A survey without cards, whose one page names addresses of a server: cards name public hosts only."""

    shelf: Shelf
    web: WebServer

    def name(self, *paths: str) -> None:
        """Let the page name these pages."""
        lines = "".join(f"- <{self.web.at(path)}>\n" for path in paths)
        (self.shelf.root / "site").mkdir(exist_ok=True)
        (self.shelf.root / "site" / "page.md").write_text(lines)

    def check(self, day: int) -> dict[str, Standing]:
        """The standings by path after a check on a day of November."""
        options = Options(QUICK, date(2026, 11, day))
        try:
            run_links(self.shelf.root, [], options=options)
        except Invalid:
            pass
        found = load_standings(self.shelf.root)
        return {address.removeprefix(self.web.at("")): found[address] for address in found}


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """A rig whose archive is the server itself."""
    shelf = new_shelf(tmp_path)
    (shelf.root / "mkdocs.yml").touch()
    for path in shelf.papers.glob("[!_]*"):
        path.unlink()
    with WebServer() as web:
        monkeypatch.setenv("TOOLING_WAYBACK_URL", web.at("/wayback"))
        yield Rig(shelf, web)


def test_an_address_is_broken_on_the_second_day_and_a_copy_is_proposed(rig: Rig) -> None:
    rig.name("/status/404?kept", "/status/410", "/status/200", "/status/503", "/to/301/status/200")
    first = rig.check(1)
    assert {path: each.state for path, each in first.items()} == {
        "/status/404?kept": "unknown",
        "/status/410": "unknown",
        "/status/200": "ok",
        "/status/503": "unknown",
        "/to/301/status/200": "ok",
    }
    second = rig.check(8)
    assert second["/status/404?kept"].state == second["/status/410"].state == "broken"
    assert second["/status/503"].state == "unknown"
    assert second["/status/404?kept"].gone_since == "2026-11-01"
    assert second["/status/404?kept"].archived == "http://web.archive.org/web/2025/" + rig.web.at("/status/404?kept")
    assert second["/status/410"].archived is None
    assert second["/to/301/status/200"].moved == rig.web.at("/status/200")


def test_the_same_day_asks_nothing_twice_and_never_makes_broken(rig: Rig) -> None:
    rig.name("/status/404", "/status/200")
    rig.check(1)
    asked = len(rig.web.visits)
    assert rig.check(1)["/status/404"].state == "unknown"
    assert len(rig.web.visits) == asked


@pytest.mark.parametrize(
    ("probes", "state"),
    [
        (["gone", "ok", "gone"], "unknown"),
        (["gone", "unknown", "gone"], "broken"),
        (["gone", "gone", "unknown"], "broken"),
        (["gone", "gone", "ok"], "ok"),
        (["unknown", "unknown", "unknown"], "unknown"),
    ],
)
def test_a_row_of_days_decides(probes: list[str], state: str) -> None:
    standing = None
    for day, found in enumerate(probes, start=1):
        standing = settled(standing, Probe(found, "r"), day=f"2026-11-0{day}")  # type: ignore[arg-type]
    assert standing and standing.state == state


def test_broken_links_end_the_command_with_their_number(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    rig.name("/status/404", "/status/200")
    rig.check(1)
    capsys.readouterr()
    with pytest.raises(Invalid, match="1 broken"):
        run_links(rig.shelf.root, [], options=Options(QUICK, date(2026, 11, 2), True))
    out, err = capsys.readouterr()
    assert {each["state"] for each in json.loads(out)} == {"ok", "broken"}
    assert err == "addresses asked: 2, known from today: 0; 1 ok (0 moved), 1 broken, 0 unknown\n"


def test_a_machine_without_a_network_changes_nothing(rig: Rig) -> None:
    rig.name("/slow", "/reset", "/junk")
    with pytest.raises(TryLater, match="is this machine online"):
        rig.check(1)
    assert not (rig.shelf.root / FILE).exists()


def test_cards_and_hand_written_pages_are_asked_and_examples_on_this_machine_not(tmp_path: Path) -> None:
    shelf = new_shelf(tmp_path)
    (shelf.root / "site").mkdir()
    page = (
        "[a](https://a.example.org/x_(y)), <https://b.example.org/>. `http://127.0.0.1:8000/` https://c.example.org/d."
    )
    (shelf.root / "site" / "about.md").write_text(page)
    found = addresses(shelf.root)
    prose = [address for address, places in found.items() if "site/about.md" in places]
    assert prose == ["https://a.example.org/x_(y)", "https://b.example.org/", "https://c.example.org/d"]
    assert found[ROOM] == ["papers/waiting-room.yaml"]
    assert "https://github.com/abacus/counting-aloud/issues/1" in found
    with pytest.raises(NotFound):
        addresses(shelf.root, ["no-such-card"])


def test_a_damaged_file_loses_what_is_damaged_only(rig: Rig) -> None:
    file = rig.shelf.root / FILE
    file.parent.mkdir(exist_ok=True)
    good = {"state": "ok", "checked": "2026-11-01"}
    bad = [{"state": "fine", "checked": "2026-11-01"}, {"state": "ok"}, 3, {**good, "moved": "javascript:x"}]
    entries = {"https://a.example.org": good, "javascript:alert(1)": good}
    entries |= {f"https://b.example.org/{index}": each for index, each in enumerate(bad)}
    file.write_text(json.dumps({"addresses": entries}))
    assert load_standings(rig.shelf.root) == {"https://a.example.org": Standing("ok", "2026-11-01")}
    for text in ("", "[]", '{"addresses": []}', "[" * 100_000):
        file.write_text(text)
        assert load_standings(rig.shelf.root) == {}


def test_a_report_keeps_foreign_words_between_backticks() -> None:
    found = {"https://a.org/`@all`": Standing("broken", "2026-11-02", "answers 404", "2026-11-01")}
    assert "- `https://a.org/'@all'` (x): answers 404; gone since 2026-11-01" in markdown(
        found, {"https://a.org/`@all`": ["x"]}, day="2026-11-02"
    )


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_an_interruption_keeps_what_was_found_and_the_next_run_goes_on(rig: Rig, sent: signal.Signals) -> None:
    rig.name(*(f"/status/200?{number}" for number in range(12)))
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TOOLING_LINKS_PRIVATE": "1"}
    command = [sys.executable, "-m", "tooling.cli", "links", "--pace", "0.5"]
    process = subprocess.Popen(command, cwd=rig.shelf.root, env=environment, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while len(rig.web.visits) < 7 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(sent)
    _, err = process.communicate(timeout=10)
    assert process.returncode == (130 if sent == signal.SIGINT else -9)
    assert "Traceback" not in err
    assert "s left" in err
    kept = len(load_standings(rig.shelf.root))
    assert 3 <= kept < 12
    rig.web.visits.clear()
    run_links(rig.shelf.root, [], options=Options(QUICK, date.today()))
    assert len(rig.web.visits) == 12 - kept
