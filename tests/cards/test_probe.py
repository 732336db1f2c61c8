"""One address: what each kind of answer means, how far redirects lead, and which hosts are never asked."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.servers.web import WebServer
from tooling.cards.probe import Manners, Probe, Visitor, is_public

QUICK = Manners(pace=0.0, answer=1.0, private=True, longest_rest=2.0)


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A server that is taken down after the test."""
    with WebServer() as running:
        yield running


def probe(address: str, manners: Manners = QUICK) -> Probe:
    """What a new visitor finds."""
    return Visitor(manners).probe(address)


@pytest.mark.parametrize(
    ("path", "state", "reason"),
    [
        ("/status/200", "ok", "200"),
        ("/status/204#part", "ok", "204"),
        ("/status/404", "gone", "answers 404"),
        ("/status/410", "gone", "answers 410"),
        ("/status/401", "unknown", "answers 401"),
        ("/status/403", "unknown", "answers 403"),
        ("/status/429", "unknown", "answers 429"),
        ("/status/451", "unknown", "answers 451"),
        ("/status/500", "unknown", "answers 500"),
        ("/status/503", "unknown", "answers 503"),
        ("/getonly/405", "ok", "200"),
        ("/getonly/404", "ok", "200"),
        ("/getonly/403", "ok", "200"),
        ("/slow", "unknown", "did not answer within 1 s"),
        ("/drip", "unknown", "did not answer within 1 s"),
        ("/reset", "unknown", "connection reset by peer"),
        ("/junk", "unknown", "does not answer in HTTP"),
        ("/to/302/status/200", "ok", "200"),
        ("/to/302/status/404", "gone", "answers 404"),
        ("/rest/1", "ok", "200"),
        ("/rest/3000", "unknown", "answers 429"),
    ],
)
def test_an_answer_means_one_of_three_states(web: WebServer, path: str, state: str, reason: str) -> None:
    started = time.monotonic()
    assert probe(web.at(path)) == Probe(state, reason)  # type: ignore[arg-type]
    assert time.monotonic() - started < 3


def test_a_head_that_answers_is_all_that_is_asked_and_a_body_is_not_read(web: WebServer) -> None:
    probe(web.at("/status/200"))
    assert [visit.method for visit in web.visits] == ["HEAD"]
    assert probe(web.at("/huge")).state == "ok"
    assert [visit.method for visit in web.visits[1:]] == ["HEAD", "GET"]
    time.sleep(0.2)
    # what the buffers of two sockets hold
    assert web.sent < 8_000_000


def test_only_permanent_redirects_give_a_new_address(web: WebServer) -> None:
    assert probe(web.at("/to/301/to/308/status/200")).moved == web.at("/status/200")
    assert probe(web.at("/to/301/to/302/status/200")).moved == web.at("/to/302/status/200")
    assert probe(web.at("/to/302/to/301/status/200")).moved is None
    assert probe(web.at("/to/301/status/404")).moved is None or probe(web.at("/to/301/status/404")).state == "gone"


def test_redirects_are_bounded_and_circles_found(web: WebServer) -> None:
    web.targets["self"] = "/to/301/self"
    assert probe(web.at("/to/301/self")) == Probe("unknown", "redirects in a circle")
    web.visits.clear()
    assert probe(web.at("/to/302" * 12 + "/status/200")) == Probe("unknown", "redirects more than 8 times")
    assert len(web.visits) == 9


@pytest.mark.parametrize("target", ["ftp://example.org/a", "file:///etc/passwd", "javascript:alert(1)", "http://[::1"])
def test_a_redirect_to_something_else_than_the_web_is_not_followed(web: WebServer, target: str) -> None:
    web.targets["away"] = target
    assert probe(web.at("/to/302/away")).state == "unknown"


PRIVATE = ["127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0"]
PRIVATE += ["[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "100.64.0.1"]


@pytest.mark.parametrize("host", PRIVATE)
def test_private_addresses_are_never_asked(host: str) -> None:
    found = probe(f"http://{host}/", Manners(pace=0.0))
    assert (found.state, found.reason.endswith("is an address of a private network")) == ("unknown", True)


def test_a_private_server_hears_nothing_unless_a_test_allows_it(web: WebServer) -> None:
    assert probe(web.at("/status/200"), Manners(pace=0.0)).state == "unknown"
    assert web.visits == []


def test_public_addresses_are_told_from_private_ones() -> None:
    assert is_public("8.8.8.8") and is_public("2606:4700::1111")
    assert not any(map(is_public, ["224.0.0.1", "2002:7f00:1::", "fe80::1%eth0", "nonsense", "255.255.255.255"]))


def test_a_refused_port_and_a_broken_certificate_are_unknown(web: WebServer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        refused = probe(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert refused == Probe("unknown", "connection refused")
    found = probe(web.at("/").replace("http:", "https:"))
    assert found.state == "unknown" and "certificate" in found.reason


@pytest.mark.parametrize("address", ["http://", "http://a b/", "http://exa\u2028mple/", "http://127.0.0.1:99999/", "x"])
def test_an_address_that_is_none_is_unknown(address: str) -> None:
    assert probe(address).state == "unknown"


def test_a_path_with_blanks_letters_and_line_ends_stays_one_request(web: WebServer) -> None:
    web.rewritten["/caf%C3%A9%20%0D%0AX:%201?q=%C3%A9"] = "/status/200"
    assert probe(web.at("/café \r\nX: 1?q=é")).state in ("ok", "unknown")
    assert len(web.visits) <= 2


def test_requests_to_one_host_keep_its_pace_whoever_makes_them(web: WebServer) -> None:
    visitor = Visitor(Manners(pace=0.2, private=True))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(visitor.probe, [web.at(f"/status/200?{number}") for number in range(5)]))
    moments = sorted(visit.moment for visit in web.visits)
    gaps = [later - earlier for earlier, later in zip(moments, moments[1:], strict=False)]
    assert len(gaps) == 4 and min(gaps) > 0.15


def test_after_a_long_rest_was_asked_for_the_host_is_left_alone(web: WebServer) -> None:
    visitor = Visitor(QUICK)
    visitor.probe(web.at("/rest/3000"))
    found = visitor.probe(web.at("/status/200"))
    assert (found.state, len(web.visits)) == ("unknown", 1)
