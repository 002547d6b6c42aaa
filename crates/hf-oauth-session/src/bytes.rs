//! The compact encoding of what goes into a seal. Every length is checked on reading; nothing is guessed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_core::{Secret, SecretBytes};
use zeroize::Zeroizing;

/// Room for the largest record, so that growing leaves no copies of secrets behind.
const ROOM: usize = 16 * 1024;

pub(crate) struct Writer(SecretBytes);

impl Writer {
    pub(crate) fn new() -> Self {
        Self(SecretBytes::from(Vec::with_capacity(ROOM)))
    }

    pub(crate) fn into_bytes(self) -> SecretBytes {
        self.0
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
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
        let parts: Option<Vec<Vec<u8>>> = token.split('.').map(six_bits).collect();
        match parts {
            Some(parts) => {
                self.number(parts.len() as u64);
                for (part, text) in parts.into_iter().map(SecretBytes::from).zip(token.split('.')) {
                    self.number(text.len() as u64);
                    let mut bits = Bits::new(&mut self.0);
                    part.iter().for_each(|value| bits.put(u64::from(*value), 6));
                }
            }
            None => {
                self.byte(0);
                self.text(token);
            }
        }
    }

    pub(crate) fn bits(&mut self) -> Bits<'_> {
        Bits::new(&mut self.0)
    }
}

/// Appends single bits, the highest first; the last byte is filled with zeros.
pub(crate) struct Bits<'a> {
    bytes: &'a mut Vec<u8>,
    free: u32,
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self { bytes, free: 0 }
    }

    /// The lowest `count` bits of `value`.
    pub(crate) fn put(&mut self, value: u64, count: u32) {
        for position in (0..count).rev() {
            if self.free == 0 {
                self.bytes.push(0);
                self.free = 8;
            }
            self.free -= 1;
            if let Some(last) = self.bytes.last_mut() {
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

const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn six_bits(text: &str) -> Option<Vec<u8>> {
    text.bytes().map(|byte| BASE64URL.iter().position(|known| *known == byte).map(|at| at as u8)).collect()
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_written_is_read_again(
            number: u64, time: i64, text in ".*", id in "[0-9a-f]{24}|.*", token in "[A-Za-z0-9_.-]{0,80}|.*",
        ) {
            let mut writer = Writer::new();
            writer.number(number);
            writer.time(time);
            writer.text(&text);
            writer.optional_text(None);
            writer.optional_text(Some(&text));
            writer.id(&id);
            writer.token(&token);
            let bytes = writer.into_bytes();
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.number(), Some(number));
            prop_assert_eq!(reader.time(), Some(time));
            prop_assert_eq!(reader.text(), Some(text.as_str()));
            prop_assert_eq!(reader.optional_text(), Some(None));
            prop_assert_eq!(reader.optional_text(), Some(Some(text)));
            prop_assert_eq!(reader.id(), Some(id));
            let read = reader.token();
            prop_assert_eq!(read.as_ref().map(Secret::expose), Some(token.as_str()));
            prop_assert!(reader.is_at_end());
        }

        #[test]
        fn foreign_bytes_do_not_panic(bytes: Vec<u8>) {
            let _ = Reader::new(&bytes).token();
            let _ = Reader::new(&bytes).id();
            let _ = Reader::new(&bytes).text();
            let _ = Reader::new(&bytes).number();
        }
    }

    #[test]
    fn a_token_takes_three_quarters_of_its_characters() {
        let mut writer = Writer::new();
        writer.token(&format!("hf_oauth_{}.{}.{}", "a".repeat(40), "b".repeat(1_300), "c".repeat(49)));
        assert!(writer.0.len() <= 1_400 * 3 / 4 + 8, "{}", writer.0.len());
    }
}
