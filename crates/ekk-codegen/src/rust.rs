//! Rust text as the rest of the workspace is written.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};

/// A string as a Rust literal, raw when that saves escapes.
pub(crate) fn literal(text: &str) -> String {
    let is_plain = !text.contains(['\\', '"']);
    match (is_plain, text.contains("\"#")) {
        (true, _) => format!("\"{text}\""),
        (false, false) if text.contains('"') => format!("r#\"{text}\"#"),
        (false, false) => format!("r\"{text}\""),
        (false, true) => format!("{text:?}"),
    }
}

/// `10000` as `10_000`, which is how clippy wants long numbers.
pub(crate) fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    if value < 0 { format!("-{grouped}") } else { grouped }
}

/// Puts `text` into the workspace's format.
pub(crate) fn formatted(text: &str) -> anyhow::Result<String> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(workspace)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run rustfmt; `rustup component add rustfmt` installs it")?;
    let mut input = rustfmt.stdin.take().context("rustfmt takes no input")?;
    input.write_all(text.as_bytes())?;
    drop(input);
    let output = rustfmt.wait_with_output()?;
    if !output.status.success() {
        bail!("rustfmt cannot format what was made");
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_reads_as_it_was() {
        assert_eq!(literal("a-z"), "\"a-z\"");
        assert_eq!(literal(r"\d"), "r\"\\d\"");
        assert_eq!(literal("\"\\"), "r#\"\"\\\"#");
    }

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!([number(500), number(10_000), number(-1_024_000)], ["500", "10_000", "-1_024_000"]);
    }
}
