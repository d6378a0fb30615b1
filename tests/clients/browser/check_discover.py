"""Opens Discover in a real browser and reads the page that the browser made of it.

    EKK_DASHBOARDS_URL=http://localhost:5601 EKK_CHROMIUM=chromium check_discover.py --records 20000

Checks the number of records, that rows hold time, level, logger and message, newest first, that the histogram has bars,
and that a record with a traceback opens to its lines. Needs nothing but Python and Chromium. Prints one line a check.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
from html.parser import HTMLParser

# Headless, without the parts that would talk to the network or need a sandbox that containers do not allow.
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1440,900",
    "--dump-dom",
]
LEVELS = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
VOID_TAGS = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
TIMEOUT_SECONDS = 60


class Element:
    """An element of the page: its tag, attributes, and children that are elements or text."""

    def __init__(self, tag, attributes=()):
        self.tag = tag
        self.attributes = dict(attributes)
        self.children = []

    def all(self, tag):
        for child in self.children:
            if isinstance(child, Element):
                if child.tag == tag:
                    yield child
                yield from child.all(tag)

    def direct(self, tag):
        return [child for child in self.children if isinstance(child, Element) and child.tag == tag]

    def has_class(self, name):
        return name in self.attributes.get("class", "").split()

    def text(self):
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


class TreeBuilder(HTMLParser):
    def __init__(self):
        super().__init__()
        self.root = Element("#document")
        self._open = [self.root]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, attrs)
        self._open[-1].children.append(element)
        if tag not in VOID_TAGS:
            self._open.append(element)

    def handle_startendtag(self, tag, attrs):
        self._open[-1].children.append(Element(tag, attrs))

    def handle_endtag(self, tag):
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].tag == tag:
                del self._open[depth:]
                return

    def handle_data(self, data):
        self._open[-1].children.append(data)


class Page:
    """A Discover page as the browser shows it."""

    def __init__(self, chromium, url):
        self.url = url
        with tempfile.TemporaryDirectory() as profile:
            command = [chromium, *CHROMIUM_FLAGS, f"--user-data-dir={profile}", url]
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
        if done.returncode != 0 or "<html" not in done.stdout:
            last = done.stderr.strip().splitlines()[-1:] or ["it answered with an empty page"]
            sys.exit(f"{chromium} could not open {url}: {last[0]}")
        builder = TreeBuilder()
        builder.feed(done.stdout)
        self.root = builder.root

        self.table = next((table for table in self.root.all("table") if table.has_class("r")), None)
        if self.table is None:
            sys.exit(f"{url} shows no table of records; it says: {' '.join(self.root.text().split())[:2000]}")

    def total(self):
        found = re.search(r"([\d,]+)\s+hits?", self.root.text())
        return int(found[1].replace(",", "")) if found else None

    def header(self):
        return [cell.text().strip(" ↑↓") for cell in next(self.table.all("thead")).all("th")]

    def records(self):
        """Each row as {column: text}, with the fields that it opens to under `fields`."""
        columns = self.header()
        for body in self.table.direct("tbody"):
            row, opened = body.direct("tr")
            record = dict(zip(columns, (cell.text().strip() for cell in row.direct("td")), strict=True))
            record["fields"] = dict(self.fields(opened))
            yield record

    @staticmethod
    def fields(opened):
        table = next(opened.all("table"))
        for row in table.all("tr"):
            name = next(row.all("th")).text().strip()
            yield name, row.direct("td")[-1].text()

    def bars(self):
        histogram = next(svg for svg in self.root.all("svg") if svg.attributes.get("id") == "hist")
        return len(list(histogram.all("a")))


def expect(holds, what, otherwise):
    if not holds:
        sys.exit(f"{what} does not hold: {otherwise}")
    print(f"{what} holds")


def check_rows(page, records):
    expect(page.total() == records, "the number of records", f"{page.url} says {page.total()}, not {records}")
    header = page.header()
    expect(
        header[0].startswith("Time") and {"levelname", "name", "message"} <= set(header),
        "the columns time, level, logger and message",
        f"they are {header}",
    )
    rows = list(page.records())
    expect(len(rows) == min(records, 500), "the number of rows", f"{len(rows)} are shown")
    for row in rows:
        complete = row["levelname"] in LEVELS and row["name"] and row["message"] and re.match(r"\d{4}-|\w+ \d", row[header[0]])
        if not complete:
            sys.exit(f"a row lacks its time, level, logger or message: {row}")
    print("every row's time, level, logger and message holds")
    times = [row[header[0]] for row in rows]
    expect(times == sorted(times, reverse=True), "the order, newest first", f"the times are {times[:5]} …")
    expect(page.bars() > 0, "the histogram", "it has no bars")


def check_traceback(page):
    texts = [row["fields"].get("exc_info", "") for row in page.records()]
    lines = texts[0].strip().splitlines() if texts else []
    whole = len(lines) > 3 and lines[0] == "Traceback (most recent call last):" and lines[1].startswith('  File "')
    expect(whole, "the lines of a traceback", f"the newest record with one shows {lines[:5]}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--records", type=int, required=True, help="how many records of the last 7 days there are")
    options = arguments.parse_args()
    chromium = os.environ.get("EKK_CHROMIUM", "chromium")
    discover = os.environ.get("EKK_DASHBOARDS_URL", "http://localhost:5601") + "/app/discover"

    def page(**state):
        return Page(chromium, f"{discover}?{urllib.parse.urlencode({'from': 'now-7d', 'to': 'now', **state})}")

    check_rows(page(), options.records)
    check_traceback(page(q="exc_info:*"))
    check_traceback(page(q="_exists_:exc_info", lang="lucene"))


if __name__ == "__main__":
    main()
