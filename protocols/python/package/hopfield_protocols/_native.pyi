"""Types of the compiled half. What things do stands in their docstrings: `help(write)`."""

from collections.abc import Sequence
from typing import Any, Literal, TypedDict, final, overload

import numpy as np
import numpy.typing as npt

_Signs = npt.NDArray[np.int8]
_Floats = npt.NDArray[np.float32]
_Seeds = int | Sequence[int] | npt.NDArray[np.integer[Any]]
_Protocol = str | dict[str, Any]
_Reader = str | dict[str, Any]

__all__ = [
    "HopfieldError", "Memory", "PatternsError", "ProbeError", "ProtocolError", "ReaderError", "Reads", "WeightsError",
    "WriteError", "protocols", "readers", "write",
]

class HopfieldError(ValueError): ...
class PatternsError(HopfieldError): ...
class WeightsError(HopfieldError): ...
class ProtocolError(HopfieldError): ...
class WriteError(HopfieldError): ...
class ReaderError(HopfieldError): ...
class ProbeError(HopfieldError): ...

class _Parameter(TypedDict):
    name: str
    default: Any
    allowed: str
    meaning: str

class _About(TypedDict):
    name: str
    title: str
    formula: str
    source: str
    version: int
    parameters: list[_Parameter]

class _ReaderAbout(TypedDict):
    name: str
    title: str
    formula: str
    cost: str
    ends: str
    source: str
    parameters: list[_Parameter]

def protocols() -> list[_About]: ...
def readers() -> list[_ReaderAbout]: ...
def write(messages: npt.ArrayLike, protocol: _Protocol, seed: _Seeds = 1, **parameters: Any) -> Memory: ...

@final
class Memory:
    def __new__(
        cls,
        weights: npt.ArrayLike,
        thresholds: npt.ArrayLike | None = None,
        input: npt.ArrayLike | None = None,
        messages: npt.ArrayLike | None = None,
    ) -> Memory: ...
    @property
    def n(self) -> int: ...
    @property
    def protocol(self) -> str | None: ...
    @property
    def trials(self) -> tuple[Memory, ...]: ...
    @property
    def weights(self) -> _Floats: ...
    @property
    def input(self) -> _Floats | None: ...
    @property
    def thresholds(self) -> _Floats | None: ...
    @property
    def messages(self) -> _Signs | None: ...
    @property
    def report(self) -> Any: ...
    def recall(
        self, queries: npt.ArrayLike, reader: _Reader = "sync", *, seed: _Seeds = 1, max_steps: int = 50
    ) -> _Signs: ...
    def read(
        self, queries: npt.ArrayLike, reader: _Reader = "sync", *, seed: _Seeds = 1, max_steps: int = 50
    ) -> Reads: ...
    # Counts under their names, in a dictionary, or a list of these of a batch; "margins" has arrays.
    @overload
    def probe(self, name: Literal["stability", "margins", "structure", "correction"]) -> Any: ...
    @overload
    def probe(
        self,
        name: Literal["recovery"],
        *,
        flips: int | str = 0,
        queries: int = 100,
        reader: _Reader = "sync",
        max_steps: int = 50,
        checkpoint: int = 5,
        seed: int = 1,
    ) -> Any: ...
    @overload
    def probe(self, name: Literal["random-starts"], *, starts: int = 100, sweeps: int = 50, seed: int = 1) -> Any: ...
    @overload
    def probe(
        self,
        name: Literal["energy-descent"],
        *,
        flips: int | str = 0,
        queries: int = 100,
        sweeps: int = 50,
        seed: int = 1,
    ) -> Any: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Reads:
    @property
    def states(self) -> _Signs: ...
    @property
    def ends(self) -> npt.NDArray[np.str_]: ...
    @property
    def steps(self) -> npt.NDArray[np.uint32]: ...
    @property
    def periods(self) -> npt.NDArray[np.uint32]: ...
    @property
    def ties(self) -> int: ...
