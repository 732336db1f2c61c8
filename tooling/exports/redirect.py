"""The page that stands where a card had its page before it was renamed: it leads on, also where nothing can run.

A browser that runs scripts keeps the part of the address behind `#`, so that a link to a claim still shows that claim.
"""

from html import escape

from tooling.cards import Card
from tooling.exports.text import plain
from tooling.pages.policy import digest


def way_on(card: Card, *, site: str = "") -> str:
    """The HTML at `papers/<earlier name>/`, from which a browser goes on to the page of the card.

    `site` is the address of the start page with a slash at its end; without it the canonical address is relative, as
    the others are always, so that the page leads on below any path and from any file server.
    """
    way, title = f"../{card.slug}/", escape(plain(card.title))
    script = f'location.replace("{way}"+location.hash)'
    policy = f"default-src 'none'; script-src '{digest(script)}'; base-uri 'none'; form-action 'none'"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="{policy}">
<script>{script}</script>
<title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="0; url={way}">
<link rel="canonical" href="{escape(f"{site}papers/{card.slug}/" if site else way)}">
</head>
<body>
<main>
<h1>This card has another name now</h1>
<p><a href="{way}">{title}</a></p>
</main>
</body>
</html>
"""
