"""Attacks a `provost` that it starts itself, on loopback addresses alone: python3 end2end/attacks PATH_TO_PROVOST [NAME …]"""

from __future__ import annotations

import os
import pathlib
import resource
import signal
import sys
import time
import traceback
from typing import List, Tuple

from rows import auth, blocks, browser, http, input, keys, limits, local, operator, pages, sockets, tenancy, throttle
from support.check import Check, NotRun, Row, rows_of
from support.site import Site

MODULES = [http, limits, input, keys, auth, throttle, browser, pages, local, sockets, tenancy, blocks, operator]


def attack(row: Row, site: Site, known_faults: List[str]) -> Tuple[str, List[str]]:
    """Carries out one attack; returns the verdict and its reasons."""
    check = Check()
    try:
        row.run(site, check)
    except NotRun as why:
        return "not run", [str(why)]
    except Exception as error:  # Whatever goes wrong in an attack, it has not shown that the server holds.
        place = traceback.extract_tb(error.__traceback__)[-1]
        check(False, f"{type(error).__name__}: {error} ({pathlib.Path(place.filename).name}:{place.lineno})")
    faults = [fault for fault in site.faults() if fault not in known_faults]
    known_faults += faults
    reasons = check.broken + faults
    if not check.count:
        reasons.append("nothing was checked")
    return ("BROKEN" if reasons else "held"), reasons


def main() -> int:
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        print(__doc__, file=sys.stderr)
        return 2
    # So that the servers are stopped too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    chosen = sys.argv[2:]
    rows = [row for module in MODULES for row in rows_of(module) if not chosen or any(part in row.name for part in chosen)]
    site, counts, known_faults = Site(os.path.abspath(sys.argv[1])), {"held": 0, "BROKEN": 0, "not run": 0}, []
    try:
        for row in rows:
            start = time.monotonic()
            verdict, reasons = attack(row, site, known_faults)
            counts[verdict] += 1
            print(f"{verdict:8}{row.name}: {row.what} ({time.monotonic() - start:.1f} s)", flush=True)
            for reason in reasons[:10]:
                print(f"        {reason}", flush=True)
    finally:
        site.stop()
    if counts["not run"]:
        print(f"{counts['not run']} not run")
    print(f"{counts['held']} passed, {counts['BROKEN']} failed")
    return 1 if counts["BROKEN"] or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
