"""The content-security policy of a page: what a browser may load and run there, whatever the page's text holds.

It stands in the page, as the hosts of static sites send no headers of one's own. A `meta` cannot say who may frame it.
"""

import base64
import hashlib
import re

HEAD = '<meta charset="utf-8">'
ARTICLE = ("<article", "</article>")
SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL)
# a block of data has a type that names no language, and is not run
DATA = re.compile(r"\stype=\"?application/(?:ld\+)?json\b")
RULES = (
    "default-src 'none'",
    "script-src {scripts}",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
)
STYLE_ATTRIBUTES = "style-src-attr 'unsafe-inline'"


def policed(html: str, *more: str) -> str:
    """The page with its policy as the first thing that it says after its encoding.

    Scripts are those of the site, and what the theme writes into the page around the article, by their hashes. Nothing
    in the article is trusted: a script that got into it by way of a card stays without a hash and does not run. `more`
    are further rules, as for pages that draw with `style` attributes.
    """
    scripts = " ".join(["'self'", *dict.fromkeys(f"'{digest(code)}'" for code in _code(_frame(html)))])
    policy = "; ".join([*RULES, *more]).format(scripts=scripts)
    return html.replace(HEAD, f'{HEAD}\n<meta http-equiv="content-security-policy" content="{policy}">', 1)


def digest(code: str) -> str:
    """The hash of a script as a policy names it: `sha256-` and 32 bytes in base64."""
    return "sha256-" + base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()


def _frame(html: str) -> str:
    """The page without its article."""
    opening, closing = ARTICLE
    return html.partition(opening)[0] + html.rpartition(closing)[2]


def _code(frame: str) -> list[str]:
    found = SCRIPT.finditer(frame)
    return [each["code"] for each in found if each["code"] and not DATA.search(each["attributes"])]
