"""Lists in Markdown give their works, whatever style they are kept in, and what they say of them."""

import re
from pathlib import Path

import pytest

from tests.cards.foreign import AUTHORS, REMARK, STYLES, foreign_list, works
from tooling.cards.awesome import read_list
from tooling.cards.entry import Entry

DATA = Path(__file__).parent / "data"


def only(text: str) -> Entry:
    """The one entry of a list."""
    (entry,) = read_list(text, "list.md").entries
    return entry


@pytest.mark.parametrize("number", range(len(STYLES)), ids=[style.__name__.strip("_") for style in STYLES.values()])
def test_each_style_gives_its_works_with_title_section_and_line(number: int) -> None:
    text = foreign_list()
    found = {name: entry for entry in read_list(text, "list.md").entries for name in entry.works}
    section, style = list(STYLES.items())[number]
    for work in works(number):
        entry = found[work.id]
        assert (entry.title, entry.works, entry.listed) == (work.title, (work.id,), True)
        assert entry.sections[-1] in section
        line = text.splitlines()[entry.line - 1]
        assert work.id in line or work.title in line
        assert REMARK in entry.remark or REMARK not in style(work)
        assert "Lovelace" not in entry.remark
        assert "http" not in entry.remark


def test_a_list_of_150_works_has_150_entries_and_says_what_it_left_out() -> None:
    listing = read_list(foreign_list(), "list.md")
    assert listing.name == "Awesome Abaci"
    assert len({name for entry in listing.entries for name in entry.works}) == 150
    assert [(each.code, "`2504.09999`" in each.message) for each in listing.findings] == [("no-identifier", True)]


@pytest.mark.parametrize(
    "written",
    [
        "[Counting](https://arxiv.org/abs/2503.20783v2)", "[Counting](arxiv.org/abs/2503.20783)",
        "Counting, arXiv:2503.20783v2", "[Counting](https://ar5iv.org/abs/2503.20783?x=1#top)",
        "Counting https://arxiv.org/pdf/2503.20783.pdf.", "Counting <https://doi.org/10.48550/arXiv.2503.20783>",
        '<a href="https://arxiv.org/abs/2503.20783">Counting</a>', "[Counting]( <https://arxiv.org/abs/2503.20783> )",
        "**[Counting](https://arxiv.org/abs/2503.20783)**", "~~[Counting](https://arxiv.org/abs/2503.20783)~~",
    ],
)  # fmt: skip
def test_an_id_is_read_in_every_form(written: str) -> None:
    assert only(f"- {written}").works == ("2503.20783",)


TITLES = {
    "- [2025/03] **Title of a Work** (ICLR 2026) [[p]](A)": "Title of a Work",
    "- (2025, Feb) [EMNLP 2025] [Title of a Work](A)": "Title of a Work",
    "- Title of a Work - a remark about it [paper](A)": "Title of a Work",
    "- Title of a Work. Ada Lovelace et al. [paper](A)": "Title of a Work",
    '- Ada Lovelace. "Title of a Work." 2025. [paper](A)': "Title of a Work",
    "- [TinyZero](A)": "TinyZero",
    "- [paper](A)": "",
    "- *Title of a Work* [paper](A)": "Title of a Work",
    "- Title: With a *Stress* in It [paper](A)": "Title: With a Stress in It",
}


@pytest.mark.parametrize(("text", "title"), TITLES.items())
def test_a_title_is_told_from_what_stands_around_it(text: str, title: str) -> None:
    assert only(text.replace("(A)", "(https://arxiv.org/abs/2503.20783)")).title == title


def test_an_id_below_a_title_is_that_works() -> None:
    entry = only("- **Title of a Work**\n  - [arXiv](https://arxiv.org/abs/2503.20783)\n  - Adds up to ten.\n")
    assert (entry.title, entry.works, entry.remark) == ("Title of a Work", ("2503.20783",), "Adds up to ten")


def test_a_work_that_is_named_in_a_remark_is_a_work_of_its_own() -> None:
    text = (
        "- [Title of a Work](https://arxiv.org/abs/2503.20783)\n"
        "  - goes beyond the [paper of the llamas](https://arxiv.org/abs/2307.09288), it says\n"
    )
    first, second = read_list(text, "list.md").entries
    assert first.remark == "goes beyond the paper of the llamas, it says"
    assert (second.works, second.title, second.listed) == (("2307.09288",), "paper of the llamas", False)


def test_several_works_in_one_item_are_several_entries() -> None:
    text = "- Algorithms: [GRPO](https://arxiv.org/abs/2402.03300), [PPO](https://arxiv.org/pdf/1707.06347)\n"
    found = [(entry.title, entry.works) for entry in read_list(text, "list.md").entries]
    assert found == [("GRPO", ("2402.03300",)), ("PPO", ("1707.06347",))]


def test_a_preprint_and_its_publication_are_one_work() -> None:
    text = (
        "- Title of a Work [paper](https://doi.org/10.1145/3600006.3613165) [arXiv](https://arxiv.org/abs/2503.20783)"
    )
    assert only(text).works == ("2503.20783", "10.1145/3600006.3613165")


def test_a_link_without_an_id_is_an_entry_with_its_address() -> None:
    entry = only("## Tools\n\n- [A Tool](https://github.com/ada/abacus): adds and subtracts numbers\n")
    assert (entry.title, entry.works, entry.listed) == ("A Tool", (), True)
    assert (entry.addresses, entry.sections) == (("https://github.com/ada/abacus",), ("Tools",))


def test_an_impossible_id_is_named_with_its_line_and_hides_nothing() -> None:
    listing = read_list(
        "# L\n\n- [A](https://arxiv.org/abs/2513.00001)\n- [B c d](https://arxiv.org/abs/2503.20783)\n- [New](https://arxiv.org/list/cs.CL/new)\n",
        "l",
    )
    assert [(each.line, each.code) for each in listing.findings] == [(3, "unreadable")]
    assert "there is no month 13" in listing.findings[0].message
    assert [entry.works for entry in listing.entries] == [("2503.20783",), ()]


def test_sections_are_the_headings_above_without_the_lists_name() -> None:
    text = (
        "# Name\n\n## One\n\n### Two\n\n- [A b c](https://arxiv.org/abs/2503.20783)\n\n## Three\n\n- [D](https://d.org)"
    )
    assert [entry.sections for entry in read_list(text, "x").entries] == [("One", "Two"), ("Three",)]


@pytest.mark.parametrize(
    "text",
    [
        "", "\n\n", "<", "[", "|\n|-", "- ", "# ", "<table><tr><td>", "</div></div>", "\x00\x1b[31m", "<!-- -->",
        "- " * 500 + "x", "> " * 500 + "x", "<div>" * 2000, "[" * 5000, "*a_ " * 3000, "<a href='http://[::1'>x</a>",
        "- [x](http://[bad)", "![](arxiv-9999.99999)", "- \ud7ff\u202e [x](https://arxiv.org/abs/2503.20783)",
    ],
)  # fmt: skip
def test_whatever_a_file_holds_is_read_without_an_error(text: str) -> None:
    assert all(entry.works or entry.addresses or entry.title for entry in read_list(text, "list.md").entries)


def test_the_curators_survey_gives_all_its_ids() -> None:
    text = (DATA / "survey.md").read_text("utf-8")
    listing = read_list(text, "survey.md")
    ids = {found.rstrip("?") for found in re.findall(r"arxiv\.org/(?:abs|pdf)/([0-9.]+)", text)}
    assert {name for entry in listing.entries for name in entry.works} == ids
    assert len(ids) == 60
    assert listing.name == "Post-DeepSeek-R1"
    quiet = next(entry for entry in listing.entries if "2403.09629" in entry.works)
    assert quiet == Entry(
        297, "Quiet-STaR: Language Models Can Teach Themselves to Think Before Speaking", ("2403.09629",), (),
        ("Literature", "RL for Different Ways of Generation"),
        remark="Train model to generate rational/thinking before each token generation",
    )  # fmt: skip


def test_authors_are_no_remark() -> None:
    assert only(f"- [Title of a Work](https://arxiv.org/abs/2503.20783), {AUTHORS}, 2025").remark == ""
