"""What a type checker must accept, and what it must refuse: mypy reads this file, and nothing runs it."""

import hopfield_protocols as hp
import numpy as np
import numpy.typing as npt

messages = np.ones((3, 8), dtype=np.int8)
memory: hp.Memory = hp.write(messages, "trn", 7, steps=3)
states: npt.NDArray[np.int8] = memory.recall([[1, -1] * 4], reader={"soft": {"beta": 2}}, max_steps=9)
first: hp.Memory = hp.write([messages, messages], {"mpf": {"thresholds": True}}, seed=[1, 2]).trials[0]
steps: npt.NDArray[np.uint32] = memory.read(messages, "async").steps
names: list[str] = [entry["name"] for entry in hp.protocols()]
memory.probe("recovery", flips="erasure 3", queries=5)


@hp.protocol
def mine(messages: npt.NDArray[np.int8], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    return rng.normal(size=(8, 8))


rule: hp.OwnRule = mine
again: hp.Memory = mine.write(messages)

# Each of these is an error; an `ignore` that ignores nothing is one too.
hp.write(messages)  # type: ignore[call-arg]
hp.write(messages, 3)  # type: ignore[arg-type]
memory.recall(messages, "sync", 3)  # type: ignore[call-arg]
memory.weights = messages  # type: ignore[misc, assignment]
memory.probe("recovery", flip=3)  # type: ignore[call-overload]
memory.probe("recoverie")  # type: ignore[call-overload]
