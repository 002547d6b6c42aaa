//! The keyboard alone.

use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::key::Key;

use super::Browser;

impl Browser {
    /// Presses these keys together and lets them go, wherever the focus is.
    pub(crate) async fn press(&self, keys: &[Key]) {
        let down = keys.iter().map(|key| KeyAction::Down { value: char::from(*key) });
        let up = keys.iter().rev().map(|key| KeyAction::Up { value: char::from(*key) });
        let actions = down.chain(up).fold(KeyActions::new("keyboard".to_owned()), |all, key| all.then(key));
        self.client.perform_actions(actions).await.unwrap();
    }

    /// Goes on with Tab until the focus is on `css`, and sees that it shows; gives how many presses it took.
    pub(crate) async fn tab_to(&self, css: &str) -> usize {
        for presses in 1..=60 {
            self.press(&[Key::Tab]).await;
            let script = format!(
                "const it = document.activeElement; const style = getComputedStyle(it); \
                 return it.matches({css:?}) && [style.outlineStyle, style.outlineWidth, style.boxShadow];"
            );
            let focused = self.script(&script).await;
            if let Some(style) = focused.as_array() {
                let outlined = style[0] != "none" && style[1] != "0px";
                assert!(outlined || style[2] != "none", "the focus on {css} cannot be seen: {style:?}");
                return presses;
            }
        }
        panic!("no key leads to {css}");
    }
}
