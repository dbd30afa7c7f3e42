"""Variables, by the class and by the command."""

import asyncio
import json

from prefect import flow, get_client, task
from prefect.variables import Variable

from check import IS_2, equal, raises, rejected
from process import call, fails, succeeds

VALUES = {
    "a_fraction": 0.5,
    "a_list": [1, "two", None, {"three": 3}],
    "a_number": 7,
    "a_switch": True,
    "a_text": "héllo",
    "an_object": {"nested": {"deep": [1, 2]}},
    "nothing": None,
}
TEXTS = {"a_text": "héllo", "json_as_text": '{"nested": [1]}', "one_more": ""}
INITIAL = TEXTS if IS_2 else VALUES


def check():
    call(set_and_get)
    call(set_and_get_asynchronously)
    call(in_a_run)
    call(invalid)
    commands_that_read()
    if IS_2:
        delete_by_command()
    else:
        set_by_command()


def value_of(variable):
    """`get` of 2.x returns the variable, that of 3.x its value."""
    return variable.value if IS_2 else variable


async def stored(name):
    async with get_client() as client:
        variable = await client.read_variable_by_name(name)
        return variable and (variable.value, variable.tags)


async def delete(name):
    async with get_client() as client:
        await client.delete_variable_by_name(name)


def set_and_get():
    for name, value in INITIAL.items():
        equal(Variable.set(name, value).value, value)
        equal(value_of(Variable.get(name)), value)
    equal(Variable.get("missing"), None)
    equal(Variable.get("missing", default="else"), "else")

    Variable.set("changing", "before", tags=["old"])
    equal(asyncio.run(stored("changing")), ("before", ["old"]))
    raises(ValueError, "overwrite=True", Variable.set, "changing", "refused")
    equal(asyncio.run(stored("changing")), ("before", ["old"]))
    changed = Variable.set("changing", "after", tags=["new", "b"], overwrite=True)
    equal((changed.name, changed.value, sorted(changed.tags)), ("changing", "after", ["b", "new"]))
    equal(value_of(Variable.get("changing")), "after")
    if IS_2:
        asyncio.run(delete("changing"))
    else:
        equal(Variable.set("changing", ["now", {"a": "list"}], overwrite=True).tags, [])
        equal(Variable.get("changing"), ["now", {"a": "list"}])
        equal(Variable.unset("changing"), True)
        equal(Variable.unset("changing"), False)
        equal(Variable.get("changing", default=3), 3)


def set_and_get_asynchronously():
    async def run():
        if IS_2:
            await Variable.set("later", "1")
            await Variable.set("later", "2", overwrite=True)
            equal((await Variable.get("later")).value, "2")
            equal(await Variable.get("missing", default="else"), "else")
            await delete("later")
            equal(await Variable.get("later"), None)
        else:
            await Variable.aset("later", {"n": 1}, tags=["a"])
            equal((await Variable.aset("later", {"n": 2}, tags=["b"], overwrite=True)).tags, ["b"])
            equal(await Variable.aget("later"), {"n": 2})
            equal(await Variable.aget("missing", default=[]), [])
            equal(await Variable.aunset("later"), True)
            equal(await Variable.aunset("later"), False)

    asyncio.run(run())


@task
def read_in_task(name):
    return value_of(Variable.get(name))


@flow
def read_in_flow(name):
    Variable.set("from_a_flow", "written")
    return value_of(Variable.get(name)), read_in_task(name)


def in_a_run():
    equal(read_in_flow("a_text"), ("héllo", "héllo"))
    equal(value_of(Variable.get("from_a_flow")), "written")
    asyncio.run(delete("from_a_flow"))


def invalid():
    raises(ValueError, "name", Variable.set, "Not a name!", "x")
    raises(ValueError, "value", Variable.set, "too_long", "x" * 5_001)

    async def send():
        async with get_client() as client:
            await rejected(client, "POST", "/variables/", {"name": "Not a name!", "value": "x"}, "name")
            await rejected(client, "POST", "/variables/", {"name": "no_value"}, "value")
            await rejected(client, "POST", "/variables/", {"name": "too_long", "value": "x" * 5_001}, "value")
            await rejected(client, "PATCH", "/variables/name/a_text", {"tags": "not a list"}, "tags")

    asyncio.run(send())
    for name in ("Not a name!", "no_value", "too_long"):
        equal(Variable.get(name), None)
    equal(value_of(Variable.get("a_text")), "héllo")


def names(table):
    """The names in the table that `ls` prints, from top to bottom."""
    known = [*INITIAL, "from_command"]
    cells = (line.split("│")[1].strip() for line in table.splitlines() if "│" in line)
    return [cell for cell in cells if cell in known]


def commands_that_read():
    equal(names(succeeds("variable", "ls")), sorted(INITIAL))
    equal(names(succeeds("variable", "ls", "--limit", "2")), sorted(INITIAL)[:2])
    inspected = succeeds("variable", "inspect", "a_text")
    assert "name='a_text'" in inspected and "value='héllo'" in inspected, inspected
    fails("Variable 'missing' not found.", "variable", "inspect", "missing")


def delete_by_command():
    equal(succeeds("variable", "delete", "a_text").strip(), "Deleted variable 'a_text'.")
    fails("Variable 'a_text' not found.", "variable", "delete", "a_text")
    equal(names(succeeds("variable", "ls")), sorted(set(INITIAL) - {"a_text"}))


def set_by_command():
    succeeds("variable", "set", "from_command", "text", "--tag", "a", "--tag", "b")
    equal(json.loads(succeeds("variable", "get", "from_command")), "text")
    fails("already exists", "variable", "set", "from_command", "refused")
    succeeds("variable", "set", "from_command", '{"n": [1, null]}', "--overwrite", "--tag", "c")
    equal(json.loads(succeeds("variable", "get", "from_command")), {"n": [1, None]})

    inspected = json.loads(succeeds("variable", "inspect", "from_command", "--output", "json"))
    equal((inspected["name"], inspected["value"], inspected["tags"]), ("from_command", {"n": [1, None]}, ["c"]))
    listed = {row["name"]: row["value"] for row in json.loads(succeeds("variable", "ls", "--output", "json"))}
    equal(listed, {**VALUES, "from_command": {"n": [1, None]}})

    equal(succeeds("variable", "unset", "from_command").strip(), "Unset variable 'from_command'.")
    fails("Variable 'from_command' not found.", "variable", "get", "from_command")
    fails("Variable 'from_command' not found.", "variable", "unset", "from_command")
    succeeds("variable", "delete", "a_text")
    fails("Variable 'a_text' not found.", "variable", "delete", "a_text")
    fails("Variable name must only contain", "variable", "set", "Not a name!", "x")
    equal(names(succeeds("variable", "ls")), sorted(set(VALUES) - {"a_text"}))
