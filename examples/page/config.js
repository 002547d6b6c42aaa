// The one file to change. In a static Space with `hf_oauth: true` there is nothing to change: the Space knows its app.

// The client ID of your app: https://huggingface.co/settings/applications/new
// window.HF_OAUTH_CLIENT_ID = "00000000-0000-0000-0000-000000000000";

// What the page asks for.
// window.HF_OAUTH_SCOPES = "openid profile inference-api";

// A Hub of your own; the security policy in index.html must name it as well.
// window.HF_OPENID_PROVIDER_URL = "http://localhost:5555";

// The model that answers.
// window.HF_INFERENCE_MODEL = "google/gemma-2-2b-it";
