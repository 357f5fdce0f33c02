#!/usr/bin/env python3
"""Runs the commands of the pages, each page in a throw-away copy of the checkout.

    scripts/check_commands.py              every page; exit code 1 where a command fails that no mark excuses
    scripts/check_commands.py PAGE...      only these
    scripts/check_commands.py --pictures   and writes the pictures of the pages anew

What runs is every block of `sh` and `console`, and code in a line that begins with `cargo run -p harness --`. The program is $HARNESS,
or target/debug/harness; it stands for `cargo run -p harness --`. `python3` is $PYTHON, which needs numpy, polars, pandas and duckdb for
the examples in Python; where it is not given these are told as left out. In a `console` block, lines after `$ ` must be printed in that
order; `...` stands for anything, and numbers may differ a little. In a line, options in brackets are left out.

A comment of its own line before a block marks it:

    <!-- not run: REASON -->      it is not run; what it sweeps is loaded by `harness plan`
    <!-- fails -->                every command of it has to fail
    <!-- file: PATH -->           it is a file, which is written into the copy
    <!-- run by: venv -->         it is Python, and run
    <!-- drawn: PATH -->          the picture below is that file, which the commands before must have drawn

Behind code in a line, `<!-- not run: REASON -->` does the same.
"""

import os
import pathlib
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = pathlib.Path(os.environ.get("HARNESS", ROOT / "target/debug/harness")).resolve()
PYTHON = os.environ.get("PYTHON")
# Pages that a program writes hold no commands of ours.
WRITTEN_BY_PROGRAM = {"commands.md", "catalogue.md", "keys.md"}
SECONDS = 600
CALL = "cargo run -p harness --"
INLINE = re.compile(r"`(" + re.escape(CALL) + r" [^`]+)`(?:\s*<!-- not run: *(.*?) *-->)?")
NAMED = re.compile(r"`harness ([a-z-]+)[ `]")
MARK = re.compile(r"^<!-- *(not run:|fails|file:|run by:|drawn:) *(.*?) *-->$")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
NUMBER = re.compile(r"[+-]?(?:\d+\.\d+|\.\d+|\d+)")


def pages():
    top = ["README.md", "METHODOLOGY.md", "CONTRIBUTING.md", "results/FINDINGS.md"]
    docs = sorted((ROOT / "harness/docs").rglob("*.md"))
    return top + [str(path.relative_to(ROOT)) for path in docs if path.name not in WRITTEN_BY_PROGRAM]


class Block:
    """A block of code of a page, or one command in a line, with the mark before it."""

    def __init__(self, page, line, kind, text, mark=None, said=""):
        self.where, self.kind, self.text, self.mark, self.said = f"{page}:{line}", kind, text, mark, said


def blocks(page):
    """What a page asks to be run, written and drawn, in its order; commands in lines come last."""
    found, inline, mark, said, fence, body, begin = [], [], None, "", None, [], 0
    for number, line in enumerate((ROOT / page).read_text().split("\n"), 1):
        if fence is not None:
            if line.strip() == "```":
                found.append(Block(page, begin, fence, "\n".join(body), mark, said))
                fence, mark, said = None, None, ""
            else:
                body.append(line)
        elif line.lstrip().startswith("```"):
            fence, body, begin = line.strip("` "), [], number
        elif marked := MARK.match(line.strip()):
            mark, said = marked[1], marked[2]
        else:
            if mark == "drawn:" and (picture := PICTURE.search(line)):
                found.append(Block(page, number, "picture", picture[1], mark, said))
            inline += [
                Block(page, number, "line", m[1], "not run:" if m[2] is not None else None, m[2] or "") for m in INLINE.finditer(line)
            ]
            mark, said = (mark, said) if not line.strip() else (None, "")
    return found + inline


def plain(command):
    """A command without what a page shows as a choice: options in brackets, dots, and words for a folder or a name."""
    command = command.replace("\\|", "|")
    command = re.sub(r"\s*\[[^\]]*\]", "", command)
    return command.removesuffix(" ...").replace("FOLDER/", "./")


def write_npy(path, rows, units):
    """Signs that repeat from run to run, as an npy file of int8."""
    state, values = 12345, bytearray()
    for _ in range(rows * units):
        state = (1103515245 * state + 12345) % 2**31
        values.append(1 if state >> 30 else 255)
    header = f"{{'descr': '|i1', 'fortran_order': False, 'shape': ({rows}, {units}), }}".ljust(117) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + values)


def copy_of_checkout(folder):
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
            shutil.copymode(ROOT / name, folder / name)
    # What README calls the user's own files.
    write_npy(folder / "m.npy", 20, 64)
    write_npy(folder / "q.npy", 5, 64)
    write_npy(folder / "digits.npy", 100, 64)


class Copy:
    """A throw-away copy of the checkout, in which commands run."""

    def __init__(self, folder, write_pictures):
        self.folder, self.write_pictures = pathlib.Path(folder), write_pictures
        self.bin = self.folder / "target/commands"
        copy_of_checkout(self.folder)
        self.bin.mkdir(parents=True)
        (self.bin / "harness").symlink_to(PROGRAM)
        if PYTHON:
            (self.bin / "python3").write_text(f'#!/bin/sh\nexec "{pathlib.Path(PYTHON).absolute()}" "$@"\n')
            (self.bin / "python3").chmod(0o755)

    def bash(self, script):
        """Runs a script; its exit code, and what it printed."""
        environment = os.environ | {"PATH": f"{self.bin}:{os.environ['PATH']}", "COLUMNS": "80", "NO_COLOR": "1"}
        script = "set -euo pipefail\n" + script.replace(CALL, "harness")
        try:
            done = subprocess.run(
                ["bash", "-c", script], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, text=True, errors="replace",
            )
        except subprocess.TimeoutExpired as late:
            return 124, f"{(late.stdout or b'').decode(errors='replace')}\nnot done after {SECONDS} s"
        return done.returncode, done.stdout

    def check(self, block):
        """What is wrong with a block; nothing where it is well."""
        if block.mark == "not run:":
            return self.not_run(block)
        if block.mark == "file:":
            (self.folder / block.said).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / block.said).write_text(block.text + "\n")
            return None
        if block.mark == "drawn:":
            return self.drawn(block)
        if block.mark == "run by:":
            return self.python(block)
        if block.kind == "console":
            return self.console(block)
        if block.kind == "sh":
            return self.judged(block, *self.bash(block.text))
        return self.judged(block, *self.bash(plain(block.text))) if block.kind == "line" else None

    def judged(self, block, code, printed):
        due = block.mark == "fails"
        if (code != 0) == due:
            return None
        last = "\n".join(f"    {line}" for line in printed.splitlines()[-12:])
        return f"exit code {code}{', where a failure was due' if due else ''}:\n{last}"

    def not_run(self, block):
        if not block.said:
            return "it is marked as not run without a reason"
        for name in re.findall(r"harness(?: --)? (?:sweep|submit|plan) ([\w./-]+)", block.text):
            # A definition of the reader's own is not here.
            if name.endswith(".toml") and not (self.folder / name).exists():
                continue
            code, printed = self.bash(f"harness plan {name}")
            if code:
                return f"`harness plan {name}` does not load what it would run:\n{printed}"
        return None

    def python(self, block):
        if not PYTHON:
            print(f"  {block.where}: left out, as $PYTHON is not given")
            return None
        (self.folder / "page.py").write_text(block.text + "\n")
        return self.judged(block, *self.bash("python3 page.py"))

    def console(self, block):
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, due = part.partition("\n")
            code, printed = self.bash(command)
            wrong = self.judged(block, code, printed) or unlike(due, printed)
            if wrong:
                return f"`{command}`: {wrong}"
        return None

    def drawn(self, block):
        made, kept = self.folder / block.said, ROOT / pathlib.Path(block.where.split(":")[0]).parent / block.text
        if not made.exists():
            return f"the commands before have drawn no {block.said}"
        if self.write_pictures:
            shutil.copyfile(made, kept)
        # Another processor may move a point by a pixel, but it draws no other shapes and words.
        if NUMBER.sub("0", made.read_text()) != NUMBER.sub("0", kept.read_text()):
            return f"{block.text} is not what is drawn; write it by --pictures"
        return None


def close(due, line):
    """Whether a line is as it should be, but for numbers that may differ a little."""
    if "..." in due:
        head, _, tail = due.partition("...")
        return line.startswith(head) and line.endswith(tail)
    same = NUMBER.sub("0", due).split() == NUMBER.sub("0", line).split()
    pairs = zip(NUMBER.findall(due), NUMBER.findall(line))
    return same and all(abs(float(a) - float(b)) <= max(0.06, 0.02 * abs(float(a))) for a, b in pairs)


def unlike(due, printed):
    """The first line of what a page shows that was not printed in its place."""
    lines, at, skipping = printed.splitlines(), 0, False
    for want in due.rstrip("\n").split("\n"):
        if not want.strip():
            continue
        if want.strip() == "...":
            skipping = True
            continue
        while at < len(lines) and not close(want, lines[at]) and (skipping or not lines[at].strip()):
            at += 1
        if at == len(lines) or not close(want, lines[at]):
            shown = "\n".join(f"    {line}" for line in lines[:60])
            return f"it did not print\n    {want}\nbut\n{shown}"
        at, skipping = at + 1, False
    return None


def commands_named(page, known):
    """Commands that a page speaks of and that the program has not."""
    return [
        f"{page}:{number}: there is no command `harness {name}`"
        for number, line in enumerate((ROOT / page).read_text().split("\n"), 1)
        for name in NAMED.findall(line)
        if name not in known
    ]


def processor_time():
    """Seconds of processor time of everything that was run so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def check_page(page, write_pictures, done):
    """What is wrong with a page, and how many of its commands were run and were not."""
    found, wrong = blocks(page), []
    runs = [block for block in found if block.kind in ("sh", "console", "line") or block.mark in ("run by:", "drawn:", "file:")]
    left = [block for block in runs if block.mark == "not run:"]
    if not runs:
        return []
    begin, worked = time.monotonic(), processor_time()
    with tempfile.TemporaryDirectory(prefix="harness-commands-") as folder:
        copy = Copy(folder, write_pictures)
        for block in runs:
            # Commands in lines that only read are the same in every page.
            if block.kind == "line" and block.text in done:
                continue
            before = processor_time()
            problem = copy.check(block)
            if (took := processor_time() - before) > 10:
                print(f"  {block.where} takes {took:.0f} s of processor time")
            done |= {block.text} if block.kind == "line" and not problem else set()
            wrong += [f"{block.where}: {problem}"] if problem else []
    took = f"{processor_time() - worked:.0f} s of processor time in {time.monotonic() - begin:.0f} s"
    print(f"{page}: {len(runs) - len(left)} blocks and commands, {len(left)} not run, {took}", flush=True)
    return wrong


def main():
    asked = [word for word in sys.argv[1:] if word != "--pictures"]
    if any(word.startswith("-") for word in asked):
        sys.exit(__doc__)
    if not PROGRAM.exists():
        sys.exit(f"{PROGRAM} is not there: `cargo build -p harness` makes it")
    listed = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
    known, done, wrong = {"--help", "--version", *re.findall(r"^  ([a-z-]+) ", listed, re.MULTILINE)}, set(), []
    for page in asked or pages():
        wrong += commands_named(page, known) + check_page(page, "--pictures" in sys.argv, done)
    if wrong:
        sys.exit("\n".join(wrong))


main()
