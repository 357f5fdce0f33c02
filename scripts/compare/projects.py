"""Other programs for Hopfield networks, each at a task of its own: hopfieldkit from PyPI, and from checkouts, as pip
finds no version of them, hdnet (github.com/team-hdnet/hdnet), Hopfield_Nets (github.com/ptolmachev/Hopfield_Nets) and
hflayers (github.com/ml-jku/hopfield-layers). They are looked for in a folder of checkouts of these names."""

import contextlib
import importlib
import io
import logging
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from numpy_reads import Array, Reads

FOLDERS = {"hdnet.hopfield": "hdnet", "hflayers": "hopfield-layers", "Hopfield_Network": "Hopfield_Nets/src"}


def found(module: str, checkouts: str) -> tuple[object | None, str]:
    """The module, or why there is none."""
    folder = FOLDERS.get(module)
    if folder:
        path = Path(checkouts) / folder
        if not (checkouts and path.is_dir()):
            return None, "pip finds no version of it, and no folder of checkouts with it was given; not measured"
        sys.path.append(str(path))
    try:
        return importlib.import_module(module), "measured"
    except Exception as reason:  # noqa: BLE001 - another program may fail in any way
        return None, f"cannot be imported, so not measured: {reason}"


def scan_hopfieldkit(module, n: int, m: int, trials: int, flips: int) -> float:
    """Its capacity scan at one number of messages, which is its own experiment; the share recovered."""
    # It takes the whole part of a share.
    scan = module.empirical_capacity_scan(n, [m], trials, (flips + 0.5) / n, seed=1)
    return scan["success_rates"][0]


def mpf_hdnet(module, messages: Array) -> object:
    """Its MPF, by scipy's L-BFGS-B with its own settings; states are 0 and 1, and thresholds are learned too."""
    network = module.HopfieldNetMPF(N=messages.shape[1], update="synchronous")
    network.learn_all(zero_and_one(messages))
    return network


def zero_and_one(messages: Array) -> NDArray[np.int64]:
    return ((messages + 1) / 2).astype(int)


def exponential_hopfield_nets(module, messages: Array, l2: float) -> Array:
    """Its DescentExpBarrier: unit after unit min sum exp(-xi h) + alpha/2 (|w|^2 + b^2) by scipy and autograd. Our
    loss is of the mean, so alpha is M l2."""
    m, n = messages.shape
    network = module.Hopfield_network(num_neurons=n)
    network.set_params(np.zeros((n, n)), np.zeros(n))
    options = {"sc": False, "incremental": False, "tol": 1e-5, "lmbd": 1.0, "alpha": m * l2}
    with contextlib.redirect_stdout(io.StringIO()):
        network.learn_patterns(list(messages.astype(np.float64)), "DescentExpBarrier", options)
    return network.weights


class Association:
    """hflayers as a memory of the messages, nothing projected or normalised: softmax attention, one step."""

    def __init__(self, module, messages: Array) -> None:
        import torch

        self.torch, n = torch, messages.shape[1]
        self.layer = module.Hopfield(
            input_size=n,
            num_heads=1,
            scaling=float(1 / np.sqrt(n)),
            update_steps_max=0,
            normalize_stored_pattern=False,
            normalize_stored_pattern_affine=False,
            normalize_state_pattern=False,
            normalize_state_pattern_affine=False,
            normalize_pattern_projection=False,
            normalize_pattern_projection_affine=False,
            stored_pattern_as_static=True,
            state_pattern_as_static=True,
            pattern_projection_as_static=True,
            disable_out_projection=True,
        ).eval()
        self.messages = torch.from_numpy(messages)[None]

    def read(self, queries: Array) -> Reads:
        with self.torch.inference_mode():
            states = self.layer((self.messages, self.torch.from_numpy(queries)[None], self.messages))[0]
        return Reads(np.sign(states.numpy()), np.ones(len(queries), bool))


logging.getLogger("hdnet").setLevel(logging.ERROR)
