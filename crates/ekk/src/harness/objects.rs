//! What a test finds in its buckets, read over S3's own API, so that it is the same for a bucket outside of the stack.

use bytes::Bytes;
use http::Method;
use url::Url;

use super::{Ekk, HarnessError};
use crate::s3_api::S3Api;

/// An object of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The key.
    pub key: String,
    /// What it holds, as it is stored.
    pub body: Bytes,
}

impl Object {
    /// The body as text; what is no UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Ekk {
    /// The objects of a bucket whose keys begin with `prefix`, in the order of their keys.
    ///
    /// # Errors
    /// [`HarnessError::Refused`] with S3's own answer.
    pub async fn objects(&self, bucket: &str, prefix: &str) -> Result<Vec<Object>, HarnessError> {
        let mut objects = Vec::new();
        let mut after = String::new();
        loop {
            let query = [("list-type", "2"), ("prefix", prefix), ("start-after", after.as_str())];
            let page = self.get_from_s3(&format!("/{bucket}"), &query).await?;
            let page = String::from_utf8_lossy(&page).into_owned();
            for key in elements(&page, "Key") {
                let body = self.get_from_s3(&format!("/{bucket}/{key}"), &[]).await?;
                after.clone_from(&key);
                objects.push(Object { key, body });
            }
            if !page.contains("<IsTruncated>true</IsTruncated>") {
                return Ok(objects);
            }
        }
    }

    async fn get_from_s3(&self, path: &str, query: &[(&str, &str)]) -> Result<Bytes, HarnessError> {
        let api = S3Api::new(self.client.clone(), &self.addresses().s3, self.credential.clone(), &self.region);
        let response = api.call(Method::GET, path, query, Bytes::new()).await?;
        let (url, status): (Url, u16) = (response.url().clone(), response.status().as_u16());
        let body = response.bytes().await?;
        if (200..300).contains(&status) {
            return Ok(body);
        }
        Err(HarnessError::Refused { url, status, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

/// The texts of all elements of this name.
pub(super) fn elements(xml: &str, name: &str) -> Vec<String> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let texts = xml.split(start.as_str()).skip(1).filter_map(|rest| rest.split_once(end.as_str()));
    texts.map(|(text, _)| unescaped(text)).collect()
}

/// A text of XML, with the five entities and characters by number resolved.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (entity, rest) = part.split_once(';').unwrap_or((part, ""));
        let number = entity.strip_prefix("#x").map(|hex| u32::from_str_radix(hex, 16).ok());
        let number = number.or_else(|| entity.strip_prefix('#').map(|decimal| decimal.parse().ok()));
        let char = match entity {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => number.flatten().and_then(char::from_u32),
        };
        out.extend(char);
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_from_a_listing_as_they_are() {
        let page = "<Contents><Key>a&amp;b/&#x2F;&#233;</Key></Contents><Contents><Key>c</Key></Contents>";
        assert_eq!(elements(page, "Key"), ["a&b//é", "c"]);
    }
}
