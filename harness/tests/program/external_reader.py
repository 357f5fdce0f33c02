"""A reader for tests: the nearest message, with whatever fault its parameters ask for."""

import array, json, os, struct, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import hop

jobs = 0


def note(pid):
    with open("pids", "a") as file:
        file.write("%d\n" % pid)


def write(path, shape, values, descr="|i1"):
    """An npy file of int8, or of what is said."""
    header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, shape)
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + values.tobytes())


def nearest(messages, query):
    overlap = lambda message: sum(a * b for a, b in zip(message, query))
    return max(messages, key=overlap)  # of equal ones, the first


def answer(folder):
    global jobs
    jobs += 1
    path = lambda name: os.path.join(folder, name)
    with open(path("job.json")) as file:
        order = json.load(file)
    assert order["schema"] == 1 and order["task"] == "recall" and len(order["seeds"]) == order["trials"]
    (trials, m, n), signs = hop.read_signs(path("messages.npy"))
    (also, count, units), queries = hop.read_signs(path("queries.npy"))
    assert (also, units, count) == (trials, n, order["queries"]) and os.path.getsize(path("weights.npy")) > 4 * trials * n * n
    parameters = order["parameters"]
    fault, states = parameters.get("fault"), path("states.npy")
    time.sleep(parameters.get("sleep", 0))
    if fault == "exit":
        print("a last word", file=sys.stderr)
        sys.exit(3)
    if fault == "hang":
        time.sleep(1000)
    if fault == "flood":
        os.mkdir(path("below"))
        with open(path("below/much"), "wb") as file:
            file.truncate(10 << 30)
    if fault == "hog":
        held = bytearray(300 << 20)
        held[:: 1024] = bytes(len(held) // 1024)
        time.sleep(1000)
    found = array.array("b")
    for trial in range(trials):
        rows = [signs[(trial * m + k) * n : (trial * m + k + 1) * n] for k in range(m)]
        for q in range(count):
            found.extend(nearest(rows, queries[(trial * count + q) * n : (trial * count + q + 1) * n]))
    shape = (trials, count, n)
    if fault == "undecided":  # 0 keeps the sign of the query
        found = array.array("b", [0] * len(found))
    if fault == "leak":  # what it answers hangs on what it did before
        found = array.array("b", [value if jobs == 1 else -value for value in found])
    if fault == "process":
        found = array.array("b", [1 if os.getpid() >> (i % 16) & 1 else -1 for i in range(len(found))])
    if fault == "values":
        found[1] = 2
    if fault == "nan":
        write(states, shape, array.array("f", [float("nan")] * len(found)), "<f4")
    elif fault == "dtype":
        write(states, shape, array.array("f", found), "<f4")
    elif fault == "shape":
        write(states, (trials, n, count), found)
    elif fault == "axes":
        write(states, (trials * count, n), found)
    elif fault == "forged":
        write(states, (trials + 2**62, count, n), found)
    elif fault != "missing":
        write(states, shape, found)
    if fault == "short":
        os.truncate(states, os.path.getsize(states) - 1)
    if fault == "long":
        with open(states, "ab") as file:
            file.write(b"x")
    if fault == "link":
        os.rename(states, "outside.npy")
        os.symlink(os.path.abspath("outside.npy"), states)
    if fault == "pipe":
        os.remove(states)
        os.mkfifo(states)
    if fault == "text":
        with open(states, "w") as file:
            file.write("all recovered")
    said = {
        "result": {"scheme": 1},
        "schema": {"schema": 2},
        "seconds": {"schema": 1, "seconds": [-1.0] * trials},
        "late": {"schema": 1, "seconds": [1e6] * trials},
        "error": {"schema": 1, "error": "too many queries for me"},
    }.get(fault, {"schema": 1})
    if fault != "no-result":
        with open(path("result.json"), "w") as file:
            json.dump(said, file)
    if fault == "chatter":
        sys.stdout.write("x" * 100000 + "\n" + "TOKEN " + folder + "\n")


if sys.argv[1:] != ["version"]:
    note(os.getpid())
    if os.environ["HARNESS_TOKEN"] != "by hand":
        silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        note(subprocess.Popen(["sleep", "100"], **silent).pid)
    for line in sys.stdin:
        answer(line.rstrip("\n"))
        print(os.environ["HARNESS_TOKEN"], line.rstrip("\n"))
