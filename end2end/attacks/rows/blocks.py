"""Secrets in blocks, which the server would store in clear text."""

from support.check import row


@row
def block_types_with_secrets(site, check):
    """Schemas that declare secret fields: their own, in definitions and $defs, nested, in other shapes"""
    name = site.name("vault")
    block_type = site.ann.create("/block_types", {"name": name, "slug": name})["id"]
    secret = {"title": "inner", "secret_fields": ["password"]}
    for what, fields in {
        "own": {"secret_fields": ["password"]},
        "definitions": {"definitions": {"Inner": secret}},
        "$defs": {"$defs": {"Inner": secret}},
        "nested": {"definitions": {"Outer": {"$defs": {"Inner": secret}}}},
        "an object": {"secret_fields": {"password": True}},
        "a text": {"secret_fields": "password"},
        "true": {"secret_fields": True},
        "a wildcard": {"secret_fields": ["inner.*"]},
    }.items():
        answer = site.ann.call("POST", "/block_schemas", {"fields": fields, "block_type_id": block_type})
        check.status(what, answer, 422)
    plain = {"fields": {"title": "plain", "secret_fields": []}, "block_type_id": block_type}
    check.status("without secrets", site.ann.call("POST", "/block_schemas", plain), 200, 201)
