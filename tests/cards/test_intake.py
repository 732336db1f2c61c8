"""Many works at once, as a list is taken in: what each became, what it brought along, what stays after a failure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cards.shelf import Shelf, new_shelf
from tooling.cards.add import Outcome, Wanted, Wishes, add_all, raise_for
from tooling.cards.identifier import Identifier
from tooling.cards.record import Record
from tooling.cards.schema import Card
from tooling.cards.work import Work
from tooling.errors import Exists, Invalid, NotFound, ToolingError, TryLater, UsageError

RECORD = Record("2503.20783", 1, "A Title", ("Ada Lovelace",), "2025-03-26", "We ask.", None, None, None, "cs.LG")


def record(work: Work) -> Record:
    """A record of the work with a title of its own."""
    return replace(RECORD, bare=work.key, title=f"Work number {work.key.replace('.', ' ')}")


class Batches:
    """A source that gives batches of two, and then what it is told to raise; `asked` keeps what was asked for."""

    def __init__(self, *, error: ToolingError | None = None, after: int = 99) -> None:
        self.error, self.after = error, after
        self.asked: list[str] = []

    def __call__(self, works: Sequence[Work]) -> Iterator[Mapping[str, Record | ToolingError]]:
        """The records, batch after batch."""
        self.asked = [each.key for each in works]
        for number, start in enumerate(range(0, len(works), 2)):
            if number == self.after and self.error:
                raise self.error
            yield {each.key: record(each) for each in works[start : start + 2] if not each.key.endswith("9")}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return new_shelf(tmp_path)


def made(shelf: Shelf, wanted: Wanted) -> Card:
    """The card that this work became."""
    (outcome,) = add_all(shelf.root, [wanted], source=Batches(), wishes=Wishes(draft=True))
    assert outcome.state == "added", outcome
    assert shelf.lines() == []
    return shelf.library()[Path(outcome.path).stem]


def works(count: int) -> list[Wanted]:
    """So many works to be added."""
    return [Wanted(f"2503.{number:05}") for number in range(1, count + 1)]


def states(outcomes: Sequence[Outcome]) -> list[str]:
    """What became of each."""
    return [outcome.state for outcome in outcomes]


def test_each_work_has_one_outcome_in_the_order_of_the_list(shelf: Shelf) -> None:
    wanted = [Wanted("2503.00009"), Wanted("2503.00002"), Wanted("soon"), Wanted("2501.12590"), Wanted("2503.00002v1")]
    outcomes = add_all(shelf.root, wanted, source=Batches())
    assert [(each.given, each.state) for each in outcomes] == [
        ("2503.00009", "refused"), ("2503.00002", "added"), ("soon", "refused"), ("2501.12590", "present"),
    ]  # fmt: skip
    assert [type(each.error) for each in outcomes if each.error] == [NotFound, UsageError]
    assert outcomes[3].path == "papers/counting-aloud.yaml"
    with pytest.raises(NotFound, match="arXiv has no work `2503.00009`") as refusal:
        raise_for(outcomes)
    assert "cannot read `soon`" in str(refusal.value)


def test_cards_are_there_as_soon_as_their_batch_is(shelf: Shelf) -> None:
    seen = []

    class Watching(Batches):
        """Looks into the folder before each batch."""

        def __call__(self, works: Sequence[Work]) -> Iterator[Mapping[str, Record | ToolingError]]:
            for batch in super().__call__(works):
                seen.append(sum(path.stem.startswith("work-number") for path in shelf.papers.iterdir()))
                yield batch

    add_all(shelf.root, works(6), source=Watching())
    assert seen == [0, 2, 4]


@pytest.mark.parametrize("error", [TryLater("nobody answers"), NotFound("no service"), UsageError("malformed")])
def test_what_was_finished_stays_and_the_rest_is_put_off_with_the_reason(shelf: Shelf, error: ToolingError) -> None:
    outcomes = add_all(shelf.root, works(6), source=Batches(error=error, after=2))
    assert states(outcomes) == ["added"] * 4 + ["put off"] * 2
    with pytest.raises(type(error), match=str(error)) as refusal:
        raise_for(outcomes)
    assert str(refusal.value).count("\n") == 0
    assert ("written before it: 4 cards" in str(refusal.value)) == isinstance(error, TryLater)
    again = Batches()
    assert states(add_all(shelf.root, works(6), source=again)) == ["present"] * 4 + ["added"] * 2
    assert again.asked == ["2503.00005", "2503.00006"]


def test_a_work_that_is_put_off_outweighs_one_that_is_refused() -> None:
    refused = Outcome("a", "a", "refused", error=Exists("is there"))
    later = Outcome("b", "b", "put off", error=TryLater("nobody answers"))
    with pytest.raises(TryLater, match="nobody answers\nis there"):
        raise_for([refused, later])
    raise_for([Outcome("c", "c", "added", "papers/c.yaml")])


def test_topics_and_a_remark_go_to_the_card_with_where_they_came_from(shelf: Shelf) -> None:
    wanted = Wanted("2503.00001", ("sums", "Unheard-of topics"), "Worth\n reading\u202e", origin="reading-list.md")
    card = made(shelf, wanted)
    assert card.topics == ("sums",)
    assert [(note.kind, note.text, note.by) for note in card.notes] == [
        ("opinion", "Worth reading", "catalogue"), ("fact", "Listed under `Unheard-of topics`.", "catalogue"),
    ]  # fmt: skip
    assert card.provenance.fields["topics"] == card.provenance.fields["notes"] == "reading-list.md"


def test_a_topic_is_known_by_its_name_too(shelf: Shelf) -> None:
    (topic_id, term), *_ = shelf.library().vocabulary.topics.items()
    assert made(shelf, Wanted("2503.00001", (term.name, term.name.upper()))).topics == (topic_id,)


def test_a_card_that_is_there_is_not_changed_by_what_a_list_says(shelf: Shelf) -> None:
    before = shelf.text("counting-aloud")
    wanted = Wanted("2501.12590", ("sums",), "A remark")
    assert states(add_all(shelf.root, [wanted], source=Batches())) == ["present"]
    assert shelf.text("counting-aloud") == before


def test_a_dry_run_gives_the_texts_and_writes_nothing(shelf: Shelf) -> None:
    before = {path.name for path in shelf.root.rglob("*")}
    outcomes = add_all(shelf.root, works(3), source=Batches(), wishes=Wishes(dry_run=True))
    assert states(outcomes) == ["would add"] * 3
    assert all(outcome.text.startswith("kind: paper\n") for outcome in outcomes)
    assert len({outcome.path for outcome in outcomes}) == 3
    assert {path.name for path in shelf.root.rglob("*")} == before


def test_an_invalid_record_is_refused_and_the_others_are_written(shelf: Shelf) -> None:
    class Nameless(Batches):
        """Knows a work whose authors have no letters."""

        def __call__(self, works: Sequence[Work]) -> Iterator[Mapping[str, Record | ToolingError]]:
            yield {works[0].key: replace(record(works[0]), authors=("-",)), works[1].key: record(works[1])}

    outcomes = add_all(shelf.root, works(2), source=Nameless())
    assert states(outcomes) == ["refused", "added"]
    assert isinstance(outcomes[0].error, Invalid)


def test_nothing_wanted_is_nothing_done(shelf: Shelf) -> None:
    source = Batches()
    assert add_all(shelf.root, [], source=source) == []
    assert source.asked == []
    assert not (shelf.root / ".build").exists()


def test_a_version_is_kept_where_the_record_does_not_say_which_is_the_latest(shelf: Shelf) -> None:
    class Unsure(Batches):
        """Does not know versions, as some registrars do."""

        def __call__(self, works: Sequence[Work]) -> Iterator[Mapping[str, Record | ToolingError]]:
            yield {each.key: replace(record(each), version=0, origin="datacite") for each in works}

    outcomes = add_all(shelf.root, [Wanted("2503.00001v3"), Wanted("2503.00002")], source=Unsure())
    first, second = (shelf.library()[Path(each.path).stem] for each in outcomes)
    assert (first.version_read, second.version_read) == (3, None)
    assert second.provenance.sources[0] == Identifier("2503.00002").address
