"""Reads a page as a browser does, to see whether a text became markup."""

from __future__ import annotations

import html.parser
from typing import Dict, List, Tuple

from . import request

LINKS = ("href", "src", "action", "formaction", "data", "poster", "srcdoc")


class Page(html.parser.HTMLParser):
    """The elements of a page."""

    # In a title and a text field browsers read no elements either; before Python 3.13 the parser does.
    CDATA_CONTENT_ELEMENTS = ("script", "style", "title", "textarea")

    def __init__(self, answer: request.Answer):
        super().__init__(convert_charrefs=True)
        self.elements: List[Tuple[str, Dict[str, str]]] = []
        self.policy = answer.header("content-security-policy")
        self.feed(answer.text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))

    def links(self) -> List[str]:
        return [value for _, attributes in self.elements for name, value in attributes.items() if name in LINKS]

    def dangers(self) -> List[str]:
        """What can run a script that is not the page's own."""
        found = [f"<{tag} {name}=…>" for tag, attributes in self.elements for name in attributes if name.startswith("on")]
        schemes = ("javascript:", "vbscript:", "data:text/html")
        found += [link for link in self.links() if link.strip().lower().startswith(schemes)]
        for tag, attributes in self.elements:
            nonce = attributes.get("nonce")
            if tag == "script" and (not nonce or f"'nonce-{nonce}'" not in self.policy):
                found.append("a script without the nonce of the policy")
        return found
