"""What people paste, and which work it means: each form of an arXiv id is one, and so are DOIs and titles."""

import time

import pytest

from tests.cards.test_identifier import BAD, GOOD, TODAY
from tooling.cards.work import Doi, Title, doi_address, find_doi, parse_work
from tooling.errors import UsageError

DOIS = {
    "10.1145/3600006.3613165": "10.1145/3600006.3613165",
    "10.1038/S41586-025-09422-Z": "10.1038/s41586-025-09422-z",
    "10.1038/s41586-025-09422-z.": "10.1038/s41586-025-09422-z",
    "(10.1038/s41586-025-09422-z)": "10.1038/s41586-025-09422-z",
    "<https://doi.org/10.1145/3600006.3613165>": "10.1145/3600006.3613165",
    "doi:10.1145/3600006.3613165": "10.1145/3600006.3613165",
    "DOI: 10.1145/3600006.3613165": "10.1145/3600006.3613165",
    "doi.org/10.1145/3600006.3613165": "10.1145/3600006.3613165",
    "https://doi.org/10.1145/3600006.3613165": "10.1145/3600006.3613165",
    "http://dx.doi.org/10.1145/3600006.3613165": "10.1145/3600006.3613165",
    "https://www.doi.org/10.1145/3600006.3613165": "10.1145/3600006.3613165",
    "https://doi.org/10.1145%2F3600006.3613165": "10.1145/3600006.3613165",
    "https://doi.org/10.1145/3600006.3613165?from=feed#top": "10.1145/3600006.3613165",
    "https://dl.acm.org/doi/10.1145/3600006.3613165": "10.1145/3600006.3613165",
    "https://dl.acm.org/doi/pdf/10.1145/3600006.3613165": "10.1145/3600006.3613165",
    "https://www.science.org/doi/full/10.1126/science.abq1158": "10.1126/science.abq1158",
    "10.1016/0370-2693(96)00001-8": "10.1016/0370-2693(96)00001-8",
    "(see 10.1002/(a)": None,
    "10.1016/s0022-2836(05)80360(2)": "10.1016/s0022-2836(05)80360(2)",
    "10.18653/v1/2025.acl-long.1": "10.18653/v1/2025.acl-long.1",
    "10.5281/zenodo.10000": "10.5281/zenodo.10000",
    # arXiv's own DOI is the arXiv id, and what is none is refused as an id
    "10.48550/arXiv.2503.20783": None,
    "https://doi.org/10.48550/arXiv.2503.20783": None,
    "10.48550/arXiv.2513.00001": None,
    "10.1145": None,
    "10.1145/": None,
    "10.12/345": None,
    "10.1145/36000 06": None,
    "10.1145/３６": None,
    "https://example.com/10.1145/3600006.3613165": None,
    "ftp://dl.acm.org/doi/10.1145/3600006.3613165": None,
    "https://[doi.org/10.1145/1": None,
}

TITLES = {
    "Understanding R1-Zero-Like Training: A Critical Perspective": None,
    "  Understanding   R1-Zero-Like\nTraining ": "Understanding R1-Zero-Like Training",
    '"TinyZero"': "TinyZero",
    "\u201cTinyZero\u201d": "TinyZero",
    '"Attention Is All You Need"': "Attention Is All You Need",
    "Qwen2.5 Technical Report": None,
    "arXiv is all you need": None,
    "DOI or not DOI": None,
    "$\\tau$-bench: a benchmark": None,
    "Réponses à des questions": None,
    "From $5 to $10 & more | all = well": None,
    "深度学习 的推理": None,
}

NO_WORK = {
    "TinyZero": "a title of one word is given in quotes of its own",
    '""': "empty identifier",
    '"2501.1259"': "was a last 0 lost",
    "深度学习的推理": "characters that no arXiv id has",
    "arXiv:2513.00001 [cs.CL] and more": "ids look like",
    "see https://arxiv.org/abs/2503.20783": "paste it alone",
    "hep\u2013th/9901001": "characters that no arXiv id has",
    "2503\u20132078": "characters that no arXiv id has",
    "٢٥٠٣.20783": "characters that no arXiv id has",
    "a title\x00 with a zero": "characters that no arXiv id has",
    "10.1145": "ids look like",
    "10.48550/arXiv.2513.00001": "no month 13",
    "12 34 56": "ids look like",
    "! ? & |": "ids look like",
    "word " * 500: "too long",
}


@pytest.mark.parametrize(("text", "identifier"), GOOD.items())
def test_a_form_of_an_id_is_that_id_whatever_else_is_read(text: str, identifier: str) -> None:
    assert str(parse_work(text, today=TODAY)) == identifier


@pytest.mark.parametrize(("text", "doi"), DOIS.items())
def test_a_doi_is_read_in_any_form_and_arxivs_own_is_an_id(text: str, doi: str | None) -> None:
    assert find_doi(text) == (Doi(doi) if doi else None)
    if doi:
        assert parse_work(text) == Doi(doi)
        assert find_doi(doi_address(doi)) == Doi(doi)


@pytest.mark.parametrize(("text", "title"), TITLES.items())
def test_several_words_or_words_in_quotes_are_a_title(text: str, title: str | None) -> None:
    assert parse_work(text) == Title(title or text)


@pytest.mark.parametrize(("text", "reason"), (BAD | NO_WORK).items())
def test_what_names_no_work_is_refused_with_its_reason(text: str, reason: str) -> None:
    if find_doi(text):
        # the identifier's reader refuses other DOIs; here they are works
        assert isinstance(parse_work(text), Doi)
        return
    with pytest.raises(UsageError) as refusal:
        parse_work(text, today=TODAY)
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_tables_have_nearly_two_hundred_forms() -> None:
    assert len(GOOD) + len(BAD) + len(DOIS) + len(TITLES) + len(NO_WORK) >= 180


@pytest.mark.parametrize("piece", ["10.1145/", "https://doi.org/", "(", ")", "a ", "/doi/", '"', "10.1/(", "word,"])
def test_no_text_takes_long_to_read(piece: str) -> None:
    begun = time.monotonic()
    for count in (10, 100, 1990):
        try:
            parse_work((piece * count)[:1990] + "!")
        except UsageError:
            continue
    assert time.monotonic() - begun < 0.5
