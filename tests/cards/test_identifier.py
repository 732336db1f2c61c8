"""What people paste, and which work it means; and what no work can be called, with the reason."""

import time
from datetime import date

import pytest

from tooling.cards.identifier import Identifier, find_identifier, parse_identifier
from tooling.errors import UsageError

TODAY = date(2026, 11, 22)

GOOD = {
    # bare, and with what stands around it in prose
    "2503.20783": "2503.20783",
    "2503.20783v2": "2503.20783v2",
    "2503.20783V12": "2503.20783v12",
    "  2503.20783\n": "2503.20783",
    "2503.20783.": "2503.20783",
    "(2503.20783)": "2503.20783",
    "`2503.20783`,": "2503.20783",
    "\u200b2503.20783\ufeff": "2503.20783",
    "\u00a02503.20783\u00a0": "2503.20783",
    "2503.20783.pdf": "2503.20783",
    "2503.20783v2.pdf": "2503.20783v2",
    "0704.0001": "0704.0001",
    "1412.9999": "1412.9999",
    "1501.00001": "1501.00001",
    "2611.99999": "2611.99999",
    # with arXiv's name
    "arXiv:2503.20783": "2503.20783",
    "ARXIV: 2503.20783v1": "2503.20783v1",
    "arxiv 2503.20783": "2503.20783",
    "arXiv:2501.12948v2 [cs.CL]": "2501.12948v2",
    "arXiv:2501.12948v2 [cs.CL] 4 Jan 2026": "2501.12948v2",
    "arXiv:2501.12948v1  [cs.CL]  22 Jan 2025": "2501.12948v1",
    "2501.12948 [stat.ML]": "2501.12948",
    # addresses of arXiv and its mirrors
    "https://arxiv.org/abs/2503.20783": "2503.20783",
    "http://arxiv.org/abs/2503.20783v2": "2503.20783v2",
    "https://www.arxiv.org/abs/2503.20783": "2503.20783",
    "https://export.arxiv.org/abs/2503.20783": "2503.20783",
    "https://de.arxiv.org/abs/2503.20783": "2503.20783",
    "https://browse.arxiv.org/html/2503.20783v1": "2503.20783v1",
    "http://xxx.lanl.gov/abs/hep-th/9901001": "hep-th/9901001",
    "http://xxx.itp.ac.cn/abs/2503.20783": "2503.20783",
    "arxiv.org/abs/2503.20783": "2503.20783",
    "www.arxiv.org/pdf/2503.20783": "2503.20783",
    "<https://arxiv.org/abs/2503.20783>": "2503.20783",
    "https://arxiv.org:443/abs/2503.20783": "2503.20783",
    "HTTPS://ARXIV.ORG/ABS/2503.20783": "2503.20783",
    "https://arxiv.org/abs/2503.20783/": "2503.20783",
    "https://arxiv.org/abs/2503.20783?context=cs.CL": "2503.20783",
    "https://arxiv.org/abs/2503.20783v2#S3": "2503.20783v2",
    "https://arxiv.org/abs/arXiv:2503.20783": "2503.20783",
    "https://arxiv.org/pdf/2503.20783": "2503.20783",
    "https://arxiv.org/pdf/2503.20783v2.pdf": "2503.20783v2",
    "https://arxiv.org/pdf/2503.20783.pdf#page=3": "2503.20783",
    "https://arxiv.org/html/2503.20783v2": "2503.20783v2",
    "https://arxiv.org/html/2503.20783v2/x1.png": "2503.20783v2",
    "https://arxiv.org/src/2503.20783v1": "2503.20783v1",
    "https://arxiv.org/e-print/2503.20783": "2503.20783",
    "https://arxiv.org/format/2503.20783": "2503.20783",
    "https://arxiv.org/abs/math.GT/0309136": "math/0309136",
    "https://arxiv.org/pdf/hep-th/9901001v3.pdf": "hep-th/9901001v3",
    "https://arxiv.org/abs/hep-th%2F9901001": "hep-th/9901001",
    # other readers
    "https://ar5iv.org/abs/2503.20783": "2503.20783",
    "https://ar5iv.labs.arxiv.org/html/2503.20783": "2503.20783",
    "https://ar5iv.labs.arxiv.org/html/hep-th/9901001": "hep-th/9901001",
    "https://alphaxiv.org/abs/2503.20783v2": "2503.20783v2",
    "https://www.alphaxiv.org/overview/2503.20783": "2503.20783",
    "https://www.alphaxiv.org/es/overview/2503.20783": "2503.20783",
    "https://huggingface.co/papers/2503.20783": "2503.20783",
    "https://huggingface.co/papers/2503.20783#community": "2503.20783",
    "hf.co/papers/2503.20783": "2503.20783",
    "https://scirate.com/arxiv/2503.20783": "2503.20783",
    "https://www.semanticscholar.org/arxiv/2503.20783": "2503.20783",
    # the DOI that DataCite registers for each work
    "10.48550/arXiv.2503.20783": "2503.20783",
    "10.48550/ARXIV.2503.20783": "2503.20783",
    "doi:10.48550/arXiv.2503.20783": "2503.20783",
    "https://doi.org/10.48550/arXiv.2503.20783": "2503.20783",
    "http://dx.doi.org/10.48550/arxiv.2503.20783": "2503.20783",
    "doi.org/10.48550/arXiv.hep-th/9901001": "hep-th/9901001",
    # before April 2007
    "hep-th/9901001": "hep-th/9901001",
    "hep-th/9901001v2": "hep-th/9901001v2",
    "arXiv:hep-th/9901001": "hep-th/9901001",
    "math.GT/0309136": "math/0309136",
    "MATH.gt/0309136V1": "math/0309136v1",
    "cs.AI/0301001": "cs/0301001",
    "cond-mat.mtrl-sci/0001001": "cond-mat/0001001",
    "hep-th/9108001": "hep-th/9108001",
    "astro-ph/0703999": "astro-ph/0703999",
}

BAD = {
    "": "empty",
    "   ": "empty",
    "TinyZero": "ids look like",
    "2513.00001": "no month 13",
    "2500.00001": "no month 00",
    "hep-th/9913001": "no month 13",
    "2501.1259": "4 digits; from January 2015 it has 5 (was a last 0 lost, `2501.12590`?)",
    "2501.10": "2 digits",
    "1412.12345": "5 digits; up to December 2014 it has 4",
    "2501.123456": "6 digits",
    "2501.00000": "count from 1",
    "0704.0000": "count from 1",
    "hep-th/9901000": "count from 1",
    "0703.0001": "begin in April 2007",
    "2612.00001": "2026-12, lies in the future",
    "9901.00001": "lies in the future",
    "hep-th/0704001": "run from July 1991 to March 2007",
    "hep-th/9106001": "run from July 1991 to March 2007",
    "hep-th/99010011": "4 digits; ids with an archive have 3",
    "hep-th/990101": "2 digits; ids with an archive have 3",
    "hep-zz/9901001": "never had an archive `hep-zz`",
    "hep-th9901001": "ids look like",
    "9901001": "ids look like",
    "2503.20783v0": "no version 0",
    "2503.20783v1000": "no version 1000",
    "2503.20783v": "ids look like",
    "2503.20783 2503.20784": "ids look like",
    "2503,20783": "ids look like",
    "２５０３.20783": "characters that no arXiv id has",
    "2503.20783\x00": "characters that no arXiv id has",
    "https://arxiv.org/list/cs.CL/recent": "not the page of one work",
    "https://arxiv.org/": "not the page of one work",
    "https://arxiv.org/abs/": "not the page of one work",
    "https://arxiv.org/abs/2513.00001": "no month 13",
    "https://arxiv.org.example.com/abs/2503.20783": "carry no arXiv id",
    "https://example.com/arxiv.org/abs/2503.20783": "carry no arXiv id",
    "https://arxiv.org@example.com/abs/2503.20783": "carry no arXiv id",
    "https://github.com/sail-sg/understand-r1-zero": "carry no arXiv id",
    "ftp://arxiv.org/abs/2503.20783": "`ftp` addresses",
    "https://[arxiv.org/abs/2503.20783": "not a valid address",
    "https://huggingface.co/papers/month/2025-03": "ids look like",
    "https://huggingface.co/Qwen/Qwen2.5": "not the page of one work",
    "https://doi.org/10.1145/3600006.3613165": "not arXiv's",
    "10.1145/3600006.3613165": "ids look like",
    "2503.20783" + " " * 3000 + "x": "too long",
}


@pytest.mark.parametrize(("text", "expected"), GOOD.items())
def test_a_pasted_form_is_read(text: str, expected: str) -> None:
    assert str(parse_identifier(text, today=TODAY)) == expected


@pytest.mark.parametrize(("text", "reason"), BAD.items())
def test_an_impossible_form_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as refusal:
        parse_identifier(text, today=TODAY)
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_table_has_over_a_hundred_forms() -> None:
    assert len(GOOD) + len(BAD) > 100


def test_every_good_form_without_its_version_is_one_canonical_identifier() -> None:
    for text in GOOD:
        found = parse_identifier(text, today=TODAY)
        assert parse_identifier(found.bare, today=TODAY) == Identifier(found.bare)
        assert find_identifier(found.address) == Identifier(found.bare)


def test_the_first_of_the_next_month_is_near_enough_for_a_clock_that_is_behind() -> None:
    assert parse_identifier("2612.00001", today=date(2026, 11, 29)).bare == "2612.00001"
    with pytest.raises(UsageError):
        parse_identifier("2612.00001", today=date(2026, 11, 28))


def test_what_is_no_identifier_is_found_to_be_none() -> None:
    assert find_identifier("https://openai.com/index/learning-to-reason-with-llms/") is None


@pytest.mark.parametrize(
    "piece", ["[", "v", "0", ".", "/", "a-", "arxiv:", "2503.2078", " [cs.CL]", "https://arxiv.org/"]
)
def test_no_text_takes_long_to_refuse(piece: str) -> None:
    begun = time.monotonic()
    for count in (10, 100, 1990):
        find_identifier((piece * count)[:1990] + "!")
    assert time.monotonic() - begun < 0.5
