"""The outer product as a program of its own: W = sum over messages of xi xi^T, with diagonal 0, as `hop` in the harness.

Python alone is enough; with numpy, read_signs is numpy.load and write_floats is numpy.save.
"""

import array, ast, json, os, struct, sys


def read_signs(path):
    """The shape and the values of an npy file of int8."""
    with open(path, "rb") as file:
        assert file.read(8) == b"\x93NUMPY\x01\x00"
        header = ast.literal_eval(file.read(struct.unpack("<H", file.read(2))[0]).decode())
        return header["shape"], array.array("b", file.read())


def write_floats(path, shape, values):
    """An npy file of float32."""
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }" % (shape,)
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + values.tobytes())


def outer_product(messages):
    """The rows of W, from messages as lists of signs."""
    units = list(zip(*messages))  # of each unit, its sign in every message
    for i, mine in enumerate(units):
        for j, others in enumerate(units):
            yield 0 if i == j else sum(a * b for a, b in zip(mine, others))


def do(folder):
    """One job: messages in, weights out."""
    (trials, m, n), signs = read_signs(os.path.join(folder, "messages.npy"))
    weights = array.array("f")
    for trial in range(trials):
        start = trial * m * n
        weights.extend(outer_product([signs[start + k * n : start + (k + 1) * n] for k in range(m)]))
    write_floats(os.path.join(folder, "weights.npy"), (trials, n, n), weights)
    unfinished = os.path.join(folder, "result.part")
    with open(unfinished, "w") as file:
        json.dump({"schema": 1}, file)
    os.rename(unfinished, os.path.join(folder, "result.json"))


if __name__ == "__main__":
    if sys.argv[1:] == ["version"]:
        print("hop.py 1 on Python", sys.version.split()[0])
    else:
        for line in sys.stdin:
            do(line.rstrip("\n"))
            print(os.environ.get("HARNESS_TOKEN", "done"), line.rstrip("\n"), flush=True)
