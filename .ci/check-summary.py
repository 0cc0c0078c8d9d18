#!/usr/bin/env python3
"""Checks what a seeded demo with privacy on left behind: every figure that others rely on is there and can be true."""
import argparse
import json
import math
import pathlib
import sys

parser = argparse.ArgumentParser()
parser.add_argument("out", type=pathlib.Path)
parser.add_argument("--devices", type=int, required=True)
parser.add_argument("--rounds", type=int, required=True)
parser.add_argument("--epsilon", type=float, default=8.0)
arguments = parser.parse_args()

summary = json.loads((arguments.out / "summary.json").read_text())
problems = []


def check(holds, what):
    if not holds:
        problems.append(what)


check(summary["privacy"] == "simulated", "a seeded run says that its privacy is simulated")
check(summary["devices"] == arguments.devices, "all devices are there")
check(summary["rounds"] + summary["roundsAborted"] == arguments.rounds, "every round is accounted for")
check(summary["rounds"] >= arguments.rounds - 1, "nearly every round completes")
check(0 < summary["epsilon"] <= arguments.epsilon, "the budget is kept and something was spent")
check(summary["delta"] == 1e-8, "delta is as promised")
check(summary["dropouts"] >= 0, "drop-outs are counted")
for model in ("majority", "base", "localOnly", "pack", "personal"):
    figures = summary["heldOut"][model]
    check(0 <= figures["accuracy"] <= 1, f"accuracy of {model} is a share")
    check(math.isfinite(figures["loss"]) and figures["loss"] > 0, f"loss of {model} is a positive number")
check(
    summary["heldOut"]["base"]["accuracy"] > summary["heldOut"]["majority"]["accuracy"],
    "the base model beats the majority answer",
)
check(
    summary["heldOut"]["personal"]["loss"] < summary["heldOut"]["base"]["loss"],
    "personal adapters lower the loss, even in a small fleet",
)
for figure in ("bytesUpPerDevice", "bytesDownPerDevice", "trainStepsPerSecond", "devicesPerSecond", "wallSeconds"):
    check(summary[figure] > 0, f"{figure} was measured")
check(summary["pack"]["version"] >= 1 and len(summary["pack"]["sha256"]) == 64, "a pack was released")
check(summary["installs"]["installed"] > 0, "devices installed it")
check(summary["installs"]["refused"] == 0, "no device refused it")
check(sum(summary["installs"].values()) == arguments.devices, "every device looked for it")

report = (arguments.out / "report.html").read_text()
check("<svg" in report and "http://" not in report and "https://" not in report, "the report is self-contained")
check("simulator&#39;s knowledge" in report or "simulator's knowledge" in report, "the report says who knows its figures")

for problem in problems:
    print(f"does not hold: {problem}", file=sys.stderr)
print(json.dumps(summary["heldOut"], indent=2))
sys.exit(1 if problems else 0)
