//! The one sanitizer: what others wrote (names, answers of the Hub, file contents) on its way to a terminal.

/// The most characters of a foreign text that are shown.
const LONGEST: usize = 300;

/// `text` on one line without control and bidirectional characters, cut after 300 characters.
pub(crate) fn printable(text: &str) -> String {
    let mut shown: String = text.chars().filter(|&c| !is_hostile(c)).take(LONGEST + 1).collect();
    if let Some((end, _)) = shown.char_indices().nth(LONGEST) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

/// Every hostile character of a JSON text as its escape: programs get the exact value, terminals see nothing to obey.
pub(crate) fn printable_json(value: &serde_json::Value) -> String {
    let mut text = String::new();
    for c in value.to_string().chars() {
        if is_hostile(c) {
            // All hostile characters are in the basic plane: one escape each (RFC 8259 section 7).
            text.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            text.push(c);
        }
    }
    text
}

/// A secret as people may recognise it: its kind and its end, by characters, and nothing of a short one.
pub(crate) fn masked(secret: &str) -> String {
    let characters = secret.chars().count();
    if characters < 16 {
        return "***".to_owned();
    }
    let kind = ["hf_oauth_", "hf_"].into_iter().find(|kind| secret.starts_with(kind)).unwrap_or_default();
    let end: String = secret.chars().skip(characters - 4).collect();
    printable(&format!("{kind}…{end}"))
}

/// C0 and C1 controls, line separators, and the characters that reorder or hide text (Trojan Source, Unicode TR 9).
pub(crate) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_118_control_and_bidi_characters_are_dropped_and_length_is_bounded() {
        assert_eq!(printable("a\u{1b}]8;;x\u{7}\r\n\0b\u{202e}c\u{9b}\u{7f}"), "a]8;;xbc");
        assert_eq!(printable(&"ä".repeat(301)), format!("{}…", "ä".repeat(300)));
    }

    #[test]
    fn row_118_json_keeps_the_value_and_escapes_what_a_terminal_would_obey() {
        let value = serde_json::json!({ "name": "a\u{9b}b\u{202e}\u{1b}" });
        let text = printable_json(&value);
        assert!(text.is_ascii(), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn row_139_masking_counts_characters_and_shows_nothing_of_a_short_secret() {
        for (secret, shown) in [
            ("", "***"),
            ("hf_short", "***"),
            ("ééééééé", "***"),
            ("hf_abcdefghijklmnop", "hf_…mnop"),
            ("hf_oauth_abcdefghijklmnop", "hf_oauth_…mnop"),
            ("ключключключключ", "…ключ"),
            ("aaaaaaaaaaaaaaa\u{1b}[2J", "…[2J"),
        ] {
            assert_eq!(masked(secret), shown);
        }
    }
}
