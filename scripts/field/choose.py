#!/usr/bin/env python3
"""Chooses the settings of every rule for every reader from the tuning run, and writes what is run with them.

Use: scripts/field/choose.py FOLDER PROGRAM
reads the results of `field-tuning` in FOLDER through `PROGRAM show --csv` and writes beside them
  field-best.toml   the definition that measures the chosen settings on fresh message sets
  field.toml        the study that says which protocol and reader stand for which rule

What is compared is the plain mean of the recovered share over all loads and noise levels. The first of equals is
taken, in the order in which settings and readers are listed.
"""

import csv
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from settings import BUDGET, FLIPPED, LOADS, READERS, rules
from tuning import reader_value

READINGS = ["sync", "async", "held", "soft"]
QUESTION = "How do the writing rules of the field compare, each at its best under each reader?"
ANALYSIS = '''"""
What it shows. Every rule of the catalogue stands with the settings that were best for it under each reader on the tuning \\
stream: eight settings a rule, laid out before, among them a constant on the diagonal. So a rule that stands low does \\
not stand low for its defaults alone. `harness rank` puts the rules in order under each reader.

What it cannot show. One N, random messages, and a coarse search: whoever knows better settings may add them to \\
scripts/field/settings.py. Tuning goes by the mean over loads from 0.1 to 0.7 with 5 to 20 % flipped, and not by \\
what is read off here.
"""'''


def means(folder, program):
    """The mean recovered share of every protocol and reader of the tuning run."""
    command = [program, "show", "field-tuning", "--results", folder, "--measure", "recovered", "--csv"]
    shares = defaultdict(list)
    for row in csv.DictReader(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()):
        shares[row["protocol"], row["dynamics"]].append(float(row["value"]))
    expected = len(LOADS) * len(FLIPPED)
    short = [key for key, values in shares.items() if len(values) != expected]
    assert not short, f"conditions lack: {short[:3]}"
    return {key: sum(values) / expected for key, values in shares.items()}


def choices(folder, program):
    """Of every rule and reading the best setting and the best parameters of the reader."""
    mean = means(folder, program)
    best = lambda name, reading: max((mean[f"{name} {i}", reader], -i, -place) for i in range(BUDGET)
                                     for place, reader in enumerate(READERS) if reader.split("(")[0] == reading)
    return {name: {reading: (-best(name, reading)[1], READERS[-best(name, reading)[2]]) for reading in READINGS}
            for name in rules()}


def label(name, reading, chosen):
    """The protocol's label: the rule and the readings that chose its setting."""
    readings = [other for other, (setting, _) in chosen[name].items() if setting == chosen[name][reading][0]]
    return name if len(readings) == len(READINGS) else f"{name}; {' '.join(readings)}"


def figure(reading, protocols):
    """The figure that ranks the protocols of a reading."""
    names = ", ".join(f'"{name}"' for name in protocols if reading in name.split("; ")[-1].split())
    read = f"under the reader `{reading}`, the best on top:"
    if reading == "soft":
        read = read.replace(", the best", ", read with that reader's defaults, the best")
    return ["[[figure]]", f'name = "ranking-{reading}"', 'kind = "ranking"', 'measure = "recovered"', f'dynamics = "{reading}"',
            'width = "122mm"', f"protocols = [{names}]",
            f'caption = """Every rule with the settings that were best for it {read} mean share of the queries that \\',
            'settle at their message, less that of the best rule, over loads from .05 to 1."""', ""]


def main():
    folder, program = sys.argv[1:]
    chosen, out = choices(folder, program), Path(folder)
    protocols = {label(name, reading, chosen): rules()[name][setting]
                 for name, choice in chosen.items() for reading, (setting, _) in choice.items()}
    readers = [reader for reader in READERS if any(reader == r for c in chosen.values() for _, r in c.values())]
    (out / "field-best.toml").write_text("\n".join([
        f'question = "{QUESTION}"', "analysis = " + ANALYSIS, 'probes = ["stability", "recovery", "structure"]', "", "[protocols]",
        *(f'"{name}" = {value}' for name, value in protocols.items()), "", "[grid]", "n = [64]",
        "load = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0]", "noise = [0.0, 0.05, 0.1, 0.2]",
        "trials = 5", "queries = 50", "", "[read]", "dynamics = [" + ", ".join(map(reader_value, readers)) + "]", "",
        *(line for reading in ("sync", "soft") for line in figure(reading, protocols))]))
    rows = (f'"{name}" = {{ ' + ", ".join(f'{reading} = ["{label(name, reading, chosen)}", "{reader}"]'
                                         for reading, (_, reader) in choice.items()) + " }" for name, choice in chosen.items())
    (out / "field.toml").write_text("\n".join([
        f'question = "{QUESTION}"', 'analysis = "Written by scripts/field/choose.py; the definition `field-best` says what it shows."',
        'measure = "recovered"', "region = { }", "", "[[size]]", "n = 64", 'runs = ["field-best"]', "", "[size.rules]", *rows, ""]))


main()
