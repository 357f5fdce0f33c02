"""A recurrent network trained in PyTorch as a rule of its own: W unrolled over L steps, all trials of a job at once.

s^t = tanh(gain (W s^{t-1} + b)) from noisy copies of each message; W and b are what brings s^L to the message, by Adam.
"""

import json, os, sys

import numpy as np
import torch

USUAL = {"queries": 8, "steps": 3, "epochs": 150, "noise": 0.15, "gain": 2.0, "rate": 0.02}


def train(messages, generator, queries, steps, epochs, noise, gain, rate):
    """Weights (T, N, N) and thresholds (T, N) of messages (T, M, N), by the outer product and from there on."""
    trials, m, n = messages.shape
    weights = (messages.transpose(1, 2) @ messages / n).requires_grad_()
    thresholds = torch.zeros(trials, 1, n, requires_grad=True)
    optimiser = torch.optim.Adam([weights, thresholds], lr=rate)
    target = messages.repeat_interleave(queries, dim=1)
    for epoch in range(epochs):
        flipped = torch.rand(target.shape, generator=generator) < noise
        state = torch.where(flipped, -target, target)
        for _ in range(steps):
            state = torch.tanh(gain * (state @ weights.transpose(1, 2) + thresholds))
        loss = (state - target).square().mean(dim=(1, 2)).sum()  # a sum, so that trials do not meet
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return weights.detach(), thresholds.detach()[:, 0]


def do(folder):
    """One job: messages in, weights and thresholds out."""
    with open(os.path.join(folder, "job.json")) as file:
        job = json.load(file)
    messages = torch.from_numpy(np.load(os.path.join(folder, "messages.npy")).astype(np.float32))
    # One generator for a job, by the seed of its first trial: the job is always the same trials.
    generator = torch.Generator().manual_seed(int(job["seeds"][0]))
    weights, thresholds = train(messages, generator, **{**USUAL, **job["parameters"]})
    result = {"schema": 1}
    if not (torch.isfinite(weights).all() and torch.isfinite(thresholds).all()):
        result["error"] = "training diverged; a smaller rate may help"
    np.save(os.path.join(folder, "weights.npy"), weights.numpy())
    np.save(os.path.join(folder, "thresholds.npy"), thresholds.numpy())
    unfinished = os.path.join(folder, "result.part")
    with open(unfinished, "w") as file:
        json.dump(result, file)
    os.rename(unfinished, os.path.join(folder, "result.json"))


if __name__ == "__main__":
    if sys.argv[1:] == ["version"]:
        print("trn_torch.py 1 on PyTorch", torch.__version__)
    else:
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(True)
        for line in sys.stdin:
            do(line.rstrip("\n"))
            print(os.environ.get("HARNESS_TOKEN", "done"), line.rstrip("\n"), flush=True)
