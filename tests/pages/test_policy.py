"""The policy of a page: what the theme writes runs by its hash, what a card writes does not."""

import base64
import hashlib
import re

import pytest

from tooling.pages.policy import STYLE_ATTRIBUTES, policed

PAGE = """<!doctype html>
<html>
<head>
<meta charset="utf-8">
<script type="application/ld+json">{"a":1}</script>
<script>theme()</script>
</head>
<body>
<article class="text">ARTICLE</article>
<script id="__config" type="application/json">{}</script>
<script>theme()</script>
<script>foot("ü")</script>
<script src="a.js"></script>
</body>
"""


def policy(html: str) -> dict[str, list[str]]:
    """The rules of a page's policy by name; it stands once, before anything that could be loaded."""
    [said] = re.findall(r'<meta http-equiv="content-security-policy" content="([^"]+)">', html)
    assert html.index("content-security-policy") < html.index("<script")
    return {name: values for name, *values in (rule.split() for rule in said.split("; "))}


def sha256(code: str) -> str:
    """The source expression of a script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def test_only_what_the_theme_writes_around_the_article_is_named_by_its_hash() -> None:
    hostile = "<script>alert(1)</script></article><script>alert(2)</script><article>"
    for article in ("", hostile):
        found = policy(policed(PAGE.replace("ARTICLE", article)))
        assert found["script-src"] == ["'self'", sha256("theme()"), sha256('foot("ü")')]


def test_nothing_else_is_let_in() -> None:
    found = policy(policed(PAGE))
    assert found["default-src"] == found["base-uri"] == found["form-action"] == ["'none'"]
    assert {name for name, values in found.items() if values == ["'self'"]} == {
        "style-src",
        "font-src",
        "img-src",
        "connect-src",
    }
    assert "unsafe" not in policed(PAGE)
    assert policy(policed(PAGE, STYLE_ATTRIBUTES))["style-src-attr"] == ["'unsafe-inline'"]


@pytest.mark.parametrize("tag", ["<script type=module>", '<script type="text/javascript">', "<script async>"])
def test_a_script_of_any_language_has_a_hash(tag: str) -> None:
    found = policy(policed(PAGE.replace("<script>foot", f"{tag}foot")))
    assert sha256('foot("ü")') in found["script-src"]
