"""A LiteLLM proxy callback that posts every successful exchange to cot-monitor, request beside response.

config.yaml of the proxy:

    litellm_settings:
      callbacks: cot_monitor_callback.cot_monitor

Environment: COT_MONITOR_URL (http://127.0.0.1:8080), COT_MONITOR_KEY (none). Posting never delays or fails a call of the
proxy; what could not be posted is counted in `lost` and logged without its text.
"""

import logging
import os

import httpx
from litellm.integrations.custom_logger import CustomLogger

log = logging.getLogger("cot_monitor")


class CotMonitor(CustomLogger):
    def __init__(self, url=None, key=None, client=None):
        super().__init__()
        self.url = (url or os.environ.get("COT_MONITOR_URL", "http://127.0.0.1:8080")).rstrip("/")
        self.key = key or os.environ.get("COT_MONITOR_KEY")
        self.client = client or httpx.AsyncClient(timeout=10)
        self.lost = 0

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        request = {"model": kwargs.get("model"), "messages": kwargs.get("messages")}
        try:
            body = {"request": request, "response": response_obj.model_dump(mode="json")}
            headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
            answer = await self.client.post(f"{self.url}/v1/monitor?mode=async", json=body, headers=headers)
            answer.raise_for_status()
        except Exception as error:  # The proxy must go on whatever happens here.
            self.lost += 1
            log.warning("An exchange was not monitored: %s", type(error).__name__)


cot_monitor = CotMonitor()
