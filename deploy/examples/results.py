#!/usr/bin/env python3
"""Sends a laboratory's results to an authority: a CSV file with the columns id, kind, number, fact, at, name.

  VESTIBULE_TOKEN=vestibule_… ./results.py https://authority.example:8443 results.csv

The same file may be sent again after a broken connection: its hash is the request's key. Rows that were not taken are printed with the
reason, and the exit code is 1. Needs nothing but Python. The address's certificate is checked; for one of your own, set SSL_CERT_FILE.
"""
import csv
import hashlib
import json
import os
import sys
import urllib.error
import urllib.request


def send(base, rows, key):
    """The report; a refusal of the whole ends the program with its words."""
    headers = {
        "Authorization": "Bearer " + os.environ["VESTIBULE_TOKEN"],
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    body = json.dumps({"results": rows}, sort_keys=True).encode()
    request = urllib.request.Request(base + "/api/v1/results", body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as problem:
        words = json.load(problem)
        if "rows" in words:
            return words
        sys.exit(f"{words['status']} {words['title']}: {words.get('detail', '')}")


def main():
    if len(sys.argv) != 3 or "VESTIBULE_TOKEN" not in os.environ:
        sys.exit(__doc__)
    base, path = sys.argv[1:]
    with open(path, "rb") as file:
        content = file.read()
    read = csv.DictReader(content.decode("utf-8-sig").splitlines())
    rows = [{name: text for name, text in row.items() if text} for row in read]
    report = send(base, rows, hashlib.sha256(content).hexdigest())
    for row in report["rows"]:
        if "error" in row:
            print(row.get("id", f"row {row['line']}"), row["error"])
    print(f"{report['taken']} taken, {report['refused']} not")
    sys.exit(1 if report["refused"] else 0)


main()
