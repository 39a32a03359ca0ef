"""Next-token distributions of Hugging Face PEFT beside those of the trainer.

Called by `tests/peft.rs`, which writes the folder: the adapter as PEFT loads it, the tokens, and the
trainer's logits as 32-bit floats, a row for each token. The base is the served GGUF itself, which
Transformers turns into floats; so both sides begin with the same weights.

Usage: compare_with_peft.py MODEL.gguf FOLDER
Prints one line of JSON. Ends with 77 where torch, Transformers or PEFT are not installed.
"""

import json
import sys
from pathlib import Path

MISSING = 77
ROWS_AT_ONCE = 64


def main(model: Path, folder: Path) -> int:
    try:
        import gguf  # noqa: F401  Transformers reads GGUFs with it.
        import torch
        from peft import PeftModel
        from transformers import AutoModelForCausalLM
    except ImportError as error:
        print(f"not compared: {error}")
        return MISSING
    torch.set_num_threads(2)
    base = AutoModelForCausalLM.from_pretrained(
        str(model.parent), gguf_file=model.name, dtype=torch.float32
    )
    tokens = torch.tensor([json.loads((folder / "tokens.json").read_text())])
    trainer = torch.from_file(
        str(folder / "logits.f32"),
        size=tokens.shape[1] * base.config.vocab_size,
        dtype=torch.float32,
    ).reshape(tokens.shape[1], -1)
    with torch.no_grad():
        alone = base(tokens).logits[0]
        peft = PeftModel.from_pretrained(base, str(folder)).eval()
        worn = peft(tokens).logits[0]
        compared = compare(worn, trainer)
        change = compare(alone, worn)
    print(json.dumps(compared | {"kl_change": change["kl_mean"]}))
    return 0


def compare(expected, found) -> dict:
    """The mean divergence from the first to the second, in nats, and equal likeliest tokens."""
    total, same = 0.0, 0
    for start in range(0, expected.shape[0], ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        p = expected[rows].double().log_softmax(-1)
        q = found[rows].double().log_softmax(-1)
        total += float((p.exp() * (p - q)).sum())
        same += int((p.argmax(-1) == q.argmax(-1)).sum())
    count = expected.shape[0]
    return {"positions": count, "kl_mean": total / count, "same_top": same}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
