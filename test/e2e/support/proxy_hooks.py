"""What LiteLLM lets a proxy's owner write: who may do what, and a log of every request.

https://docs.litellm.ai/docs/proxy/custom_auth and https://docs.litellm.ai/docs/observability/custom_callback
"""

import json
import os

from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy._types import ProxyException, UserAPIKeyAuth

KEYS = json.loads(os.environ["E2E_KEYS"])


async def check_key(request, api_key: str) -> UserAPIKeyAuth:
    if api_key not in KEYS:
        # Of any other exception the proxy makes a 500.
        raise ProxyException("This key is not known.", type="auth_error", param="api_key", code=401)
    return UserAPIKeyAuth(api_key=api_key, **KEYS[api_key])


class FileLog(CustomLogger):
    """One line of JSON a request, as LiteLLM's standard logging payload has it."""

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        self.write(kwargs)

    async def async_log_failure_event(self, kwargs, response_obj, start_time, end_time):
        self.write(kwargs)

    def write(self, kwargs):
        line = {"call_id": kwargs.get("litellm_call_id"), **(kwargs.get("standard_logging_object") or {})}
        with open(os.environ["E2E_LOG"], "a") as file:
            file.write(json.dumps(line, default=str) + "\n")


log = FileLog()
