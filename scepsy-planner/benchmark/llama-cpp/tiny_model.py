"""Writes a random Llama of two layers as GGUF: a model that speaks nonsense at full speed, for tests without downloads.

Usage: tiny_model.py FILE, with the packages gguf and numpy.
"""

import sys

import gguf
import numpy

WIDTH, HEADS, LAYERS, INNER, WORDS, CONTEXT = 64, 4, 2, 128, 300, 4096

tokens = [b"<unk>", b"<s>", b"</s>"] + [f"<0x{i:02X}>".encode() for i in range(256)]
types = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL] + [gguf.TokenType.BYTE] * 256
for i in range(WORDS - len(tokens)):
    tokens.append(("\u2581" + chr(97 + i % 26) + chr(97 + i // 26)).encode())
    types.append(gguf.TokenType.NORMAL)

writer = gguf.GGUFWriter(sys.argv[1], "llama")
writer.add_name("tiny-random")
writer.add_context_length(CONTEXT)
writer.add_embedding_length(WIDTH)
writer.add_block_count(LAYERS)
writer.add_feed_forward_length(INNER)
writer.add_head_count(HEADS)
writer.add_head_count_kv(HEADS)
writer.add_layer_norm_rms_eps(1e-5)
writer.add_rope_dimension_count(WIDTH // HEADS)
writer.add_vocab_size(WORDS)
writer.add_tokenizer_model("llama")
writer.add_token_list(tokens)
writer.add_token_scores([-float(i) for i in range(WORDS)])
writer.add_token_types(types)
writer.add_bos_token_id(1)
writer.add_eos_token_id(2)
writer.add_unk_token_id(0)
writer.add_chat_template("{% for m in messages %}{{ m['content'] }} {% endfor %}")

random = numpy.random.default_rng(1)


def matrix(name, *shape):
    writer.add_tensor(name, (random.standard_normal(shape) * 0.05).astype(numpy.float32))


def ones(name):
    writer.add_tensor(name, numpy.ones(WIDTH, numpy.float32))


matrix("token_embd.weight", WORDS, WIDTH)
matrix("output.weight", WORDS, WIDTH)
ones("output_norm.weight")
for layer in range(LAYERS):
    block = f"blk.{layer}."
    ones(block + "attn_norm.weight")
    ones(block + "ffn_norm.weight")
    for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
        matrix(block + part + ".weight", WIDTH, WIDTH)
    matrix(block + "ffn_gate.weight", INNER, WIDTH)
    matrix(block + "ffn_up.weight", INNER, WIDTH)
    matrix(block + "ffn_down.weight", WIDTH, INNER)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
