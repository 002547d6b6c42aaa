"""python hf_py_app.py [PORT]

A FastAPI app that signs people in with unpatched `huggingface_hub`, as a Space does. It listens on 127.0.0.1 (a random
port by default) and prints one JSON line when it does: {"url": "http://127.0.0.1:PORT"}. It ends with its parent.

Environment, read by huggingface_hub itself: SPACE_ID (any, or it would mock the login), OAUTH_CLIENT_ID,
OAUTH_CLIENT_SECRET, OAUTH_SCOPES, OPENID_PROVIDER_URL.

GET /me: what `parse_huggingface_oauth` gives, the access token only as its SHA-256; `null` when signed out.

How to drive it over plain http: the redirect URI follows the request's `Host`. Asked as `127.0.0.1:PORT` it is
`http://127.0.0.1:PORT/oauth/huggingface/callback?_target_url=...`; asked as `NAME.hf.space` it is `https://NAME.hf.space/...`
as in a Space, and the test asks 127.0.0.1 for that path with that `Host`. The session cookie is `Secure; SameSite=None`
either way, so a client without TLS carries `session=...` by hand.
"""

import dataclasses
import hashlib
import json
import os
import socket
import sys
import threading
import time

import fastapi
import uvicorn
from huggingface_hub import attach_huggingface_oauth, parse_huggingface_oauth

app = fastapi.FastAPI()
attach_huggingface_oauth(app)


@app.get("/me")
def me(request: fastapi.Request):
    info = parse_huggingface_oauth(request)
    if info is None:
        return None
    seen = dataclasses.asdict(info)
    seen["access_token_sha256"] = hashlib.sha256(seen.pop("access_token").encode()).hexdigest()
    seen["access_token_expires_at"] = int(info.access_token_expires_at.timestamp())
    return seen


def end_with_parent():
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def main():
    # The protocol is named as getaddrinfo names it: without, asyncio leaves Nagle's algorithm on.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0))
    listener.listen(100)
    print(json.dumps({"url": "http://127.0.0.1:%d" % listener.getsockname()[1]}), flush=True)
    threading.Thread(target=end_with_parent, daemon=True).start()
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    main()
