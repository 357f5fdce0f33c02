"""What is compared: other programs for Hopfield networks at tasks of their own, where they can be had."""

from collections.abc import Callable
from functools import partial

import floors
import numpy as np
import projects
from rows import OURS, Row
from server import Server, norm, timed


def hopfieldkit_row(server: Server, module) -> Row:
    """The capacity scan of its page, at N = 100 and 13 messages, 15 % flipped."""
    n, m, trials, flips = 100, 13, 100, 15
    contenders = {
        OURS: partial(server.ask, f"scan {n} {m} {trials} {flips}"),
        "hopfieldkit": timed(lambda: projects.scan_hopfieldkit(module, n, m, trials, flips), float),
    }
    # Every turned unit costs a column; at least the flipped ones of a recovered query turn.
    operations = trials * (floors.hop(n, m).operations + 2 * n * n + 2 * n * flips * 0.5)
    floor = floors.Floor(operations, trials * (n * m + 4 * n * n))
    # Five standard errors of a share of 100.
    tolerance = 5 * 0.5 / np.sqrt(trials)
    name = f"hopfieldkit's capacity scan, N = {n}, M = {m}, {trials} trials"
    return Row(name, contenders, tolerance, lambda _: floor, relative=False)


def hdnet_row(server: Server, module) -> Row:
    """MPF until all messages are stored, by its settings; thresholds are learned too."""
    n, m = 64, 48
    messages, _, _ = server.draw(n, m, 0, m)
    contenders = {
        OURS: partial(server.ask, f"write mpf {n} {m} 0 {m}"),
        "hdnet": timed(
            lambda: projects.mpf_hdnet(module, messages),
            lambda network: float(network.exact_recalled(projects.zero_and_one(messages))),
        ),
    }
    floor = partial(floors.minimised, n, m, each=floors.EXP, symmetric=True)
    return Row(f"hdnet's MPF, N = {n}, M = {m}", contenders, 0.0, floor, relative=False)


def hopfield_nets_row(server: Server, module) -> Row:
    """Its exponential barriers, with thresholds; ours are not penalised, so W differs a little."""
    n, m, l2 = 64, 48, 0.01
    messages, _, _ = server.draw(n, m)
    contenders = {
        OURS: partial(server.ask, f'write {{"margin":{{"thresholds":true}}}} {n} {m}'),
        "Hopfield_Nets": timed(lambda: projects.exponential_hopfield_nets(module, messages, l2), norm),
    }
    floor = partial(floors.minimised, n, m, each=floors.EXP)
    return Row(f"DescentExpBarrier of Hopfield_Nets, N = {n}, M = {m}", contenders, 0.03, floor)


def hflayers_row(server: Server, module) -> Row:
    """Retrieval by softmax attention, which the dense reader is."""
    n, m, flips, count = 1024, 64, 102, 1000
    messages, queries, targets = server.draw(n, m, flips, count)
    association = projects.Association(module, messages)
    contenders = {
        OURS: partial(server.ask, f"read dense {n} {m} {flips} {count}"),
        "hflayers": timed(lambda: association.read(queries), lambda reads: reads.recovered(targets)),
    }
    floor = floors.retrieved(n, m, count)
    name = f"hflayers' retrieval (read dense), {count} queries, 10 % flips, N = {n}, M = {m}"
    return Row(name, contenders, 0.0, lambda _: floor, relative=False)


ROWS = {
    "hopfieldkit": ("hopfieldkit", hopfieldkit_row),
    "hdnet": ("hdnet.hopfield", hdnet_row),
    "Hopfield_Nets": ("Hopfield_Network", hopfield_nets_row),
    "hflayers": ("hflayers", hflayers_row),
}


def makers(server: Server, checkouts: str) -> tuple[dict[str, Callable[[], Row]], dict[str, str]]:
    """The rows of programs that are here, and of each program what became of it."""
    rows, status = {}, {}
    for name, (module, make) in ROWS.items():
        imported, status[name] = projects.found(module, checkouts)
        if imported:
            rows[f"project-{name.lower()}"] = partial(make, server, imported)
    return rows, status
