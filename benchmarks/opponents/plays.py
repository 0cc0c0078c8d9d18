"""Federated LoRA on plays by PyTorch: what `plays` of docs/benchmarks.md is compared with. Prints one line of JSON.

pip install torch transformers; python plays.py --model stories260K/derived/hf --tokenizer tok512.bin --data speech.jsonl --rule rolora
Each speaker's speeches are one stream of tokens in rows of 64; the first four fifths are trained on, the last fifth is held out.
"""
import argparse, functools, json, math, random, struct, time
import torch
from torch import nn
from transformers import LlamaForCausalLM

parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True)
parser.add_argument("--tokenizer", required=True)
parser.add_argument("--data", required=True)
parser.add_argument("--rule", choices=["base", "fedit", "rolora", "ffa", "local"], default="fedit")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--rounds", type=int, default=60)
parser.add_argument("--cohort", type=int, default=50)
parser.add_argument("--steps", type=int, default=4)
parser.add_argument("--rate", type=float, default=0.01)
parser.add_argument("--epochs", type=int, default=3, help="of --rule local")
parser.add_argument("--weights", choices=["equal", "rows"], default="equal")
parser.add_argument("--repeat", action="store_true", help="a device of few texts goes through them again")
parser.add_argument("--noise", type=float, default=0.0)
parser.add_argument("--clip", type=float, default=0.0)
arguments = parser.parse_args()
torch.set_num_threads(1)
torch.manual_seed(arguments.seed)
draw = random.Random(arguments.seed)
ROW, BATCH, RANK, ALPHA = 64, 8, 8, 16


def vocabulary(path):
    data = open(path, "rb").read()
    at, pieces = 4, {}
    while at < len(data):
        score, length = struct.unpack_from("<fi", data, at)
        pieces.setdefault(data[at + 8 : at + 8 + length], (len(pieces), score))
        at += 8 + length
    return pieces


PIECES = vocabulary(arguments.tokenizer)


@functools.lru_cache(maxsize=None)
def word(text):
    parts = []
    for c in text:
        b = c.encode()
        parts += [b] if b in PIECES else [b"<0x%02X>" % x for x in b]
    while True:
        best = max(((PIECES[parts[i] + parts[i + 1]][1], -i) for i in range(len(parts) - 1) if parts[i] + parts[i + 1] in PIECES), default=None)
        if best is None:
            return [PIECES[p][0] for p in parts]
        i = -best[1]
        parts[i : i + 2] = [parts[i] + parts[i + 1]]


def tokens(text):
    return [t for w in text.split(" ") for t in word(" " + w)]


def stream(texts):
    out = []
    for text in texts:
        out += [1] + tokens(text)
    return out + [1]


def rows(ids):
    """Rows of inputs and targets, every token but the first predicted once; short rows are filled with -100."""
    made = []
    for at in range(0, len(ids) - 1, ROW):
        piece = ids[at : at + ROW + 1]
        fill = ROW + 1 - len(piece)
        made.append((piece[:-1] + [0] * fill, piece[1:] + [-100] * fill))
    return made


class Lora(nn.Module):
    def __init__(self, base):
        super().__init__()
        self.base = base
        self.a = nn.Parameter(torch.zeros(RANK, base.in_features))
        self.b = nn.Parameter(torch.zeros(base.out_features, RANK))
        nn.init.kaiming_uniform_(self.a, a=math.sqrt(5))

    def forward(self, x):
        return self.base(x) + (x @ self.a.T) @ self.b.T * (ALPHA / RANK)


users = {}
for line in open(arguments.data):
    one = json.loads(line)
    users.setdefault(one["user"], []).append(one["text"])
users = {u: t for u, t in users.items() if len(t) >= 10}
split = {u: len(t) * 4 // 5 for u, t in users.items()}
train = [rows(stream(t[: split[u]])) for u, t in users.items()]
held = [rows(stream(t[split[u] :])) for u, t in users.items()]

model = LlamaForCausalLM.from_pretrained(arguments.model, dtype=torch.float32)
model.requires_grad_(False)
for layer in model.model.layers:
    for owner in (layer.self_attn, layer.mlp):
        for name, child in list(owner.named_children()):
            if isinstance(child, nn.Linear):
                setattr(owner, name, Lora(child))
loras = [m for m in model.modules() if isinstance(m, Lora)]
A, B = [m.a for m in loras], [m.b for m in loras]


def logits(inputs):
    return model(input_ids=inputs, use_cache=False).logits


@torch.no_grad()
def evaluate(all_rows):
    loss = right = count = 0
    for at in range(0, len(all_rows), 64):
        x, y = (torch.tensor(z) for z in zip(*all_rows[at : at + 64]))
        out = logits(x)
        loss += nn.functional.cross_entropy(out.flatten(0, 1), y.flatten(), reduction="sum").item()
        right += (out.argmax(-1) == y).sum().item()
        count += (y != -100).sum().item()
    return loss, right, count


def learn(mine, active, steps, epochs=1):
    optimizer = torch.optim.AdamW(active, lr=arguments.rate, weight_decay=0)
    made = 0
    for _ in range(epochs):
        order = draw.sample(mine, len(mine))
        for at in range(0, len(order), BATCH):
            if steps is not None and made == steps:
                return
            x, y = (torch.tensor(z) for z in zip(*order[at : at + BATCH]))
            optimizer.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(logits(x).flatten(0, 1), y.flatten(), ignore_index=-100).backward()
            optimizer.step()
            made += 1


def put(values):
    with torch.no_grad():
        for p, v in zip(A + B, values):
            p.copy_(v)


def activate(active):
    for p in A + B:
        p.requires_grad_(any(p is q for q in active))


start = time.process_time()
shared = [p.detach().clone() for p in A + B]
total = [0, 0, 0]
if arguments.rule == "local":
    activate(A + B)
    for mine, theirs in zip(train, held):
        put(shared)
        learn(mine, A + B, None, arguments.epochs)
        total = [x + y for x, y in zip(total, evaluate(theirs))]
else:
    for r in range(0 if arguments.rule == "base" else arguments.rounds):
        active = {"fedit": A + B, "ffa": B, "rolora": B if r % 2 == 0 else A}[arguments.rule]
        activate(active)
        sums, weight = [torch.zeros_like(v) for v in shared], 0.0
        for u in draw.sample(range(len(train)), arguments.cohort):
            put(shared)
            learn(train[u], active, arguments.steps, 100 if arguments.repeat else 1)
            w = 1.0 if arguments.weights == "equal" else float(min(len(train[u]), arguments.steps * BATCH))
            change = [p.detach() - v for p, v in zip(A + B, shared)]
            if arguments.clip:
                norm = math.sqrt(sum((c * c).sum().item() for c in change))
                change = [c * min(1.0, arguments.clip / max(norm, 1e-12)) for c in change]
            sums = [s + w * c for s, c in zip(sums, change)]
            weight += w
        if arguments.noise:
            on = {id(p) for p in active}
            sums = [s + arguments.noise * arguments.clip * torch.randn_like(s) if id(p) in on else s for s, p in zip(sums, A + B)]
        shared = [v + s / weight for v, s in zip(shared, sums)]
    put(shared)
    total = evaluate([row for theirs in held for row in theirs])
print(json.dumps({"what": "plays", **{k: v for k, v in vars(arguments).items() if k not in ("model", "tokenizer", "data")},
                  "users": len(users), "tokens": total[2], "loss": round(total[0] / total[2], 4), "accuracyPercent": round(100 * total[1] / total[2], 2),
                  "cpuSeconds": round(time.process_time() - start), "torch": torch.__version__}))
