//! Text of records made fit for a page: what cannot be seen is made visible, and what is too long is cut.
//!
//! Escaping for HTML is maud's work and happens where the text is put into the page.

use std::borrow::Cow;

/// Replaces characters that a page cannot show, or that would rearrange the text around them, by visible ones.
///
/// Line feeds and tabs stay. The others become their number (`⟨U+202E⟩`); escape, which starts a terminal's colours,
/// has its name.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            character if !is_unseen(character) => shown.push(character),
            '\u{1b}' => shown.push_str("⟨ESC⟩"),
            other => shown.extend(["⟨U+", &format!("{:04X}", u32::from(other)), "⟩"]),
        }
    }
    Cow::Owned(shown)
}

fn is_unseen(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => character.is_control(),
    }
}

/// The first `max_chars` characters of `text`, and whether there are more.
pub(crate) fn cut_chars(text: &str, max_chars: usize) -> (&str, bool) {
    match text.char_indices().nth(max_chars) {
        Some((end, _)) => (text.get(..end).unwrap_or(text), true),
        None => (text, false),
    }
}

/// The first characters of `text` that fit into `max_bytes`, and whether there are more.
pub(crate) fn cut_bytes(text: &str, max_bytes: usize) -> (&str, bool) {
    if text.len() <= max_bytes {
        return (text, false);
    }
    (text.get(..text.floor_char_boundary(max_bytes)).unwrap_or_default(), true)
}

/// A count with commas between thousands, such as `19,880`.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// `part` of `whole` in percent with one decimal, such as `46.2%`; `0%` of nothing.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0%".to_owned();
    }
    let tenths = (u128::from(part) * 1000 + u128::from(whole) / 2) / u128::from(whole);
    if tenths == 0 && part > 0 {
        return "<0.1%".to_owned();
    }
    format!("{}.{}%", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_characters_become_visible() {
        for (name, text, shown) in [
            ("plain", "a\tb\nc ü", "a\tb\nc ü"),
            ("terminal colours", "\u{1b}[31mred", "⟨ESC⟩[31mred"),
            ("nul", "\0", "⟨U+0000⟩"),
            ("delete", "\u{7f}", "⟨U+007F⟩"),
            ("c1", "\u{85}", "⟨U+0085⟩"),
            ("right to left override", "a\u{202e}b", "a⟨U+202E⟩b"),
            ("lines of windows", "a\r\nb\rc", "a\nb⟨U+000D⟩c"),
        ] {
            assert_eq!(visible(text), shown, "{name}");
        }
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(cut_chars("aüb", 2), ("aü", true));
        assert_eq!(cut_chars("aüb", 3), ("aüb", false));
        assert_eq!(cut_bytes("aüb", 2), ("a", true));
        assert_eq!(cut_bytes("aüb", 4), ("aüb", false));
    }

    #[test]
    fn counts_and_shares_read_well() {
        assert_eq!([0, 999, 1000, 19880, 1_234_567].map(grouped), ["0", "999", "1,000", "19,880", "1,234,567"]);
        assert_eq!(percent(1, 3), "33.3%");
        assert_eq!(percent(1, 100_000), "<0.1%");
        assert_eq!(percent(0, 0), "0%");
        assert_eq!(percent(u64::MAX, u64::MAX), "100.0%");
    }
}
