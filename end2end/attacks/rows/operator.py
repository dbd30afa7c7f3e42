"""The server's machine: what is on disk and in the log, the command line, the settings, a full disk."""

import hashlib
import os
import pathlib
import stat
import subprocess
import tempfile

from support import person, request, server as servers
from support.check import NotRun, row
from support.objects import LOG_TIME
from support.person import PASSWORD, Person

DISK_BYTES, BALLAST_BYTES = 24 * 1024 * 1024, 2 * 1024 * 1024


@row
def secrets_on_disk_and_in_the_log(site, check):
    """Keys, passwords, password hashes and session ids in the database file and the log"""
    password = "heron otter violet lamp 4711"
    ann = site.person("written")
    answer = person.post(site.server, "change-password", {"current": PASSWORD, "new": password}, ann.cookie)
    check.status("change of the password", answer, 303)
    session = person.session_of(site.server, person.sign_in(site.server, ann.email, password, site.address()))
    person.sign_in(site.server, ann.email, password + " typo", site.address())
    ann.call("POST", "/flows", {"name": "x", "password": password})
    stored = b"".join(file.read_bytes() for file in sorted(site.server.data.iterdir()) if file.is_file())
    log = site.server.log().encode()
    check(ann.email.encode() in stored, "the person is not in the files: nothing was searched")
    secrets = {"key": ann.key, "password": password, "old password": PASSWORD, "session": session.partition("=")[2]}
    for what, secret in secrets.items():
        check(secret.encode() not in stored, f"the {what} is in the data folder")
        check(secret.encode() not in log, f"the {what} is in the log")
    check(b"$argon2" in stored and b"$argon2" not in log, "a password hash is in the log, or none is stored")
    digest = hashlib.sha256(ann.key.encode())
    check(digest.digest() in stored or digest.hexdigest().encode() in stored, "no hash of the key is stored")
    check(digest.hexdigest().encode() not in log, "the hash of the key is in the log")


@row
def forged_log_lines(site, check):
    """Line ends and escape sequences in path, query, headers and body; a request id of the client's own"""
    mark = "forgedmark"
    for path in (f"/api/{mark}%0d%0aERROR", f"/{mark}%1b[31m", f"/api/flows/name/{mark}%0a", f"/?{mark}=1", f"/api/{mark}\x1b[2J"):
        data = request.compose(site.server, "GET", path, [("Connection", "close"), site.ann.bearer])
        request.exchange(site.server, data)
    own = [("X-Request-Id", f"{mark}-id"), ("User-Agent", f"{mark} \t{{}}"), ("Referer", mark), ("X-Prefect-Api-Version", mark)]
    answer = request.send(site.server, "POST", "/api/me/workspaces", own)
    check(mark not in answer.header("x-request-id"), f"the request id is the client's: {answer.header('x-request-id')}")
    check(len(answer.header("x-request-id")) >= 16, f"the request id is {answer.header('x-request-id')!r}")
    for value in (b"a\x1b[31m" + mark.encode(), b"\xff" + mark.encode()):
        request.exchange(site.server, request.compose(site.server, "GET", "/", [("User-Agent", value), ("Connection", "close")]))
    person.sign_in(site.server, f"{mark}\r\nERROR forged@example.org", "x", site.address())
    log = site.server.log()
    check("/me/workspaces" in log, "the request is not in the log: nothing was searched")
    check(mark not in log, f"{[line[:200] for line in log.splitlines() if mark in line][:2]}")
    check("\x1b" not in log, "the log has escape sequences")


@row
def full_disk(site, check):
    """A disk that fills up: large writes are refused, what fits goes on, and all goes on when there is room again"""
    folder = tempfile.mkdtemp(prefix="provost-full-")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", folder]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        os.rmdir(folder)
        raise NotRun("mounting a small file system needs root")
    server, ballast = None, pathlib.Path(folder, "ballast")
    try:
        ballast.write_bytes(b"\0" * BALLAST_BYTES)
        server = site.start(data=f"{folder}/data")
        fill(server, check, ballast)
    finally:
        if server:
            server.stop()
            site.servers.remove(server)
        subprocess.run(["umount", folder], check=True)
        os.rmdir(folder)


def fill(server, check, ballast):
    ann, stored = Person(server, "ann"), []
    flow = ann.create("/flows", {"name": "filler"})["id"]
    # The file that SQLite writes first keeps the size of its largest write: this is the room in which small writes go on.
    line = {"name": "l", "level": 20, "message": "x" * 60_000, "timestamp": LOG_TIME}
    check.status("a large write", ann.call("POST", "/logs", [line] * 100), 201)
    write_until_refused(check, ann, flow, 400_000, stored)
    goes_on(check, ann, "with little room")
    answer = person.sign_in(server, ann.email, PASSWORD)
    check(person.session_of(server, answer) is not None, f"nobody can sign in: {answer.status}")
    check.status("a small write", ann.call("POST", "/flows", {"name": "small"}), 200, 201)
    write_until_refused(check, ann, flow, 10_000, stored)
    goes_on(check, ann, "without room")
    ballast.unlink()
    check.status("a write with room again", ann.call("POST", "/flow_runs", {"flow_id": flow}), 201)
    lost = [run for run in stored if ann.call("GET", f"/flow_runs/{run}").status != 200]
    check(not lost, f"{len(lost)} of {len(stored)} acknowledged runs can't be read")


def write_until_refused(check, ann, flow, size, stored):
    statuses = []
    while 503 not in statuses and len(statuses) < 150:
        answer = ann.call("POST", "/flow_runs", {"flow_id": flow, "parameters": {"x": "x" * size}})
        statuses.append(answer.status)
        if answer.status == 201:
            stored.append(answer.json["id"])
    check(set(statuses) <= {201, 503} and 503 in statuses, f"{sorted(set(statuses))} after {len(statuses)} runs of {size} bytes")


def goes_on(check, ann, when):
    check.status(f"a read {when}", ann.call("POST", "/flows/filter", {}), 200)
    check.status(f"a page {when}", ann.page("/"), 200)


@row
def sessions_after_a_new_password(site, check):
    """Sessions of a person whose password is set by the command line while the server runs"""
    ann = site.person("reset")
    second = person.session_of(site.server, person.sign_in(site.server, ann.email, PASSWORD, site.address()))
    check(person.is_signed_in(site.server, ann.cookie) and person.is_signed_in(site.server, second), "no session")
    ended = site.server.admin("set-password", "--user", ann.handle, "--password-file", "-", typed="violet lamp otter 99\n")
    check(ended.returncode == 0, f"set-password: {ended.stderr[:300]}")
    for cookie in (ann.cookie, second):
        check(not person.is_signed_in(site.server, cookie), "a session is still good")
    old = person.sign_in(site.server, ann.email, PASSWORD, site.address())
    check(person.session_of(site.server, old) is None, "the old password is still good")


@row
def command_line_with_bad_input(site, check):
    """A short password, files that hold no password, SQL in handles"""
    secret_file = site.server.folder / "shadow"
    secret_file.write_text("root:$6$topsecret$hash:19000:0:99999:7:::\n" * 40)
    create = ["create-user", "--email", "cli@example.org", "--handle", "cli-user", "--password-file"]
    attempts = [([*create, "-"], "short\n"), ([*create, str(secret_file)], ""), ([*create, "/etc/passwd"], "")]
    if os.access("/etc/shadow", os.R_OK):
        attempts.append(([*create, "/etc/shadow"], ""))
    for handle in ("x'; DROP TABLE person; --", "' OR '1'='1", 'x" OR ""="', "../x", "*", "%"):
        attempts.append((["create-key", "--user", handle, "--name", "k"], ""))
        attempts.append((["set-password", "--user", handle, "--password-file", "-"], "violet lamp otter 99\n"))
        attempts.append((["create-workspace", "--account", handle, "--name", "w"], ""))
    for arguments, typed in attempts:
        ended = site.server.admin(*arguments, typed=typed)
        said = ended.stdout + ended.stderr
        check(ended.returncode not in (0, None), f"{arguments}: {ended.returncode} {said[:200]}")
        check(ended.stdout == "", f"{arguments} prints {ended.stdout[:100]!r}")
        check("topsecret" not in said and "root:" not in said, f"{arguments} prints the file")
        check("panicked" not in said, f"{arguments}: {said[:300]}")
    check(person.is_signed_in(site.server, site.bob.cookie), "a session ended")


@row
def permissions_of_files(site, check):
    """Other users of the machine who read the database, its log of writes, or the new data folder"""
    files = [file for file in site.server.data.iterdir() if file.is_file()]
    names = {file.name for file in files}
    check({"provost.db", "provost.db-wal", "provost.db.owner"} <= names, f"{names}")
    for file in files:
        mode = stat.S_IMODE(file.stat().st_mode)
        check(mode == 0o600, f"{file.name} has {mode:o}")
    mode = stat.S_IMODE(site.server.data.stat().st_mode)
    check(mode == 0o700, f"the data folder has {mode:o}")


@row
def unsound_settings(site, check):
    """Cheap password hashes, limits of zero, a second server on one file"""
    for key, value in {
        "argon2_memory_kib": "8",
        "argon2_passes": "1",
        "argon2_lanes": "0",
        "max_connections": "0",
        "max_connections_per_address": "0",
        "sign_in_burst": "0",
        "sign_in_per_second": "0",
        "account_attempts": "0",
        "register_burst": "0",
        "session_idle": "400d",
        "trusted_proxies": "everybody",
    }.items():
        ended = start_and_end(site, settings={key: value})
        check(ended.returncode not in (0, None), f"{key}={value}: {ended.returncode}")
        check(key in ended.stderr, f"{key}={value}: the error does not name the setting: {ended.stderr[:200]}")
    ended = start_and_end(site, folder=site.server.data)
    check(ended.returncode not in (0, None), f"a second server: {ended.returncode} {ended.stderr[:200]}")
    check.status("the first server", request.send(site.server, "GET", "/api/ready"), 200)


@row
def password_of_the_database_in_errors(site, check):
    """The password of a database that can't be reached, in the errors and the log"""
    port = servers.free_port()
    for url in (f"postgres://user:s3cr3t-word@127.0.0.1:{port}/db", "postgres://user:s3cr3t-word@127.0.0.1:notaport/db"):
        ended = start_and_end(site, "--database-url", url)
        check(ended.returncode not in (0, None), f"{ended.returncode}")
        said = ended.stdout + ended.stderr
        check(said != "" and "s3cr3t-word" not in said, f"{said[:300]}")


def start_and_end(site, *flags, folder=None, settings={}):
    folder = folder or site.server.folder / "unsound"
    listen = f"127.0.0.1:{servers.free_port()}"
    return servers.run(site.binary, "serve", "--listen", listen, "--data-dir", str(folder), *flags, settings=settings)
