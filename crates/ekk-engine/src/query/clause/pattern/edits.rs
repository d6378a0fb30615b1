//! Edit distance between terms: insert, delete, replace, and swap of two neighbours.

/// Terms within a number of edits of one term.
#[derive(Debug, Clone)]
pub(crate) struct Edits {
    /// The first characters, which must be equal.
    prefix: String,
    /// The characters after them.
    rest: Vec<char>,
    /// Edits allowed.
    most: usize,
    /// Whether a swap of neighbours is one edit instead of two.
    transpositions: bool,
}

impl Edits {
    /// Terms within `most` edits of `term` whose first `prefix_chars` characters are equal.
    pub(crate) fn new(term: &str, most: u8, prefix_chars: usize, transpositions: bool) -> Self {
        let prefix = term.chars().take(prefix_chars).collect();
        let rest = term.chars().skip(prefix_chars).collect();
        Self { prefix, rest, most: usize::from(most), transpositions }
    }

    /// What every such term begins with.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The edits of a term, if they are few enough.
    pub(crate) fn of(&self, term: &str) -> Option<usize> {
        let rest: Vec<char> = term.strip_prefix(self.prefix.as_str())?.chars().collect();
        distance_within(&self.rest, &rest, self.most, self.transpositions)
    }
}

/// The edit distance of two texts, if it is at most `most`.
pub(crate) fn distance_within(a: &[char], b: &[char], most: usize, transpositions: bool) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut row = vec![0; b.len() + 1];
    for (i, &left) in a.iter().enumerate() {
        row[0] = i + 1;
        for (j, &right) in b.iter().enumerate() {
            let replaced = above[j] + usize::from(left != right);
            let mut cost = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if transpositions && i > 0 && j > 0 && left == b[j - 1] && a[i - 1] == right {
                cost = cost.min(before[j - 1] + 1);
            }
            row[j + 1] = cost;
        }
        if row.iter().all(|&cost| cost > most) {
            return None;
        }
        std::mem::swap(&mut before, &mut above);
        std::mem::swap(&mut above, &mut row);
    }
    Some(above[b.len()]).filter(|&distance| distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits() {
        for (term, other, most, prefix, transpositions, expected) in [
            ("quick", "quikc", 2, 0, true, Some(1)),
            ("quick", "quikc", 2, 0, false, Some(2)),
            ("quick", "quikc", 1, 0, false, None),
            ("request", "reqest", 1, 0, true, Some(1)),
            ("abc", "xbc", 1, 1, true, None),
            ("abc", "abc", 0, 0, true, Some(0)),
            ("abc", "abd", 0, 0, true, None),
            ("", "ab", 2, 0, true, Some(2)),
            ("für", "fur", 1, 0, true, Some(1)),
        ] {
            let found = Edits::new(term, most, prefix, transpositions).of(other);
            assert_eq!(found, expected, "{term} {other}");
        }
    }
}
