#!/usr/bin/env python3
"""Asks an authority's interface for programs: opens a case, asks who was at a venue, writes the answer as a CSV file.

  VESTIBULE_TOKEN=vestibule_… ./cases.py https://authority.example:8443 2026-114 17 2026-11-20T18:00:00Z 2026-11-20T23:00:00Z

Needs nothing but Python. The address's certificate is checked; for one of your own, set SSL_CERT_FILE.
"""
import json
import os
import sys
import urllib.error
import urllib.request


def call(base, method, path, body=None):
    """The answer's bytes; a problem ends the program with its words."""
    headers = {"Authorization": "Bearer " + os.environ["VESTIBULE_TOKEN"]}
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(base + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()
    except urllib.error.HTTPError as problem:
        words = json.load(problem)
        sys.exit(f"{words['status']} {words['title']}: {words.get('detail', '')}")


def pages(base, path, key=None):
    """All lines of a list, a page at a time."""
    after = 0
    while after is not None:
        found = json.loads(call(base, "GET", f"{path}?limit=200&after={after}"))
        page = found[key] if key else found
        yield from page["items"]
        after = page["next"]


def main():
    if len(sys.argv) != 6 or "VESTIBULE_TOKEN" not in os.environ:
        sys.exit(__doc__)
    base, reference, venue, since, until = sys.argv[1:]
    case = json.loads(call(base, "POST", "/api/v1/cases", {"case": reference}))
    where = f"/api/v1/cases/{case['id']}/questions"
    wanted = {"purpose": "cluster", "venue": int(venue), "from": since, "until": until}
    asked = json.loads(call(base, "POST", where, wanted))
    if asked["state"] == "waiting":
        sys.exit("the question waits for a second approver")
    for met in pages(base, f"{where}/{asked['number']}", "met"):
        print(met["person"], met["from"], f"{met['minutes']} min")
    table = call(base, "GET", f"{where}/{asked['number']}/export?format=csv")
    sys.stdout.write(table.decode("utf-8"))


main()
