"""What the package promises besides numbers: errors, batches, seeds, other threads, arrays in place, catalogues."""

import pickle
import threading
import time
import tracemalloc

import hopfield_protocols as hp
import numpy as np
import pytest
from hopfield_protocols import Memory, write


def patterns(seed, *shape):
    return np.random.default_rng(seed).choice(np.array([-1, 1], dtype=np.int8), size=shape)


MESSAGES = patterns(1, 5, 32)


@pytest.mark.parametrize("call, error, words", [
    (lambda: write(MESSAGES, "hup"), hp.ProtocolError, "unknown variant `hup`, expected one of `hop`, `pse`"),
    (lambda: write(MESSAGES, "trn", step=3), hp.ProtocolError, "unknown field `step`, expected one of `steps`"),
    (lambda: write(MESSAGES, "trn", noise=0.7), hp.ProtocolError, "noise = 0.7: 0.7 is not a noise level in [0, 0.5]"),
    (lambda: write(MESSAGES, "hop", diagonal="none"), hp.ProtocolError, "allowed: zero | "),
    (lambda: write(MESSAGES, {"trn": {"steps": 3}}, steps=4), hp.ProtocolError, "steps is given twice, first as 3"),
    (lambda: write(MESSAGES, {"hop": {}, "pse": {}}), hp.ProtocolError, 'give a protocol by its name, "hop"'),
    (lambda: write(MESSAGES, "mcf", l2=float("nan")), hp.HopfieldError, "a finite number"),
    (lambda: write(MESSAGES[:0], "hop"), hp.WriteError, "there is no message to write"),
    (lambda: write(np.ones((2, 0)), "hop"), hp.PatternsError, "a pattern needs at least 1 unit"),
    (lambda: write(MESSAGES[0], "hop"), hp.PatternsError, "their shape is [32]; one set [M, N]"),
    (lambda: write([[1, -1], [1, 3]], "hop"), hp.PatternsError, "row 1, unit 1 is 3, but every value must be -1 or +1"),
    (lambda: write([[1, -1], [0.5, 1]], "hop"), hp.PatternsError, "row 1, unit 0 is 0.5"),
    (lambda: write([[[1, -1]], [[1, 0]]], "hop"), hp.PatternsError, "trial 1: row 0, unit 1 is 0"),
    (lambda: write(np.full((1, 2, 2), 257), "hop"), hp.PatternsError, "trial 0: row 0, unit 0 is 257"),
    (lambda: write(MESSAGES > 0, "hop"), hp.PatternsError, "is 0, but every value must be -1 or +1"),
    (lambda: write(MESSAGES, "hop", -1), hp.HopfieldError, "a whole number from 0 to 2^64 - 1"),
    (lambda: write(MESSAGES, "hop", [1, 2]), hp.HopfieldError, "seed: 2 numbers; one is needed"),
    (lambda: write([MESSAGES] * 3, "hop", [1, 2]), hp.HopfieldError, "seed: 2 numbers; one, or 3 is needed"),
    (lambda: Memory(np.zeros((2, 3))), hp.WeightsError, "W has shape 2 x 3, expected 2 x 2"),
    (lambda: Memory(np.full((2, 2), np.inf)), hp.WeightsError, "W[0, 0] is inf; every weight must be finite"),
    (lambda: Memory(np.zeros((2, 2)), [1, 2, 3]), hp.WeightsError, "3 thresholds for 2 units"),
    (lambda: Memory(np.zeros(4)), hp.WeightsError, "[N, N] is needed, or [T, N, N] of a batch"),
    (lambda: Memory(np.zeros((3, 2, 2)), np.zeros((2, 2))), hp.HopfieldError, "b: it is for 2 trials, but W is for 3"),
    (lambda: Memory(np.eye(3), messages=[[1, -1]]), hp.PatternsError, "messages of width 2 do not fit the 3 x 3"),
    (lambda: write(MESSAGES, "hop").recall(MESSAGES, "slow"), hp.ReaderError, "unknown variant `slow`, expected one of"),
    (lambda: write(MESSAGES, "hop").recall(MESSAGES, "soft(beta=0)"), hp.ReaderError, "soft(beta=0): "),
    (lambda: write(MESSAGES, "hop").recall(MESSAGES[:, 1:]), hp.PatternsError, "queries of width 31 do not fit"),
    (lambda: write(MESSAGES, "hop").recall([MESSAGES]), hp.PatternsError, "one query [N] or queries [Q, N]"),
    (lambda: write([MESSAGES], "hop").recall(MESSAGES), hp.PatternsError, "queries [1, Q, N] are needed"),
    (lambda: write(MESSAGES, "hop").recall(2 * MESSAGES), hp.PatternsError, "queries: row 0, unit 0 is"),
    (lambda: write(MESSAGES, "hop").recall(MESSAGES, max_steps=0), hp.HopfieldError, "at least 1"),
    (lambda: Memory(np.eye(32)).recall(MESSAGES, "nearest"), hp.ReaderError, "keeps the messages themselves"),
    (lambda: Memory(np.eye(32)).probe("stability"), hp.HopfieldError, "give the messages as Memory(weights, messages=...)"),
    (lambda: write(MESSAGES, "hop").probe("stable"), hp.ProbeError, "unknown variant `stable`, expected one of"),
    (lambda: write(MESSAGES, "hop").probe("recovery", flip=3), hp.ProbeError, "unknown field `flip`"),
    (lambda: write(MESSAGES, "hop").probe("recovery", flips=33), hp.ProbeError, "5 messages of 32 units"),
    (lambda: write(MESSAGES, "hop").probe("stability", flips=3), hp.ProbeError, "unknown field `flips`"),
])
def test_a_refusal_is_a_value_error_in_the_words_of_the_library(call, error, words):
    with pytest.raises(error) as refusal:
        call()
    assert words in str(refusal.value), refusal.value
    assert isinstance(refusal.value, ValueError)


def test_what_needs_more_memory_than_there_is_is_refused():
    with pytest.raises(MemoryError, match="bytes for 1 messages of 20000000 units"):
        write(np.ones((1, 20_000_000), dtype=np.int8), "hop")


@pytest.mark.parametrize("protocol, parameters", [
    ("hop", {}), ("mpf", {"thresholds": True}), ("trn", {"epochs": 3, "input": True}),
])
def test_a_batch_is_a_loop(protocol, parameters):
    sets, queries = patterns(2, 4, 5, 24), patterns(3, 4, 7, 24)
    batch = write(sets, protocol, 9, **parameters)
    for trial, alone in enumerate(batch.trials):
        one = write(sets[trial], protocol, 9 + trial, **parameters)
        for memory in (alone, one):
            assert (memory.weights == batch.weights[trial]).all()
            for part in ("thresholds", "input"):
                assert (getattr(memory, part) is None) == (getattr(batch, part) is None)
                assert getattr(batch, part) is None or (getattr(memory, part) == getattr(batch, part)[trial]).all()
            assert memory.report == batch.report[trial] and (memory.messages == sets[trial]).all()
            for reader in ("sync", "async", "soft", "dense"):
                reads = batch.read(queries, reader, seed=5)
                assert (memory.recall(queries[trial], reader, seed=5 + trial) == reads.states[trial]).all()
            for probe, options in (("stability", {}), ("recovery", {"flips": 2, "seed": 5 + trial})):
                of_batch = batch.probe(probe, **({**options, "seed": 5} if options else {}))
                assert memory.probe(probe, **options) == of_batch[trial]
    each = write(sets, protocol, [7, 1, 7, 2**64 - 1], **parameters)
    assert (each.weights[1] == write(sets[1], protocol, 1, **parameters).weights).all()
    assert reads.ends.shape == reads.steps.shape == (4, 7)


def test_the_seed_decides_and_is_repeatable():
    once, again, other = (write(MESSAGES, "trn", seed, epochs=2).weights for seed in (1, 1, 2))
    assert (once == again).all() and (once != other).any()
    memory, queries = write(patterns(4, 20, 32), "hop"), patterns(5, 50, 32)
    once, again, other = (memory.recall(queries, "async", seed=np.int64(seed)) for seed in (1, 1, 2))
    assert (once == again).all() and (once != other).any()


def test_ways_to_give_a_protocol_are_one():
    known = write(MESSAGES, {"trn": {"steps": 2, "epochs": 2, "optimiser": {"sgd": {"momentum": 0.5}}}})
    named = write(MESSAGES, "trn", steps=np.int32(2), epochs=2, optimiser={"sgd": {"momentum": np.float64(0.5)}})
    assert (known.weights == named.weights).all()
    assert known.report["stop"] == "epochs" and known.report["iterations"] == 2
    assert repr(named) == "Memory(trn, N = 32, M = 5)" and named.protocol == "trn" and named.n == 32


@pytest.mark.parametrize("given", [
    MESSAGES.tolist(), MESSAGES.astype(float), MESSAGES.astype(np.float16), MESSAGES.astype(">i8"),
    np.asfortranarray(MESSAGES), np.repeat(MESSAGES, 2, axis=1)[:, ::2], MESSAGES[::-1][::-1],
])
def test_messages_may_be_of_any_type_and_order(given):
    assert (write(given, "pse").weights == write(MESSAGES, "pse").weights).all()
    assert (write(MESSAGES, "hop").recall(given) == write(MESSAGES, "hop").recall(MESSAGES)).all()


def test_weights_are_a_view_that_outlives_the_memory():
    memory = write(MESSAGES, "hop")
    weights = memory.weights
    assert np.shares_memory(weights, memory.weights)
    with pytest.raises(ValueError):
        weights[0, 0] = 1
    with pytest.raises(ValueError):
        weights.setflags(write=True)
    known = weights.copy()
    del memory
    write(patterns(9, 5, 32), "hop")
    assert (weights == known).all()


def test_arrays_of_the_right_type_and_order_are_read_in_place():
    memory, queries = write(MESSAGES, "hop"), np.tile(MESSAGES, (4000, 1))

    def peak(given):
        memory.recall(given)
        tracemalloc.start()
        states = memory.recall(given)
        most = tracemalloc.get_traced_memory()[1] - states.nbytes
        tracemalloc.stop()
        return most

    # numpy counts what it allocates: the final states, and nothing of the size of the queries that are in place.
    assert peak(queries) < 10_000 < queries.nbytes < peak(np.asfortranarray(queries))
    assert peak(queries.astype(np.int16)) > 8 * queries.nbytes


def test_a_memory_of_weights_from_elsewhere_reads_as_that_which_was_written():
    sets, queries = patterns(6, 3, 4, 20), patterns(7, 3, 9, 20)
    written = write(sets, "mpf", thresholds=True)
    copy = Memory(written.weights, written.thresholds, messages=sets)
    for again in (copy, pickle.loads(pickle.dumps(written))):
        assert (again.recall(queries) == written.recall(queries)).all()
        assert again.probe("structure") == written.probe("structure")
    assert copy.report == [None] * 3 and copy.protocol is None


def test_other_threads_go_on_during_a_write():
    ticks, ended = 0, threading.Event()

    def work():
        write(patterns(8, 40, 128), "trn", epochs=60)
        ended.set()

    start = time.perf_counter()
    thread = threading.Thread(target=work)
    thread.start()
    while not ended.wait(0.001):
        ticks += 1
    thread.join()
    took = time.perf_counter() - start
    # A write that held the lock would let this thread through once or twice.
    assert took > 0.05, "the write is too short to tell"
    assert ticks > 10, (ticks, took)


def test_an_interrupt_ends_a_long_write():
    import _thread
    import signal

    # Whoever started the tests in the background may have had interrupts ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        timer = threading.Timer(0.3, _thread.interrupt_main)
        timer.start()
        start = time.perf_counter()
        with pytest.raises(KeyboardInterrupt):
            write(patterns(8, 100, 256), "trn", epochs=20_000)
        assert time.perf_counter() - start < 15
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_catalogues_name_what_there_is():
    protocols, readers = hp.protocols(), hp.readers()
    assert [entry["name"] for entry in protocols][:3] == ["hop", "pse", "mpf"]
    assert [entry["name"] for entry in readers] == ["sync", "async", "held", "soft", "nearest", "dense"]
    for entry in protocols:
        defaults = {p["name"]: p["default"] for p in entry["parameters"]}
        try:
            assert write(MESSAGES[:2], {entry["name"]: {k: v for k, v in defaults.items() if v is not None}}).n == 32
        except hp.WriteError as error:
            assert "does not fit" in str(error), error
    for entry in readers:
        given = {p["name"]: p["default"] for p in entry["parameters"] if p["default"] is not None}
        text = entry["name"] + ("(" + " ".join(f"{k}={v}" for k, v in given.items()) + ")" if given else "")
        assert write(MESSAGES, "hop").recall(MESSAGES, text).shape == MESSAGES.shape
