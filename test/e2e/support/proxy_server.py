"""LiteLLM's own command, but for its end: it goes when its standard input does, so that no killed test leaves it behind."""

import os
import sys
import threading


def end_with_input():
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()

from litellm import run_server  # noqa: E402

run_server()
