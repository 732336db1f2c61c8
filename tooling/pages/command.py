"""The commands `tooling site` and `tooling pages`."""

import logging
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tooling.errors import Invalid, UsageError
from tooling.pages.source import read_source

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig


def build_site(root: Path) -> None:
    """Build the site into `.build/site`, strictly; prints where it is, and says on stderr what happens.

    Raises `InvalidLibrary` with the problems of the cards, and `Invalid` when mkdocs refuses the build.
    """
    read_source(root)
    config = _config(root)
    from mkdocs.commands.build import build
    from mkdocs.exceptions import Abort

    config.plugins.on_startup(command="build", dirty=False)
    try:
        build(config)
    except Abort as error:
        raise Invalid(f"the site was not built: {error.message}; repair what the lines above name") from None
    finally:
        config.plugins.on_shutdown()
    print(config.site_dir)


def serve_site(root: Path, port: int) -> None:
    """Serve the site on 127.0.0.1 and rebuild it when a card, a result or a page changes, until Ctrl-C."""
    read_source(root)
    _talk()
    from mkdocs.commands.serve import serve
    from mkdocs.exceptions import Abort

    try:
        serve(str(root / "mkdocs.yml"), dev_addr=f"127.0.0.1:{port}", strict=False)
    except Abort as error:
        raise Invalid(f"the site was not built: {error.message}; repair what the lines above name") from None
    except OSError as error:
        raise UsageError(f"cannot serve on 127.0.0.1:{port}: {error.strerror}; choose another `--port`") from None


def write_pages(root: Path, target: Path) -> None:
    """Write all pages as Markdown, the assets and the exports to `target`, for any site engine.

    Raises `UsageError` when `target` holds files that this command did not write.
    """
    source = read_source(root)
    mark = target / ".pages"
    if target.exists():
        if any(target.iterdir()) and not mark.is_file():
            raise UsageError(f"`{target}` is not empty; give a new folder, or one that this command filled before")
        shutil.rmtree(target)
    shutil.copytree(root / "site", target)
    for path in sorted(target.rglob("*.md")):
        filled = source.filled(path.read_text(encoding="utf-8"), path.relative_to(target).as_posix())
        path.write_text(filled, encoding="utf-8")
    made = {page.path: page.markdown for page in source.pages()}
    # the twin of a card has the name of its page's source, which is Markdown already
    for path, text in {**dict(source.exports()), **made}.items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(text.encode())
    mark.write_text("filled by `tooling pages`, which may empty and fill it again\n", encoding="utf-8")
    print(f"{len(made)} generated pages in {target}", file=sys.stderr)


def _config(root: Path) -> "MkDocsConfig":
    _talk()
    from mkdocs.config import load_config

    return load_config(str(root / "mkdocs.yml"), strict=True)


def _talk() -> None:
    """Send mkdocs' lines to stderr, and spare its readers the theme's notice about its end of life."""
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    logger = logging.getLogger("mkdocs")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)
