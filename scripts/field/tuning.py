#!/usr/bin/env python3
"""Writes the definition in which the settings of all rules are tried, on the tuning stream.

Use: scripts/field/tuning.py > field-tuning.toml
"""

from settings import FLIPPED, LOADS, READERS, rules


def reader_value(reader):
    """A reader's text as a value of `[read] dynamics`."""
    if "(" not in reader:
        return f'"{reader}"'
    name, parameters = reader[:-1].split("(")
    return "{ " + name + " = { " + parameters.replace("=", " = ") + " } }"


def main():
    print('question = "Which settings of every rule recover most under each reader, at N = 64?"')
    print('analysis = "Message sets of the tuning stream: the settings are chosen here, and nothing is claimed."')
    print('stream = "tune"\nprobes = ["recovery"]\n\n[protocols]')
    for name, settings in rules().items():
        for i, setting in enumerate(settings):
            print(f'"{name} {i}" = {setting}')
    print(f"\n[grid]\nn = [64]\nload = {LOADS}\nnoise = {FLIPPED}\ntrials = 4\nqueries = 50")
    print("\n[read]\ndynamics = [" + ", ".join(map(reader_value, READERS)) + "]")


if __name__ == "__main__":
    main()
