"""Serves a GGUF model with llama.cpp's own HTTP server on loopback and prints its address.

Usage: serve.py FILE SLOTS SECONDS, with the package xllamacpp, whose wheels contain the server.
"""

import sys
import time

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_parallel = int(sys.argv[2])
params.n_ctx = 2048 * params.n_parallel
params.cpuparams.n_threads = 1
params.hostnames = ["127.0.0.1"]
params.port = 0
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
time.sleep(float(sys.argv[3]))
