//! What a device login brought is locked until the ID token that came along is verified.

use hf_oauth_core::{DecodedDeviceLogin, DeviceLogin, Tokens, UnverifiedDeviceLogin};

fn tokens(unverified: UnverifiedDeviceLogin, decoded: DecodedDeviceLogin) -> [Tokens; 2] {
    [unverified.tokens, decoded.tokens]
}

fn poll_by_two(login: DeviceLogin) -> (DeviceLogin, DeviceLogin) {
    (login.clone(), login)
}

fn main() {}
