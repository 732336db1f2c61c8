"""Titles and names from arXiv's answer to the card, its page, the search index and BibTeX, and back as they were."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import bibtexparser
import pytest
import yaml
from material.plugins.search.plugin import SearchIndex
from pylatexenc.latex2text import LatexNodes2Text

from tests.cards.shelf import Shelf, new_shelf
from tests.pages.reader import html_of, read
from tests.pages.sample import results
from tests.servers.arxiv import ArxivServer, Work
from tooling.cards import Card
from tooling.cards.add import Wanted, Wishes, add_all
from tooling.cards.bibtex import entry
from tooling.pages import Page
from tooling.pages.card import card_page
from tooling.pages.survey import Survey

# as arXiv sends it -> as a reader sees it
TITLES = {
    "a = b, R&D | 100% of $5 #1_2 ~ x^y": "a = b, R&D | 100% of $5 #1_2 ~ x^y",
    "From $5 to $10: A | B = C & D": "From $5 to $10: A | B = C & D",
    r"$\tau$-bench: $n^2$ \& $\alpha_1$ at 5\%": "τ-bench: n² & α₁ at 5%",
    r"Learning $\frac{a}{b}$ \emph{fast} with {LLM}s": r"Learning $\frac{a}{b}$ fast with LLMs",
    r"R\'enyi, Erd\H{o}s \and S\o ren": r"Rényi, Erdős \and Søren",
    'The "Aha" Moment': 'The "Aha" Moment',
    "<script>alert(1)</script> & <b>bold</b> &amp; &lt;": "<script>alert(1)</script> & <b>bold</b> &amp; &lt;",
    "[link](https://example.org) ![x](y) `code` **bold** _it_ {#id}": (
        "[link](https://example.org) ![x](y) `code` **bold** _it_ {#id}"
    ),
    "{{ 7 * 7 }} {% raw %} --- ::: *** # Not a heading": "{{ 7 * 7 }} {% raw %} — ::: *** # Not a heading",
    "- x: [y] {z} # 'q' ? !tag &anchor *alias": "- x: [y] {z} # 'q' ? !tag &anchor *alias",
    "深度学习的推理 与 Ünïcödé 𝔽": "深度学习的推理 与 Ünïcödé 𝔽",
    "مقدمة في التعلم المعزز": "مقدمة في التعلم المعزز",
    "e\u0301 \u1e9b\u0323 ﬁ \u200bhidden\u202e order": "é ẛ̣ ﬁ hidden order",
    "C:\\temp\\new @misc{evil, title = {x}}": "C:\\temp\\new @misc{evil, title = {x}}",
    "null": "null",
    "2503.20783": "2503.20783",
    "Word " * 60 + "end": "Word " * 60 + "end",
}
# as arXiv sends them -> as a reader sees them
CROWDS = {
    "people of many alphabets": (
        ('Zoe\u0308 \\AA str\\"om', "李 雷", "Ḧ Ö", "O'Brien-Łuk"),
        ("Zoë Åström", "李 雷", "Ḧ Ö", "O'Brien-Łuk"),
    ),
    "a team and its people": (
        ("DeepSeek-AI", ":", "Ada Lovelace", "The R&D Team", "and Co_50% #1"),
        ("DeepSeek-AI", "Ada Lovelace", "The R&D Team", "and Co_50% #1"),
    ),
    "two hundred": (tuple(f"Née Person{number}" for number in range(200)),) * 2,
    "markup": (("<b>Bob</b> {x} $y$", "*Eve* | [a](b)"), ("<b>Bob</b> {x} y", "*Eve* | [a](b)")),
}
SIGNS = {"textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^"}
CASES = [(title, ("Ada Lovelace",), shown, ("Ada Lovelace",)) for title, shown in TITLES.items()]
CASES += [("Some Title", sent, "Some Title", shown) for sent, shown in CROWDS.values()]


@pytest.fixture
def arxiv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ArxivServer]:
    """A server that stands for arXiv."""
    with ArxivServer() as running:
        monkeypatch.setenv("TOOLING_ARXIV_URL", running.address)
        monkeypatch.setenv("TOOLING_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("TOOLING_ARXIV_PACE", "0")
        yield running


def added(shelf: Shelf, work: str) -> Card:
    """The card of a work that has just been added, as it reads from its file; tags and entities wait for a person."""
    (outcome,) = add_all(shelf.root, [Wanted(work)], wishes=Wishes(draft=True))
    assert outcome.state == "added", outcome
    assert {problem.code for problem in shelf.problems()} <= {"html"}
    return shelf.library()[Path(outcome.path).stem]


def found_by_search(page: Page) -> tuple[str, str]:
    """The title and the text of all parts in the search index, which hold HTML."""
    meta = yaml.safe_load(page.markdown.split("---\n")[1])
    index = SearchIndex(lang=["en"], separator=" ", pipeline=[], fields={})
    index.add_entry_from_context(
        SimpleNamespace(meta=meta, content=html_of(page), toc=[], url="papers/x/", title=meta["title"])
    )
    docs = json.loads(index.generate_search_index(None))["docs"]
    return _shown(docs[0]["title"]), _shown(" ".join(each["text"] for each in docs))


def _shown(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def from_bibtex(card: Card) -> tuple[str, tuple[str, ...]]:
    """Title and authors as a BibTeX reader and TeX would show them."""
    parsed = bibtexparser.parse_string(entry(card))
    assert not parsed.failed_blocks and len(parsed.entries) == 1
    fields = {field.key: str(field.value) for field in parsed.entries[0].fields}
    assert parsed.entries[0].key == card.citation_key
    assert (fields["eprint"], fields["primaryClass"]) == (card.arxiv, "cs.LG")
    names = re.split(r" and (?![^{}]*\})", fields["author"])
    return _typeset(fields["title"]), tuple(map(_typeset, names))


def _typeset(tex: str) -> str:
    """The text that TeX would show; the reader of TeX that is used here does not know three of the commands."""
    for number, command in enumerate(SIGNS):
        tex = tex.replace(f"\\{command}{{}}", chr(0xE000 + number))
    text: str = LatexNodes2Text(math_mode="verbatim").latex_to_text(tex)
    return text.translate({0xE000 + number: sign for number, sign in enumerate(SIGNS.values())})


def _straight(text: str) -> str:
    return text.translate(str.maketrans("“”’", '""\''))


@pytest.mark.parametrize(("title", "authors", "shown", "names"), CASES)
def test_a_title_and_its_authors_come_back_as_they_went(
    arxiv: ArxivServer, tmp_path: Path, title: str, authors: tuple[str, ...], shown: str, names: tuple[str, ...]
) -> None:
    shelf = new_shelf(tmp_path)
    arxiv.add(Work("2503.20783", title=title, authors=authors))
    card = added(shelf, "2503.20783")
    assert (card.title, card.authors) == (shown, names)
    page = card_page(Survey(shelf.library(), results()), card, scripts={})
    seen = read(page)
    assert shown in seen.text
    assert all(name in seen.text for name in names)
    assert "script" not in seen.tags
    head, text = found_by_search(page)
    assert head == shown
    assert all(name in text for name in names)
    back, people = from_bibtex(card)
    assert _straight(back) == _straight(shown)
    assert people == names
