"""BibTeX files give their works, whichever program wrote them."""

import pytest

from tooling.cards.bibliography import is_bibtex, read_bibliography
from tooling.cards.entry import Entry

FORMS = {
    "eprint = {2503.20783}, archiveprefix = {arXiv}": ("2503.20783",),
    "eprint = {arXiv:2503.20783v2}": ("2503.20783",),
    "eprint = 2503.20783": ("2503.20783",),
    "arxivId = {2503.20783}": ("2503.20783",),
    "journal = {arXiv preprint arXiv:2503.20783}": ("2503.20783",),
    "journal = {CoRR}, volume = {abs/2503.20783}": ("2503.20783",),
    "url = {http://arxiv.org/abs/2503.20783v1}": ("2503.20783",),
    r"howpublished = {\url{https://arxiv.org/pdf/2503.20783}}": ("2503.20783",),
    "doi = {10.48550/arXiv.2503.20783}": ("2503.20783",),
    "doi = {10.1145/3600006.3613165}": ("10.1145/3600006.3613165",),
    "url = {https://doi.org/10.1145/3600006.3613165}": ("10.1145/3600006.3613165",),
    "doi = {10.1145/3600006.3613165}, eprint = {2503.20783}": ("2503.20783", "10.1145/3600006.3613165"),
    "eprint = {hep-th/9901001}": ("hep-th/9901001",),
    "volume = {2503.20783}, pages = {1--9}": (),
    "note = {}": (),
}


@pytest.mark.parametrize(("fields", "works"), FORMS.items())
def test_an_id_is_found_in_each_field_that_programs_put_it_into(fields: str, works: tuple[str, ...]) -> None:
    (entry,) = read_bibliography(f"@misc{{key,\n title = {{A Title}},\n {fields}\n}}", "x.bib").entries
    assert (entry.works, entry.title, entry.line) == (works, "A Title", 1)


def test_title_groups_and_remark_are_read_as_plain_text() -> None:
    text = (
        "% a comment\n@string{v = {ICLR}}\n\n"
        '@article{a, title = "{LLM}s and $\\tau$-bench by R{\\\'e}nyi.", keywords = {sums, long waits},\n'
        "  annote = {Worth\n reading}, url = {https://example.org/a}, eprint = {2503.20783}}\n"
    )
    listing = read_bibliography(text, "x.bib")
    assert listing.entries == [
        Entry(
            4, "LLMs and τ-bench by Rényi", ("2503.20783",), ("https://example.org/a",), ("sums", "long waits"),
            remark="Worth reading",
        )
    ]  # fmt: skip
    assert listing.name == "x.bib"


def test_a_broken_entry_is_named_with_its_line_and_hides_no_other() -> None:
    text = "@misc{a, eprint = {2503.00001}}\n@misc{b, title = {Open\n\n@misc{c, eprint = {2503.00003}}\n@misc{d\n"
    listing = read_bibliography(text, "x.bib")
    assert [entry.works for entry in listing.entries] == [("2503.00001",), ("2503.00003",)]
    assert [(each.line, each.code) for each in listing.findings] == [(2, "unreadable"), (5, "unreadable")]
    assert listing.findings[0].message.startswith("`@misc{b, title = {Open` begins no entry")


def test_two_entries_under_one_key_are_two_works() -> None:
    text = "@misc{a, eprint = {2503.00001}}\n@misc{a, eprint = {2503.00002}}\n"
    assert [entry.works for entry in read_bibliography(text, "x").entries] == [("2503.00001",), ("2503.00002",)]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("@misc{a,}", True), ("% Encoding: UTF-8\n\n@Article {a,}", True), ("\n@comment{x}", True),
        ("# A list\n@misc{a,}", False), ("", False), ("@ada wrote this", False),
    ],
)  # fmt: skip
def test_bibtex_is_known_by_its_first_line(text: str, is_one: bool) -> None:
    assert is_bibtex(text) is is_one


@pytest.mark.parametrize("text", ["", "@", "@misc", "@misc{", "@misc{a, b = {" + "{" * 3000, "@x{" * 500, "}" * 9])
def test_whatever_a_file_holds_is_read_without_an_error(text: str) -> None:
    assert read_bibliography(text, "x").entries == []
