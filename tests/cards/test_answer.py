"""What is taken from an Atom answer, and which answers are none."""

import pytest

from tests.servers.arxiv import ERROR, FEED, Work
from tooling.cards.answer import Garbled, read_answer, refusal
from tooling.errors import UsageError

WORK = Work(
    "2503.20783",
    title="A Title\n  on Two Lines",
    authors=("Ada Lovelace", ":", "Zoë Ångström"),
    version=2,
    comment="8 pages",
    journal="J. Tests 1 (2025)",
    doi="10.1000/1",
)
ASKED = ("2503.20783", "2503.99999")


def feed(*entries: str) -> str:
    """A feed with these entries."""
    return FEED.format(total=len(entries), entries="".join(entries))


def test_an_answer_is_read_in_full() -> None:
    record = read_answer(feed(WORK.entry()).encode(), ASKED)["2503.20783"]
    assert (record.bare, record.version, record.published) == ("2503.20783", 2, "2025-03-26")
    assert record.title == "A Title on Two Lines"
    assert record.authors == ("Ada Lovelace", ":", "Zoë Ångström")
    assert (record.comment, record.journal, record.doi) == ("8 pages", "J. Tests 1 (2025)", "10.1000/1")


def test_the_day_of_version_one_is_that_of_universal_time() -> None:
    early = Work("2503.20783", published="2025-03-26T23:30:00-04:00")
    assert read_answer(feed(early.entry()).encode(), ASKED)["2503.20783"].published == "2025-03-27"


def test_works_that_arxiv_does_not_know_are_missing() -> None:
    assert read_answer(feed().encode(), ASKED) == {}
    # arXiv has answered with an entry without an identifier, and with a count of works that it does not list
    nameless = WORK.entry().replace("<id>http://arxiv.org/abs/2503.20783v2</id>", "")
    assert read_answer(feed(nameless).encode(), ASKED) == {}
    assert read_answer(FEED.format(total=1, entries="").encode(), ASKED) == {}


def test_answers_in_another_order_and_twice_are_the_same_answer() -> None:
    other = Work("hep-th/9901001")
    asked = ("2503.20783", "hep-th/9901001")
    one = read_answer(feed(WORK.entry(), other.entry()).encode(), asked)
    assert read_answer(feed(other.entry(), WORK.entry(), other.entry()).encode(), asked) == one


def test_two_hundred_authors_arrive_in_order() -> None:
    names = tuple(f"Person {number}" for number in range(200))
    work = Work("2503.20783", authors=names)
    assert read_answer(feed(work.entry()).encode(), ASKED)["2503.20783"].authors == names


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>&b;</title></feed>'
)
FILE = (
    '<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>&a;</title></feed>'
)
GARBLED = {
    "": "sent an empty answer",
    " \n": "sent an empty answer",
    "Rate exceeded.": "answered `Rate exceeded.` instead of Atom",
    "<!DOCTYPE html><html><body>Log in</body></html>": "a web page",
    "\n<HTML><body>Down</body></HTML>": "a web page",
    '<html xmlns="http://www.w3.org/1999/xhtml"/>': "a web page",
    "<rss><channel/></rss>": "answered with `rss` instead of an Atom feed",
    "<feed/>": "answered with `feed` instead of an Atom feed",
    '{"works": []}': "instead of Atom",
    feed(WORK.entry())[:-40]: "breaks off",
    feed(WORK.entry())[: feed(WORK.entry()).index("Ångström")]: "breaks off",
    BOMB: "document type",
    FILE: "document type",
    feed(WORK.entry().replace("2503.20783", "2503.00001")): "answered about `http://arxiv.org/abs/2503.00001v2`",
    feed(WORK.entry().replace("/abs/2503.20783v2", "/abs/soon")): "which was not asked for",
    feed(WORK.entry().replace("2025-03-26T", "2025-13-26T")): "a date that is none",
    feed(WORK.entry().replace("published", "publish")): "left out the date of `2503.20783`",
    feed(WORK.entry().replace("author>", "auth>")): "left out the title or the authors",
    feed(WORK.entry().replace("A Title\n  on Two Lines", " ")): "left out the title or the authors",
}


@pytest.mark.parametrize(("content", "reason"), GARBLED.items())
def test_an_answer_that_is_none_is_told_from_an_unknown_work(content: str, reason: str) -> None:
    with pytest.raises(Garbled) as garbled:
        read_answer(content.encode(), ASKED)
    assert reason in str(garbled.value)
    assert "\n" not in str(garbled.value)


def test_bytes_that_are_no_text_are_garbled_too() -> None:
    for content in (b"\x00\x01\x02", b"\xff\xfe<\x00", b"<\xff\xfe>", b"\x1f\x8b\x08\x00compressed"):
        with pytest.raises(Garbled):
            read_answer(content, ASKED)


def test_an_error_entry_is_arxivs_refusal_not_a_work() -> None:
    error = feed(ERROR.format(id="2503.2078x")).encode()
    with pytest.raises(UsageError, match="incorrect id format for 2503.2078x"):
        read_answer(error, ASKED)
    assert "incorrect id format" in refusal(error)
    assert refusal(b"<html></html>") == "arXiv calls the request malformed, without a reason"
