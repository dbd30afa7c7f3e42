"""Everything a first workspace sees of tasks, in words that all three generations of the client understand."""

from prefect import flow, get_run_logger, tags, task

attempts = {"flaky": 0}


@task(tags=["tagged"])
def double(value):
    return value * 2


@task(retries=1, retry_delay_seconds=0)
def flaky():
    attempts["flaky"] += 1
    if attempts["flaky"] == 1:
        raise ValueError("The first attempt always fails")
    return attempts["flaky"]


@task
def failing():
    get_run_logger().error("This one cannot work")
    raise RuntimeError("Nobody can do this")


@flow(name="Child")
def child(total):
    get_run_logger().info("The child was given %s", total)
    return total


@flow(name="Tasks")
def parent():
    doubled = double.map(list(range(50)))
    total = sum(future.result() for future in doubled)
    flaky()
    try:
        failing()
    except RuntimeError:
        get_run_logger().warning("One task failed, as expected")
    return child(total)


if __name__ == "__main__":
    with tags("nightly", "proof"):
        assert parent() == 2450
