"""Assertions that print what they compared, and the differences between the clients."""

import time

import prefect
from prefect.exceptions import PrefectHTTPStatusError

IS_2 = prefect.__version__.startswith("2.")
TIMEOUT = 20


def equal(actual, expected):
    assert actual == expected, f"\n  actual: {actual!r}\nexpected: {expected!r}"


def raises(kind, text, function, *arguments, **named):
    """Calls the function, which must raise this error with the text in its message."""
    try:
        result = function(*arguments, **named)
    except kind as error:
        assert text in str(error), f"{text!r} is not in {error}"
        return
    raise AssertionError(f"returned {result!r} instead of raising {kind.__name__}")


async def rejected(client, method, path, body, field):
    """Sends a body that the client's own functions would not send; the server must reject it and name the field."""
    try:
        await client._client.request(method, path, json=body)
    except PrefectHTTPStatusError as error:
        equal(error.response.status_code, 422)
        equal([detail["loc"] for detail in error.response.json()["exception_detail"]], [["body", field]])
        return
    raise AssertionError(f"{method} {path} accepts {body}")


async def wait_for(read):
    """Reads again until the answer is not empty: clients send some rows in the background."""
    deadline = time.monotonic() + TIMEOUT
    while not (answer := await read()):
        assert time.monotonic() < deadline, f"nothing within {TIMEOUT} s"
    return answer
