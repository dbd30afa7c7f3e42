"""Records the order of the rules in the reference's policies as JSON, which is `policies.json` beside this file:

    pip download --no-deps prefect==2.20.26 prefect==3.8.8
    python3 record.py prefect-2.20.26-py3-none-any.whl prefect-3.8.8-py3-none-any.whl > policies.json
"""

import ast
import json
import re
import sys
import zipfile

SOURCE = "prefect/server/orchestration/core_policy.py"


def priority(policy):
    """The rules that `policy.priority()` returns: the only list of plain names in it."""
    lists = [node.elts for node in ast.walk(policy) if isinstance(node, ast.List)]
    return next([rule.id for rule in rules] for rules in lists if all(isinstance(rule, ast.Name) for rule in rules))


def policies(wheel):
    module = ast.parse(zipfile.ZipFile(wheel).read(SOURCE))
    return {
        node.name: priority(node)
        for node in module.body
        if isinstance(node, ast.ClassDef) and node.name.endswith("Policy")
    }


versions = {re.search(r"prefect-([0-9.]+)-", wheel)[1]: policies(wheel) for wheel in sys.argv[1:]}
print(json.dumps(versions, indent=2))
