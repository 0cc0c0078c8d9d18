"""One LoRA training step by transformers + PEFT, eager or compiled; prints one line of JSON.

pip install torch transformers peft; python step.py small|large [--compile]
The same shapes, batch, rank, optimizer and thread count as `measure step`; CPU time of the process.
"""
import argparse, json, time
import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

parser = argparse.ArgumentParser()
parser.add_argument("subject", choices=["small", "large"])
parser.add_argument("--compile", action="store_true")
arguments = parser.parse_args()
torch.set_num_threads(1)
torch.manual_seed(1)
vocabulary, width, heads, layers, inner = {"small": (512, 64, 4, 2, 192), "large": (4096, 256, 8, 6, 768)}[arguments.subject]
config = LlamaConfig(vocab_size=vocabulary, hidden_size=width, intermediate_size=inner, num_hidden_layers=layers,
                     num_attention_heads=heads, num_key_value_heads=heads, tie_word_embeddings=True, use_cache=False)
model = get_peft_model(LlamaForCausalLM(config), LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"]))
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3, weight_decay=0)
run = torch.compile(model) if arguments.compile else model
tokens = torch.randint(0, 512, (8, 64))
mask = torch.ones_like(tokens)


def steps(count):
    start = time.process_time()
    for _ in range(count):
        optimizer.zero_grad(set_to_none=True)
        run(input_ids=tokens, attention_mask=mask, labels=tokens).loss.backward()
        optimizer.step()
    return 1000 * (time.process_time() - start) / count


steps(10)
count = max(5, int(500 / steps(5)))
samples = sorted(steps(count) for _ in range(7))
print(json.dumps({"what": "step", "subject": arguments.subject, "compiled": arguments.compile,
                  "cpuMsAStep": round(samples[3], 3), "cpuMsAStepBest": round(samples[0], 3), "torch": torch.__version__}))
