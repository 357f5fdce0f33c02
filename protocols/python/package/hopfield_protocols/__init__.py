"""Writing protocols of Hopfield memories, ways to read and to probe them, rules of your own, and sweeps of the harness.

    memory = write(messages, "trn", seed=1, steps=3)      # -1 and +1, [M, N]
    states = memory.recall(queries, reader="soft(beta=2)")
    counts = memory.probe("recovery", flips=6, queries=100)

`protocols()` and `readers()` list what there is. `protocol` makes a rule of a function of Python, which stands in
sweeps beside the others. `sweep` and `results` give their numbers as polars frames.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from .harness import HarnessError, Run, results, sweep
from .rule import OwnRule, protocol

_COMPILED = (
    "HopfieldError", "Memory", "PatternsError", "ProbeError", "ProtocolError", "ReaderError", "Reads", "WeightsError",
    "WriteError", "protocols", "readers", "write",
)

if TYPE_CHECKING:
    from ._native import (
        HopfieldError as HopfieldError,
        Memory as Memory,
        PatternsError as PatternsError,
        ProbeError as ProbeError,
        ProtocolError as ProtocolError,
        ReaderError as ReaderError,
        Reads as Reads,
        WeightsError as WeightsError,
        WriteError as WriteError,
        protocols as protocols,
        readers as readers,
        write as write,
    )
else:

    def __getattr__(name: str) -> object:
        """The compiled half is loaded when it is first asked for: a rule of one's own does without it."""
        if name not in _COMPILED:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            native = import_module("._native", __name__)
        except ModuleNotFoundError as error:
            raise ImportError(
                f"{name} needs the compiled half of the package, which is not here: "
                "run `pip install ./protocols/python` in a checkout, with cargo"
            ) from error
        for compiled in _COMPILED:
            globals()[compiled] = getattr(native, compiled)
        return globals()[name]


__all__ = [
    "HarnessError", "HopfieldError", "Memory", "OwnRule", "PatternsError", "ProbeError", "ProtocolError", "ReaderError",
    "Reads", "Run", "WeightsError", "WriteError", "protocol", "protocols", "readers", "results", "sweep", "write",
]
