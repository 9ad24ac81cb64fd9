"""Runs the callback under the real LiteLLM against local stubs: pip install -r requirements.txt, then python test_callback.py."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import litellm
from cot_monitor_callback import CotMonitor

received = []
COMPLETION = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {
        "role": "assistant", "content": "42", "reasoning_content": "17 plus 25 is 42."}}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}


class Stub(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        monitor = self.path.startswith("/v1/monitor")
        if monitor:
            received.append(body)
        answer = json.dumps({"status": "accepted"} if monitor else COMPLETION).encode()
        self.send_response(202 if monitor else 200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


async def main():
    server = HTTPServer(("127.0.0.1", 0), Stub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    callback = CotMonitor(url=base)
    litellm.callbacks = [callback]
    await litellm.acompletion(model="openai/m", api_base=f"{base}/v1", api_key="k",
                              messages=[{"role": "user", "content": "17 + 25?"}])
    for _ in range(100):
        if received:
            break
        await asyncio.sleep(0.1)
    server.shutdown()
    assert len(received) == 1 and callback.lost == 0, (received, callback.lost)
    message = received[0]["response"]["choices"][0]["message"]
    assert message["reasoning_content"] == "17 plus 25 is 42.", message
    assert received[0]["request"]["messages"][0]["content"] == "17 + 25?", received[0]["request"]
    print("ok")


asyncio.run(main())
