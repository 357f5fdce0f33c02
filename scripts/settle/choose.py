#!/usr/bin/env python3
"""Chooses the settings of every rule for every reader from tuning runs, and writes what is run with them.

Use: scripts/settle/choose.py FOLDER N TRIALS PROGRAM, or scripts/settle/choose.py FOLDER N TRIALS --as-at OTHER
reads the results of `settle-tuning-N` in FOLDER through `PROGRAM show --csv`, or takes what was chosen at another N, and
writes beside them
  chosen-N.json        of every rule and reader: the setting, the reader's parameters, the mean recovered share
  settle-N.toml        the definition that measures the chosen settings on fresh message sets
  settle-N-again.toml  the same under another root seed
  size-N.toml          the part of the study of effects that names them

What is compared is the plain mean of the recovered share over all loads and noise levels. The first of equals is
taken, in the order in which settings and readers are listed.
"""

import csv
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from rules import FLIPPED, LOADS, family, reader_value, rules, settings

SEEDS = {"": 3, "-again": 4}
FEWER = """
Only the rules that a line in 1/N needs are here, read in three ways, with two message sets a load.
"""
QUESTION = "How much of a trained memory is its diagonal, noise, recurrence or thresholds, under each reader, at N = {n}?"
ANALYSIS = '''"""
What it shows. Every rule stands with the settings that were best for it under each reader on the tuning stream {at}, \\
eight settings a rule and reader alike. All rules meet the same messages and \\
queries, so that `harness effects` pairs them. The hypotheses and what decides them are written in the study of \\
effects `settle`, which is older than this run.

What it cannot show. Loads from 0.3 to 0.7 with 5 to 20 % of the bits flipped, random messages: elsewhere other \\
rules may lead. Eight settings are a coarse search, the same for all.
"""'''


def means(folder, n, program):
    """The mean recovered share of every protocol and reader of the tuning run, and its conditions."""
    command = [program, "show", f"settle-tuning-{n}", "--results", folder, "--measure", "recovered", "--csv"]
    rows = csv.DictReader(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines())
    shares = defaultdict(list)
    for row in rows:
        shares[row["protocol"], row["dynamics"]].append(float(row["value"]))
    expected = len(LOADS) * len(FLIPPED)
    short = [key for key, values in shares.items() if len(values) != expected]
    assert not short, f"conditions lack: {short[:3]}"
    return {key: sum(values) / expected for key, values in shares.items()}


def choices(folder, n, program):
    """Of every rule and reader the best setting and the best parameters of the reader."""
    mean = means(folder, n, program)
    readers = list(dict.fromkeys(reader for _, reader in mean))
    chosen = {}
    for rule in rules(n):
        name = ", ".join(rule)
        chosen[name] = {}
        for reading in dict.fromkeys(map(family, readers)):
            best = max((mean[f"{name} {i}", reader], -i, -readers.index(reader))
                       for i in range(len(settings(*rule))) for reader in readers if family(reader) == reading)
            chosen[name][reading] = {"setting": -best[1], "reader": readers[-best[2]], "mean": round(best[0], 5)}
    return chosen


def main():
    folder, n, trials, program = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    out = Path(folder)
    if program == "--as-at":
        other = json.loads((out / f"chosen-{sys.argv[5]}.json").read_text())
        readers = ["sync", "async", "soft"] if n > 256 else ["sync", "async", "held", "soft"]
        chosen = {name: {r: other[name][r] for r in readers} for name in map(", ".join, rules(n))}
    else:
        chosen = choices(folder, n, program)
    (out / f"chosen-{n}.json").write_text(json.dumps(chosen, indent=1) + "\n")
    for suffix, seed in SEEDS.items():
        (out / f"settle-{n}{suffix}.toml").write_text(definition(n, trials, seed, chosen))
    (out / f"size-{n}.toml").write_text(size(n, chosen))


def label(name, reading, chosen):
    """The protocol's label: the rule and the readers that chose its setting."""
    setting = chosen[name][reading]["setting"]
    readings = [other for other, choice in chosen[name].items() if choice["setting"] == setting]
    return name if len(readings) == len(chosen[name]) else f"{name}; {' '.join(readings)}"


def definition(n, trials, seed, chosen):
    lines = [f'question = "{QUESTION.format(n=n)}"', "analysis = " + ANALYSIS.replace("{at}", "at N = 128" if n > 256 else "at this N")
             .replace("\nWhat it cannot", (FEWER if n > 256 else "") + "\nWhat it cannot"), f"seed = {seed}",
             'probes = ["stability", "recovery", "structure"]' if n == 64 else 'probes = ["recovery"]', "", "[protocols]"]
    protocols = {}
    for rule in rules(n):
        name = ", ".join(rule)
        for reading, choice in chosen[name].items():
            protocols[label(name, reading, chosen)] = settings(*rule)[choice["setting"]]
    lines += [f'"{name}" = {value}' for name, value in protocols.items()]
    lines += [f'"{name}" = {value}' for name, value in REFERENCES.items()
              if n <= 64 or (n <= 256 and "trn" not in value)]
    readers = list(dict.fromkeys(c["reader"] for choices in chosen.values() for c in choices.values()))
    readers.sort(key=lambda reader: (["sync", "async", "held", "soft"].index(family(reader)), reader))
    lines += ["", "[grid]", f"n = [{n}]", f"load = {LOADS}", f"noise = {FLIPPED}", f"trials = {trials}", "queries = 100", "",
              "[read]", "dynamics = [", *(f"    {reader_value(reader)}," for reader in readers), '    "nearest",', "]", ""]
    return "\n".join(lines)


# What other experiments call HOP, PSE and TRN, for scale: TRN by its defaults trains three times as long.
REFERENCES = {
    "HOP": "{ hop = {} }",
    "PSE, zero diagonal": '{ pse = { diagonal = "zero" } }',
    "TRN, default": "{ trn = {} }",
}


def size(n, chosen):
    """The table `[[size]]` of the study of effects."""
    runs = ", ".join(f'"settle-{n}{suffix}"' for suffix in SEEDS)
    lines = ["[[size]]", f"n = {n}", f"runs = [{runs}]", "", "[size.rules]"]
    for name, choices in chosen.items():
        entries = ", ".join(f'{reading} = ["{label(name, reading, chosen)}", "{choice["reader"]}"]'
                            for reading, choice in choices.items())
        lines.append(f'"{name}" = {{ {entries} }}')
    if n > 256:
        return "\n".join(lines) + "\n\n"
    best = lambda names: max((choice["mean"], name, reading) for name in names for reading, choice in chosen[name].items())
    entry = lambda name, reading: f'["{label(name, reading, chosen)}", "{chosen[name][reading]["reader"]}"]'
    convex = [name for name in chosen if name.split(", ")[0] in ("exponential", "MPF")]
    networks = [name for name in chosen if name.split(", ")[0] == "TRN"]
    lines += ["", "[size.sides]"]
    for side, names in {"best TRN": networks, "best convex": convex}.items():
        _, name, reading = best(names)
        lines.append(f'"{side}" = {entry(name, reading)}')
        for reading in ("sync", "async"):
            name = max(names, key=lambda name: chosen[name][reading]["mean"])
            lines.append(f'"{side}, {reading}" = {entry(name, reading)}')
    return "\n".join(lines) + "\n\n"


main()
