"""A rule for tests: the outer product, with whatever fault its parameters ask for."""

import array, json, os, struct, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import hop

jobs = 0


def note(pid):
    with open("pids", "a") as file:
        file.write("%d\n" % pid)


def answer(folder):
    global jobs
    jobs += 1
    with open(os.path.join(folder, "job.json")) as file:
        order = json.load(file)
    assert order["schema"] == 1 and len(order["seeds"]) == order["trials"] == len(order["seeds64"])
    assert all(0 <= int(seed) >> 33 == small for seed, small in zip(order["seeds64"], order["seeds"]))
    parameters = order["parameters"]
    fault, weights = parameters.get("fault"), os.path.join(folder, "weights.npy")
    result = os.path.join(folder, "result.json")
    time.sleep(parameters.get("sleep", 0))
    held = bytearray(parameters.get("hold", 0))
    if fault == "exit":
        print("a last word", file=sys.stderr)
        sys.exit(3)
    if fault == "after":  # what says why is printed when the program is gone
        subprocess.Popen(["sh", "-c", "sleep 0.1; echo an afterword >&2"], stdout=subprocess.DEVNULL)
        sys.exit(3)
    if fault == "hang" and jobs == 2:
        time.sleep(1000)
    if fault == "flood":
        with open(weights, "wb") as file:
            file.truncate(10 << 30)
        time.sleep(1000)
    hop.do(folder)
    trials, n = order["trials"], order["n"]
    write = lambda shape, values: hop.write_floats(weights, shape, array.array("f", values))
    if fault == "missing":
        os.remove(weights)
    if fault == "shape":
        write((trials, n, n + 1), [0] * trials * n * (n + 1))
    if fault == "axes":
        write((trials * n, n), [0] * trials * n * n)
    if fault in ("leak", "process"):  # what it answers hangs on what it did before, or on the process
        write((trials, n, n), [jobs if fault == "leak" else os.getpid()] * trials * n * n)
    if fault == "nan":
        write((trials, n, n), [float("nan")] * trials * n * n)
    if fault == "short":
        os.truncate(weights, os.path.getsize(weights) - 4)
    if fault in ("dtype", "forged"):
        with open(weights, "rb") as file:
            text = file.read()
        old, new = (b"'<f4'", b"'<i4'") if fault == "dtype" else (b"(%d, " % trials, b"(%d, " % (trials + 2**62))
        text = text.replace(old, new, 1)
        with open(weights, "wb") as file:
            file.write(text)
    if fault == "link":
        os.rename(weights, "outside.npy")
        os.symlink(os.path.abspath("outside.npy"), weights)
    if fault == "pipe":
        os.remove(weights)
        os.mkfifo(weights)
    if fault == "thresholds":
        hop.write_floats(os.path.join(folder, "thresholds.npy"), (trials, n + 1), array.array("f", [0] * trials * (n + 1)))
    if fault == "no-result":
        os.remove(result)
    said = {
        "result": {"scheme": 1},
        "schema": {"schema": 2},
        "seconds": {"schema": 1, "seconds": [1.0]},
        "late": {"schema": 1, "seconds": [1e6] * trials},
        "error": {"schema": 1, "error": "too many messages for me"},
    }.get(fault)
    if said:
        with open(result, "w") as file:
            json.dump(said, file)
    if fault == "chatter":
        sys.stdout.write("x" * 100000 + "\n" + "TOKEN " + folder + "\n")
    return fault


if sys.argv[1:] != ["version"]:
    note(os.getpid())
    if os.environ["HARNESS_TOKEN"] != "by hand":
        silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        note(subprocess.Popen(["sleep", "100"], **silent).pid)
    for line in sys.stdin:
        fault = answer(line.rstrip("\n"))
        if fault == "unsaid" and jobs > 1:
            print("done with", line)
            continue
        end = "" if os.path.exists("unfinished-lines") else "\n"
        print(os.environ["HARNESS_TOKEN"], line.rstrip("\n"), end=end)
        if fault == "once":
            break
    if os.path.exists("stays"):
        time.sleep(1000)
