//! A device login, asked for and polled.

use std::time::Duration;

use hf_oauth_core::*;
use serde_json::{Value, json};

use super::*;

pub(crate) const SECOND: Duration = Duration::from_secs(1);

pub(crate) fn asked(members: Value) -> Result<DeviceLogin, DeviceError> {
    asked_of(&app(), &hub(), members)
}

pub(crate) fn asked_of(app: &App, hub: &Hub, members: Value) -> Result<DeviceLogin, DeviceError> {
    let uri = format!("{}/oauth/device", hub.issuer());
    let mut answer = json!({
        "device_code": "canary-device", "user_code": "M8HJ-FMGN", "verification_uri": uri, "expires_in": 300,
    });
    merge(&mut answer, members);
    let (request, asked) = DeviceRequest::request(app, hub, &Scopes::none()).unwrap();
    asked.receive(request.read(ok(answer)), Duration::ZERO)
}

pub(crate) fn polled(login: DeviceLogin, answer: Response, at: Duration) -> Result<DevicePoll, DeviceError> {
    let request = login.poll_request(&app(), &hub()).unwrap();
    login.receive(request.read(answer), at, NOW, None)
}

pub(crate) fn ended(answer: Response) -> DeviceError {
    polled(asked(json!({})).unwrap(), answer, 5 * SECOND).unwrap_err()
}
