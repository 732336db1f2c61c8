"""Works by DOI, and works of arXiv while arXiv does not answer: what registrars say, and what becomes a card."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.cards.shelf import Shelf, new_shelf
from tests.servers import arxiv as server
from tests.servers.arxiv import ArxivServer, Work
from tooling.cards.add import Outcome, Wanted, Wishes, add_all
from tooling.cards.answer import Garbled
from tooling.cards.negotiated import read_record
from tooling.cards.reference import doi
from tooling.cards.refresh import run_refresh
from tooling.errors import Exists, Invalid, NotFound, TryLater, UsageError

DOI = "10.1145/3600006.3613165"
OLD = "10.48550/arXiv.hep-th/9901001"
CSL = {
    "type": "article-journal",
    "source": "Crossref",
    "DOI": DOI,
    "title": "A <i>Study</i> of X &amp; Y",
    "author": [
        {"given": "Ada", "family": "Lovelace", "sequence": "first"},
        {"given": "Aäron", "non-dropping-particle": "van den", "family": "Oord"},
        {"given": "Martin Luther", "family": "King", "suffix": "Jr."},
        {"literal": "The GRPO Team"},
        {"name": "Another Team"},
    ],
    "container-title": "Journal of Tests",
    "issued": {"date-parts": [[2025]]},
    "published": {"date-parts": [[2025, 5]]},
    "created": {"date-parts": [[2025, 4, 30]]},
    "abstract": "<jats:p>We use GRPO.</jats:p>",
}


@dataclass
class Rig:
    """A library and the server that speaks for both services."""

    shelf: Shelf
    server: ArxivServer

    def add(self, *texts: str, **wishes: object) -> list[Outcome]:
        """What became of these works."""
        return add_all(self.shelf.root, [Wanted(text) for text in texts], wishes=Wishes(**wishes))

    def card(self, outcome: Outcome) -> dict[str, object]:
        """The keys of the card that was made."""
        assert outcome.state == "added", outcome
        card: dict[str, object] = yaml.safe_load((self.shelf.root / outcome.path).read_text("utf-8"))
        assert not [each for each in self.shelf.problems() if each.code != "unwritten"]
        return card


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """A rig whose arXiv knows one work, and whose registrar knows another."""
    shelf = new_shelf(tmp_path)
    (shelf.root / "mkdocs.yml").touch()
    with ArxivServer() as running:
        running.add(
            Work("2503.20783", title="Foo-RL: A Study", version=2, abstract="We use GRPO.", comment="ICLR 2026"),
            Work("10.5281/zenodo.1", title="Bar: A Dataset", published="2025-07-01"),
        )
        monkeypatch.setenv("TOOLING_ARXIV_URL", running.address)
        monkeypatch.setenv("TOOLING_OAI_URL", running.oai)
        monkeypatch.setenv("TOOLING_DATACITE_URL", running.datacite)
        monkeypatch.setenv("TOOLING_CACHE", str(tmp_path / "cache"))
        for service in ("ARXIV", "DATACITE"):
            monkeypatch.setenv(f"TOOLING_{service}_PACE", "0.01")
        monkeypatch.setenv("TOOLING_ARXIV_PATIENCE", "0.5")
        yield Rig(shelf, running)


def test_a_doi_makes_a_card_without_arxiv_that_says_who_knew_it(rig: Rig) -> None:
    (outcome,) = rig.add(DOI)
    assert isinstance(outcome.error, NotFound)
    assert f"`{DOI}`: no such DOI is registered" in str(outcome.error)
    (outcome,) = rig.add("https://doi.org/10.5281/ZENODO.1")
    card = rig.card(outcome)
    assert (card["kind"], card["title"], card["date"]) == ("paper", "Bar: A Dataset", "2025-07-01")
    assert "arxiv" not in card and "version_read" not in card and "category" not in card
    assert card["links"] == {"paper": "https://doi.org/10.5281/zenodo.1"}
    assert set(card["provenance"]["fields"].values()) == {"datacite"}  # type: ignore[index]
    assert doi(rig.shelf.library()[Path(outcome.path).stem]) == "10.5281/zenodo.1"
    assert rig.server.requests == []
    # the second time it is there, whatever the form
    again = rig.add("10.5281/zenodo.1", "doi:10.5281/Zenodo.1", "Bar: a dataset")
    assert {(each.state, each.path) for each in again} == {("present", outcome.path)}
    assert len(rig.server.doi_requests) == 2


def test_the_doi_of_arxiv_is_the_work_of_arxiv(rig: Rig) -> None:
    (outcome,) = rig.add("https://doi.org/10.48550/arXiv.2503.20783")
    assert rig.card(outcome)["arxiv"] == "2503.20783"
    assert rig.server.doi_requests == []


def test_crossrefs_answer_is_read_with_its_names_and_its_journal(rig: Rig) -> None:
    rig.server.answers[DOI] = CSL
    (outcome,) = rig.add(DOI)
    card = rig.card(outcome)
    assert card["title"] == "A Study of X & Y"
    assert card["authors"] == [
        "Ada Lovelace", "Aäron van den Oord", "Martin Luther King Jr.", "The GRPO Team", "Another Team",
    ]  # fmt: skip
    assert (card["date"], card["venue"]) == ("2025-05", "Journal of Tests 2025")
    assert card["provenance"]["fields"]["title"] == "crossref"  # type: ignore[index]


def test_works_of_arxiv_come_from_datacite_while_arxiv_is_down_and_say_so(rig: Rig) -> None:
    rig.server.always = server.status(503)
    (outcome,) = rig.add("2503.20783")
    card = rig.card(outcome)
    assert (card["title"], card["authors"]) == ("Foo-RL: A Study", ["Ada Lovelace", "Charles Babbage"])
    assert (card["arxiv"], card["version_read"], card["date"]) == ("2503.20783", 2, "2025-03-26")
    assert (card["category"], card["venue"], list(card["methods"])) == ("cs.LG", "ICLR 2026", ["grpo"])  # type: ignore[call-overload]
    provenance = card["provenance"]
    assert provenance["fields"]["title"] == "datacite"  # type: ignore[index]
    assert provenance["sources"] == [  # type: ignore[index]
        "https://arxiv.org/abs/2503.20783v2",
        "https://doi.org/10.48550/arXiv.2503.20783 (DataCite, as arXiv did not answer)",
    ]


def test_what_datacite_said_is_corrected_once_arxiv_answers(rig: Rig) -> None:
    rig.server.always = server.status(429)
    (outcome,) = rig.add("2503.20783", draft=True)
    rig.server.always = None
    rig.server.add(Work("2503.20783", title="Foo-RL: A Better Title", version=2))
    run_refresh(rig.shelf.root, [Path(outcome.path).stem])
    assert rig.card(outcome)["title"] == "Foo-RL: A Better Title"


@pytest.mark.parametrize(
    "fault", [server.status(429), server.body("<html>"), server.reset()], ids=["429", "web", "cut"]
)
def test_where_both_are_down_everything_is_put_off_with_both_reasons(rig: Rig, fault: server.Fault) -> None:
    rig.server.always = rig.server.doi_always = fault
    before = set(rig.shelf.papers.iterdir())
    outcomes = rig.add("2503.20783", "2503.20784")
    assert [each.state for each in outcomes] == ["put off", "put off"]
    assert isinstance(outcomes[0].error, TryLater)
    assert "nor does DataCite help" in str(outcomes[0].error)
    assert str(outcomes[0].error).endswith("; nothing was written")
    assert set(rig.shelf.papers.iterdir()) == before
    rig.server.always = rig.server.doi_always = None


def test_a_work_that_datacite_lacks_is_put_off_and_the_others_are_written(rig: Rig) -> None:
    rig.server.always = server.status(503)
    missing, there = rig.add("2503.99999", "2503.20783")
    assert (missing.state, there.state) == ("put off", "added")
    assert "DataCite has no work `2503.99999`; try again later" in str(missing.error)


def test_what_arxiv_alone_knows_comes_last_so_that_dois_are_added_while_it_is_down(rig: Rig) -> None:
    rig.server.always = server.status(503)
    title, by_doi, by_id = rig.add("Foo-RL: A Study", "10.5281/zenodo.1", "2503.20783")
    assert (title.state, by_doi.state, by_id.state) == ("put off", "added", "added")


def test_one_doi_that_is_refused_does_not_stop_the_others(rig: Rig) -> None:
    rig.server.doi_faults = [server.status(400)]
    first, second = rig.add("10.5281/odd", "10.5281/zenodo.1")
    assert (first.state, second.state) == ("refused", "added")
    assert isinstance(first.error, UsageError)


def test_offline_takes_what_is_cached_and_puts_off_the_rest(rig: Rig) -> None:
    (first,) = rig.add("2503.20783")
    (rig.shelf.root / first.path).unlink()
    there, missing = rig.add("2503.20783", "2503.20784", offline=True)
    assert (there.state, missing.state) == ("added", "put off")


def test_datacite_is_not_asked_for_arxivs_works_where_a_stand_in_serves_arxiv_alone(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOOLING_DATACITE_URL")
    rig.server.always = server.status(503)
    (outcome,) = rig.add("2503.20783")
    assert outcome.state == "put off" and "DataCite" not in str(outcome.error)


def test_datacite_keeps_a_pace_of_its_own(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLING_DATACITE_PACE", "0.2")
    monkeypatch.setenv("TOOLING_DATACITE_PATIENCE", "5")
    rig.server.add(*(Work(f"10.5281/zenodo.{number}", title=f"Data number {number}") for number in range(2, 5)))
    rig.add(*(f"10.5281/zenodo.{number}" for number in range(1, 5)))
    moments = [request.moment for request in rig.server.doi_requests]
    assert len(moments) == 4
    assert min(later - earlier for earlier, later in zip(moments, moments[1:], strict=False)) >= 0.2


def test_a_title_is_the_one_work_that_has_it(rig: Rig) -> None:
    rig.server.add(Work("2503.20785", title="Foo-RL: A Study of Other Things"))
    (outcome,) = rig.add("foo-RL — A  study")
    assert rig.card(outcome)["arxiv"] == "2503.20783"
    (again,) = rig.add('"Foo-RL: a Study"')
    assert (again.state, again.path) == ("present", outcome.path)
    assert len(rig.server.requests) == 1


def test_a_title_that_is_not_quite_one_is_refused_with_the_nearest(rig: Rig) -> None:
    (outcome,) = rig.add("Foo-RL: A")
    assert isinstance(outcome.error, NotFound)
    assert "the nearest is `Foo-RL: A Study`: give its id, `2503.20783`, if that is meant" in str(outcome.error)
    (outcome,) = rig.add("No Such Work at All")
    assert "arXiv has no work with the title `No Such Work at All`; check its words, or give the id" == str(
        outcome.error
    )


def test_a_title_of_two_works_is_refused_with_their_ids(rig: Rig) -> None:
    rig.server.add(Work("2503.20785", title="Foo-RL: a study!"))
    (outcome,) = rig.add("Foo-RL: A Study")
    assert isinstance(outcome.error, UsageError)
    assert "2 works on arXiv (`2503.20783`, `2503.20785`); give the id" in str(outcome.error)


def test_a_title_whose_work_is_there_under_another_title_is_that_card(rig: Rig) -> None:
    (first,) = rig.add("2503.20783")
    text = rig.shelf.text("foo-rl").replace("Foo-RL: A Study", "Our Own Title")
    rig.shelf.write("foo-rl", text)
    (again,) = rig.add("Foo-RL: A Study")
    assert (again.state, again.path) == ("present", first.path)


def test_the_publishers_doi_of_a_work_that_is_there_is_that_card(rig: Rig) -> None:
    rig.server.add(Work("2503.20785", title="Baz", doi=DOI))
    (first,) = rig.add("2503.20785")
    (again,) = rig.add(f"https://dl.acm.org/doi/{DOI}")
    assert (again.state, again.path) == ("present", first.path)
    rig.server.add(Work("2503.20786", title="Quite Another Title", doi=DOI))
    (twin,) = rig.add("2503.20786")
    assert isinstance(twin.error, Exists)
    assert f"has the DOI of `2503.20786`, `{DOI}`" in str(twin.error)


def test_offline_answers_for_a_doi_come_from_the_cache(rig: Rig) -> None:
    assert rig.add("10.5281/zenodo.1", offline=True)[0].state == "put off"
    (first,) = rig.add("10.5281/zenodo.1")
    (rig.shelf.root / first.path).unlink()
    assert rig.add("10.5281/zenodo.1", offline=True)[0].state == "added"
    assert len(rig.server.doi_requests) == 1


def test_registrars_of_the_same_house_are_followed_and_publishers_pages_are_not(rig: Rig) -> None:
    here = rig.server.datacite
    rig.server.doi_faults = [server.status(302, Location=f"{here}/10.5281/zenodo.1")]
    assert rig.add("10.5281/zenodo.1")[0].state == "added"
    rig.server.doi_always = server.status(302, Location="https://publisher.example/page")
    (outcome,) = rig.add(DOI)
    assert isinstance(outcome.error, NotFound)
    assert "gives no record of it and leads to `https://publisher.example/page`" in str(outcome.error)
    rig.server.doi_always = server.status(302, Location=f"{here}/{DOI}")
    (outcome,) = rig.add(DOI)
    assert isinstance(outcome.error, NotFound)


LACKING: dict[str, dict[str, object]] = {
    "no month": {**CSL, "published": None, "created": None},
    "a year that is none": {**CSL, "published": {"date-parts": [["soon"]]}, "created": {"date-parts": 7}},
}
GARBLED: dict[str, object] = {
    "another work": CSL | {"DOI": "10.1145/1"},
    "no DOI": {key: value for key, value in CSL.items() if key != "DOI"},
    "no title": CSL | {"title": None},
    "a title of another type": CSL | {"title": {"a": 1}},
    "a long title": CSL | {"title": "x" * 3000},
    "no authors": CSL | {"author": [{"family": 7}, "Ada", None]},
    "a list": [CSL],
    "a word": "soon",
    "nothing": {},
    "an empty list of titles": {"doi": DOI, "titles": [], "dates": [{"date": "2025-05", "dateType": "Issued"}]},
}


@pytest.mark.parametrize("answer", LACKING.values(), ids=LACKING)
def test_a_record_without_a_month_is_refused_with_the_remedy(rig: Rig, answer: object) -> None:
    rig.server.answers[DOI] = answer
    (outcome,) = rig.add(DOI)
    assert isinstance(outcome.error, Invalid)
    assert "names no month of publication; write the card by hand" in str(outcome.error)


@pytest.mark.parametrize("answer", GARBLED.values(), ids=GARBLED)
def test_an_answer_that_is_no_record_is_asked_for_again_and_never_half_read(rig: Rig, answer: object) -> None:
    rig.server.answers[DOI] = answer
    (outcome,) = rig.add(DOI)
    assert (outcome.state, len(rig.server.doi_requests)) == ("put off", 3)


@pytest.mark.parametrize("content", [b"", b"<html>", b"{", b"[" * 100_000, b"\xff\xfe{", b"null", b'{"doi": 1e999}'])
def test_bytes_that_are_no_record_are_garbled(content: bytes) -> None:
    with pytest.raises(Garbled):
        read_record(content, DOI, bare=DOI)


def test_the_api_of_datacite_wraps_the_same_record_and_arxivs_id_gives_the_month() -> None:
    attributes = (
        '{"doi": "10.48550/ARXIV.2503.20783", "titles": [{"title": "T"}], "creators": [{"name": "Ada Lovelace", '
        '"nameType": "Organizational"}], "publicationYear": 2025, "relatedIdentifiers": [{"relationType": '
        f'"IsVersionOf", "relatedIdentifierType": "DOI", "relatedIdentifier": "{DOI}"}}]}}'
    )
    content = f'{{"data": {{"id": "x", "attributes": {attributes}}}}}'.encode()
    record = read_record(content, "10.48550/arXiv.2503.20783", bare="2503.20783")
    assert (record.published, record.version, record.doi) == ("2025-03", 0, DOI)
    old = read_record(content.replace(b"ARXIV.2503.20783", b"arXiv.hep-th/9901001"), OLD, bare="hep-th/9901001")
    assert old.published == "1999-01"
    assert record.authors == ("Ada Lovelace",)
