"""python hf_py_own_test.py SESSION

Goes the way of `tests/test_oauth.py` of unpatched `huggingface_hub`: an app whose only redirect URI has no path
(http://localhost:3000), the Hub asked by a plain GET with its session cookie written by hand, the answer sent back to the
app with `http://localhost:3000/` replaced by the callback. Prints one JSON line with what was seen on the way.

Environment: OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET, OAUTH_SCOPES, OPENID_PROVIDER_URL, and any SPACE_ID.
"""

import dataclasses
import json
import sys
from unittest.mock import patch

import fastapi
import httpx2
import starlette.datastructures
from fastapi.testclient import TestClient
from huggingface_hub import attach_huggingface_oauth, parse_huggingface_oauth

REGISTERED = "http://localhost:3000"

app = fastapi.FastAPI()
attach_huggingface_oauth(app)


@app.get("/")
def hello(request: fastapi.Request):
    info = parse_huggingface_oauth(request)
    if info is None:
        return {"msg": "Not logged in!"}
    seen = dataclasses.asdict(info)
    seen["access_token"] = len(info.access_token)
    seen["access_token_expires_at"] = int(info.access_token_expires_at.timestamp())
    return {"msg": f"Hello, {info.user_info.preferred_username}!", "oauth_info": seen}


def cookie(response):
    return response.headers["set-cookie"].split(";")[0]


def go(session):
    client = TestClient(app)
    seen = {"before": client.get("/").json()}
    login = client.get("/oauth/huggingface/login", follow_redirects=False)
    seen["login"] = login.status_code
    asked = {"cookie": f"token={session}"}
    approved = httpx2.get(login.headers["location"], headers=asked, follow_redirects=False)
    seen["authorize"] = approved.status_code
    seen["location"] = approved.headers["location"]
    if not seen["location"].startswith(f"{REGISTERED}/"):
        sys.exit(f"the Hub leads to {seen['location']}, which is not under {REGISTERED}/")
    back = seen["location"].replace(f"{REGISTERED}/", "http://testserver/oauth/huggingface/callback")
    callback = client.get(back, headers={"cookie": cookie(login)}, follow_redirects=False)
    seen["callback"] = [callback.status_code, callback.headers.get("location")]
    seen["longer"] = len(cookie(login)) < len(cookie(callback))
    seen["after"] = client.get("/", headers={"cookie": cookie(callback)}).json()
    return seen


# As in that test: the app's own address is not the registered one.
def registered(*args):
    return starlette.datastructures.URL(REGISTERED)


def unchanged(url, **kwargs):
    return url


with (
    patch("starlette.requests.Request.url_for", registered),
    patch("starlette.datastructures.URL.include_query_params", unchanged),
):
    print(json.dumps(go(sys.argv[1])), flush=True)
