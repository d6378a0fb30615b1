//! The names of files: readable, the same on every system, and never a way out of their folder.
//!
//! Ids are whatever a client chose: `../../etc`, `CON`, `a/b`, four hundred characters. The file's name is what is
//! harmless of it, and where that is not all, a hash makes it the id's own again.

use crate::limits::FILE_NAME_CHARS;

/// A name for the file or folder of something called `name`, without an ending.
pub(crate) fn of(name: &str) -> String {
    let harmless: String = name.chars().take(FILE_NAME_CHARS).map(harmless).collect();
    let readable = harmless.trim_start_matches('.').trim_end_matches('.');
    if readable == name && !is_reserved(readable) {
        return readable.to_owned();
    }
    format!("{}~{:08x}", readable.trim_end_matches('-'), hash(name))
}

/// Capitals are changed too: some file systems take `a` and `A` for the same file.
fn harmless(character: char) -> char {
    match character {
        'a'..='z' | '0'..='9' | '.' | '_' | '-' => character,
        'A'..='Z' => character.to_ascii_lowercase(),
        _ => '-',
    }
}

/// Whether Windows takes the name for a device.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let numbered = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    name.is_empty()
        || matches!(stem, "con" | "prn" | "aux" | "nul")
        || numbered.is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// FNV-1a of 32 bits, which stays the same over versions and machines.
fn hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_readable_and_never_leaves_its_folder() {
        for (id, expected) in [
            ("logging-test", "logging-test"),
            ("dd7caf20-9efd-11e7-acb3-3dab96693fab", "dd7caf20-9efd-11e7-acb3-3dab96693fab"),
            ("SN-TLS-versions", "sn-tls-versions~"),
            ("logs-*", "logs~"),
            ("../../etc/passwd", "-..-etc-passwd~"),
            ("..", "~"),
            (".", "~"),
            ("", "~"),
            ("a/b\\c", "a-b-c~"),
            ("con", "con~"),
            ("nul.x", "nul.x~"),
            ("com1", "com1~"),
            ("company", "company"),
            (".hidden", "hidden~"),
            ("dot.", "dot~"),
            ("zeit\u{202e}ü\0", "zeit~"),
        ] {
            let name = of(id);
            assert!(name == expected || expected.ends_with('~') && name.starts_with(expected), "{id:?}: {name}");
            assert!(!name.contains(['/', '\\', '\0']) && !name.starts_with('.') && name.len() < 100, "{id:?}: {name}");
        }
        assert_eq!(of(&"a".repeat(400)).len(), FILE_NAME_CHARS + 9);
    }

    #[test]
    fn ids_that_look_alike_get_different_names() {
        for (one, other) in [("a", "A"), ("a/b", "a-b"), ("a*", "a?"), ("..", "."), ("x", "x.")] {
            assert_ne!(of(one), of(other));
        }
    }
}
