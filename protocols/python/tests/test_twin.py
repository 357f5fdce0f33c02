"""Every routine beside its naive twin in numpy."""

import numpy as np
import pytest
import twin
from hopfield_protocols import Memory, write


def patterns(seed, *shape):
    return np.random.default_rng(seed).choice(np.array([-1, 1], dtype=np.int8), size=shape)


def noisy(messages, flips, seed):
    rng = np.random.default_rng(seed)
    queries = messages.copy()
    for query in queries:
        query[rng.choice(len(query), flips, replace=False)] *= -1
    return queries


@pytest.mark.parametrize("m, n", [(1, 2), (3, 20), (7, 33), (40, 64), (200, 65)])
def test_hop_is_the_sum_of_outer_products(m, n):
    messages = patterns(m, m, n)
    assert (write(messages, "hop").weights == twin.hop(messages)).all()


@pytest.mark.parametrize("m, n", [(1, 5), (3, 20), (30, 64), (64, 64), (90, 64)])
def test_pse_is_the_projector(m, n):
    messages = patterns(m, m, n)
    np.testing.assert_allclose(write(messages, "pse").weights, twin.pse(messages), atol=2e-5)


def test_pse_of_repeated_messages_has_the_rank_of_the_others():
    messages = np.repeat(patterns(1, 5, 30), 2, axis=0)
    memory = write(messages, "pse")
    np.testing.assert_allclose(memory.weights, twin.pse(messages), atol=2e-5)
    assert memory.report["rank"] == 5 and memory.report["stop"] == "pseudo-inverse"


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("m", [2, 8, 24])
def test_synchronous_reads(m, sign):
    messages = patterns(m, m, 48)
    queries = np.concatenate([noisy(messages, 6, 1), patterns(2, 40, 48)])
    weights = sign * twin.hop(messages)
    for max_steps in (1, 2, 50):
        reads = Memory(weights).read(queries, max_steps=max_steps)
        known = [twin.read_sync(weights, query, max_steps) for query in queries]
        states, ends, steps, periods = (np.array(part) for part in zip(*known))
        assert (reads.states == states).all()
        assert (reads.ends == ends).all() and (reads.steps == steps).all() and (reads.periods == periods).all()
    assert ("fixed" if sign > 0 else "cycle") in ends


def test_thresholds_and_the_coupling_of_the_query():
    rng = np.random.default_rng(3)
    # Whole numbers: sums in float32 and in float64 are the same.
    weights, coupling = rng.integers(-3, 4, (2, 20, 20)).astype(float)
    thresholds = rng.integers(-5, 6, 20).astype(float)
    memory = Memory(weights, thresholds, coupling)
    queries = patterns(4, 30, 20)
    known = [twin.read_sync(weights, query, thresholds=thresholds, coupling=coupling) for query in queries]
    assert (memory.recall(queries) == [state for state, *_ in known]).all()
    assert (memory.weights == weights).all() and (memory.input == coupling).all()
    assert (memory.thresholds == thresholds).all()


def test_asynchronous_reads_take_units_in_the_order_of_their_stream():
    messages = patterns(5, 6, 40)
    queries = np.concatenate([noisy(messages, 8, 1), patterns(6, 10, 40)])
    memory = write(messages, "hop")
    for seed in (1, 7, 2**63):
        assert (memory.recall(queries, "async", seed=seed) == twin.read_async(twin.hop(messages), queries, seed)).all()


@pytest.mark.parametrize("reader, options", [
    ("soft", {}),
    ("soft(beta=2)", {"beta": 2}),
    ({"soft": {"beta": 1.5, "lambda": 0.3, "steps": 9}}, {"beta": 1.5, "lambda_": 0.3, "steps": 9}),
])
def test_soft_reads(reader, options):
    messages = patterns(7, 8, 50)
    queries = noisy(messages, 9, 2)
    states = write(messages, "pse").recall(queries, reader)
    graded = np.array([twin.soft_states(twin.pse(messages), query, **options) for query in queries])
    # Near 0 the sign is decided by rounding: the twin has W and sums in float64.
    clear = np.abs(graded) > 1e-3
    assert clear.mean() > 0.99
    assert (states == np.sign(graded))[clear].all()


def test_the_nearest_message():
    messages = patterns(8, 12, 31)
    queries = patterns(9, 20, 31)
    nearest = messages[(queries.astype(int) @ messages.T).argmax(axis=1)]
    assert (write(messages, "hop").recall(queries, "nearest") == nearest).all()


def test_units_that_a_query_does_not_know_have_no_part_in_the_first_step():
    messages = patterns(10, 3, 60)
    partial = messages.copy()
    partial[:, :20] = 0
    first = write(messages, "hop").recall(partial, max_steps=1)
    known = np.sign(partial.astype(float) @ twin.hop(messages))
    assert (first == known)[known != 0].all() and (known != 0).mean() > 0.9
    assert (write(messages, "pse").recall(partial) == messages).all()


def test_probes_count_what_the_formulas_say():
    messages = patterns(11, 9, 40)
    weights = twin.hop(messages)
    memory = write(messages, "hop")
    margins = twin.margins(weights, messages)
    np.testing.assert_allclose(memory.probe("margins"), margins, rtol=1e-12)
    stability = memory.probe("stability")
    assert stability["fixed"] == (margins >= 0).all(axis=1).sum()
    assert stability["wrong_bits"] == (margins < 0).sum() and stability["tied_bits"] == (margins == 0).sum()
    assert stability["smallest_margin"] == pytest.approx(margins.min())
    assert stability["mean_margin"] == pytest.approx(margins.mean())
    assert memory.probe("structure") == {
        "asymmetry": 0, "diagonal_ratio": 0, "strict_minima": (margins > 0).all(axis=1).sum(),
    }
    corrected = sum(
        twin.signs(weights @ (flipped := np.where(np.arange(40) == j, -xi, xi)), flipped)[j] == xi[j]
        for xi in messages for j in range(40)
    )
    assert memory.probe("correction")["corrected"] == corrected
    assert memory.probe("energy-descent", flips=9, queries=30)["rises"] == 0


def test_recovery_counts_reads_that_settle_at_their_message():
    messages = patterns(12, 4, 64)
    memory = write(messages, "pse")
    found = memory.probe("recovery", flips=3, queries=40)
    assert found["queries"] == found["recovered"] == 40 and found["overlap_sum"] == pytest.approx(40)
    endings = ("recovered", "negative", "other_message", "spurious", "cycle", "unsettled")
    crowded = write(patterns(13, 30, 64), "hop")
    for options in ({}, {"reader": "async"}, {"reader": "soft(beta=2)"}, {"flips": "erasure 20"}):
        found = crowded.probe("recovery", queries=90, **{"flips": 6, **options})
        assert sum(found[end] for end in endings) == found["queries"] == 90
        assert found["recovered"] < 90
    starts = crowded.probe("random-starts", starts=30)
    assert starts["stored"] + starts["spurious"] <= starts["starts"] == 30
