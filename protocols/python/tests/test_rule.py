"""A function becomes a rule: by hand, one job at a time as a program, and in a sweep beside the built-in rule."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import hopfield_protocols as hp
import numpy as np
import pytest
from hopfield_protocols import harness, protocol

EXAMPLES = Path(__file__).parent.parent / "examples"
MESSAGES = np.random.default_rng(1).choice(np.array([-1, 1], dtype=np.int8), size=(3, 4, 20))


@protocol
def random_rule(messages, rng, scale=1.0):
    n = messages.shape[1]
    return scale * rng.normal(size=(n, n)), rng.normal(size=n)


@protocol(version="2", batched=True)
def batched(messages, rngs):
    assert len(rngs) == len(messages)
    return np.einsum("tmi,tmj->tij", messages, messages), None, np.zeros((len(messages), 20, 20))


def job(folder, messages=MESSAGES, **parameters):
    """A job folder, as the harness makes it."""
    folder.mkdir()
    trials, m, n = messages.shape
    seeds = [2**63 + trial for trial in range(trials)]
    order = {"schema": 1, "n": n, "m": m, "trials": trials, "parameters": parameters, "seconds": None}
    order |= {"seeds": [seed >> 33 for seed in seeds], "seeds64": [str(seed) for seed in seeds]}
    (folder / "job.json").write_text(json.dumps(order))
    np.save(folder / "messages.npy", messages)
    return folder, seeds


def run(program, *arguments, lines="", **environment):
    command = [sys.executable, str(program), *arguments]
    return subprocess.run(
        command, input=lines, capture_output=True, text=True, timeout=120, env={**os.environ, **environment}
    )


def test_the_program_answers_jobs_line_by_line(tmp_path):
    folders = [job(tmp_path / f"job {number}", rate=0.5)[0] for number in (1, 2)]
    ran = run(EXAMPLES / "my_rule.py", lines="".join(f"{folder}\n" for folder in folders), HARNESS_TOKEN="word")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [f"word {folder}" for folder in folders]
    for folder in folders:
        weights = np.load(folder / "weights.npy")
        assert weights.dtype == np.float32
        assert (weights == hp.write(MESSAGES, "hop").weights / 2).all()
        result = json.loads((folder / "result.json").read_text())
        assert result["schema"] == 1 and len(result["seconds"]) == 3
        assert sorted(path.name for path in folder.iterdir()) == [
            "job.json", "messages.npy", "result.json", "weights.npy",
        ]


def test_a_stray_print_breaks_no_answer(tmp_path):
    program = tmp_path / "noisy.py"
    text = (EXAMPLES / "my_rule.py").read_text().replace("    xi =", "    print('half a line', end='')\n    xi =")
    program.write_text(text)
    folder, _ = job(tmp_path / "job")
    ran = run(program, lines=f"{folder}\n", HARNESS_TOKEN="word")
    assert ran.stdout == f"word {folder}\n" and "half a line" in ran.stderr


def test_the_program_says_its_version_and_needs_no_compiled_half(tmp_path):
    package = tmp_path / "hopfield_protocols"
    shutil.copytree(Path(hp.__file__).parent, package, ignore=shutil.ignore_patterns("*.so", "*.pyd"))
    folder, _ = job(tmp_path / "job")
    environment = {"PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"}
    assert run(EXAMPLES / "my_rule.py", "version", **environment).stdout.startswith("outer_product 1, numpy ")
    ran = run(EXAMPLES / "my_rule.py", lines=f"{folder}\n", **environment)
    assert ran.returncode == 0 and (folder / "weights.npy").exists(), ran.stderr
    ran = run("-c", "import hopfield_protocols as hp; print(hp.__file__); hp.write([[1]], 'hop')", **environment)
    assert str(package) in ran.stdout and "needs the compiled half of the package" in ran.stderr


def test_seeds_and_thresholds(tmp_path):
    folder, seeds = job(tmp_path / "job", scale=3.0)
    random_rule.do(folder)
    memory = random_rule.write(MESSAGES, seeds, scale=3.0)
    assert (np.load(folder / "weights.npy") == memory.weights).all()
    assert (np.load(folder / "thresholds.npy") == memory.thresholds).all()
    assert not (folder / "input.npy").exists()
    one = random_rule.write(MESSAGES[1], seeds[1], scale=3.0)
    assert (one.weights == memory.weights[1]).all()
    counted = random_rule.write(MESSAGES, 5)
    assert (counted.weights[2] == random_rule.write(MESSAGES[2], 7).weights).all()


def test_a_batched_function_writes_all_trials_together(tmp_path):
    folder, _ = job(tmp_path / "job")
    batched.do(folder)
    known = np.einsum("tmi,tmj->tij", MESSAGES, MESSAGES)
    assert (np.load(folder / "weights.npy") == known).all() and (np.load(folder / "input.npy") == 0).all()
    assert (batched.write(MESSAGES[0]).weights == known[0]).all()
    # In a notebook the rule stays a function, and what it writes can be read and probed.
    assert (batched(MESSAGES, [None] * 3)[0] == known).all()
    assert batched.write(MESSAGES).probe("stability")[0]["fixed"] <= 4
    assert protocol(lambda messages, rng: hp.write(messages, "pse")).write(MESSAGES[0]).n == 20


@pytest.mark.parametrize("answer, words", [
    (lambda messages, rng: np.zeros((20, 21)), "gives W of shape (20, 21); (20, 20) is needed"),
    (lambda messages, rng: (np.zeros((20, 20)), [1.0]), "gives b of shape (1,); (20,) is needed"),
    (lambda messages, rng: None, "gives no W"),
    (lambda messages, rng: (1, 2, 3, 4), "a tuple of 4"),
    (lambda messages, rng: 1 / 0, "ZeroDivisionError: division by zero"),
    (lambda messages: messages, "TypeError"),
])
def test_what_goes_wrong_is_the_error_of_the_job(tmp_path, answer, words):
    folder, _ = job(tmp_path / "job")
    protocol(answer).do(folder)
    result = json.loads((folder / "result.json").read_text())
    assert words in result["error"] and not (folder / "weights.npy").exists()


def test_what_cannot_be_found_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("HARNESS", raising=False)
    with pytest.raises(hp.HarnessError, match="cargo build -p harness"):
        harness.find()
    monkeypatch.setenv("HARNESS", "nowhere/harness")
    with pytest.raises(hp.HarnessError, match="the variable HARNESS names nowhere/harness, which is no program"):
        harness.find()
    pytest.importorskip("polars")
    with pytest.raises(hp.HarnessError, match="there are no results quick: no recalls.parquet in results/quick"):
        monkeypatch.chdir(tmp_path)
        hp.results("quick")


def test_frames_need_the_users_polars(monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ImportError, match="pip install polars"):
        hp.results("quick")
    with pytest.raises(ImportError, match="pip install polars"):
        hp.sweep("quick")


@pytest.fixture
def swept(tmp_path):
    """A folder with the rule and its definition, and the program that sweeps."""
    try:
        program = harness.find()
    except hp.HarnessError as error:
        pytest.skip(str(error))
    pytest.importorskip("polars")
    for name in ("my_rule.py", "my_rule.toml"):
        text = (EXAMPLES / name).read_text().replace('"python3"', json.dumps(sys.executable))
        (tmp_path / name).write_text(text)
    return tmp_path, program


def test_a_rule_of_ones_own_stands_in_a_sweep_beside_the_built_in_one(swept):
    folder, program = swept
    run = hp.sweep(folder / "my_rule.toml", results=folder / "results", harness=program)
    counts = run.recalls.drop("cell", "parameters").sort("protocol", "n", "m", "trial", "flips", "dynamics")
    mine, known = (counts.filter(protocol=name).drop("protocol") for name in ("my_rule.py", "HOP"))
    assert len(mine) == 2 * 2 * 10 * 2 * 2 and mine.equals(known)
    again = hp.results("my_rule", folder=folder / "results")
    assert again.memories.equals(run.memories) and set(run.memories["status"]) == {"ok"}
    assert (run.timings["write_seconds"] > 0).all()


def test_failed_cells_are_a_warning_and_a_wrong_definition_an_error(swept):
    folder, program = swept
    rule = folder / "my_rule.py"
    rule.write_text(rule.read_text().replace("xi =", "xi = messages.no_such_thing  #"))
    with pytest.warns(UserWarning, match="cells failed"):
        run = hp.sweep(folder / "my_rule.toml", results=folder / "results", trials=2, harness=program)
    failed = run.memories.filter(protocol="my_rule.py")
    assert "no_such_thing" in failed["message"][0] and set(failed["status"]) != {"ok"}
    (folder / "my_rule.toml").write_text("question = 3")
    with pytest.raises(hp.HarnessError, match="exit code 1(.|\n)*question"):
        hp.sweep(folder / "my_rule.toml", results=folder / "results", harness=program)


def test_a_sweep_writes_what_the_package_writes(swept):
    folder, program = swept
    for name, parameters in (("pse", {}), ("trn", {"epochs": 3})):
        np.save(folder / "messages.npy", MESSAGES[0])
        text = name + "={" + ", ".join(f"{key}={value}" for key, value in parameters.items()) + "}"
        command = [program, "write", "--protocol", text, "--messages", "messages.npy", "--out", "w.npy", "--seed", "5"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        memory = hp.write(MESSAGES[0], name, 5, **parameters)
        assert (np.load(folder / "w.npy") == memory.weights).all()
        np.save(folder / "queries.npy", MESSAGES[1])
        command = [program, "recall", "--weights", "w.npy", "--queries", "queries.npy", "--out", "r.npy"]
        subprocess.run([*command, "--reader", "async", "--seed", "6"], cwd=folder, check=True, capture_output=True)
        assert (np.load(folder / "r.npy") == memory.recall(MESSAGES[1], "async", seed=6)).all()
