"""A fleet as bare PyTorch loops, one process for each core; prints one line of JSON.

pip install torch transformers; python fleet.py --steps 2
The model, batches and steps of `fleet --small`: each client begins with the same adapter and a new optimizer, and hands in its update,
which is added up. No tokenizer, no accounting, no messages.
"""
import argparse, json, os, time
import multiprocessing
import torch
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM

RANK, ALPHA, BATCH, LENGTH, VOCABULARY = 8, 16, 8, 64, 512


class Lora(nn.Module):
    def __init__(self, base):
        super().__init__()
        self.base = base
        self.a = nn.Parameter(torch.randn(RANK, base.in_features) / base.in_features**0.5)
        self.b = nn.Parameter(torch.zeros(base.out_features, RANK))

    def forward(self, x):
        return self.base(x) + (x @ self.a.T) @ self.b.T * (ALPHA / RANK)


def clients(count, steps, begun):
    torch.set_num_threads(1)
    torch.manual_seed(os.getpid())
    config = LlamaConfig(vocab_size=VOCABULARY, hidden_size=64, intermediate_size=192, num_hidden_layers=2, num_attention_heads=4,
                         num_key_value_heads=2, tie_word_embeddings=True, use_cache=False)
    model = LlamaForCausalLM(config).requires_grad_(False)
    for layer in model.model.layers:
        layer.self_attn.q_proj = Lora(layer.self_attn.q_proj)
        layer.self_attn.v_proj = Lora(layer.self_attn.v_proj)
    active = [p for p in model.parameters() if p.requires_grad]
    shared = [p.detach().clone() for p in active]
    total = [torch.zeros_like(p) for p in active]

    def play(clients):
        for _ in range(clients):
            with torch.no_grad():
                for p, v in zip(active, shared):
                    p.copy_(v)
            optimizer = torch.optim.AdamW(active, lr=0.01, weight_decay=0)
            for _ in range(steps):
                tokens = torch.randint(0, VOCABULARY, (BATCH, LENGTH + 1))
                optimizer.zero_grad(set_to_none=True)
                logits = model(input_ids=tokens[:, :-1]).logits
                nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten()).backward()
                optimizer.step()
            with torch.no_grad():
                for t, p, v in zip(total, active, shared):
                    t += p - v

    play(20)
    begun.wait()
    start = time.process_time()
    play(count)
    return time.process_time() - start


def worker(count, steps, begun, answers):
    answers.put(clients(count, steps, begun))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    begun, answers = multiprocessing.Barrier(arguments.processes + 1), multiprocessing.Queue()
    for _ in range(arguments.processes):
        multiprocessing.Process(target=worker, args=(arguments.devices // arguments.processes, arguments.steps, begun, answers)).start()
    begun.wait()
    start = time.monotonic()
    cpu = sum(answers.get() for _ in range(arguments.processes))
    print(json.dumps({"what": "fleet", "stepsADevice": arguments.steps, "devices": arguments.devices, "processes": arguments.processes,
                      "cpuMsADevice": round(1000 * cpu / arguments.devices, 2),
                      "devicesASecond": round(arguments.devices / (time.monotonic() - start), 1), "torch": torch.__version__}))
