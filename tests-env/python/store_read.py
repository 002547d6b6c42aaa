"""Answers, one JSON line for each line read, what Python makes of a file or an environment."""

import base64
import configparser
import json
import os
import subprocess
import sys


def sections(text: bytes):
    """The sections' own entries: `[DEFAULT]` left out."""
    config = configparser.ConfigParser(interpolation=None)
    try:
        config.read_file(__import__("io").TextIOWrapper(__import__("io").BytesIO(text), encoding="utf-8"))
    except (configparser.Error, UnicodeDecodeError) as error:
        return {"error": type(error).__name__}
    return {"sections": [[name, sorted(config._sections[name].items())] for name in config.sections()]}


def environment(variables):
    """What huggingface_hub finds with exactly these variables."""
    code = (
        "import json; from huggingface_hub import constants as c; from huggingface_hub.utils import _auth as a\n"
        "try: t = a._get_token_from_environment() or a._get_token_from_file()\n"
        "except Exception as e: t = 'error'\n"
        "print(json.dumps([t, c.HF_TOKEN_PATH, c.HF_STORED_TOKENS_PATH, c.ENDPOINT, c.HF_HUB_DISABLE_IMPLICIT_TOKEN]))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def files(token, stored):
    """What huggingface_hub reads in these two files; no table where there is no file."""
    from huggingface_hub import constants
    from huggingface_hub.utils import _auth

    constants.HF_TOKEN_PATH, constants.HF_STORED_TOKENS_PATH = token, stored
    return [_auth._get_token_from_file(), _auth._read_stored_tokens_full() if os.path.exists(stored) else None]


for line in sys.stdin:
    task = json.loads(line)
    if "text" in task:
        answer = sections(task["text"].encode())
    elif "ini" in task:
        answer = sections(base64.b64decode(task["ini"]))
    elif "files" in task:
        answer = files(*task["files"])
    elif "stored" in task:
        os.environ["HF_HOME"] = task["stored"]
        code = "import json; from huggingface_hub.utils import _auth as a; print(json.dumps([a.get_token(), a.get_stored_tokens()]))"
        variables = {"HF_HOME": task["stored"], "PATH": os.environ.get("PATH", "")}
        done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True)
        answer = json.loads(done.stdout)
    else:
        answer = environment(task["environment"])
    print(json.dumps(answer), flush=True)
