//! Lists by pages: a marker says where the next one begins.

use crate::{
    constraint::{Checks, Pattern, Text},
    error::ApiError,
    limits,
    query::{Call, xml::Xml},
};

static MARKER: Text = Text::like(1, 320, &MARKERS);
static MARKERS: Pattern = Pattern::rewritten(r"[\u0020-\u00FF]+", r"[\x20-\x{FF}]+");

/// The page that a request asks for.
#[derive(Debug)]
pub(super) struct Page {
    /// The name of the last item of the page before.
    after: Option<String>,
    items: usize,
}

impl Page {
    /// # Errors
    /// `ValidationError` for a marker that no list has given out.
    pub(super) fn read(call: &Call<'_>, checks: &mut Checks) -> Result<Self, ApiError> {
        let items = call.parameters.integer("MaxItems", (1, 1000), checks)?;
        let after = match call.parameters.optional("Marker", &MARKER, checks) {
            None => None,
            Some(marker) => Some(decoded(marker).ok_or(ApiError::Validation("Invalid Marker.".into()))?),
        };
        let items = items.and_then(|items| items.try_into().ok()).unwrap_or(limits::PAGE_ITEMS);
        Ok(Self { after, items })
    }

    /// Shows the page of `all`, which are in the order of their names, as the list `name`.
    pub(super) fn show<T>(
        &self,
        name: &str,
        all: &[T],
        name_of: impl Fn(&T) -> &str,
        member: impl Fn(&mut Xml, &T),
    ) -> Xml {
        let place = |item: &T| name_of(item).to_ascii_lowercase();
        let after = self.after.as_ref();
        let mut rest = all.iter().filter(|item| after.is_none_or(|after| place(item) > *after)).peekable();
        let page: Vec<_> = rest.by_ref().take(self.items).collect();
        let is_truncated = rest.peek().is_some();
        let mut xml = Xml::default();
        xml.text("IsTruncated", &is_truncated.to_string());
        xml.list(name, &page, |xml, item| member(xml, item));
        if let Some(last) = page.last().filter(|_| is_truncated) {
            xml.text("Marker", &base64_simd::STANDARD.encode_to_string(place(last)));
        }
        xml
    }
}

fn decoded(marker: &str) -> Option<String> {
    String::from_utf8(base64_simd::STANDARD.decode_to_vec(marker).ok()?).ok()
}
