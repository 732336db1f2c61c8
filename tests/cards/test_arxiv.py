"""The client against a server that speaks arXiv's Atom and misbehaves: what it says, how long and how often it asks."""

import email.utils
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.servers import arxiv as server
from tests.servers.arxiv import ArxivServer, Fault, Work
from tooling.cards.arxiv import SERVICE, Arxiv, arxiv_limits, service_address
from tooling.cards.identifier import Identifier
from tooling.cards.record import Record
from tooling.cards.service import Limits
from tooling.content import cache_folder
from tooling.errors import NotFound, ToolingError, TryLater, UsageError

QUICK = Limits(pace=0.02, answer=0.4, patience=2.0, connect=0.4)
WORK = Identifier("2503.20783")


@dataclass
class Rig:
    """A server with one work, and a client of it."""

    server: ArxivServer
    cache: Path
    said: list[str]

    def client(self, limits: Limits = QUICK) -> Arxiv:
        """A client with these limits."""
        return Arxiv(self.server.address, self.cache, limits=limits, say=self.said.append)

    def ask(self, *works: Identifier, limits: Limits = QUICK) -> dict[str, Record]:
        """What the client finds out about the works."""
        found: dict[str, Record] = {}
        for batch in self.client(limits).records(works or (WORK,)):
            found |= batch
        return found


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A rig that is taken down after the test."""
    with ArxivServer() as running:
        running.add(Work("2503.20783", version=2))
        yield Rig(running, tmp_path / "cache", [])


def test_a_work_is_asked_for_by_name_and_with_a_name(rig: Rig) -> None:
    assert rig.ask()["2503.20783"].version == 2
    (request,) = rig.server.requests
    assert request.ids == ("2503.20783",)
    assert re.match(r"post-deepseek-r1-tooling/\d+\.\d+\.\d+ ", request.agent)


def test_many_works_are_one_request_and_very_many_a_few(rig: Rig) -> None:
    works = [Identifier(f"2503.{number:05}") for number in range(1, 121)]
    rig.server.add(*(Work(work.bare) for work in works))
    assert list(rig.ask(*works)) == [work.bare for work in works]
    assert [len(request.ids) for request in rig.server.requests] == [50, 50, 20]


def test_requests_keep_the_pace(rig: Rig) -> None:
    works = [Identifier(f"2503.{number:05}") for number in range(1, 5)]
    rig.server.add(*(Work(work.bare) for work in works))
    rig.ask(*works, limits=replace(QUICK, pace=0.2, batch=1))
    moments = [request.moment for request in rig.server.requests]
    assert len(moments) == 4
    assert min(later - earlier for earlier, later in zip(moments, moments[1:], strict=False)) >= 0.2


def test_one_connection_at_a_time_and_one_pace_for_clients_side_by_side(rig: Rig) -> None:
    works = [Identifier(f"2503.{number:05}") for number in range(1, 5)]
    rig.server.add(*(Work(work.bare) for work in works))
    limits = replace(QUICK, pace=0.15)
    threads = [threading.Thread(target=rig.ask, args=(work,), kwargs={"limits": limits}) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    moments = sorted(request.moment for request in rig.server.requests)
    assert len(moments) == 4
    assert min(later - earlier for earlier, later in zip(moments, moments[1:], strict=False)) >= 0.15


def test_a_second_answer_comes_from_the_cache(rig: Rig) -> None:
    first = rig.ask()
    assert rig.ask() == first
    assert len(rig.server.requests) == 1


def test_a_later_version_than_the_cached_one_is_asked_for(rig: Rig) -> None:
    rig.ask()
    rig.server.add(Work("2503.20783", version=3))
    assert rig.ask(Identifier("2503.20783", 2))["2503.20783"].version == 2
    assert rig.ask(Identifier("2503.20783", 3))["2503.20783"].version == 3
    assert len(rig.server.requests) == 2


def test_an_old_answer_is_asked_for_again_but_serves_offline(rig: Rig) -> None:
    rig.ask()
    assert rig.ask(limits=replace(QUICK, fresh=0.0))["2503.20783"].version == 2
    assert len(rig.server.requests) == 2
    assert rig.client().cached([WORK.bare])["2503.20783"].version == 2


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"bare": "2503.20783"}', '{"authors": 3}'])
def test_a_damaged_cache_is_as_good_as_none(rig: Rig, damage: str) -> None:
    rig.ask()
    (kept,) = rig.cache.rglob("2503.20783.json")
    kept.write_text(damage)
    assert rig.client().cached([WORK.bare]) == {}
    assert rig.ask()["2503.20783"].version == 2
    assert len(rig.server.requests) == 2


def test_answers_of_one_service_are_not_taken_for_those_of_another(rig: Rig) -> None:
    rig.ask()
    elsewhere = Arxiv("http://127.0.0.1:9/api/query", rig.cache, limits=QUICK, say=rig.said.append)
    assert elsewhere.cached([WORK.bare]) == {}


def test_an_unknown_work_is_missing_and_not_asked_for_again_and_again(rig: Rig) -> None:
    assert list(rig.ask(WORK, Identifier("2503.99999"))) == ["2503.20783"]
    assert len(rig.server.requests) == 1


PASSING = {
    "429": server.status(429),
    "429 with a pause": server.status(429, Retry_After="0"),
    "503": server.status(503),
    "502": server.status(502),
    "a web page": server.body("<html><body>Back soon</body></html>", "text/html"),
    "a cut-off answer": server.cut(),
    "an empty answer": server.body(""),
    "a reset": server.reset(),
    "silence": server.silence(5),
    "another work": server.changed(lambda feed: feed.replace("2503.20783", "2503.00001")),
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_fault_that_passes_costs_one_more_request(rig: Rig, fault: Fault) -> None:
    rig.server.faults = [fault]
    assert rig.ask()["2503.20783"].version == 2
    assert len(rig.server.requests) == 2
    (said,) = rig.said
    assert "attempt 2 of 4 in" in said


LASTING: dict[str, tuple[Fault, str, int]] = {
    "429": (server.status(429), "asks to slow down (429); gave up after 4 attempts", 4),
    "503": (server.status(503), "is not available (503); gave up after 4 attempts", 4),
    "a web page": (server.body("<!doctype html><p>Log in", "text/html"), "answered with a web page instead of Atom", 4),
    "plain words": (server.body("Rate exceeded."), "answered `Rate exceeded.` instead of Atom", 4),
    "a cut-off answer": (server.cut(), "sent XML that breaks off or is not well-formed", 4),
    "an empty answer": (server.body(""), "sent an empty answer", 4),
    "a reset": (server.reset(), "(connection reset by peer)", 4),
    "another work": (
        server.changed(lambda feed: feed.replace("2503.20783", "2503.00001")),
        "answered about `http://arxiv.org/abs/2503.00001v2`, which was not asked for",
        4,
    ),
    "too much": (server.body("<feed>" + " " * 30_000), "sent more than 0.02 MB", 4),
    "403": (server.status(403), "refuses the request (403)", 1),
    "a redirect": (server.status(302, Location="http://wifi.example/"), "sends on to `http://wifi.example/`", 1),
    "an hour's pause": (server.status(429, Retry_After="3600"), "(429); it asks to come back in 60 min", 1),
    "a date far away": (
        # the tests may start minutes after this file was read
        server.status(503, Retry_After=email.utils.formatdate(time.time() + 86_400 * 3, usegmt=True)),
        "(503); it asks to come back in 43",
        1,
    ),
}


@pytest.mark.parametrize(("fault", "reason", "requests"), LASTING.values(), ids=LASTING)
def test_a_fault_that_lasts_is_named_within_the_limit(rig: Rig, fault: Fault, reason: str, requests: int) -> None:
    rig.server.always = fault
    begun = time.monotonic()
    with pytest.raises(TryLater) as refusal:
        rig.ask(limits=replace(QUICK, largest_bytes=20_000))
    assert time.monotonic() - begun < QUICK.patience + 0.5
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert len(rig.server.requests) == requests
    assert not list(rig.cache.rglob("*.json"))


@pytest.mark.parametrize("fault", [server.silence(30), server.drip(30)], ids=["silence", "drip"])
def test_an_answer_that_never_ends_is_left_when_its_time_is_over(rig: Rig, fault: Fault) -> None:
    rig.server.always = fault
    begun = time.monotonic()
    with pytest.raises(TryLater, match=r"did not send a whole answer within 0\.\d+ s; gave up after"):
        rig.ask(limits=replace(QUICK, patience=1.0))
    assert time.monotonic() - begun < 1.5
    # nor does it go on in the background
    while any(thread.name == "arXiv" for thread in threading.enumerate()):
        assert time.monotonic() - begun < 5
        time.sleep(0.02)


def test_headers_that_drip_are_left_too(rig: Rig) -> None:
    def drip(handler: server._Handler, _feed: str) -> None:
        while not handler.server.stopping.wait(0.05):
            handler.wfile.write(b"H")
            handler.wfile.flush()

    rig.server.always = Fault(drip)
    begun = time.monotonic()
    with pytest.raises(TryLater, match="did not send a whole answer"):
        rig.ask(limits=replace(QUICK, patience=1.0))
    assert time.monotonic() - begun < 1.6


def test_pauses_double_and_differ(rig: Rig) -> None:
    rig.server.always = server.status(503)
    with pytest.raises(TryLater):
        rig.ask(limits=replace(QUICK, pace=0.1))
    moments = [request.moment for request in rig.server.requests]
    gaps = [later - earlier for earlier, later in zip(moments, moments[1:], strict=False)]
    for gap, low, high in zip(gaps, (0.1, 0.1, 0.2), (0.25, 0.4, 0.7), strict=True):
        assert low <= gap <= high + 0.2


def test_a_pause_that_was_asked_for_is_kept(rig: Rig) -> None:
    rig.server.faults = [server.status(429, Retry_After="1")]
    rig.ask()
    first, second = rig.server.requests
    assert second.moment - first.moment >= 1.0


def test_a_pause_that_was_asked_for_holds_for_the_next_process(rig: Rig) -> None:
    rig.server.faults = [server.status(429, Retry_After="600")]
    with pytest.raises(TryLater, match="asks to come back in 10 min"):
        rig.ask()
    with pytest.raises(TryLater, match="asked for a pause; try again in 10 min"):
        rig.ask()
    assert len(rig.server.requests) == 1


@pytest.mark.parametrize("header", ["soon", "-5", "1e9", "", "٣", "9" * 50, "Thu, 99 Foo 2026 00:00:00 GMT"])
def test_a_senseless_pause_is_ignored(rig: Rig, header: str) -> None:
    rig.server.faults = [server.status(429, Retry_After=header.encode("utf-8").decode("latin-1"))]
    assert rig.ask()["2503.20783"].version == 2


ONCE: dict[str, tuple[Fault, type[ToolingError], str]] = {
    "400": (
        server.status(400, body=server.FEED.format(total=1, entries=server.ERROR.format(id="2503.2078x"))),
        UsageError,
        "arXiv calls the request malformed: `incorrect id format for 2503.2078x`",
    ),
    "400 without words": (server.status(400), UsageError, "malformed, without a reason"),
    "200 with an error": (
        server.body(server.FEED.format(total=1, entries=server.ERROR.format(id="2503.2078x"))),
        UsageError,
        "incorrect id format",
    ),
    "404": (server.status(404), NotFound, "there is no arXiv service at"),
}


@pytest.mark.parametrize(("fault", "kind", "reason"), ONCE.values(), ids=ONCE)
def test_a_refusal_is_not_asked_for_twice(rig: Rig, fault: Fault, kind: type[ToolingError], reason: str) -> None:
    rig.server.always = fault
    with pytest.raises(kind) as refusal:
        rig.ask()
    assert reason in str(refusal.value)
    assert len(rig.server.requests) == 1


def test_no_server_is_no_connection(tmp_path: Path) -> None:
    with ArxivServer() as gone:
        address = gone.address
    client = Arxiv(address, tmp_path, limits=QUICK, say=lambda _text: None)
    with pytest.raises(TryLater, match=r"no connection to `127.0.0.1:\d+` \(connection refused\); gave up after 4 att"):
        list(client.records([WORK]))


def test_the_machines_own_services_are_reached_past_any_proxy(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert rig.ask()["2503.20783"].version == 2


def test_a_cache_that_cannot_be_written_says_so_before_anything_is_asked(rig: Rig) -> None:
    rig.cache.write_text("a file where a folder should be")
    with pytest.raises(TryLater, match=r"cannot write the cache folder .*; make room there, or set `TOOLING_CACHE`"):
        rig.ask()
    assert not rig.server.requests


ADDRESSES = {
    "": SERVICE,
    "http://127.0.0.1:8000": "http://127.0.0.1:8000/api/query",
    "http://127.0.0.1:8000/": "http://127.0.0.1:8000/api/query",
    "https://mirror.example/other/path": "https://mirror.example/other/path",
}


@pytest.mark.parametrize(("given", "address"), ADDRESSES.items())
def test_the_service_is_set_by_its_variable(monkeypatch: pytest.MonkeyPatch, given: str, address: str) -> None:
    monkeypatch.setenv("TOOLING_ARXIV_URL", given)
    assert service_address() == address


@pytest.mark.parametrize("given", ["arxiv.org", "ftp://arxiv.org", "http://", "http://[::1", "http://a:port/"])
def test_a_service_that_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("TOOLING_ARXIV_URL", given)
    with pytest.raises(UsageError, match="`TOOLING_ARXIV_URL` is"):
        service_address()


def test_the_limits_are_those_that_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOOLING_ARXIV_PACE", "TOOLING_ARXIV_PATIENCE"):
        monkeypatch.delenv(name, raising=False)
    limits = arxiv_limits(SERVICE)
    assert (limits.pace, limits.patience) == (3.0, 120.0)
    monkeypatch.setenv("TOOLING_ARXIV_PATIENCE", "600")
    assert arxiv_limits(SERVICE).patience == 600


@pytest.mark.parametrize("given", ["fast", "-1", "nan", "inf"])
def test_a_pace_that_is_no_number_of_seconds_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("TOOLING_ARXIV_PACE", given)
    with pytest.raises(UsageError, match="`TOOLING_ARXIV_PACE` is"):
        arxiv_limits("http://127.0.0.1:8000/")


def test_arxiv_itself_is_never_hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLING_ARXIV_PACE", "0.1")
    assert arxiv_limits("http://127.0.0.1:8000/").pace == 0.1
    with pytest.raises(UsageError, match="arXiv asks for 3 s between requests"):
        arxiv_limits(SERVICE)


def test_the_cache_is_the_users_unless_it_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOOLING_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("TOOLING_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "post-deepseek-r1"
