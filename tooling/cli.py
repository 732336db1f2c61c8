"""The command `tooling`. Each command imports what it needs when it runs, so that help answers at once."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tooling import __version__
from tooling.errors import INTERRUPTED, STACK, NotFound, ToolingError
from tooling.repository import find_root

SCALES = ("smoke", "quick", "mini", "gpu", "paper")
EXPORTS = (
    "bibtex", "csl-json", "ris", "jsonl", "schema", "csv", "csv-claims", "readme", "atom", "atom-verdicts", "llms",
    "markdown",
)  # fmt: skip
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Group(click.Group):
    """A group of commands that prints a user's mistake as one line and exits with its code."""

    def invoke(self, ctx: click.Context) -> Any:
        """What the command returns; a `ToolingError` or Ctrl-C becomes a line on stderr and an exit code.

        So does a module of the training stack that is not installed, as after `make site` alone.
        """
        try:
            return super().invoke(ctx)
        except ToolingError as error:
            click.echo(f"tooling: {error}", err=True)
            sys.exit(error.exit_code)
        except ModuleNotFoundError as error:
            if error.name not in STACK:
                raise
            remedy = "`make .venv/.lab` installs what runs need (about 2 GB)"
            click.echo(f"tooling: `{error.name}` is not installed here; {remedy}", err=True)
            sys.exit(NotFound.exit_code)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            sys.exit(INTERRUPTED)
        except BrokenPipeError:
            # the reader of a pipe has gone (`tooling check --json | head`): no message, as other Unix tools do
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(141)


def with_root(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with an option `--root DIR`, the repository to work on."""
    option = click.option(
        "--root",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        help="Repository to work on (default: the one around the current folder).",
        callback=lambda _ctx, _param, value: find_root(value or Path.cwd()),
    )
    return option(command)


@click.group(cls=Group, context_settings=CONTEXT)
@click.version_option(__version__, prog_name="tooling")
def main() -> None:
    """Keep the survey: check and add cards, re-run claims, build the site.

    Exit codes: 0 done, 2 usage, 3 not found, 4 exists, 5 invalid, 75 try later, 130 interrupted.
    """


@main.command()
@with_root
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON on stdout.")
@click.option("--fix", is_flag=True, help="Repair first what needs no judgement; no other byte changes.")
@click.option("--dry-run", is_flag=True, help="With --fix: print the changes as a diff and write nothing.")
@click.option("--advice", is_flag=True, help="Print too what could be better; advice fails nothing.")
@click.option(
    "--explain", metavar="[CODE]", is_flag=False, flag_value="all",
    help="Say what a code means, why it matters, what to do; without CODE list all codes.",
)  # fmt: skip
def check(root: Path, *, explain: str | None, **options: bool) -> None:
    """Check every card: one line per problem, with file and line.

    Each problem has a code (see --json), which --explain explains.
    """
    if explain is not None:
        from tooling.cards.code import explained, listed

        click.echo(listed() if explain == "all" else explained(explain))
        return
    from tooling.cards.check import Wish, run_check

    run_check(root, Wish(**options))


@main.command("add-paper")
@with_root
@click.argument("identifiers", nargs=-1, metavar="[WORK]...")
@click.option(
    "--from", "listed", type=click.Path(path_type=Path, dir_okay=False), help="Add a work for each line of this file."
)
@click.option("--draft", is_flag=True, help="Mark the cards as drafts: `check` passes, the site says so.")
@click.option("--slug", help="File stem of the card (default: from the title).")
@click.option("--dry-run", is_flag=True, help="Print the card and write nothing.")
@click.option("--offline", is_flag=True, help="Use cached answers only.")
@click.option("--json", "as_json", is_flag=True, help="Print what happened as JSON on stdout.")
def add_paper(root: Path, identifiers: tuple[str, ...], **options: Any) -> None:
    """Add a card for each WORK: an arXiv id or address, a DOI, or a title in quotes.

    A `-` stands for the lines of stdin. Cards are written batch by batch; adding a work twice changes nothing and says
    so. Where arXiv does not answer DataCite is asked, and the card's provenance says so.
    """
    from tooling.cards.add import add_papers

    add_papers(root, identifiers, **options)


@main.command("from-issue")
@with_root
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--write", is_flag=True, help="Make or complete the card's file too.")
def from_issue(root: Path, file: Path, *, write: bool) -> None:
    """Print the card that an issue of the form "Add a work" yields, and what is left to do (`-`: stdin).

    FILE holds the issue's text, or the event in which GitHub hands the issue to a workflow.
    """
    from tooling.exports.proposal import run_from_issue

    run_from_issue(root, file, write=write)


@main.command("import")
@with_root
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--draft", is_flag=True, help="Mark the cards as drafts: `check` passes, the site says so.")
@click.option("--dry-run", is_flag=True, help="Print the works that would be added; ask nobody, write nothing.")
@click.option("--offline", is_flag=True, help="Use cached answers only.")
@click.option("--json", "as_json", is_flag=True, help="Print what happened as JSON on stdout.")
def import_list(root: Path, file: Path, **options: bool) -> None:
    """Add a card for each work of a list: BibTeX, or an awesome list in Markdown (`-`: stdin).

    Works that have a card are left alone. A section that is a topic of the vocabulary gives the topic, a remark becomes
    a note. What has neither arXiv id nor DOI, and what cannot be read, is named with its line.
    """
    from tooling.cards.harvest import run_import

    run_import(root, file, **options)


@main.command()
@with_root
@click.argument("old", metavar="SLUG")
@click.argument("new", metavar="NEW")
@click.option("--dry-run", is_flag=True, help="Say what would be changed and write nothing.")
def rename(root: Path, *, old: str, new: str, dry_run: bool) -> None:
    """Give a card another slug: its file, its script, and all cards, scripts and pages that name it.

    Addresses and keys with the old name go on to work. Results are left as they are, and are read with the new name.
    """
    from tooling.cards.rename import Names, run_rename

    run_rename(root, Names(old, new), dry_run=dry_run)


@main.command()
@with_root
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@click.option("--dry-run", is_flag=True, help="Report and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON on stdout.")
def refresh(root: Path, slugs: tuple[str, ...], *, dry_run: bool, as_json: bool) -> None:
    """Ask arXiv for new versions, withdrawals, publications and titles, and take them over into the cards.

    Without SLUG, about all works. Only bibliographic keys are written; the report is Markdown on stdout.
    """
    from tooling.cards.refresh import run_refresh

    run_refresh(root, slugs, dry_run=dry_run, as_json=as_json)


@main.command()
@with_root
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@click.option("--json", "as_json", is_flag=True, help="Print all addresses as JSON on stdout.")
@click.option("--pace", type=click.FloatRange(min=0.5), default=2.0, help="Seconds between requests to one host (2).")
def links(root: Path, slugs: tuple[str, ...], *, as_json: bool, pace: float) -> None:
    """Check every address of the cards and the hand-written pages; those asked today already are not asked again.

    With SLUG, the addresses of these cards. An address is broken when it was gone on two different days.
    """
    from datetime import date

    from tooling.cards.links import Options, run_links
    from tooling.cards.probe import Manners

    private = os.environ.get("TOOLING_LINKS_PRIVATE") == "1"
    run_links(root, slugs, options=Options(Manners(pace=pace, private=private), date.today(), as_json))


@main.command()
@with_root
@click.argument("slug", required=False)
@click.option("--all", "everything", is_flag=True, help="Every script instead of one.")
@click.option("--missing", is_flag=True, help="Every script that has a claim without a recorded verdict.")
@click.option("--stale", is_flag=True, help="Every script whose recorded result is stale.")
@click.option("--scale", type=click.Choice(SCALES), default="smoke", show_default=True, help="Size of the run.")
@click.option("--claim", "claims", multiple=True, metavar="ID", help="Only this claim (may be repeated).")
@click.option("--seeds", metavar="A:B", help="Training seeds A to B-1 (default: those of the scale).")
@click.option("--jobs", type=click.IntRange(min=1), help="Cells side by side (default: one per core).")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write there and leave the recorded result alone."
)
@click.option("--record", is_flag=True, help="Make a recording: fresh seeds, a clean tree, kept in the history.")
@click.option("--revalidate", is_flag=True, help="Does a stale result hold? Two recorded seeds say so on today's code.")
@click.option("--budget", metavar="TIME", help="Stop after this time (90s, 25m, 1h30m); finished cells are kept.")
@click.option("--dry-run", is_flag=True, help="Say what would run and what it costs, and stop.")
def repro(root: Path, slug: str | None, **options: Any) -> None:
    """Re-run the claims of SLUG, or of several scripts, at a scale; says first what it will cost.

    With --all, --missing or --stale, cells of all scripts share the cores, the most wanted and cheapest first: claims
    without a verdict, then stale ones; direct tests before analogues. Each result is written as soon as it is whole.
    """
    from tooling.runs.command import run_repro

    run_repro(root, slug, **options)


@main.command()
@with_root
@click.option("--serve", is_flag=True, help="Serve the site on 127.0.0.1 and rebuild it on changes.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port for --serve.")
def site(root: Path, *, serve: bool, port: int) -> None:
    """Build the site into .build/site (or serve it)."""
    from tooling.pages.command import build_site, serve_site

    if serve:
        serve_site(root, port)
    else:
        build_site(root)


@main.command()
@with_root
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder to write the pages to.",
)
def pages(root: Path, target: Path) -> None:
    """Write the generated Markdown pages and data to a folder, for any other site engine."""
    from tooling.pages.command import write_pages

    write_pages(root, target)


@main.command()
@with_root
@click.argument("name", metavar="FORMAT", type=click.Choice(EXPORTS))
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@click.option("--topic", help="Only works of this topic of the vocabulary.")
@click.option("--site", metavar="URL", help="Where the site is published; links lead there (default: the repository).")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write this file instead of stdout.")
def export(root: Path, name: str, *, slugs: tuple[str, ...], **options: Any) -> None:
    """Write works for other programs: all of them, or those named by SLUG.

    FORMAT is bibtex, csl-json, ris (references); jsonl (cards with verdicts; schema has its JSON Schema); csv (a row
    for each work), csv-claims (a row for each verdict); readme (a list by topic); atom (works), atom-verdicts (verdicts
    that are new or have changed); llms (llms.txt) or markdown.
    """
    from tooling.exports.command import run_export

    run_export(root, name, slugs=slugs, **options)


@main.command()
@with_root
@click.argument("base", default="HEAD")
def preview(root: Path, base: str) -> None:
    """Show what changed cards will look like, as Markdown with the lines that differ from the commit BASE (HEAD).

    Problems of the cards stand above; they fail `tooling check`, not this.
    """
    from tooling.exports.preview import run_preview

    run_preview(root, base)


@main.command()
@with_root
@click.argument("slug")
@click.option("--scale", type=click.Choice(SCALES), default="mini", show_default=True, help="Size of the run.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Fork of each base.")
def bases(root: Path, slug: str, *, scale: str, seed: int) -> None:
    """Show what the base models of SLUG can do before its arms train them: a row for each base and task.

    Bases that are not in the cache are made first.
    """
    from tooling.runs.bases import show_bases

    show_bases(root, slug, scale=scale, seed=seed)


@main.command()
@with_root
@click.argument("slug")
@click.option("--scale", type=click.Choice(SCALES), default="mini", show_default=True, help="Size of the run.")
def power(root: Path, slug: str, *, scale: str) -> None:
    """Say how many seeds each claim of SLUG needs.

    From the spread between explored seeds (below 1000), else from the last recording.
    """
    from tooling.runs.power_command import run_power

    run_power(root, slug, scale=scale)


@main.command("planted-truth")
@with_root
@click.option("--repeats", type=click.IntRange(min=100), default=4000, show_default=True, help="Repeats of each case.")
@click.option("--write", is_flag=True, help="Write site/planted-truth.md instead of printing.")
def planted_truth(root: Path, repeats: int, *, write: bool) -> None:
    """Try the rules of decision on effects that are known: how often are they wrong?"""
    from tooling.runs.planted_page import run_planted_truth

    run_planted_truth(root, repeats=repeats, write=write)


@main.command("new-repro")
@with_root
@click.argument("slug")
def new_repro(root: Path, slug: str) -> None:
    """Start a reproduction: a run.py in the house's shape for the work SLUG."""
    from tooling.runs.scaffold import new_repro as start

    start(root, slug)


@main.command()
@with_root
@click.option("--write", is_flag=True, help="Write papers/card.schema.json instead of printing.")
def schema(root: Path, write: bool) -> None:
    """Print the JSON Schema of a card, for editors."""
    from tooling.cards.schema import print_schema

    print_schema(root, write=write)


if __name__ == "__main__":
    main()
