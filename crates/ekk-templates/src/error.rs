//! What can be wrong with a file, in words for the person who wrote it.

/// Why no streams could be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text is too long to be read.
    #[error("the file has {bytes} bytes, which is over the {limit}-byte limit")]
    TooLarge {
        /// The length of the text.
        bytes: usize,
        /// The longest that is read.
        limit: usize,
    },
    /// The text is neither JSON nor YAML.
    #[error("the file is no {language}: {reason}")]
    Syntax {
        /// `JSON` or `YAML`.
        language: &'static str,
        /// What the parser says, with line and column.
        reason: String,
    },
    /// The document holds something else; the text says what it may be and what to do.
    #[error("{0}")]
    Unrecognized(String),
    /// There is nothing to create.
    #[error("there is no delivery stream in the file")]
    NoStream,
    /// Parameters were given for a file that has none.
    #[error("only a CloudFormation template has parameters")]
    NoParameters,
    /// `CloudFormation` would refuse the parameters; the text is its own.
    #[error("{0}")]
    Parameters(String),
    /// A place of the file cannot be read or resolved.
    #[error("{path}: {reason}")]
    At {
        /// Where in the file.
        path: String,
        /// What is wrong there, or what cannot be known.
        reason: String,
    },
}

impl Error {
    pub(crate) fn at(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::At { path: path.into(), reason: reason.into() }
    }
}
