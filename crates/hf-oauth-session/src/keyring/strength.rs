//! How hard a text is to guess, at most.

/// What a secret must be worth to seal sessions: below a random UUID's 122 bits, and above what can be tried.
pub(super) const LEAST_BITS: u32 = 112;

/// Fewer different characters are no sign of chance: a random UUID has 9 and more but for one in a hundred million.
const FEWEST_DISTINCT: usize = 9;

/// An estimate from above, in bits: the characters that are no repetition of what went before, each worth the alphabet
/// that the text seems to be from. What is random is worth that; a sentence is worth far less, and cannot be told apart.
pub(super) fn estimate(text: &str) -> u32 {
    // The hyphens of a UUID are always at the same places.
    let is_uuid_like = text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    let bytes: Vec<u8> = text.bytes().filter(|byte| !(is_uuid_like && *byte == b'-')).collect();
    let mut seen = [false; 256];
    bytes.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    let distinct = seen.iter().filter(|seen| **seen).count();
    let alphabet = if distinct < FEWEST_DISTINCT { distinct } else { alphabet(&bytes) };
    (period(&bytes) as f64 * (alphabet.max(1) as f64).log2()) as u32
}

/// How many characters there are of the kinds that occur.
fn alphabet(bytes: &[u8]) -> usize {
    let any = |kind: fn(&u8) -> bool| bytes.iter().any(kind);
    let letters = |beyond_hex: bool, some: bool| match (beyond_hex, some) {
        (true, _) => 26,
        (false, true) => 6,
        (false, false) => 0,
    };
    let digits = if any(u8::is_ascii_digit) { 10 } else { 0 };
    // What only parts words says nothing of chance.
    let others = any(|byte| !byte.is_ascii_alphanumeric() && !b"-_. ".contains(byte));
    let others = if others { 28 } else { 0 };
    digits
        + others
        + letters(any(|byte| matches!(byte, b'g'..=b'z')), any(u8::is_ascii_lowercase))
        + letters(any(|byte| matches!(byte, b'G'..=b'Z')), any(u8::is_ascii_uppercase))
}

/// The length of the shortest text of which this one is a repetition, the last one cut or not.
fn period(bytes: &[u8]) -> usize {
    (1..bytes.len()).find(|period| bytes[*period..] == bytes[..bytes.len() - period]).unwrap_or(bytes.len())
}
