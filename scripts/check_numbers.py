#!/usr/bin/env python3
"""Holds the numbers of README, METHODOLOGY and FINDINGS against what the program says of the reference runs.

    scripts/check_numbers.py     exit code 1 where a page has another number than the program, or one that nobody checks

Each sentence below is made from the program's answer (`claims --json`, `effects --json`, `show ... --json`, `protocols --json`, and the
definitions), and has to stand in its page word for word. Every number with a point in the prose and the tables of README and METHODOLOGY
must lie in such a sentence, or in a phrase of ALLOWED, which says why nothing is to check. The program is $HARNESS, or target/debug/harness.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("HARNESS", str(ROOT / "target/debug/harness"))
WORDS = {"sync": "synchronous", "async": "asynchronous"}

# Phrases with a number that no run has measured.
ALLOWED = {
    "README.md": {
        "(tested with 1.95)": "the compiler of the build; Cargo.toml has the oldest one",
        "Slurm 22.05": "the version in the tests of scripts/slurm-local",
        "[Apache-2.0]": "a licence",
    },
    "METHODOLOGY.md": {
        "confidence 1 - 0.05/K": "a definition of the method",
        "no pivot is below 0.05": "a constant of the code",
    },
}
TABLE_OF_FINDINGS = {
    "soft less sync, all rules": ("soft reader", "soft"),
    "soft less sync, the clean exponential rule": ("soft reader, exponential", "soft"),
    "soft less sync, TRN": ("soft reader, TRN", "soft"),
    "held less sync, all rules": ("held reader", "held"),
    "a constant on the diagonal, less none": ("constant diagonal", None),
    "the same, the clean exponential rule": ("constant diagonal, exponential", "sync"),
    "a trained diagonal, less none, noisy rules": ("trained diagonal", None),
    "trained less constant, noisy rules": ("trained less constant diagonal", "sync"),
    "noise in training, without a diagonal": ("noise", None),
    "noise in training, with a trained diagonal": ("noise beside a trained diagonal", None),
    "five steps less one": ("recurrence", None),
    "thresholds, less none": ("thresholds", None),
    "TRN, less the clean exponential rule: the whole gain": ("TRN less its plain rival", None),
    "TRN, less that rule with a constant": ("TRN less a constant", "sync"),
    "each with its best reader": ("best with best", "best"),
    "both synchronous": ("best with best, sync", "best"),
    "both asynchronous": ("best with best, async", "best"),
}
# Tables whose rows are readers, by the heading that they stand under.
READER_TABLES = {"## The recurrence adds a little": "recurrence", "## TRN and the convex rules": "TRN less convex"}


def asked(*arguments):
    return json.loads(subprocess.run([PROGRAM, *arguments, "--json"], cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def bare(number, digits, sign=""):
    """A number as pages write it: no zero before the point."""
    return f"{number:{sign}.{digits}f}".replace("0.", ".", 1) if abs(number) < 1 else f"{number:{sign}.{digits}f}"


class Answers:
    """What the program says, asked once."""

    def __init__(self):
        self.claims = {
            (claim["id"], test["test"]): test for claim in asked("claims") for part in claim["parts"] for test in part["tests"]
        }
        self.effects = {(effect["effect"], effect["reading"]): effect for effect in asked("effects")}
        self.protocols = {rule["name"]: {p["name"]: p["default"] for p in rule["parameters"]} for rule in asked("protocols")}

    def decisive(self, claim, test):
        return self.claims[claim, test]["decisive"]

    def effect(self, name, reading, n):
        return next(size for size in self.effects[name, reading]["sizes"] if size and size["n"] == n)

    def value(self, name, reading, n, digits=2):
        return bare(self.effect(name, reading, n)["value"], digits)

    def half(self, name, reading, n, digits=3):
        size = self.effect(name, reading, n)
        return bare((size["high"] - size["low"]) / 2, digits)


def verdicts(answers):
    """The sentences of README's table of claims."""
    paper = answers.decisive("C1", "against the paper's baselines")
    field = answers.decisive("C1", "against every rule of the run")
    for row, held in ((paper, "**Holds**"), (field, "**Fails**")):
        where = f"{row['against']}, N = {row['n']}, {WORDS[row['dynamics']]}"
        interval = ", ".join(bare(row[key], 3, "+") for key in ("low", "high"))
        yield f"{held} | {where}: {bare(row['effect'], 3, '+')} [{interval}] of the queries |"
    for test, held, words, sign in (
        ("half recovered, 5 and 10 % flipped, against the paper's baselines", "**Holds**", "half is recovered up to a load that is", 1),
        ("half recovered, 5 and 10 % flipped, against every rule of the run", "**Fails**", "up to a load that is", -1),
    ):
        row = answers.decisive("C2", test)
        ends = sorted(sign * row[key] for key in ("low", "high"))
        noise = f"{round(100 * row['flips'] / row['n'])} % flipped"
        number = f"{bare(sign * row['effect'], 3)} [{bare(ends[0], 3)}, {bare(ends[1], 3)}]"
        more = "higher" if sign > 0 else "lower"
        yield f"{held} | {row['against']}, N = {row['n']}, {noise}, {WORDS[row['dynamics']]}: {words} {number} {more} |"
    row = answers.decisive("C3", "diagonal kept")
    where = f"N = {row['n']}, {round(100 * row['flips'] / row['n'])} % flipped, {WORDS[row['dynamics']]}"
    yield f"**Holds** | {where}: by a load of {bare(row['effect'], 3)} [{bare(row['low'], 3)}, {bare(row['high'], 3)}] |"
    minima = answers.claims["C5", "messages are strict minima"]
    load = re.search(r"load [\d.]+ to ([\d.]+)", minima["holds"])[1]
    yield f"**Holds** | symmetric, zero diagonal, energy descent, strict minima up to a load of {bare(float(load), 1)} |"
    row = answers.decisive("C6", "fixed queries within 2 % of fresh ones")
    rate = re.search(r"rate above ([\d.]+) is excluded", row["note"])[1]
    until = f"from N = 16 to {row['n']} the queries that training needs do not grow"
    yield f"**Undecided** | {until}; exponential growth faster than e^({bare(float(rate), 4)} N)"


def parts(answers):
    """The sentences of README on what makes a memory recover."""
    value, half = answers.value, answers.half
    yield f"recovers {value('soft reader', 'soft', 128)} more of the queries than a plain synchronous one, in the mean over all rules (N = 128)"
    yield f"put there after writing, adds {value('constant diagonal', 'sync', 128)} at N = 128"
    yield f"A diagonal that is trained with the rest adds {value('trained diagonal', 'sync', 128)}."
    yield f"whole gain over a plain convex rule is {value('TRN less its plain rival', 'sync', 128)}."
    yield f"There it adds {value('noise beside a trained diagonal', 'sync', 128)}, and without one it takes some away"
    ahead = [value("recurrence", "sync", n) for n in (64, 256)]
    yield f"Five steps are ahead of one by {ahead[0]} at N = 64, and by {ahead[1]} at N = 256"
    best = [f"{value('best with best', 'best', n, 3)} ±{half('best with best', 'best', n)}" for n in (64, 256)]
    yield f"it is ahead of the convex rules by {best[0]} at N = 64, and by {best[1]} at N = 256"


def speed(_answers):
    """The sentences of README on speed, from the table of the speed page."""
    text = (ROOT / "harness/docs/speed.md").read_text().split("| work | here |")[1].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()[2:]]
    ratios = [float(row[3]) for row in rows]
    yield f"ran {min(ratios):.1f} to {max(ratios):.0f} times as fast as the fastest other program"
    shares = [int(row[5].split()[0]) for row in rows if re.search("loss to|MCF to|MPF write", row[0])]
    yield f"Writes by a loss reached {min(shares)} to {max(shares)} % of the floor"


def first_table(_answers):
    """The table at the top of README, as `show` prints it."""
    command = [PROGRAM, "show", "reference/quick", "--n", "64", "--measure", "recovered"]
    environment = os.environ | {"COLUMNS": "160", "NO_COLOR": "1"}
    shown = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    block = shown.split("Recovered (share of the queries), random messages, N = 64, 6 flips (noise 0.09), sync, 10 trials\n")[1]
    for line in block.split("\n\n")[0].splitlines():
        if re.match(r"\s+\d", line):
            yield line.strip()


def half_load(_answers):
    """What README says in words of a load of one half."""
    rows = asked("show", "reference/quick", "--n", "64", "--m", "32", "--measure", "recovered")
    share = {row["protocol"]: row["value"] for row in rows if (row["source"], row["dynamics"], row["flips"]) == ("random", "sync", 6)}
    true = share["TRN"] > 0.95 and abs(share["MPF"] - 2 / 3) < 0.03 and abs(share["PSE"] - 1 / 20) < 0.01 and share["HOP"] == 0
    yield "TRN still recovers almost every query, MPF two in three, PSE one in twenty, and HOP none" if true else f"not so: {share}"


def settings(answers):
    """The settings of METHODOLOGY, from the definitions and the catalogue."""
    trn = answers.protocols["trn"]
    yield f"| steps | L = {trn['steps']}, which all count |"
    yield f"| queries | fresh every epoch, with 0 to {round(100 * trn['noise'])} % flipped bits |"
    map_of = (ROOT / "harness/definitions/map.toml").read_text()
    labels = "PSE, zero diagonal|MPF, tuned|exponential, tuned|logistic, tuned|MCF, tuned"
    for label, table in re.findall(rf'^"({labels})" = (\{{.*\}})$', map_of, re.MULTILINE):
        yield f"| {label.replace('PSE, zero diagonal', 'PSE, tuned')} | `{table}` |"
    study = (ROOT / "harness/definitions/settle-64.toml").read_text()
    loads = [bare(float(load), 1) for load in re.search(r"^load = \[(.*)\]", study, re.MULTILINE)[1].split(",")]
    noise = [f"{100 * float(level):.0f}" for level in re.search(r"^noise = \[(.*)\]", study, re.MULTILINE)[1].split(",")]
    yield f"Loads are {', '.join(loads[:-1])} and {loads[-1]}, and {', '.join(noise[:-1])} and {noise[-1]} % of the bits are flipped"
    for name, words in (("baselines-ablation", "{}, of all baselines | 24:"), ("trn-ablation", "one of TRN's settings changed")):
        text = (ROOT / f"harness/definitions/{name}.toml").read_text()
        rules = text.split("[protocols]")[1].split("\n[")[0]
        count = len(re.findall(r"^[\"\w][^=]*= \{", rules, re.MULTILINE))
        yield f"| `{name}` | {words.format(count)}"
    fit = (ROOT / "protocols/src/real.rs").read_text()
    for name, error in (("tanh", "below 5e-7, absolute"), ("exp", "3e-7, relative")):
        # The tests of real.rs hold these bounds.
        bound = error.split()[-2].rstrip(",")
        yield f"| {name} | {error} |" if bound in fit else f"{name}: protocols/src/real.rs has no test of {bound}"


def row_of_effects(label, effect):
    """A row of a table of FINDINGS."""

    def cell(size, known=True):
        if not size:
            return ""
        star = ""
        if known:
            same_sign = all(value * size["value"] > 0 for value in size["by_run"])
            star = "*" if size["low"] * size["high"] > 0 and same_sign else ""
        return f"{bare(size['value'], 3, '+')} ±{bare((size['high'] - size['low']) / 2, 3)}{star}"

    cells = [cell(size) for size in effect["sizes"]] + [cell(effect["limit"], False)]
    return f"| {label} | {' | '.join(cells)} |"


def findings(answers):
    """The rows of FINDINGS that `effects` prints."""
    text, heading = (ROOT / "results/FINDINGS.md").read_text(), ""
    for line in text.splitlines():
        heading = line if line.startswith("## ") else heading
        label = line.split("|")[1].strip() if line.startswith("| ") else None
        if heading in READER_TABLES and (READER_TABLES[heading], label) in answers.effects:
            yield row_of_effects(label, answers.effects[READER_TABLES[heading], label])
        elif label in TABLE_OF_FINDINGS:
            name, reading = TABLE_OF_FINDINGS[label]
            yield row_of_effects(label, answers.effects[name, reading or ("soft" if "soft reader" in heading else "sync")])


CHECKED = {
    "README.md": (first_table, half_load, verdicts, parts, speed),
    "METHODOLOGY.md": (settings,),
    "results/FINDINGS.md": (findings,),
}


def unchecked(page, text, sentences):
    """Numbers with a point in the prose and tables of a page that no sentence and no allowed phrase has."""
    prose = re.sub(r"^\s*```.*?^\s*```", " ", text, flags=re.MULTILINE | re.DOTALL)
    prose = re.sub(r"\]\([^)]*\)", "]", re.sub(r"\s+", " ", prose))
    for phrase in [*sentences, *ALLOWED[page]]:
        prose = prose.replace(re.sub(r"\]\([^)]*\)", "]", " ".join(phrase.split())), " ")
    prose = re.sub(r"`[^`]*`", " ", prose)
    return [f"{page}: nobody checks {match[1]!r} in {prose[max(0, match.start() - 60):match.end() + 20]!r}"
            for match in re.finditer(r"(?<![\w.-])([+-]?\d*\.\d+)\b", prose)]


def main():
    if sys.argv[1:]:
        sys.exit(__doc__)
    answers, wrong = Answers(), []
    for page, makers in CHECKED.items():
        text = (ROOT / page).read_text()
        flat = " ".join(text.split())
        sentences = [sentence for maker in makers for sentence in maker(answers)]
        if not sentences:
            wrong.append(f"{page}: nothing was checked")
        wrong += [f"{page} does not say what the program says:\n    {s}" for s in sentences if " ".join(s.split()) not in flat]
        wrong += unchecked(page, text, sentences) if page in ALLOWED else []
        print(f"{page}: {len(sentences)} sentences and rows are held against the program")
    if wrong:
        sys.exit("\n".join(wrong))


main()
