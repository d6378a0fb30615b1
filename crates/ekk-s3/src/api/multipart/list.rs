//! `ListParts` and `ListMultipartUploads`.

use std::{collections::BTreeSet, sync::Arc};

use s3s::dto;

use crate::{
    api::{
        list::{Encoding, page_entries, wire_count},
        owner, wire_etag, wire_size, wire_time,
    },
    catalogue::{Part, Upload},
    checksum::{self, set_checksum},
    error::Outcome,
    store::Store,
};

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html>
pub(in crate::api) fn list_parts(store: &Store, input: dto::ListPartsInput) -> Outcome<dto::ListPartsOutput> {
    let limit = page_entries(input.max_parts)?;
    let upload = store.read(|catalogue| catalogue.upload(&input.bucket, &input.key, &input.upload_id).cloned())?;
    let marker = input.part_number_marker.unwrap_or(0);
    let beyond = upload.parts.range(marker.saturating_add(1)..);
    let is_truncated = beyond.clone().count() > limit;
    let parts: Vec<_> = beyond.take(limit).map(|(number, part)| describe_part(*number, part)).collect();
    let next_marker = parts.last().and_then(|part| part.part_number).unwrap_or(marker);
    Ok(dto::ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        part_number_marker: Some(marker),
        next_part_number_marker: Some(next_marker),
        max_parts: Some(wire_count(limit)),
        is_truncated: Some(is_truncated),
        parts: Some(parts),
        initiator: Some(initiator()),
        owner: Some(owner()),
        storage_class: Some(storage_class(&upload)),
        checksum_algorithm: upload.checksum.map(|(algorithm, _)| algorithm.name().to_owned().into()),
        checksum_type: upload.checksum.map(|(_, kind)| kind.name().to_owned().into()),
        ..Default::default()
    })
}

fn describe_part(number: i32, part: &Part) -> dto::Part {
    let mut described = dto::Part {
        e_tag: Some(wire_etag(&checksum::hex(&part.md5))),
        last_modified: Some(wire_time(part.last_modified)),
        part_number: Some(number),
        size: Some(wire_size(part.size_bytes)),
        ..Default::default()
    };
    set_checksum!(described, Some(&part.checksum));
    described
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html>
pub(in crate::api) fn list_multipart_uploads(
    store: &Store,
    input: dto::ListMultipartUploadsInput,
) -> Outcome<dto::ListMultipartUploadsOutput> {
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let limit = page_entries(input.max_uploads)?;
    let prefix = input.prefix.unwrap_or_default();
    let delimiter = input.delimiter.filter(|delimiter| !delimiter.is_empty());
    let marker =
        Marker { key: input.key_marker.unwrap_or_default(), upload_id: input.upload_id_marker.unwrap_or_default() };
    let mut uploads: Vec<_> = store.read(|catalogue| {
        let uploads = &catalogue.bucket(&input.bucket)?.uploads;
        let matching = uploads.iter().filter(|(_, upload)| upload.key.starts_with(&prefix));
        Outcome::Ok(matching.map(|(upload_id, upload)| (upload_id.clone(), Arc::clone(upload))).collect())
    })?;
    uploads.sort_by(|(left_id, left), (right_id, right)| {
        (&left.key, left.initiated, left_id).cmp(&(&right.key, right.initiated, right_id))
    });
    let mut common_prefixes = BTreeSet::new();
    let mut listed = Vec::new();
    let mut last = Marker::default();
    let mut is_truncated = false;
    for (upload_id, upload) in marker.skip_listed(uploads) {
        let rolled_up = delimiter.as_deref().and_then(|delimiter| common_prefix(&upload.key, &prefix, delimiter));
        if let Some(common_prefix) = &rolled_up
            && (common_prefixes.contains(common_prefix) || *common_prefix <= marker.key)
        {
            continue;
        }
        if listed.len() + common_prefixes.len() == limit {
            is_truncated = limit > 0;
            break;
        }
        if let Some(common_prefix) = rolled_up {
            last = Marker { key: common_prefix.clone(), upload_id: String::new() };
            common_prefixes.insert(common_prefix);
        } else {
            last = Marker { key: upload.key.clone(), upload_id: upload_id.clone() };
            listed.push(describe_upload(upload_id, &upload, encoding));
        }
    }
    Ok(dto::ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        key_marker: Some(encoding.encode(marker.key)),
        upload_id_marker: Some(marker.upload_id),
        next_key_marker: is_truncated.then(|| encoding.encode(last.key)),
        next_upload_id_marker: is_truncated.then_some(last.upload_id),
        max_uploads: Some(wire_count(limit)),
        is_truncated: Some(is_truncated),
        uploads: Some(listed),
        common_prefixes: Some(encoding.common_prefixes(common_prefixes.into_iter().collect())),
        delimiter: delimiter.map(|delimiter| encoding.encode(delimiter)),
        prefix: Some(encoding.encode(prefix)),
        encoding_type: input.encoding_type,
        ..Default::default()
    })
}

/// The last entry of the page before.
#[derive(Debug, Default)]
struct Marker {
    key: String,
    /// Without one, all uploads of the key count as listed.
    upload_id: String,
}

impl Marker {
    /// Those of the sorted uploads that come after this marker.
    fn skip_listed(&self, mut uploads: Vec<(String, Arc<Upload>)>) -> Vec<(String, Arc<Upload>)> {
        let same =
            uploads.iter().position(|(upload_id, upload)| upload.key == self.key && *upload_id == self.upload_id);
        let listed = match same {
            Some(position) => position + 1,
            None => uploads.partition_point(|(_, upload)| !self.key.is_empty() && upload.key <= self.key),
        };
        uploads.split_off(listed)
    }
}

fn common_prefix(key: &str, prefix: &str, delimiter: &str) -> Option<String> {
    let (rolled_up, _) = key.strip_prefix(prefix)?.split_once(delimiter)?;
    Some(format!("{prefix}{rolled_up}{delimiter}"))
}

fn describe_upload(upload_id: String, upload: &Upload, encoding: Encoding) -> dto::MultipartUpload {
    dto::MultipartUpload {
        checksum_algorithm: upload.checksum.map(|(algorithm, _)| algorithm.name().to_owned().into()),
        checksum_type: upload.checksum.map(|(_, kind)| kind.name().to_owned().into()),
        initiated: Some(wire_time(upload.initiated)),
        initiator: Some(initiator()),
        key: Some(encoding.encode(upload.key.clone())),
        owner: Some(owner()),
        storage_class: Some(storage_class(upload)),
        upload_id: Some(upload_id),
    }
}

fn storage_class(upload: &Upload) -> dto::StorageClass {
    upload.headers.storage_class.clone().unwrap_or_else(|| dto::StorageClass::STANDARD.to_owned()).into()
}

fn initiator() -> dto::Initiator {
    dto::Initiator { display_name: None, id: owner().id }
}
