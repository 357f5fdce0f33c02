#!/usr/bin/env python3
"""Writes the definition in which the settings of all rules are tried at one N, on the tuning stream.

Use: scripts/settle/tuning.py N TRIALS [CANDIDATES.json] > settle-tuning-N.toml
CANDIDATES, as choose.py --keep writes it, narrows the settings of every rule to its best at another N.
"""

import json
import sys

from rules import FLIPPED, LOADS, READERS, reader_value, rules, settings


def main():
    n, trials = int(sys.argv[1]), int(sys.argv[2])
    kept = json.load(open(sys.argv[3])) if len(sys.argv) > 3 else None
    print(f'question = "Which settings of every rule recover most under each reader, at N = {n}?"')
    print('analysis = "Message sets of the tuning stream: the settings are chosen here, and nothing is claimed."')
    print('stream = "tune"\nprobes = ["recovery"]\n\n[protocols]')
    for rule in rules(n):
        for i, setting in enumerate(settings(*rule)):
            if kept is None or i in kept[", ".join(rule)]:
                print(f'"{", ".join(rule)} {i}" = {setting}')
    print(f"\n[grid]\nn = [{n}]\nload = {LOADS}\nnoise = {FLIPPED}\ntrials = {trials}\nqueries = 50")
    print("\n[read]\ndynamics = [\n    " + ",\n    ".join(map(reader_value, READERS)) + ",\n]")


main()
