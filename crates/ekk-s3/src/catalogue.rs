//! What the endpoint holds: buckets, objects and uploads, and the changes that can happen to them.
//!
//! Pure state. Every change is a [`Mutation`], so a store that writes mutations to a log has the same catalogue again
//! after a restart. What a request means is the subject of `api`, where the bytes go that of `store`.

pub(crate) mod page;

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    checksum::{Algorithm, Checksum, Kind},
    error::{Failure, Outcome},
    segment::{DataFile, Segment},
};

/// All buckets by name.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    buckets: BTreeMap<String, Bucket>,
}

/// A bucket with its objects by key and its uploads by id.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) created: Timestamp,
    /// The location constraint; `None` is us-east-1.
    pub(crate) location: Option<String>,
    pub(crate) objects: BTreeMap<String, Arc<Object>>,
    pub(crate) uploads: BTreeMap<String, Arc<Upload>>,
}

/// An object; it never changes, a new one takes its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Object {
    pub(crate) size_bytes: u64,
    /// Without quotes.
    pub(crate) etag: String,
    /// In whole seconds, as S3 keeps it.
    pub(crate) last_modified: Timestamp,
    pub(crate) checksum: Checksum,
    pub(crate) headers: Headers,
    /// The sizes of the parts of a multipart upload, otherwise empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) part_bytes: Vec<u64>,
    pub(crate) segments: Vec<Segment>,
}

/// What a client says about an object and gets back as it was.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Headers {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cache_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<s3s::dto::Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) storage_class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) website_redirect_location: Option<String>,
    /// User metadata: names without `x-amz-meta-`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) metadata: BTreeMap<String, String>,
}

/// A multipart upload under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) initiated: Timestamp,
    pub(crate) headers: Headers,
    /// What the client asked for when it created the upload.
    pub(crate) checksum: Option<(Algorithm, Kind)>,
    pub(crate) parts: BTreeMap<i32, Part>,
}

/// A part of an upload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) size_bytes: u64,
    pub(crate) md5: [u8; 16],
    pub(crate) last_modified: Timestamp,
    pub(crate) checksum: Checksum,
    /// For the object that this part becomes part of, when its upload names no algorithm.
    pub(crate) crc64nvme: Checksum,
    pub(crate) segments: Vec<Segment>,
}

/// A change to the catalogue.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Mutation {
    /// Nothing changes; it is not logged.
    #[serde(skip)]
    Nothing,
    CreateBucket {
        bucket: String,
        created: Timestamp,
        location: Option<String>,
    },
    DeleteBucket {
        bucket: String,
    },
    PutObject {
        bucket: String,
        key: String,
        object: Arc<Object>,
    },
    DeleteObjects {
        bucket: String,
        keys: Vec<String>,
    },
    CreateUpload {
        bucket: String,
        upload_id: String,
        upload: Arc<Upload>,
    },
    PutPart {
        bucket: String,
        upload_id: String,
        number: i32,
        part: Part,
    },
    /// The object takes over the segments of the parts that it is made of.
    CompleteUpload {
        bucket: String,
        upload_id: String,
        object: Arc<Object>,
    },
    AbortUpload {
        bucket: String,
        upload_id: String,
    },
}

impl Catalogue {
    /// All buckets in the order of their names.
    pub(crate) fn buckets(&self) -> &BTreeMap<String, Bucket> {
        &self.buckets
    }

    pub(crate) fn bucket(&self, bucket: &str) -> Outcome<&Bucket> {
        self.buckets.get(bucket).ok_or(Failure::NoSuchBucket)
    }

    pub(crate) fn object(&self, bucket: &str, key: &str) -> Outcome<&Arc<Object>> {
        self.bucket(bucket)?.objects.get(key).ok_or(Failure::NoSuchKey)
    }

    /// The upload with this id, if it is one for `key`.
    pub(crate) fn upload(&self, bucket: &str, key: &str, upload_id: &str) -> Outcome<&Arc<Upload>> {
        let upload = self.bucket(bucket)?.uploads.get(upload_id);
        upload.filter(|upload| upload.key == key).ok_or(Failure::NoSuchUpload)
    }

    /// Carries out a change that was decided on this catalogue. A change of what does not exist does nothing.
    pub(crate) fn apply(&mut self, mutation: Mutation) {
        match mutation {
            Mutation::Nothing => {}
            Mutation::CreateBucket { bucket, created, location } => {
                let (objects, uploads) = Default::default();
                self.buckets.entry(bucket).or_insert(Bucket { created, location, objects, uploads });
            }
            Mutation::DeleteBucket { bucket } => {
                if let Some(bucket) = self.buckets.remove(&bucket) {
                    bucket.segments().for_each(doom);
                }
            }
            Mutation::PutObject { bucket, key, object } => {
                if let Some(bucket) = self.buckets.get_mut(&bucket) {
                    bucket.put(key, object);
                }
            }
            Mutation::DeleteObjects { bucket, keys } => {
                if let Some(bucket) = self.buckets.get_mut(&bucket) {
                    let deleted = keys.iter().filter_map(|key| bucket.objects.remove(key));
                    deleted.for_each(|object| object.segments.iter().for_each(doom));
                }
            }
            Mutation::CreateUpload { bucket, upload_id, upload } => {
                if let Some(bucket) = self.buckets.get_mut(&bucket) {
                    upload.segments().for_each(keep);
                    bucket.uploads.insert(upload_id, upload);
                }
            }
            Mutation::PutPart { bucket, upload_id, number, part } => {
                if let Some(upload) =
                    self.buckets.get_mut(&bucket).and_then(|bucket| bucket.uploads.get_mut(&upload_id))
                {
                    part.segments.iter().for_each(keep);
                    let replaced = Arc::make_mut(upload).parts.insert(number, part);
                    replaced.iter().flat_map(|part| &part.segments).for_each(doom);
                }
            }
            Mutation::CompleteUpload { bucket, upload_id, object } => {
                if let Some(bucket) = self.buckets.get_mut(&bucket)
                    && let Some(upload) = bucket.uploads.remove(&upload_id)
                {
                    doom_unused(&upload, &object);
                    bucket.put(upload.key.clone(), object);
                }
            }
            Mutation::AbortUpload { bucket, upload_id } => {
                if let Some(upload) = self.buckets.get_mut(&bucket).and_then(|bucket| bucket.uploads.remove(&upload_id))
                {
                    upload.segments().for_each(doom);
                }
            }
        }
    }

    /// The mutations that make this catalogue out of an empty one.
    pub(crate) fn snapshot(&self) -> impl Iterator<Item = Mutation> + '_ {
        self.buckets.iter().flat_map(|(name, bucket)| {
            let created = Mutation::CreateBucket {
                bucket: name.clone(),
                created: bucket.created,
                location: bucket.location.clone(),
            };
            let objects = bucket.objects.iter().map(|(key, object)| Mutation::PutObject {
                bucket: name.clone(),
                key: key.clone(),
                object: Arc::clone(object),
            });
            let uploads = bucket.uploads.iter().map(|(upload_id, upload)| Mutation::CreateUpload {
                bucket: name.clone(),
                upload_id: upload_id.clone(),
                upload: Arc::clone(upload),
            });
            std::iter::once(created).chain(objects).chain(uploads)
        })
    }

    /// The number of mutations in a snapshot.
    pub(crate) fn snapshot_len(&self) -> usize {
        self.buckets.values().map(|bucket| 1 + bucket.objects.len() + bucket.uploads.len()).sum()
    }

    /// Every data file that this catalogue needs.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Arc<DataFile>> {
        self.buckets.values().flat_map(Bucket::segments).filter_map(Segment::file)
    }
}

impl Bucket {
    fn put(&mut self, key: String, object: Arc<Object>) {
        object.segments.iter().for_each(keep);
        if let Some(replaced) = self.objects.insert(key, object) {
            replaced.segments.iter().for_each(doom);
        }
    }

    fn segments(&self) -> impl Iterator<Item = &Segment> {
        let objects = self.objects.values().flat_map(|object| &object.segments);
        objects.chain(self.uploads.values().flat_map(|upload| upload.segments()))
    }
}

impl Upload {
    fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.parts.values().flat_map(|part| &part.segments)
    }
}

impl Mutation {
    /// The segments that come into the catalogue with this change, of a mutation that was just read from a log.
    pub(crate) fn segments_mut(&mut self) -> Vec<&mut Segment> {
        const FRESH: &str = "nobody else has what was just read";
        match self {
            Self::PutObject { object, .. } | Self::CompleteUpload { object, .. } => {
                Arc::get_mut(object).expect(FRESH).segments.iter_mut().collect()
            }
            Self::CreateUpload { upload, .. } => {
                let parts = Arc::get_mut(upload).expect(FRESH).parts.values_mut();
                parts.flat_map(|part| &mut part.segments).collect()
            }
            Self::PutPart { part, .. } => part.segments.iter_mut().collect(),
            _ => Vec::new(),
        }
    }
}

/// Dooms those parts of an upload that its object is not made of.
fn doom_unused(upload: &Upload, object: &Object) {
    let taken: HashSet<_> = object.segments.iter().filter_map(Segment::file).map(|file| file.name()).collect();
    let unused = upload.segments().filter(|segment| segment.file().is_some_and(|file| !taken.contains(file.name())));
    unused.for_each(doom);
}

fn keep(segment: &Segment) {
    if let Some(file) = segment.file() {
        file.keep();
    }
}

fn doom(segment: &Segment) {
    if let Some(file) = segment.file() {
        file.doom();
    }
}
