#!/usr/bin/env python3
"""Checks that the pages can be read: the length of their sentences, and that their links lead somewhere.

    scripts/check_pages.py              every page; exit code 1 where a sentence is too long, or a link is dead
    scripts/check_pages.py PAGE...      only these, with their longest sentences

A sentence is prose between full stops. Tables, code blocks, headings and the addresses of links are left out; an item of a list ends
a sentence, and what stands in backquotes is one word. Links are followed to files and headings of this repository, never outside.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = [
    "README.md", "METHODOLOGY.md", "CONTRIBUTING.md", "FORMAT.md", "harness/docs/results.md", "harness/docs/speed.md", "protocols/python/README.md",
    "harness/examples/own-protocol/README.md", "results/FINDINGS.md",
    "harness/tests/data/README.md", "results/README.md", "results/reference/README.md", "paper-figs/README.md", "paper-figs/reference/README.md",
    "harness/docs/letter.md", "harness/docs/api.md",
]
# Those of the book are whatever stands there, but for the two that a program writes.
BOOK, WRITTEN_BY_PROGRAM = "harness/docs/book/pages", {"commands.md", "catalogue.md"}
PAGES += sorted(str(page.relative_to(ROOT)) for page in (ROOT / BOOK).rglob("*.md") if page.name not in WRITTEN_BY_PROGRAM)
# Words a sentence.
MEAN, MOST = 18, 35
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
# A full stop that ends a sentence has a space behind it; that of a number has not.
END = re.compile(r"(?<=[.!?])[)*\"]*\s+")


def blocks(text):
    """The paragraphs and items of lists of a page, without its tables, code and headings."""
    block = []
    for line in FENCE.sub("\n", text).splitlines() + [""]:
        begins = re.match(r"\s*([-*]|\d+\.)\s+", line)
        if (begins or not line.strip() or line.startswith(("#", "|", "<!--"))) and block:
            yield " ".join(block)
            block = []
        if line.strip() and not line.startswith(("#", "|", "<!--")):
            block.append(line[begins.end():] if begins else line.strip())


def sentences(text):
    for block in blocks(text):
        plain = LINK.sub(r"\1", block.replace("![", "["))
        plain = re.sub(r"`[^`]*`", "code", plain)
        for sentence in END.split(plain):
            words = [word for word in sentence.split() if re.search(r"\w", word)]
            if words:
                yield len(words), sentence


def anchors(path):
    """The names by which headings of a page can be linked to, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", path.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(page):
    for _, address in LINK.findall(FENCE.sub("", (ROOT / page).read_text())):
        if "://" in address:
            continue
        file, _, anchor = address.partition("#")
        target = (ROOT / page).parent / file if file else ROOT / page
        if not target.exists():
            yield f"{page}: {address} leads to no file"
        elif anchor and anchor not in anchors(target):
            yield f"{page}: {address} leads to no heading"


def check(page, wordy):
    """What is wrong with a page; tells its figures, and its longest sentences where these are asked for."""
    found = sorted(sentences((ROOT / page).read_text()), reverse=True)
    if not found:
        return [f"{page} has no sentence, so there is nothing to check"]
    mean, longest = sum(count for count, _ in found) / len(found), found[0][0]
    print(f"{page}: {len(found)} sentences of {mean:.1f} words in the mean, the longest {longest}")
    if wordy:
        print(*(f"  {count} {sentence}" for count, sentence in found[:12]), sep="\n")
    wrong = list(dead_links(page))
    wrong += [f"{page}: {count} words, at most {MOST}: {text}" for count, text in found if count > MOST]
    if mean > MEAN:
        wrong.append(f"{page}: {mean:.1f} words a sentence in the mean, at most {MEAN}")
    return wrong


def main():
    asked = sys.argv[1:]
    wrong = [problem for page in asked or PAGES for problem in check(page, bool(asked))]
    if wrong:
        sys.exit("\n".join(wrong))


main()
