//! Which image is started, as people write it: `registry/name:tag`.

use std::{env, fmt};

/// A name and a tag of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageName {
    name: String,
    tag: String,
}

impl ImageName {
    /// Takes a name apart: without a tag it is `latest`, as for Docker. A port of a registry is no tag.
    pub fn new(text: &str) -> Self {
        let (name, tag) = match text.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, tag),
            _ => (text, "latest"),
        };
        Self { name: name.to_owned(), tag: tag.to_owned() }
    }

    /// What the variable names, else `pinned`.
    pub(crate) fn of_variable(variable: &str, pinned: &str) -> Self {
        let named = env::var_os(variable).and_then(|name| name.into_string().ok()).filter(|name| !name.is_empty());
        Self::new(named.as_deref().unwrap_or(pinned))
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn tag(&self) -> &str {
        &self.tag
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.name, self.tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EkkImage, MinioImage, OpenSearchImage};

    #[test]
    fn a_tag_is_what_follows_the_last_colon_behind_the_last_slash() {
        let cases = [
            ("ekk:local", "ekk", "local"),
            ("ekk", "ekk", "latest"),
            ("localhost:5000/ekk", "localhost:5000/ekk", "latest"),
            ("localhost:5000/a/ekk:1.2", "localhost:5000/a/ekk", "1.2"),
        ];
        for (text, name, tag) in cases {
            let image = ImageName::new(text);
            assert_eq!((image.name(), image.tag()), (name, tag));
        }
    }

    #[test]
    fn the_pinned_images_are_those_of_the_compose_file() {
        let pins = include_str!("../../../compose/.env");
        for (variable, pinned) in [
            ("EKK_IMAGE", EkkImage::PINNED),
            ("OPENSEARCH_IMAGE", OpenSearchImage::PINNED),
            ("MINIO_IMAGE", MinioImage::PINNED),
        ] {
            assert!(pins.lines().any(|line| line == format!("{variable}={pinned}")), "{variable}={pinned}");
        }
    }
}
