"""A person with a browser and an API key, by the forms that people use."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Iterable, Optional
from urllib.parse import urlencode

from . import request

PASSWORD = "seventeen quiet herons"
FORM = "application/x-www-form-urlencoded"
# What the browser sends without scripts: the answer is a redirect. A script sends the other, and gets the value.
PLAIN, SCRIPT = "text/html,*/*;q=0.8", "application/x-postcard"


def post(
    server,
    function: str,
    fields: Any,
    cookie: Optional[str] = None,
    headers: Iterable[request.Header] = (),
    accept: str = PLAIN,
    source: str = request.HERE,
) -> request.Answer:
    """Sends a form from the server's own page."""
    body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    sent = [("Content-Type", FORM), ("Accept", accept), ("Origin", server.origin), *headers]
    if cookie:
        sent.append(("Cookie", cookie))
    return request.send(server, "POST", f"/ui/{function}", sent, body, source)


def session_of(server, answer: request.Answer) -> Optional[str]:
    """The session cookie that an answer sets, as the browser sends it; None if it sets none or removes it."""
    text = answer.cookie(server.cookie_name)
    cookie = text.split(";")[0] if text else None
    return cookie if cookie and not cookie.endswith("=") else None


def sign_in(server, email: str, password: str, source: str = request.HERE, **more: Any) -> request.Answer:
    return post(server, "sign-in", {"email": email, "password": password, "to": ""}, source=source, **more)


def register(server, who: str, source: str = request.HERE, accept: str = PLAIN, **fields: str) -> request.Answer:
    typed = {"name": who, "email": f"{who}@example.org", "handle": who, "password": PASSWORD, "to": "", **fields}
    return post(server, "register", typed, accept=accept, source=source)


def is_signed_in(server, cookie: str) -> bool:
    """Whether the cookie opens a page that needs a session."""
    page = request.send(server, "GET", "/my/api-keys", [("Cookie", cookie), ("Accept", PLAIN)])
    if page.status not in (200, 302):
        raise AssertionError(f"/my/api-keys answered {page.status}")
    return page.status == 200


class Person:
    """Registered, signed in, with one workspace and a key."""

    def __init__(self, server, handle: str, source: str = request.HERE):
        self.server, self.handle, self.email = server, handle, f"{handle}@example.org"
        answer = register(server, handle, source)
        self.cookie = session_of(server, answer)
        if self.cookie is None:
            raise RuntimeError(f"{handle} can't register: {answer.status} {answer.text[:200]}")
        self.account, self.workspace = self.create_workspace(f"{handle}-data")
        self.key = self.create_key("laptop")

    def create_workspace(self, name: str) -> tuple:
        """Creates a workspace and returns the ids of account and workspace."""
        page = self.page("/workspaces/new").text
        account = re.search(r'name="account" value="([^"]+)"', page).group(1)
        answer = post(self.server, "create-workspace", {"account": account, "name": name}, self.cookie)
        return re.fullmatch(r"/account/([^/]+)/workspace/([^/]+)/first-run", answer.header("location")).groups()

    def create_key(self, name: str) -> str:
        answer = post(self.server, "create-api-key", {"name": name, "expires": "30"}, self.cookie, accept=SCRIPT)
        return re.search(rb"pn[ub]_[0-9A-Za-z]{36}", answer.body).group(0).decode()

    @property
    def base(self) -> str:
        """The prefix of the API of the workspace."""
        return f"/api/accounts/{self.account}/workspaces/{self.workspace}"

    @property
    def site(self) -> str:
        """The prefix of the pages of the workspace."""
        return f"/account/{self.account}/workspace/{self.workspace}"

    @property
    def bearer(self) -> request.Header:
        return ("Authorization", f"Bearer {self.key}")

    def page(self, path: str) -> request.Answer:
        return request.send(self.server, "GET", path, [("Cookie", self.cookie), ("Accept", PLAIN)])

    def call(self, method: str, path: str, body: Any = None, base: Optional[str] = None, **more: Any) -> request.Answer:
        """Calls the API with the person's key, by default in the person's workspace."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = [self.bearer, ("Content-Type", "application/json")]
        return request.send(self.server, method, (self.base if base is None else base) + path, headers, data, **more)

    def create(self, path: str, body: Any) -> Dict[str, Any]:
        answer = self.call("POST", path, body)
        if answer.status not in (200, 201):
            raise RuntimeError(f"POST {path}: {answer.status} {answer.text[:200]}")
        return answer.json
