"""A function of Python becomes a writing rule: by hand, in a notebook, and as a program that the harness starts.

    @protocol
    def mine(messages, rng, rate=1.0):
        xi = messages.astype(np.float32)        # products of int8 would overflow
        return rate * xi.T @ xi

    if __name__ == "__main__":
        mine.serve()

As a file, `my_rule.py`, this is the program of a definition:
`"Mine" = { external = { command = ["python3", "my_rule.py"], files = ["my_rule.py"], parameters = { rate = 0.5 } } }`.
The compiled half of the package is not needed for that.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from ._native import Memory

Floats = npt.NDArray[np.float32]
Function = Callable[..., Any]

# Version of the job folder's format, as FORMAT.md describes it.
SCHEMA = 1


class Written(NamedTuple):
    """What a rule wrote of T message sets: W, and b and U where it writes them."""

    weights: Floats
    thresholds: Floats | None
    input: Floats | None
    seconds: list[float]


class OwnRule:
    """A writing rule of one's own. Called, it is the function that it was made of."""

    def __init__(self, function: Function, version: str, batched: bool) -> None:
        self.function = function
        self.version = version
        self.batched = batched
        self.__doc__ = function.__doc__
        self.__name__: str = getattr(function, "__name__", "rule")

    def __repr__(self) -> str:
        return f"OwnRule({self.__name__}{inspect.signature(self.function)})"

    def __call__(self, *arguments: Any, **parameters: Any) -> Any:
        """The function itself."""
        return self.function(*arguments, **parameters)

    def write(self, messages: npt.ArrayLike, seed: int | Sequence[int] = 1, **parameters: Any) -> Memory:
        """Write messages, [M, N] or a batch [T, M, N], as the function `write` does, and return the memory."""
        from ._native import Memory

        given = np.asarray(messages)
        sets = np.ascontiguousarray(given if given.ndim == 3 else given[np.newaxis], dtype=np.int8)
        seeds = [seed + trial for trial in range(len(sets))] if isinstance(seed, int) else list(seed)
        written = self._written(sets, seeds, parameters)
        whole = (written.weights, written.thresholds, written.input)
        parts = [part if part is None or given.ndim == 3 else part[0] for part in whole]
        weights, thresholds, coupling = parts
        assert weights is not None
        return Memory(weights, thresholds, coupling, messages=messages)

    def serve(self) -> None:
        """Answer jobs, a folder a line of standard input, until it ends. In a notebook it does nothing."""
        if _is_interactive():
            return
        if sys.argv[1:] == ["version"]:
            print(f"{self.__name__} {self.version}, numpy {np.__version__}, Python {sys.version.split()[0]}")
            return
        for line in sys.stdin:
            folder = line.rstrip("\n")
            # What the function prints is its log, and never the beginning of an answer.
            with contextlib.redirect_stdout(sys.stderr):
                self.do(folder)
            print(os.environ.get("HARNESS_TOKEN", "done"), folder, flush=True)

    def do(self, folder: str | Path) -> None:
        """Do the job of one folder: messages in, weights out. An exception of the function becomes the job's error."""
        folder = Path(folder)
        job = json.loads((folder / "job.json").read_text())
        if job["schema"] != SCHEMA:
            raise ValueError(f"{folder}: the job has schema {job['schema']}, and this package knows {SCHEMA}")
        result: dict[str, Any] = {"schema": SCHEMA}
        try:
            seeds = [int(seed) for seed in job["seeds64"]]
            written = self._written(np.load(folder / "messages.npy"), seeds, job["parameters"])
        except Exception as error:
            traceback.print_exc()
            result["error"] = f"{type(error).__name__}: {error}"
        else:
            np.save(folder / "weights.npy", written.weights)
            if written.thresholds is not None:
                np.save(folder / "thresholds.npy", written.thresholds)
            if written.input is not None:
                np.save(folder / "input.npy", written.input)
            result["seconds"] = written.seconds
        (folder / "result.part").write_text(json.dumps(result))
        (folder / "result.part").rename(folder / "result.json")

    def _written(self, sets: npt.NDArray[np.int8], seeds: list[int], parameters: dict[str, Any]) -> Written:
        """Write T message sets of one size, together or one after another."""
        rngs = [np.random.default_rng(seed) for seed in seeds]
        trials, _, n = sets.shape
        if self.batched:
            start = time.perf_counter()
            parts = _parts(self.function(sets, rngs, **parameters))
            seconds = [(time.perf_counter() - start) / trials] * trials
            return Written(*self._shaped(parts, (trials, n)), seconds)
        each, seconds = [], []
        for messages, rng in zip(sets, rngs, strict=True):
            start = time.perf_counter()
            parts = _parts(self.function(messages, rng, **parameters))
            seconds.append(time.perf_counter() - start)
            each.append(self._shaped(parts, (n,)))
        weights, thresholds, coupling = (_stacked(part) for part in zip(*each, strict=True))
        assert weights is not None
        return Written(weights, thresholds, coupling, seconds)

    def _shaped(
        self, parts: tuple[Any, Any, Any], rows: tuple[int, ...]
    ) -> tuple[Floats, Floats | None, Floats | None]:
        """W, b and U as float32, if they have the shapes that are needed."""
        square = (*rows, rows[-1])

        def part(value: Any, what: str, shape: tuple[int, ...]) -> Floats | None:
            if value is None:
                return None
            array = np.asarray(value, dtype=np.float32)
            if array.shape != shape:
                raise ValueError(f"{self.__name__} gives {what} of shape {array.shape}; {shape} is needed")
            return array

        weights = part(parts[0], "W", square)
        if weights is None:
            raise ValueError(f"{self.__name__} gives no W; return W, (W, b), (W, b, U), or a memory")
        return weights, part(parts[1], "b", rows), part(parts[2], "U", square)


def _parts(answer: Any) -> tuple[Any, Any, Any]:
    """W, b and U of whatever a function returns: W alone, a tuple of up to three, or a memory."""
    if isinstance(answer, tuple):
        if len(answer) not in (1, 2, 3):
            raise ValueError(f"a tuple of {len(answer)}; return W, (W, b), (W, b, U), or a memory")
        return (*answer, None, None)[:3]
    if hasattr(answer, "weights") and hasattr(answer, "thresholds"):
        return answer.weights, answer.thresholds, getattr(answer, "input", None)
    return answer, None, None


def _stacked(parts: Sequence[Floats | None]) -> Floats | None:
    """The parts of all trials; those that a trial lacks are zero, as long as another has them."""
    shape = next((part.shape for part in parts if part is not None), None)
    if shape is None:
        return None
    return np.stack([np.zeros(shape, np.float32) if part is None else part for part in parts])


def _is_interactive() -> bool:
    """Whether this is a notebook or a shell of Python, where nobody sends jobs."""
    shell = sys.modules.get("IPython")
    return hasattr(sys, "ps1") or (shell is not None and shell.get_ipython() is not None)


@overload
def protocol(function: Function, /) -> OwnRule: ...
@overload
def protocol(
    function: None = None, /, *, version: str = "1", batched: bool = False
) -> Callable[[Function], OwnRule]: ...
def protocol(
    function: Function | None = None, /, *, version: str = "1", batched: bool = False
) -> OwnRule | Callable[[Function], OwnRule]:
    """Make a writing rule of a function: messages [M, N] of int8, a numpy generator, parameters by name; W out.

    It returns W [N, N], or (W, b), or (W, b, U), or a memory. A `batched` function takes message sets [T, M, N] and a
    list of T generators, and what it returns has an axis of trials in front. `version` is part of what the rule is.
    """
    if function is not None:
        return OwnRule(function, version, batched)
    return lambda function: OwnRule(function, version, batched)
