//! What a stream is: its names, version and destination, and the file that keeps them over a restart.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use ekk_delivery::StreamSpec;
use serde::{Deserialize, Serialize};

use crate::{
    caller::Owner,
    destination::{Destination, Undelivered},
    encryption::Encryption,
    error::{ApiError, Error},
    life::Life,
    tags::Tags,
    wire::{DeliveryStreamType, SourceDescription},
};

/// The id of a stream's one destination.
pub(crate) const DESTINATION_ID: &str = "destinationId-000000000001";

/// A stream's definition, as described and as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Definition {
    /// The key of the stream in delivery and the stem of its file, see [`crate::streams`].
    pub(crate) id: String,
    /// The account and region that the stream belongs to.
    pub(crate) owner: Owner,
    pub(crate) delivery_stream_name: String,
    #[serde(rename = "DeliveryStreamARN")]
    pub(crate) delivery_stream_arn: String,
    pub(crate) life: Life,
    /// Starts at 1 and counts the changes of the destination.
    pub(crate) version_id: u64,
    pub(crate) delivery_stream_type: DeliveryStreamType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<SourceDescription>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
    #[serde(default)]
    pub(crate) encryption: Encryption,
    pub(crate) destination: Destination,
}

impl Definition {
    /// What delivery is told, or what of the stream ekk cannot deliver.
    ///
    /// # Errors
    /// `InvalidArgumentException` for a member that only delivery can read.
    pub(crate) fn spec(&self) -> Result<Result<StreamSpec, Undelivered>, ApiError> {
        if self.delivery_stream_type != DeliveryStreamType::DirectPut {
            return Ok(Err(Undelivered(format!("DeliveryStreamType {:?}", self.delivery_stream_type))));
        }
        let processors = self.destination.processors()?;
        Ok(self.destination.delivered()?.map(|destination| StreamSpec {
            id: self.id.clone(),
            name: self.delivery_stream_name.clone(),
            arn: self.delivery_stream_arn.clone(),
            version: self.version_id,
            processors,
            destination,
        }))
    }
}

/// The folder with one JSON file a stream.
#[derive(Debug)]
pub(crate) struct DefinitionFolder {
    folder: PathBuf,
}

impl DefinitionFolder {
    /// Makes the folder when it is not there.
    ///
    /// # Errors
    /// [`Error::Folder`].
    pub(crate) fn open(folder: PathBuf) -> Result<Self, Error> {
        match fs::create_dir_all(&folder) {
            Ok(()) => Ok(Self { folder }),
            Err(source) => Err(Error::Folder { folder, source }),
        }
    }

    /// Reads all definitions. A file that was only half written has another ending and is not looked at.
    ///
    /// # Errors
    /// [`Error::Folder`], and [`Error::Definition`] for a file that is not one.
    pub(crate) fn load(&self) -> Result<Vec<Definition>, Error> {
        let failed = |source| Error::Folder { folder: self.folder.clone(), source };
        let mut definitions = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let file = entry.map_err(failed)?.path();
            if file.extension().is_some_and(|extension| extension == "json") {
                let text = fs::read(&file).map_err(failed)?;
                let definition =
                    serde_json::from_slice(&text).map_err(|source| Error::Definition { file: file.clone(), source })?;
                definitions.push(definition);
            }
        }
        Ok(definitions)
    }

    /// Writes or replaces a definition; it is on disk when this returns.
    pub(crate) fn save(&self, definition: &Definition) -> io::Result<()> {
        let file = self.file(&definition.id);
        let unfinished = file.with_extension("unfinished");
        let mut writer = fs::File::create(&unfinished)?;
        writer.write_all(&serde_json::to_vec_pretty(definition)?)?;
        writer.sync_all()?;
        fs::rename(&unfinished, &file)?;
        sync_folder(&self.folder)
    }

    /// Removes a definition; it is fine when there is none.
    pub(crate) fn remove(&self, id: &str) -> io::Result<()> {
        match fs::remove_file(self.file(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => sync_folder(&self.folder),
        }
    }

    /// Ids differ by case, files on some systems do not: a capital is marked by a sign that no id may hold.
    fn file(&self, id: &str) -> PathBuf {
        let mut file = String::with_capacity(id.len() + 8);
        for char in id.chars() {
            if char.is_ascii_uppercase() {
                file.push('+');
            }
            file.push(char);
        }
        self.folder.join(file + ".json")
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Other systems cannot open a folder; there the file system's own journal has to do.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
