//! The words of UAX #29, as Lucene's standard tokenizer keeps them.
//!
//! Kept are the pieces between word boundaries that hold a letter, a digit or an emoji. Scripts of South-East Asia,
//! which have no boundaries in the tables, stay in one piece per run.

use unicode_segmentation::UnicodeSegmentation;

/// The bytes of the next word at or after `from`, which is a word boundary.
pub(super) fn next_word(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        if !byte.is_ascii() {
            return next_unicode_word(text, at);
        }
        if is_word(byte) {
            let end = ascii_word_end(bytes, at);
            if bytes.get(end).is_some_and(|byte| !byte.is_ascii()) {
                return next_unicode_word(text, at);
            }
            if bytes.get(at..end).is_some_and(|word| word.iter().any(u8::is_ascii_alphanumeric)) {
                return Some((at, end));
            }
            at = end;
        } else {
            at += 1;
        }
    }
    None
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The end of the ASCII word that starts at `start`; a byte that is not ASCII ends it too.
fn ascii_word_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        if is_word(byte) {
            at += 1;
            continue;
        }
        let (Some(&before), Some(&after)) = (bytes.get(at.wrapping_sub(1)), bytes.get(at + 1)) else { break };
        let joins_letters = matches!(byte, b'.' | b'\'' | b':');
        let joins_digits = matches!(byte, b'.' | b'\'' | b',' | b';');
        if joins_letters && before.is_ascii_alphabetic() && !after.is_ascii() {
            return at + 1;
        }
        let joined = (joins_letters && before.is_ascii_alphabetic() && after.is_ascii_alphabetic())
            || (joins_digits && before.is_ascii_digit() && after.is_ascii_digit());
        if at == start || !joined {
            break;
        }
        at += 1;
    }
    at
}

/// The next word by the Unicode tables, at or after the word boundary `from`.
fn next_unicode_word(text: &str, from: usize) -> Option<(usize, usize)> {
    let rest = text.get(from..)?;
    let mut south_east_asian: Option<(usize, usize)> = None;
    for (offset, piece) in rest.split_word_bound_indices() {
        let (start, end) = (from + offset, from + offset + piece.len());
        let first = piece.chars().next()?;
        if is_south_east_asian(first) {
            south_east_asian = Some((south_east_asian.map_or(start, |run| run.0), end));
            continue;
        }
        if south_east_asian.is_some() {
            return south_east_asian;
        }
        if piece.chars().any(char::is_alphanumeric) || is_emoji(first) {
            return Some((start, end));
        }
        if first.is_ascii() && text.as_bytes().get(end).is_some_and(u8::is_ascii) {
            return next_word(text, end);
        }
    }
    south_east_asian
}

fn is_south_east_asian(character: char) -> bool {
    matches!(character, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1a20}'..='\u{1aaf}')
}

/// Whether a piece that starts with `character` is an emoji token.
fn is_emoji(character: char) -> bool {
    matches!(
        character,
        '\u{203c}' | '\u{2049}' | '\u{231a}'..='\u{231b}' | '\u{2328}' | '\u{23e9}'..='\u{23fa}' | '\u{25fb}'..='\u{25fe}'
            | '\u{2600}'..='\u{27bf}' | '\u{2b05}'..='\u{2b07}' | '\u{2b1b}'..='\u{2b1c}' | '\u{2b50}' | '\u{2b55}'
            | '\u{1f004}' | '\u{1f0cf}' | '\u{1f170}'..='\u{1f251}' | '\u{1f300}'..='\u{1f64f}' | '\u{1f680}'..='\u{1f6ff}'
            | '\u{1f7e0}'..='\u{1f7eb}' | '\u{1f900}'..='\u{1f9ff}' | '\u{1fa70}'..='\u{1faff}'
    )
}

/// All words of `text`.
#[cfg(test)]
pub(super) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some((start, end)) = next_word(text, at) {
        words.extend(text.get(start..end));
        at = end;
    }
    words
}

/// All words of `text` by the Unicode tables alone.
#[cfg(test)]
pub(super) fn unicode_words(text: &str) -> Vec<&str> {
    text.split_word_bounds().filter(|piece| piece.chars().any(char::is_alphanumeric)).collect()
}
