"""llama.cpp's own HTTP server, as the wheel of xllamacpp has it: `model_server.py MODEL.gguf`. Says its address and ends with its standard input."""

import pathlib
import sys

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.model_alias = {"smol"}
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_ctx = 2048
params.n_parallel = 1
# More threads than free cores make ggml a hundred times slower.
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.use_jinja = True
params.chat_template = (pathlib.Path(__file__).parent / "chat_template.jinja").read_text()
params.n_gpu_layers = 0
params.warmup = False

server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
