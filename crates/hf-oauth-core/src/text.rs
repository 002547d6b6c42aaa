//! Text from outside, made fit to be shown.

/// `text` without control and bidirectional characters, cut after `longest` characters.
pub(crate) fn printable(text: &str, longest: usize) -> String {
    let mut shown: String = text.chars().filter(|&c| !is_hostile(c)).take(longest + 1).collect();
    if let Some((end, _)) = shown.char_indices().nth(longest) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

/// C0 and C1 controls, line separators, and the characters that reorder text (Unicode TR 9, Trojan Source).
pub(crate) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_094_control_and_bidi_characters_are_dropped_and_length_is_bounded() {
        assert_eq!(printable("a\u{1b}[31m\r\n\0b\u{202e}c\u{9b}", 50), "a[31mbc");
        assert_eq!(printable("äöü", 2), "äö…");
        assert_eq!(printable("äö", 2), "äö");
    }
}
