"""Markup and control characters in what clients store and people see."""

import html
import urllib.parse

from support import request
from support.check import row
from support.html import Page
from support.objects import LOG_TIME

# Short enough for every name.
MARKUP = '"><img src=x onerror=alert(7)></script><script>alert(7)</script>{{7*7}}'
# In a title browsers read no elements, until the title ends.
TITLE_END = '</title><meta http-equiv="refresh" content="9;url=/x"><img src=x>'


@row
def markup_in_stored_texts(site, check):
    """Scripts in names, tags, states, tasks, parameters, messages, loggers, variables, searches and paths: 15 pages"""
    ann = site.person("marked")
    flow = ann.create("/flows", {"name": '" onload=alert(7) x="', "tags": [MARKUP]})["id"]
    state = {"type": "RUNNING", "name": MARKUP, "message": MARKUP}
    run = {"flow_id": flow, "name": MARKUP, "tags": [MARKUP], "parameters": {MARKUP: MARKUP}, "state": state}
    run = ann.create("/flow_runs", run)["id"]
    task = {"flow_run_id": run, "task_key": MARKUP, "dynamic_key": MARKUP, "name": MARKUP, "tags": [MARKUP], "state": state}
    ann.create("/task_runs", task)
    ann.create("/logs", [{"name": MARKUP, "level": 20, "message": MARKUP, "timestamp": LOG_TIME, "flow_run_id": run}])
    variable = ann.create("/variables", {"name": "marked", "value": MARKUP, "tags": [MARKUP]})["id"]
    named = "/account/{}/workspace/{}".format(*ann.create_workspace(MARKUP))
    ann.create_key(MARKUP)
    text, page = urllib.parse.quote(MARKUP), f"{ann.site}/runs/flow-run/{run}"
    for path, shown in [
        ("/", MARKUP), ("/my/api-keys", MARKUP), (f"/my/api-keys?search={text}", MARKUP),
        (f"{ann.site}/runs", MARKUP), (f"{ann.site}/runs?state={text}", MARKUP), (page, MARKUP),
        (f"{page}?tab=task-runs", MARKUP), (f"{page}?tab=states", MARKUP), (f"{page}?tab=parameters", "onerror"),
        (f"{ann.site}/variables", MARKUP), (f"{ann.site}/variables?search={text}", MARKUP),
        (f"{ann.site}/variables?variable={variable}", MARKUP),
        (f"{named}/settings", MARKUP), (f"/sign-in?to=/{text}", ""), (f"/{text}", ""),
    ]:
        answer = ann.page(path)
        check(answer.status < 500, f"{path}: {answer.status}")
        check(shown in html.unescape(answer.text), f"{path} does not show the text: nothing was tried")
        stays_text(check, path, answer)


def stays_text(check, path, answer):
    page = Page(answer)
    check(not page.dangers(), f"{path}: {page.dangers()}")
    added = [tag for tag, attributes in page.elements if attributes.get("src") == "x" or attributes.get("http-equiv")]
    check(not added, f"{path}: the text became {added}")


@row
def markup_in_titles_of_pages(site, check):
    """Names that end the title of the page: of a flow run and of a workspace"""
    ann = site.person("titled")
    flow = ann.create("/flows", {"name": "titled"})["id"]
    run = ann.create("/flow_runs", {"flow_id": flow, "name": TITLE_END})["id"]
    named = "/account/{}/workspace/{}".format(*ann.create_workspace(TITLE_END))
    for path in (f"{ann.site}/runs/flow-run/{run}", f"{named}/settings", f"{named}/runs", f"{named}/first-run", "/"):
        answer = ann.page(path)
        check(answer.status == 200 and TITLE_END in html.unescape(answer.text), f"{path} does not show the name: nothing was tried")
        stays_text(check, path, answer)


@row
def control_characters_in_log_lines(site, check):
    """ANSI colours, OSC 8 links, script links and addresses in log lines"""
    ann = site.person("coloured")
    run = ann.create("/flow_runs", {"flow_id": ann.create("/flows", {"name": "colours"})["id"]})["id"]
    lines = [
        "\x1b[31mred\x1b[0m evil.example one",
        "\x1b]8;;http://evil.example/\x07click\x1b]8;;\x07 evil.example two",
        "javascript:alert(7) evil.example three",
        "http://evil.example/four",
        "<a href='http://evil.example'>five</a>",
        "[six](http://evil.example)",
    ]
    rows = [{"name": "l", "level": 20, "message": line, "timestamp": LOG_TIME, "flow_run_id": run} for line in lines]
    ann.create("/logs", rows)
    answer = ann.page(f"{ann.site}/runs/flow-run/{run}")
    text = html.unescape(answer.text)
    for part in ("evil.example one", "evil.example two", "evil.example three", "evil.example/four", ">five<", "[six]"):
        check(part in text, f"{part} is not shown: nothing was tried")
    page = Page(answer)
    check(not page.dangers(), f"{page.dangers()}")
    away = [link for link in page.links() if "evil.example" in link]
    check(not away, f"became links: {away}")
