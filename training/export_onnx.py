"""Step 0, once: the first layers of the encoder as an int8 ONNX graph with mean pooling, and its vocabulary.

    python export_onnx.py OUT_DIR --model MODEL_DIR [--layer 4]

OUT_DIR/encoder.int8.onnx   input_ids, attention_mask: int64 [windows, tokens]; pooled: float [windows, 384]
OUT_DIR/vocab.txt           one token a line, the line number is its id
Prints the cosine between the int8 graph and the original on random tokens. Unneeded where the encoder stays as it is.
"""
from __future__ import annotations

import argparse
import os
import tempfile

import numpy as np
import torch


class Pooled(torch.nn.Module):
    """The encoder up to a layer, written out, so that the graph has no more in it than it needs."""

    def __init__(self, model, layer: int) -> None:
        super().__init__()
        self.embeddings, self.layers = model.embeddings, torch.nn.ModuleList(model.encoder.layer[:layer])
        self.heads = model.config.num_attention_heads
        self.size = model.config.hidden_size // self.heads

    def forward(self, input_ids, attention_mask):
        e, n = self.embeddings, input_ids.shape[1]
        x = e.word_embeddings(input_ids) + e.token_type_embeddings.weight[0] + e.position_embeddings.weight[:n]
        x = e.LayerNorm(x)
        m = attention_mask.to(x.dtype)
        bias = (1.0 - m)[:, None, None, :] * -10000.0
        split = lambda v: v.reshape(v.shape[0], n, self.heads, self.size).transpose(1, 2)
        for layer in self.layers:
            a = layer.attention.self
            p = torch.softmax(split(a.query(x)) @ split(a.key(x)).transpose(-1, -2) / self.size ** 0.5 + bias, -1)
            y = (p @ split(a.value(x))).transpose(1, 2).reshape(x.shape[0], n, self.heads * self.size)
            x = layer.attention.output.LayerNorm(layer.attention.output.dense(y) + x)
            x = layer.output.LayerNorm(layer.output.dense(torch.nn.functional.gelu(layer.intermediate.dense(x))) + x)
        return ((m / m.sum(1, keepdim=True))[:, None, :] @ x)[:, 0]


def main() -> None:
    p = argparse.ArgumentParser(description="encoder and vocabulary")
    p.add_argument("out")
    p.add_argument("--model", required=True, help="folder of all-MiniLM-L6-v2")
    p.add_argument("--layer", type=int, default=4)
    a = p.parse_args()
    import onnxruntime as ort
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import AutoModel, AutoTokenizer
    torch.manual_seed(0)
    os.makedirs(a.out, exist_ok=True)
    model = AutoModel.from_pretrained(a.model).eval().float()
    ids = torch.randint(1000, 20000, (2, 32))
    mask = torch.ones_like(ids)
    mask[1, 20:] = 0
    final = f"{a.out}/encoder.int8.onnx"
    with tempfile.TemporaryDirectory() as folder:
        whole = f"{folder}/encoder.onnx"
        torch.onnx.export(
            Pooled(model, a.layer).eval(), (ids, mask), whole, opset_version=17, dynamo=False,
            input_names=["input_ids", "attention_mask"], output_names=["pooled"],
            dynamic_axes={"input_ids": {0: "windows", 1: "tokens"}, "attention_mask": {0: "windows", 1: "tokens"},
                          "pooled": {0: "windows"}})
        quantize_dynamic(whole, final, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True,
                         op_types_to_quantize=["MatMul", "Gemm", "Gather"])
    vocabulary = AutoTokenizer.from_pretrained(a.model).get_vocab()
    with open(f"{a.out}/vocab.txt", "w", encoding="utf-8") as f:
        f.writelines(f"{token}\n" for token, _ in sorted(vocabulary.items(), key=lambda item: item[1]))
    session = ort.InferenceSession(final, providers=["CPUExecutionProvider"])
    with torch.inference_mode():
        want = model(input_ids=ids[:1], output_hidden_states=True).hidden_states[a.layer].mean(1)[0].numpy()
    got = session.run(None, {"input_ids": ids[:1].numpy(), "attention_mask": mask[:1].numpy()})[0][0]
    print("cosine", float(got @ want / np.linalg.norm(got) / np.linalg.norm(want)), os.path.getsize(final), "bytes")


if __name__ == "__main__":
    main()
