//! The compact encoding of what goes into a seal. Every length is checked on reading; nothing is guessed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_core::{Secret, SecretBytes};
use zeroize::Zeroizing;

/// Room for all but the largest records.
const ROOM: usize = 16 * 1024;
/// Each growth copies and wipes all that is there, so few of them.
const GROWTH: usize = 4;

pub(crate) struct Writer(SecretBytes);

impl Writer {
    pub(crate) fn new() -> Self {
        Self(SecretBytes::from(Vec::with_capacity(ROOM)))
    }

    pub(crate) fn into_bytes(self) -> SecretBytes {
        self.0
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        self.bytes(&[byte]);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        if self.0.capacity() - self.0.len() < bytes.len() {
            self.grow(bytes.len());
        }
        self.0.extend_from_slice(bytes);
    }

    /// Moves into more room. `Vec` would free what it leaves as it is; here it is wiped.
    #[cold]
    fn grow(&mut self, more: usize) {
        let room = (self.0.len() + more).max(self.0.capacity() * GROWTH);
        let mut larger = SecretBytes::from(Vec::with_capacity(room));
        larger.extend_from_slice(&self.0);
        self.0 = larger;
    }

    /// LEB128.
    pub(crate) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    /// Zigzag, so that times before 1970 stay short too.
    pub(crate) fn time(&mut self, seconds: i64) {
        self.number(((seconds << 1) ^ (seconds >> 63)) as u64);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes(text.as_bytes());
    }

    pub(crate) fn optional_text(&mut self, text: Option<&str>) {
        match text {
            None => self.byte(0),
            Some(text) => {
                self.byte(1);
                self.text(text);
            }
        }
    }

    /// An id of the Hub is 24 hexadecimal digits: 12 bytes. Another provider's may be anything.
    pub(crate) fn id(&mut self, id: &str) {
        match hub_id(id) {
            Some(bytes) => {
                self.byte(0);
                self.bytes(&bytes);
            }
            None => {
                self.number(id.len() as u64 + 1);
                self.bytes(id.as_bytes());
            }
        }
    }

    /// Tokens are base64url parts with dots between: six bits a character, where that is so.
    pub(crate) fn token(&mut self, token: &str) {
        if !token.bytes().all(|byte| byte == b'.' || six_bits(byte).is_some()) {
            self.byte(0);
            return self.text(token);
        }
        self.number(token.split('.').count() as u64);
        for part in token.split('.') {
            self.number(part.len() as u64);
            // Straight from the characters: a list of their values would be one more copy to wipe.
            let mut bits = self.bits();
            part.bytes().filter_map(six_bits).for_each(|value| bits.put(u64::from(value), 6));
        }
    }

    pub(crate) fn bits(&mut self) -> Bits<'_> {
        Bits { writer: self, free: 0 }
    }
}

/// Appends single bits, the highest first; the last byte is filled with zeros.
pub(crate) struct Bits<'a> {
    writer: &'a mut Writer,
    free: u32,
}

impl Bits<'_> {
    /// The lowest `count` bits of `value`.
    pub(crate) fn put(&mut self, value: u64, count: u32) {
        for position in (0..count).rev() {
            if self.free == 0 {
                self.writer.byte(0);
                self.free = 8;
            }
            self.free -= 1;
            if let Some(last) = self.writer.0.last_mut() {
                *last |= (((value >> position) & 1) as u8) << self.free;
            }
        }
    }
}

pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.bytes(1)?.first().copied()
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        // The tenth byte holds the one bit that is left.
        match self.byte()? {
            last @ (0 | 1) => Some(number | u64::from(last) << 63),
            _ => None,
        }
    }

    /// A number of things that follow, each at least one byte or bit long: never more than there can be.
    pub(crate) fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.0.len().saturating_mul(8)).then_some(count)
    }

    pub(crate) fn time(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        let count = usize::try_from(self.number()?).ok()?;
        std::str::from_utf8(self.bytes(count)?).ok()
    }

    pub(crate) fn optional_text(&mut self) -> Option<Option<String>> {
        match self.byte()? {
            0 => Some(None),
            1 => Some(Some(self.text()?.to_owned())),
            _ => None,
        }
    }

    pub(crate) fn id(&mut self) -> Option<String> {
        match self.number()? {
            0 => self.bytes(12).map(hex),
            length => {
                let bytes = self.bytes(usize::try_from(length - 1).ok()?)?;
                String::from_utf8(bytes.to_vec()).ok()
            }
        }
    }

    pub(crate) fn token(&mut self) -> Option<Secret> {
        let parts = self.count()?;
        if parts == 0 {
            return self.text().map(Secret::new);
        }
        // With room for the largest: growing would leave a copy behind.
        let mut token = Zeroizing::new(String::with_capacity(self.room_for_parts(parts)?));
        for part in 0..parts {
            if part > 0 {
                token.push('.');
            }
            let end = self.count()?.checked_add(token.len())?;
            let packed = self.bytes(((end - token.len()) * 6).div_ceil(8))?;
            // Six bits a character, the highest first: that is base64, whatever the number of characters.
            URL_SAFE_NO_PAD.encode_string(packed, &mut token);
            token.truncate(end);
        }
        // The very memory: a copy would be one more to wipe.
        Some(Secret::new(std::mem::take(&mut *token)))
    }

    /// What so many packed parts come to as text, with their dots, and one character for each that is cut off again.
    fn room_for_parts(&self, parts: usize) -> Option<usize> {
        let mut ahead = Reader::new(self.0);
        (0..parts).try_fold(0, |room, _| {
            let length = ahead.count()?;
            ahead.bytes((length * 6).div_ceil(8))?;
            Some(room + length + 2)
        })
    }

    /// All that is left, as bits.
    pub(crate) fn all_bits(&mut self) -> BitReader<'a> {
        BitReader::new(std::mem::take(&mut self.0))
    }
}

pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> BitReader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    pub(crate) fn take(&mut self, count: u32) -> Option<u64> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.position / 8)?;
            value = value << 1 | u64::from(byte >> (7 - self.position % 8) & 1);
            self.position += 1;
        }
        Some(value)
    }
}

/// What a character of base64url stands for (RFC 4648 section 5).
fn six_bits(character: u8) -> Option<u8> {
    match character {
        b'A'..=b'Z' => Some(character - b'A'),
        b'a'..=b'z' => Some(character - b'a' + 26),
        b'0'..=b'9' => Some(character - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

/// The 12 bytes of 24 hexadecimal digits in lower case: only what comes back the same.
pub(crate) fn hub_id(id: &str) -> Option<[u8; 12]> {
    if id.len() != 24 {
        return None;
    }
    let mut bytes = [0; 12];
    for (byte, digits) in bytes.iter_mut().zip(id.as_bytes().chunks_exact(2)) {
        let digit = |at: usize| match digits[at] {
            digit @ b'0'..=b'9' => Some(digit - b'0'),
            digit @ b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        *byte = digit(0)? << 4 | digit(1)?;
    }
    Some(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests;
