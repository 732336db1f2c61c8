"""The adapter for mkdocs: gives it the generated pages, watches what they come from, and names problems in its words.

Listed under `hooks` in mkdocs.yml, so that plain `mkdocs serve` and `mkdocs build` know the cards.
"""

import gc
import logging
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page as BuiltPage
from mkdocs.structure.toc import get_toc

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:  # `mkdocs` starts outside the package when it is not installed
    sys.path.append(str(ROOT))

from tooling.errors import ToolingError  # noqa: E402
from tooling.exports.metadata import Metadata  # noqa: E402
from tooling.pages.conversion import Conversion, conversion  # noqa: E402
from tooling.pages.crossing import broken_crossings  # noqa: E402
from tooling.pages.part import has_parts  # noqa: E402
from tooling.pages.policy import STYLE_ATTRIBUTES, policed  # noqa: E402
from tooling.pages.source import Source, files, read_source  # noqa: E402
from tooling.pages.template import Compiled, Unhidden  # noqa: E402

LOGGER = logging.getLogger("mkdocs.hooks.pages")
COMPILED = Compiled()
origins: dict[str, str] = {}
published = False
described: dict[str, Metadata] = {}
converted: dict[str, tuple[str, Conversion]] = {}
SITEMAP = "sitemap.xml"
BUNDLE = re.compile(r"assets/javascripts/bundle\.\w+\.min\.js")
SCROLLED = '<div class="wide" tabindex="0" role="group" aria-label="Table">'
# a table with a class is left as it is by the theme, whose script wraps others into an element that no key scrolls
TABLE = re.compile(r"<table>(\n<thead>.*?</table>)", re.DOTALL)
SPACE = re.compile(r"\s*\n\s*")


def _root(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path or "mkdocs.yml").resolve().parent


def _source(config: MkDocsConfig) -> Source:
    """What the pages are made from; a problem stops the build with one line each."""
    try:
        return read_source(_root(config))
    except ToolingError as error:
        raise PluginError(str(error)) from None


def on_startup(*, command: str, **_: Any) -> None:
    """Nothing; remembers whether the pages are to be published or only previewed, which is to go on for long."""
    global published
    # `serve` writes a script of its own into each page that it sends, which a policy would stop
    published = command != "serve"
    if not published:
        # what a build leaves behind is looked through once instead of some hundred times, a sixth of its time
        gc.set_threshold(100_000, 50, 100)


def on_config(config: MkDocsConfig, **_: Any) -> MkDocsConfig:
    """The configuration without mkdocs' own site map; the cards are read before the last good site is cleared away."""
    _source(config)
    config.theme.static_templates.discard(SITEMAP)
    config.theme.get_env = partial(_templates, config.theme.get_env, config.theme.dirs)
    return config


def _templates(make: Callable[[], Environment], folders: Sequence[str]) -> Environment:
    """The theme's templates by a loader that lists no hidden ones."""
    env = make()
    env.loader = Unhidden(folders)
    return env


def on_files(given: Files, /, *, config: MkDocsConfig, **_: Any) -> Files:
    """The files with all generated pages among them."""
    source = _source(config)
    named = _named(config.nav)
    origins.clear()
    described.clear()
    described.update(source.metadata(site=config.site_url or ""))
    for page in source.pages(site=config.site_url or ""):
        origins[page.path] = page.source
        level = InclusionLevel.UNDEFINED if page.path in named else InclusionLevel.NOT_IN_NAV
        given.append(File.generated(config, page.path, content=page.markdown, inclusion=level))
    for export in source.exports(site=config.site_url or "", titles=_titles(config.nav)):
        given.append(_served(config, export.path, export.text))
    for unused in [file for file in given if _is_unused(file, config)]:
        given.remove(unused)
    written = {_address(file): file for file in given.documentation_pages()}
    prose = [address for address, file in written.items() if _is_prose(file)]
    for export in source.signposts(written, prose=prose, site=config.site_url or ""):
        given.append(_served(config, export.path, export.text))
    return given


def _is_unused(file: File, config: MkDocsConfig) -> bool:
    """Whether a file is the theme's and no page asks for it: styles, search and fonts of its own, and its site map."""
    return file.src_dir != config.docs_dir and file.src_dir in config.theme.dirs and not BUNDLE.fullmatch(file.src_uri)


def _is_prose(file: File) -> bool:
    """Whether nothing on a page comes from a card."""
    return file.src_uri not in origins and not has_parts(file.content_string)


def _address(file: File) -> str:
    """The address of a page from the start page, which is empty for the start page itself."""
    return file.url.removeprefix("./")


def _served(config: MkDocsConfig, path: str, text: str) -> File:
    """A file that is served as it is; one in Markdown is no page to mkdocs, and its source has another name."""
    file = File.generated(config, f"{path}.txt" if path.endswith(".md") else path, content=text.encode())
    file.dest_uri = path
    return file


def _named(nav: Any) -> set[str]:
    """The paths that the navigation lists."""
    if isinstance(nav, str):
        return {nav}
    items = nav.values() if isinstance(nav, dict) else nav or ()
    return {path for item in items for path in _named(item)}


def _titles(nav: Any) -> dict[str, str]:
    """The titles of the pages in the navigation by their addresses."""
    if isinstance(nav, list):
        return {address: title for item in nav for address, title in _titles(item).items()}
    if not isinstance(nav, dict):
        return {}
    found = {}
    for title, item in nav.items():
        if isinstance(item, str):
            found[item.removesuffix(".md").removesuffix("index").rstrip("/") + "/"] = str(title)
        else:
            found |= _titles(item)
    return {("" if address == "/" else address): title for address, title in found.items()}


def on_env(env: Environment, /, **_: Any) -> Environment:
    """The theme's templates, those of them that have not changed compiled already."""
    env.bytecode_cache = COMPILED
    return env


def on_page_markdown(markdown: str, /, *, page: BuiltPage, config: MkDocsConfig, **_: Any) -> str:
    """The Markdown of a hand-written page with its generated parts; a generated page has its HTML at once."""
    if page.file.src_uri in origins:
        if found := _converted(page.file.src_uri, markdown):
            # in place of the reader that mkdocs would make for each page
            page.render = partial(_rendered, page, found)
        return markdown
    try:
        return _source(config).filled(markdown, page.file.src_uri)
    except ToolingError as error:
        raise PluginError(str(error)) from None


def _converted(path: str, markdown: str) -> Conversion | None:
    """The page without the help of Markdown; that of the last build where its text is the same."""
    text, found = converted.get(path, ("", None))
    if text != markdown:
        found = conversion(markdown)
    if found and not published:  # only a preview builds again
        converted[path] = markdown, found
    else:
        converted.pop(path, None)
    return found


def _rendered(page: BuiltPage, found: Conversion, *_: Any) -> None:
    """Nothing; the page has what Markdown would have given it."""
    page.content, page.toc, page.present_anchor_ids = found.html, get_toc(found.toc), set(found.anchors)


def on_page_content(html: str, /, **_: Any) -> str:
    """The page with blocks of code and tables that the keyboard can scroll."""
    html = html.replace("<pre><code", '<pre tabindex="0"><code')
    return TABLE.sub(rf'{SCROLLED}<table class="plain">\1</div>', html)


def on_page_context(context: Any, /, *, page: BuiltPage, config: MkDocsConfig, **_: Any) -> Any:
    """The context, with what the page says to programs and the address at which its source can be edited."""
    context["metadata"] = described.get(page.file.src_uri)
    origin = origins.get(page.file.src_uri)
    if origin and config.repo_url:
        verb = "edit" if origin.endswith(".yaml") else "tree"
        page.edit_url = f"{config.repo_url.rstrip('/')}/{verb}/main/{origin}"
    return context


def on_post_page(output: str, /, *, page: BuiltPage, **_: Any) -> str:
    """The page without the empty lines and the indentation that the theme leaves around its text, and with a policy."""
    head, opening, rest = output.partition("<article")
    text, closing, foot = rest.rpartition("</article>")
    return _published(SPACE.sub("\n", head) + opening + text + closing + SPACE.sub("\n", foot), page.meta)


def _published(html: str, meta: Mapping[str, Any]) -> str:
    """The page as it is published; a page draws with `style` attributes where its head says so."""
    more = [STYLE_ATTRIBUTES] if meta.get("style_attributes") else []
    return policed(html, *more) if published else html


def on_post_template(output: str, /, *, template_name: str, **_: Any) -> str:
    """The page that stands for a missing one, as it is published."""
    return _published(output, {}) if template_name.endswith(".html") else output


def on_post_build(*, config: MkDocsConfig, **_: Any) -> None:
    """Warn of each link between built pages that leads nowhere; a strict build fails on warnings."""
    for line in broken_crossings(Path(config.site_dir)):
        LOGGER.warning(line)


def on_serve(server: LiveReloadServer, /, *, config: MkDocsConfig, **_: Any) -> LiveReloadServer:
    """The server, watching the cards, the scripts and the results."""
    root = _root(config)
    for folder in {root / "papers", *(path.parent for path in files(root))}:
        server.watch(str(folder))
    return server
