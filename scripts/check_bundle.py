#!/usr/bin/env python3
"""Validates the metadata of an unpacked bundle by the tools of RO-Crate 1.2: `scripts/check_bundle.py FOLDER`.

It needs rocrate and roc-validator from PyPI. The validator fetches the vocabulary from w3id.org, which a machine of the
checks may not reach: it gets the one that comes with rocrate instead. Everything else that it asks of the network fails.
"""

import email.message
import io
import pathlib
import sys
import urllib.error
import urllib.request
import urllib.response

import requests
import rocrate
from rocrate.rocrate import ROCrate
from rocrate_validator import models, services

VOCABULARY = (pathlib.Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_bytes()


def vocabulary_of(address):
    """What stands at an address, as far as this program knows it."""
    if address.startswith("https://w3id.org/ro/crate/"):
        return VOCABULARY
    raise urllib.error.URLError(f"not asked for here: {address}")


class Offline(urllib.request.HTTPSHandler):
    def https_open(self, request):
        message = email.message.Message()
        message["Content-Type"] = "application/ld+json"
        body = io.BytesIO(vocabulary_of(request.full_url))
        answer = urllib.response.addinfourl(body, message, request.full_url, 200)
        answer.msg = "OK"
        return answer


def send(_, request, **__):
    answer = requests.Response()
    answer.status_code = 200
    answer.url = request.url
    answer.request = request
    answer.headers["Content-Type"] = "application/ld+json"
    answer._content = vocabulary_of(request.url)
    answer.raw = io.BytesIO(answer._content)
    return answer


def main():
    folder = pathlib.Path(sys.argv[1])
    urllib.request.install_opener(urllib.request.build_opener(Offline))
    requests.adapters.HTTPAdapter.send = send
    crate = ROCrate(folder)
    described = {entity.id for entity in crate.data_entities}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert described == there - {"ro-crate-metadata.json"}, described ^ there
    settings = services.ValidationSettings(
        rocrate_uri=str(folder), profile_identifier="ro-crate-1.2", requirement_severity=models.Severity.REQUIRED, no_cache=True
    )
    issues = services.validate(settings).get_issues()
    for issue in issues:
        print(f"{issue.check.identifier}: {issue.message}", file=sys.stderr)
    print(f"{len(described)} files are described, {len(issues)} requirements of RO-Crate 1.2 are not met")
    sys.exit(1 if issues else 0)


if __name__ == "__main__":
    main()
