"""The map of the site for search engines, and the line that leads them to it."""

from collections.abc import Collection, Iterable
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from tooling.exports.day import page_changed
from tooling.pages.survey import Survey

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap(survey: Survey, addresses: Iterable[str], *, prose: Collection[str] = ()) -> str:
    """The pages at these addresses, `papers/s1/`, as XML after the sitemap protocol, each with its last change.

    A page in `prose` has no date: nothing on it comes from a card. The survey must know the address of the site.
    """
    root = Element("urlset", xmlns=NAMESPACE)
    for address in addresses:
        listed = SubElement(root, "url")
        SubElement(listed, "loc").text = urljoin(survey.site, address)
        day = "" if address in prose else page_changed(survey, address)
        if day:
            # the protocol asks for a whole date
            SubElement(listed, "lastmod").text = day if len(day) == 10 else f"{day}-01"
    indent(root, "")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def robots(site: str) -> str:
    """The robots.txt of a site that has a host to itself; empty below a path, where no robot would look for it."""
    return f"User-agent: *\nDisallow:\nSitemap: {site}sitemap.xml\n" if urlsplit(site).path == "/" else ""
