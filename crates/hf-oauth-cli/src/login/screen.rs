//! A login as a person at a terminal sees it: the text, then one line that counts down and answers to keys.

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

use super::events::{Event, clock};
use super::keys::Keys;
use crate::output;

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// Back to the line's begin, and all of it gone.
const CLEAR_LINE: &str = "\r\u{1b}[K";

/// Ticks for which a note stands in place of the hints.
const NOTE: u32 = 30;

/// Draws on standard error. What it changed about the terminal ends with it.
pub(super) struct Screen {
    keys: Option<Keys>,
    columns: Box<dyn Fn() -> usize>,
    code: Option<String>,
    page: Option<String>,
    tick: u32,
    note: Option<(String, u32)>,
    line_is_drawn: bool,
}

impl Screen {
    pub(super) fn new() -> Self {
        Self::with_columns(columns)
    }

    fn with_columns(columns: impl Fn() -> usize + 'static) -> Self {
        Self {
            keys: None,
            columns: Box::new(columns),
            code: None,
            page: None,
            tick: 0,
            note: None,
            line_is_drawn: false,
        }
    }

    /// Text that stays, above the countdown.
    pub(super) fn tell(&mut self, event: &Event) {
        if let Event::Fault { what } = event {
            self.note = Some((what.clone(), self.tick + NOTE));
            return;
        }
        let Some(text) = event.text() else { return };
        self.clear_line();
        output::tell(&wrapped(&text, (self.columns)()));
        if let Some(page) = event.page() {
            self.keys = Keys::listen();
            // A page that comes back to this machine is of no use on another.
            if let Event::DeviceCode { user_code, .. } = event {
                self.page = Some(page.to_owned());
                self.code = Some(user_code.clone());
            }
        }
    }

    /// Answers to a key, if one was pressed, and draws the line anew.
    pub(super) fn tick(&mut self, seconds_left: Option<u64>) {
        self.tick += 1;
        match self.keys.as_ref().and_then(Keys::pressed) {
            Some(b'c' | b'C') => self.copy(),
            Some(b'q' | b'Q') => self.show_qr_code(),
            _ => {}
        }
        let line = self.line(seconds_left);
        output::draw(&format!("{CLEAR_LINE}{line}"));
        self.line_is_drawn = true;
    }

    /// The line, never so long that the terminal would break it: on a narrow one in fewer words.
    fn line(&self, seconds_left: Option<u64>) -> String {
        let spinner = SPINNER[self.tick as usize % SPINNER.len()];
        let left = seconds_left.map(|left| format!("{} · ", clock(left))).unwrap_or_default();
        let long = format!("{spinner} {left}Waiting for your approval");
        let short = format!("{spinner} {left}Waiting");
        let lines = match &self.note {
            Some((note, until)) if self.tick < *until => {
                [format!("{long} · {note}"), format!("{short} · {note}"), format!("{spinner} {left}{note}")]
            }
            _ if self.keys.is_some() && self.code.is_some() => [
                format!("{long} · c copies the code, q shows a QR code"),
                format!("{short} · c: copy, q: QR code"),
                short,
            ],
            _ => [long, short.clone(), short],
        };
        let room = (self.columns)().saturating_sub(1);
        let fitting = lines.iter().find(|line| line.chars().count() <= room);
        fitting.unwrap_or(&lines[2]).chars().take(room).collect()
    }

    /// OSC 52: the terminal itself, at whatever end of an SSH connection, puts it into its clipboard.
    fn copy(&mut self) {
        if let Some(code) = &self.code {
            output::draw(&osc_52(code));
            self.note = Some(("code sent to the clipboard".to_owned(), self.tick + NOTE));
        }
    }

    fn show_qr_code(&mut self) {
        let Some(code) = self.page.as_deref().and_then(qr_code) else { return };
        let needed = code.first().map_or(0, |line| line.chars().count());
        if needed > (self.columns)() {
            self.note = Some((format!("QR needs {needed} columns"), self.tick + NOTE));
            return;
        }
        self.clear_line();
        for line in code {
            // Black on white whatever the theme is: readers want dark on light.
            output::draw(&format!("\u{1b}[38;5;16;48;5;231m{line}\u{1b}[0m\n"));
        }
        // Whoever scans the page has to type the code there, and it may have gone up and away.
        if let Some(code) = &self.code {
            output::tell(&format!("\n  {code}\n"));
        }
    }

    fn clear_line(&mut self) {
        if std::mem::take(&mut self.line_is_drawn) {
            output::draw(CLEAR_LINE);
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.clear_line();
    }
}

/// Sentences broken between words; an address or a code, which stand on indented lines, never.
fn wrapped(text: &str, columns: usize) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let mut used = 0;
        for word in line.split_inclusive(' ').filter(|_| !line.starts_with(' ')) {
            let length = word.trim_end().chars().count();
            if used > 0 && used + length > columns {
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\n');
                used = 0;
            }
            out.push_str(word);
            used += word.chars().count();
        }
        if line.starts_with(' ') {
            out.push_str(line);
        }
    }
    out
}

fn osc_52(text: &str) -> String {
    use base64::Engine as _;
    format!("\u{1b}]52;c;{}\u{7}", base64::engine::general_purpose::STANDARD.encode(text))
}

/// Lines of half blocks with the quiet zone that readers want.
fn qr_code(text: &str) -> Option<Vec<String>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    Some(code.render::<Dense1x2>().build().lines().map(str::to_owned).collect())
}

#[cfg(unix)]
fn columns() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stderr());
    size.map(|size| usize::from(size.ws_col)).ok().filter(|&columns| columns > 0).unwrap_or(80)
}

#[cfg(not(unix))]
fn columns() -> usize {
    80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_countdown_never_fills_the_terminal_s_width() {
        for columns in [0, 1, 2, 20, 40, 80, 200] {
            let screen = Screen::with_columns(move || columns);
            assert!(screen.line(Some(299)).chars().count() <= columns.saturating_sub(1));
        }
        let screen = Screen::with_columns(|| 80);
        assert_eq!(screen.line(Some(299)), "⠋ 4:59 · Waiting for your approval");
    }

    #[test]
    fn a_narrow_terminal_gets_fewer_words_and_a_note_stands_for_the_hints() {
        let line = |columns, note: Option<&str>| {
            let mut screen = Screen::with_columns(move || columns);
            screen.note = note.map(|note| (note.to_owned(), NOTE));
            screen.line(Some(299))
        };
        assert_eq!(line(30, None), "⠋ 4:59 · Waiting");
        assert_eq!(line(80, Some("code sent")), "⠋ 4:59 · Waiting for your approval · code sent");
        assert_eq!(line(40, Some("code sent")), "⠋ 4:59 · Waiting · code sent");
        assert_eq!(line(20, Some("code sent")), "⠋ 4:59 · code sent");
    }

    #[test]
    fn sentences_break_between_words_and_addresses_never() {
        let text = "Open this page:\n\n  https://huggingface.co/oauth/device\n\nOnly if you began this.";
        let narrow = "Open this\npage:\n\n  https://huggingface.co/oauth/device\n\nOnly if\nyou began\nthis.";
        assert_eq!(wrapped(text, 10), narrow);
        assert_eq!(wrapped(text, 80), text);
        assert_eq!(wrapped("incomprehensibilities are words", 3), "incomprehensibilities\nare\nwords");
    }

    #[test]
    fn the_clipboard_gets_the_code() {
        assert_eq!(osc_52("M8HJ-FMGN"), "\u{1b}]52;c;TThISi1GTUdO\u{7}");
    }

    #[test]
    fn the_qr_code_of_the_hub_s_page_fits_any_terminal_and_is_quiet_at_its_edge() {
        let lines = qr_code("https://hf.co/oauth/device").unwrap();
        assert!(lines.len() <= 22, "{}", lines.len());
        assert!(lines.iter().all(|line| line.chars().count() == lines[0].chars().count()));
        assert!(lines[0].trim().is_empty() && lines.iter().all(|line| line.starts_with("    ")));
    }
}
