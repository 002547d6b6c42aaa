//! The page for a device's code.

use askama::Template;
use http::StatusCode;

use super::{Frame, show};
use crate::answer::Answer;
use crate::state::Hub;

#[derive(Template)]
#[template(path = "device.html", whitespace = "minimize")]
struct DeviceCode<'a> {
    frame: Frame,
    /// A code under which no device waits.
    unknown: Option<&'a str>,
}

pub(crate) fn device_code(hub: &Hub, status: StatusCode, unknown: Option<&str>) -> Answer {
    show(hub, status, &DeviceCode { frame: Frame::of(hub), unknown })
}
