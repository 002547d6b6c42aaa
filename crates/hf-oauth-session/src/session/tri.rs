//! An optional truth value as two bits.

/// Absent, false, true.
pub(super) fn tri(value: Option<bool>) -> u8 {
    value.map_or(0, |value| 1 + u8::from(value))
}

pub(super) fn untri(bits: u8) -> Option<Option<bool>> {
    match bits & 3 {
        0 => Some(None),
        1 => Some(Some(false)),
        2 => Some(Some(true)),
        _ => None,
    }
}
