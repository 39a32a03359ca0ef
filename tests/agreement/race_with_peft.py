"""A race with Hugging Face PEFT: speed, memory, and time to the same held-out gain.

Both sides train an adapter of the same shape on the same GGUF and the same tokens, which our side has
written, in turns of some steps: whatever else the machine does, it does to both. Ours is
`trainer/lora/examples/race.rs`; PEFT's is this file again, with `--worker`. The base is the served GGUF
itself on both sides, which Transformers turns into floats.

Held-out losses are of the same tokens. Seconds are of training alone, evaluations not counted. Peaks
of memory are of training, loading not counted (it is told apart).

Prints a table, and writes JSON with `--json`. Ends with 77 and a reason where torch, Transformers or
PEFT are not installed. Started by `make race`, or by hand; see `--help`.
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MISSING = 77
# The processor's description, and memory given back between two steps, cost our side a quarter of its
# time: the daemon starts its trainer with these, too.
OUR_ENVIRONMENT = {
    "GLIBC_TUNABLES": "glibc.malloc.mmap_threshold=4294967295:glibc.malloc.trim_threshold=4294967295",
}
TARGETS = "q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--runner", type=Path, required=True, help="our side, built")
    parser.add_argument("--model", type=Path, required=True, help="a GGUF")
    parser.add_argument("--corpus", type=Path, required=True, help="a folder of .md or .txt files")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--sequence", type=int, default=512, help="tokens of a sequence")
    parser.add_argument("--batch", type=int, default=1, help="sequences of a step")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--alpha", type=int, default=16)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--warm-up", type=int, default=20)
    parser.add_argument("--targets", default=TARGETS)
    parser.add_argument("--evaluate-every", type=int, default=25, help="steps of a turn")
    parser.add_argument("--held-out-tokens", type=int, default=8192)
    parser.add_argument("--recompute-steps", type=int, default=10, help="0 leaves that race out")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--dtype", default="float32", help="of PEFT's weights: float32, bfloat16")
    parser.add_argument("--plain-mb", type=int, default=0, help="MiB of weights that ours holds as floats")
    parser.add_argument(
        "--chosen",
        action="append",
        default=[],
        metavar="NAME:KEY=VALUE,…",
        help="one more of ours, with other choices: rate, rank, alpha, warm_up, steps, batch, first_block",
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--tokens", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--recompute", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def is_missing() -> bool:
    try:
        import gguf  # noqa: F401  Transformers reads GGUFs with it.
        import peft  # noqa: F401
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        print(f"no race: {error}")
        return True
    return False


class Side:
    """One process, which trains when it is told to."""

    def __init__(self, name: str, command: list, environment: dict):
        self.name = name
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        self.steps, self.tokens, self.seconds = 0, 0, 0.0
        self.peak_rss_mb, self.losses, self.curve = 0.0, [], []
        self.load_peak_rss_mb = self.answer()["peak_rss_mb"]

    def answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} ended with {self.process.wait()}")
        return json.loads(line)

    def ask(self, command: str) -> dict:
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.answer()

    def train(self, steps: int) -> None:
        done = self.ask(f"train {steps}")
        self.steps += steps
        self.tokens += done["tokens"]
        self.seconds += done["seconds"]
        self.peak_rss_mb = max(self.peak_rss_mb, done["peak_rss_mb"])
        self.losses.append(done["loss"])

    def evaluate(self) -> None:
        held_out = self.ask("evaluate")["held_out"]
        self.curve.append({"step": self.steps, "seconds": self.seconds, "held_out": held_out})
        print(f"{self.name}: step {self.steps}, {self.seconds:.1f} s, held out {held_out:.4f}", flush=True)

    def end(self) -> dict:
        self.process.stdin.close()
        self.process.wait()
        return {
            "steps": self.steps,
            "tokens_per_s": self.tokens / max(self.seconds, 1e-9),
            "peak_rss_mb": self.peak_rss_mb,
            "load_peak_rss_mb": self.load_peak_rss_mb,
            "loss_start": self.losses[0] if self.losses else None,
            "loss_end": self.losses[-1] if self.losses else None,
            "seconds": self.seconds,
            "curve": self.curve,
        }


def our_side(options: argparse.Namespace, tokens: Path, name: str, changes: dict) -> Side:
    settings = {
        "rank": options.rank,
        "alpha": options.alpha,
        "rate": options.rate,
        "warm_up": options.warm_up,
        "steps": options.steps,
        "batch": options.batch,
        "targets": options.targets,
        "plain_mb": options.plain_mb,
    } | changes
    pairs = [f"{key}={value}" for key, value in settings.items()]
    environment = {"RAYON_NUM_THREADS": str(options.threads)} | OUR_ENVIRONMENT | os.environ
    return Side(name, [options.runner, "run", options.model, tokens, *pairs], environment)


def pefts_side(options: argparse.Namespace, tokens: Path, name: str, recompute: bool) -> Side:
    command = [sys.executable, __file__, *sys.argv[1:], "--worker", "--tokens", tokens]
    return Side(name, command + ["--recompute"] * recompute, os.environ | {"HF_HUB_OFFLINE": "1"})


def changes_of(text: str) -> tuple[str, dict]:
    name, _, pairs = text.partition(":")
    return name, dict(pair.split("=", 1) for pair in pairs.split(",") if pair)


def in_turns(sides: list, steps: int, each: int, evaluates: bool) -> None:
    """Every side takes its steps, now one first, now the other."""
    if evaluates:
        for side in sides:
            side.evaluate()
    for turn, begin in enumerate(range(0, steps, each)):
        for side in sides if turn % 2 == 0 else reversed(sides):
            side.train(min(each, steps - begin))
            if evaluates:
                side.evaluate()


def seconds_to(curve: list, wanted: float) -> float | None:
    """When a held-out loss was reached, between two looks as if it fell evenly."""
    for before, after in zip(curve, curve[1:]):
        if after["held_out"] <= wanted:
            fall = before["held_out"] - after["held_out"]
            share = (before["held_out"] - wanted) / fall if fall > 0 else 1.0
            share = min(max(share, 0.0), 1.0)
            return before["seconds"] + share * (after["seconds"] - before["seconds"])
    return None


def race(options: argparse.Namespace, tokens: Path) -> dict:
    changes = [changes_of(text) for text in options.chosen]
    sides = [our_side(options, tokens, "ours", {})]
    sides += [our_side(options, tokens, name, change) for name, change in changes]
    sides.append(pefts_side(options, tokens, "peft", recompute=False))
    in_turns(sides, options.steps, options.evaluate_every, evaluates=True)
    result = {side.name: side.end() for side in sides}
    if options.recompute_steps > 0:
        again = [
            our_side(options, tokens, "ours_recomputing", {"recompute": 1}),
            pefts_side(options, tokens, "peft_recomputing", recompute=True),
        ]
        in_turns(again, options.recompute_steps, 1, evaluates=False)
        result |= {side.name: side.end() for side in again}
    return result | {"ratios": ratios(result)}


def ratios(result: dict) -> dict:
    ours, peft = result["ours"], result["peft"]
    final = peft["curve"][-1]["held_out"]
    found = {
        "tokens_per_s": ours["tokens_per_s"] / peft["tokens_per_s"],
        "memory": ours["peak_rss_mb"] / peft["peak_rss_mb"],
        "pefts_gain_pct": 100 * (1 - final / peft["curve"][0]["held_out"]),
    }
    for name, side in result.items():
        if side["curve"] and name != "peft":
            reached = seconds_to(side["curve"], final)
            found[f"time_to_pefts_gain_{name}"] = None if reached is None else reached / peft["seconds"]
    if "ours_recomputing" in result:
        again, theirs = result["ours_recomputing"], result["peft_recomputing"]
        found["memory_recomputing"] = again["peak_rss_mb"] / peft["peak_rss_mb"]
        found["memory_recomputing_both"] = again["peak_rss_mb"] / theirs["peak_rss_mb"]
        found["tokens_per_s_recomputing_both"] = again["tokens_per_s"] / theirs["tokens_per_s"]
    return found


def main() -> int:
    options = arguments()
    if is_missing():
        return MISSING
    if options.worker:
        return work(options)
    with tempfile.TemporaryDirectory() as folder:
        tokens = Path(folder) / "tokens.txt"
        command = [options.runner, "tokens", options.model, options.corpus, options.sequence, options.held_out_tokens]
        with tokens.open("w") as file:
            subprocess.run([str(part) for part in command], stdout=file, check=True)
        kinds = [line.split(" ", 1)[0] for line in tokens.open()]
        if "train" not in kinds or "held" not in kinds:
            sys.exit(f"{options.corpus} is too small: it needs sequences of {options.sequence} tokens to learn and to hold out")
        result = race(options, tokens)
    result["options"] = {key: str(value) for key, value in vars(options).items()}
    for name, side in result.items():
        if "tokens_per_s" in side and "seconds" in side:
            print(f"{name:<18}{side['tokens_per_s']:7.0f} tokens/s {side['peak_rss_mb']:8.0f} MiB, {side['load_peak_rss_mb']:.0f} while loading")
    for name, value in result["ratios"].items():
        print(f"{name:<34}{'never' if value is None else f'{value:.3f}'}")
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")
    return 0


def sequences(path: Path) -> tuple[list, list]:
    train, held_out = [], []
    for line in path.open():
        name, *ids = line.split()
        (held_out if name == "held" else train).append([int(each) for each in ids])
    return train, held_out


def rate(options: argparse.Namespace, step: int) -> float:
    """The schedule of `trainer/lora/src/train/schedule.rs`."""
    if step < options.warm_up:
        return options.rate * (step + 1) / (options.warm_up + 1)
    done = (step - options.warm_up) / max(options.steps - options.warm_up, 1)
    return options.rate * (1 + math.cos(math.pi * min(done, 1.0))) / 2


def peak_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say(**what) -> None:
    print(json.dumps(what), flush=True)


def work(options: argparse.Namespace) -> int:
    """PEFT's side: `train N` steps or `evaluate`, each answered with a line of JSON."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    dtype = getattr(torch, options.dtype)
    base = AutoModelForCausalLM.from_pretrained(str(options.model.parent), gguf_file=options.model.name, dtype=dtype)
    base.config.use_cache = False
    if options.recompute:
        base.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    shape = LoraConfig(
        r=options.rank,
        lora_alpha=options.alpha,
        lora_dropout=0.0,
        target_modules=options.targets.split(","),
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(base, shape)
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=options.rate, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
    learned, held_out = sequences(options.tokens)
    load_mb = peak_mb()
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")
    say(did="load", peak_rss_mb=load_mb)
    steps = 0
    for line in sys.stdin:
        command, _, count = line.strip().partition(" ")
        begun = time.monotonic()
        if command == "train":
            model.train()
            tokens, loss = 0, None
            for step in range(steps, steps + int(count)):
                for group in optimizer.param_groups:
                    group["lr"] = rate(options, step)
                first = step * options.batch
                ids = torch.tensor([learned[index % len(learned)] for index in range(first, first + options.batch)])
                loss = model(input_ids=ids, labels=ids).loss
                loss.backward()
                torch.nn.utils.clip_grad_norm_(trained, 1.0)
                optimizer.step()
                optimizer.zero_grad()
                tokens += ids.numel()
            steps += int(count)
            say(
                did="train",
                steps=int(count),
                tokens=tokens,
                seconds=time.monotonic() - begun,
                loss=loss.item(),
                peak_rss_mb=peak_mb(),
            )
        elif command == "evaluate":
            model.eval()
            with torch.no_grad():
                each = [model(input_ids=torch.tensor([ids]), labels=torch.tensor([ids])).loss.item() for ids in held_out]
            say(did="evaluate", held_out=sum(each) / len(each), seconds=time.monotonic() - begun)
        else:
            sys.exit(f"no command {line!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
