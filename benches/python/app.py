"""python app.py COOKIES PEOPLE

FastAPI with `attach_huggingface_oauth`, asked by `/me` who is signed in. PEOPLE is a file of JSON lines, one person each;
the session cookies that hold them are written to COOKIES, one header a line. Prints {"port": ...} when it listens.
"""

import json
import os
import socket
import sys
import threading
import time
from base64 import b64encode

os.environ.update(SPACE_ID="bench/bench", OAUTH_CLIENT_ID="bench", OAUTH_CLIENT_SECRET="a-client-secret-for-benches",
                  OAUTH_SCOPES="openid profile", OPENID_PROVIDER_URL="https://huggingface.co")

import fastapi
import itsdangerous
import uvicorn
from fastapi.responses import PlainTextResponse
from huggingface_hub import attach_huggingface_oauth, parse_huggingface_oauth
from starlette.middleware.sessions import SessionMiddleware

app = fastapi.FastAPI()
attach_huggingface_oauth(app)


@app.get("/me", response_class=PlainTextResponse)
async def me(request: fastapi.Request):
    return parse_huggingface_oauth(request).user_info.sub


def cookie(signer, person):
    userinfo = {key: person[key] for key in ("sub", "name", "preferred_username", "profile", "picture", "email")}
    userinfo.update(email_verified=True, isPro=False, canPay=False)
    userinfo["orgs"] = [{"sub": org["sub"], "name": org["name"], "preferred_username": org["preferred_username"],
                         "picture": org["picture"], "roleInOrg": org["role"]} for org in person["orgs"]]
    info = {key: person[key] for key in ("access_token", "refresh_token", "expires_at", "scope")}
    info.update(token_type="bearer", expires_in=28800, userinfo=userinfo)
    data = b64encode(json.dumps({"oauth_info": info}).encode())
    return "session=" + signer.sign(data).decode()


def end_with_parent():
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def main():
    secret = next(it for it in app.user_middleware if it.cls is SessionMiddleware).kwargs["secret_key"]
    signer = itsdangerous.TimestampSigner(str(secret))
    with open(sys.argv[2]) as people, open(sys.argv[1], "w") as cookies:
        for line in people:
            cookies.write(cookie(signer, json.loads(line)) + "\n")
    # The protocol is named as getaddrinfo names it: without, asyncio leaves Nagle's algorithm on.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(100)
    threading.Thread(target=end_with_parent, daemon=True).start()
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run(sockets=[listener])


if __name__ == "__main__":
    main()
