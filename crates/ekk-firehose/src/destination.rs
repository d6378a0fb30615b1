//! Where a stream delivers to: from what the caller configured or changed, over what is described, to what delivery is
//! told.
//!
//! A destination is kept as AWS describes it, with every default filled in, and with the secrets that a description
//! has no member for. Here the one destination of a request is found, completed and merged; the defaults and checks
//! of each kind are in its own module.

mod conversion;
mod endpoint;
mod extended_s3;
mod http_endpoint;
mod iceberg;
mod partitioning;
mod prefix;
mod processing;
mod redshift;
mod s3;
mod search;
mod secrets;
mod serverless;
mod settings;
mod snowflake;
mod splunk;
mod time_zone;
mod vpc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use self::settings::Settings;
use crate::{
    error::ApiError,
    model::{self, Shape, Structure, shapes},
    wire,
};

/// The ten kinds of destination, in the order of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    S3,
    ExtendedS3,
    Redshift,
    Elasticsearch,
    Amazonopensearchservice,
    Splunk,
    HttpEndpoint,
    AmazonOpenSearchServerless,
    Snowflake,
    Iceberg,
}

impl Kind {
    pub(crate) const ALL: [Self; 10] = [
        Self::S3,
        Self::ExtendedS3,
        Self::Redshift,
        Self::Elasticsearch,
        Self::Amazonopensearchservice,
        Self::Splunk,
        Self::HttpEndpoint,
        Self::AmazonOpenSearchServerless,
        Self::Snowflake,
        Self::Iceberg,
    ];

    /// How the names of its members begin.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::S3 => "S3",
            Self::ExtendedS3 => "ExtendedS3",
            Self::Redshift => "Redshift",
            Self::Elasticsearch => "Elasticsearch",
            Self::Amazonopensearchservice => "Amazonopensearchservice",
            Self::Splunk => "Splunk",
            Self::HttpEndpoint => "HttpEndpoint",
            Self::AmazonOpenSearchServerless => "AmazonOpenSearchServerless",
            Self::Snowflake => "Snowflake",
            Self::Iceberg => "Iceberg",
        }
    }

    /// The member of a request that configures it (`Configuration`) or changes it (`Update`).
    pub(crate) fn member(self, role: &str) -> String {
        format!("{}Destination{role}", self.name())
    }

    /// The shape of the member of `of` that configures, changes or describes it.
    fn shape(self, of: &'static Structure, role: &str) -> &'static Structure {
        let member = self.member(role);
        match of.members.iter().find(|known| known.name == member).map(|known| known.shape) {
            Some(Shape::Structure(structure)) => structure,
            _ => unreachable!("the model has {member}"),
        }
    }

    /// The shape in which it is described.
    fn description(self) -> &'static Structure {
        self.shape(&shapes::DESTINATION_DESCRIPTION_MEMBERS, "Description")
    }

    fn is_bucket(self) -> bool {
        matches!(self, Self::S3 | Self::ExtendedS3)
    }

    /// Elasticsearch and OpenSearch Service, which are two names of one thing.
    fn is_search(self) -> bool {
        matches!(self, Self::Elasticsearch | Self::Amazonopensearchservice)
    }

    /// Whether a destination of this kind keeps what an update to another leaves out.
    ///
    /// AWS says so of the same kind alone. It is so here of the two kinds of bucket, one of which extends the other, and
    /// of the two kinds of search, whose updates have no member for what cannot be changed.
    fn merges_with(self, kind: Self) -> bool {
        self == kind || (self.is_bucket() && kind.is_bucket()) || (self.is_search() && kind.is_search())
    }
}

/// The one destination of a stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Destination {
    pub(crate) kind: Kind,
    /// The members of the kind's description, and the secrets of its configuration.
    settings: Settings,
}

/// What ekk cannot deliver, in words: `RedshiftDestination`, or a feature of a destination that it can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undelivered(pub(crate) String);

/// What delivery is told, or why it cannot be.
pub(crate) type Delivered = Result<ekk_delivery::Destination, Undelivered>;

impl Destination {
    /// The destination of a `CreateDeliveryStream` request of a region, checked and completed.
    ///
    /// # Errors
    /// `InvalidArgumentException`: there is none or more than one, or its members contradict.
    pub(crate) fn configured(request: &Map<String, Value>, region: &str) -> Result<Self, ApiError> {
        let exactly_one = || ApiError::invalid(EXACTLY_ONE);
        let (kind, given) = only(request, "Configuration")?.ok_or_else(exactly_one)?;
        let configured = Self::completed(kind, Settings::of_request(given), None)?;
        secrets::check_region(&configured.settings, region)?;
        Ok(configured)
    }

    /// This destination after an `UpdateDestination` request of a region, checked and completed.
    ///
    /// What the request leaves out stays, unless it changes the kind of the destination: member by member of the
    /// destination, its buckets and its conversion, while any other structure is replaced as a whole.
    ///
    /// # Errors
    /// `InvalidArgumentException`: as for [`Destination::configured`], or a change that AWS does not make.
    pub(crate) fn updated(&self, request: &Map<String, Value>, region: &str) -> Result<Self, ApiError> {
        let at_least_one =
            || ApiError::invalid("At least one destination or source configuration update must be provided");
        let (kind, given) = only(request, "Update")?.ok_or_else(at_least_one)?;
        self.check_change_to(kind)?;
        let updated = self.changed(kind, Settings::of_request(given))?;
        secrets::check_region(&updated.settings, region)?;
        if updated.decompresses() && !self.decompresses() && !self.settings.has_processor("Lambda") {
            return Err(ApiError::invalid(
                "Enabling source decompression is not supported for existing stream with no Lambda function attached.",
            ));
        }
        Ok(updated)
    }

    fn changed(&self, kind: Kind, change: Settings) -> Result<Self, ApiError> {
        if !self.kind.merges_with(kind) {
            let path = kind.member("Update");
            let configuration = kind.shape(&shapes::CREATE_DELIVERY_STREAM_INPUT_MEMBERS, "Configuration");
            change.check_required(configuration, &path)?;
            return Self::completed(kind, change, None);
        }
        // A kind that is extended by another stays what it extends.
        let kind = if self.kind == Kind::ExtendedS3 && kind == Kind::S3 { self.kind } else { kind };
        Self::completed(kind, self.settings.merged(change), Some(&self.settings))
    }

    fn completed(kind: Kind, settings: Settings, before: Option<&Settings>) -> Result<Self, ApiError> {
        let settings = match kind {
            Kind::S3 => s3::complete(settings)?,
            Kind::ExtendedS3 => extended_s3::complete(settings, before)?,
            Kind::Redshift => redshift::complete(settings, before)?,
            Kind::Elasticsearch | Kind::Amazonopensearchservice => search::complete(settings, kind)?,
            Kind::Splunk => splunk::complete(settings, before)?,
            Kind::HttpEndpoint => http_endpoint::complete(settings, before)?,
            Kind::AmazonOpenSearchServerless => serverless::complete(settings)?,
            Kind::Snowflake => snowflake::complete(settings, before)?,
            Kind::Iceberg => iceberg::complete(settings)?,
        };
        Ok(Self { kind, settings })
    }

    /// Elasticsearch and OpenSearch go over into one another and nothing else, an HTTP endpoint into nothing.
    fn check_change_to(&self, kind: Kind) -> Result<(), ApiError> {
        if self.kind.merges_with(kind) {
            return Ok(());
        }
        match [kind, self.kind].into_iter().find(|&kind| kind.is_search() || kind == Kind::HttpEndpoint) {
            None => Ok(()),
            Some(kind) => Err(ApiError::invalid(format!(
                "Changing the destination type to or from {} is not supported at this time.",
                kind.name()
            ))),
        }
    }

    /// Whether it decompresses records, which `CloudWatch` Logs alone may put then.
    pub(crate) fn decompresses(&self) -> bool {
        self.settings.has_processor("Decompression")
    }

    /// The destination as AWS describes it.
    ///
    /// # Errors
    /// `InternalFailure` when the stored settings are not a description.
    pub(crate) fn described(&self, id: &str) -> Result<wire::DestinationDescription, ApiError> {
        let mut members = Map::new();
        members.insert("DestinationId".to_owned(), id.into());
        members.insert(self.kind.member("Description"), self.settings.described(self.kind.description()));
        // AWS describes a bucket twice, as the plain one and as the extended one, however it was configured.
        match self.kind {
            Kind::ExtendedS3 => {
                members.insert(Kind::S3.member("Description"), self.settings.described(Kind::S3.description()));
            }
            Kind::S3 => {
                let extended = s3::extended(self.settings.clone());
                members
                    .insert(Kind::ExtendedS3.member("Description"), extended.described(Kind::ExtendedS3.description()));
            }
            _ => {}
        }
        model::typed(Value::Object(members))
    }

    /// What delivery is told.
    ///
    /// # Errors
    /// - `InvalidArgumentException` for a member whose text only delivery can read.
    /// - `InternalFailure` when the stored settings are not a description.
    pub(crate) fn delivered(&self) -> Result<Delivered, ApiError> {
        use ekk_delivery::Flavour;
        match self.kind {
            Kind::S3 => s3::delivered(&self.settings),
            Kind::ExtendedS3 => extended_s3::delivered(&self.settings),
            Kind::Elasticsearch => search::delivered(&self.settings, Flavour::Elasticsearch),
            Kind::Amazonopensearchservice => search::delivered(&self.settings, Flavour::OpenSearch),
            Kind::AmazonOpenSearchServerless => serverless::delivered(&self.settings),
            Kind::HttpEndpoint => http_endpoint::delivered(&self.settings),
            Kind::Redshift | Kind::Splunk | Kind::Snowflake | Kind::Iceberg => {
                Ok(Err(Undelivered(format!("{}Destination", self.kind.name()))))
            }
        }
    }

    /// What delivery is told of the processors.
    ///
    /// # Errors
    /// `InternalFailure` when the stored settings are not a description.
    pub(crate) fn processors(&self) -> Result<Vec<ekk_delivery::Processor>, ApiError> {
        processing::delivered(&self.settings)
    }

    /// Says in the log what of a stream is taken and described and has no effect here.
    pub(crate) fn warn(&self, stream: &str) {
        for what in self.without_effect() {
            tracing::warn!(stream, what, "taken and described, and without effect here");
        }
    }

    fn without_effect(&self) -> Vec<&'static str> {
        let (settings, buckets) = (&self.settings, self.settings.buckets());
        let any = |has: fn(&Settings) -> bool| has(settings) || buckets.iter().any(has);
        let mut found = Vec::new();
        found.extend(any(|of| of.enabled("CloudWatchLoggingOptions")).then_some("CloudWatchLoggingOptions"));
        found.extend(
            any(|of| of.value("EncryptionConfiguration").is_some_and(|how| how.get("KMSEncryptionConfig").is_some()))
                .then_some("EncryptionConfiguration.KMSEncryptionConfig"),
        );
        found.extend(settings.has(vpc::VPC).then_some("VpcConfiguration"));
        let is_listed = settings.value(processing::PROCESSING).and_then(|processing| processing.get("Processors"));
        let is_listed = is_listed.and_then(Value::as_array).is_some_and(|processors| !processors.is_empty());
        let is_off = is_listed && !settings.enabled(processing::PROCESSING);
        found.extend(is_off.then_some("ProcessingConfiguration.Processors, for it is not enabled"));
        found
    }
}

/// What a request with several destinations, or a creation with none, is refused with.
const EXACTLY_ONE: &str = "Exactly one destination configuration is supported for a Firehose";

/// A destination as a request gives it.
type Given<'a> = (Kind, &'a Map<String, Value>);

/// The one destination of a request, by the kind of member that holds it; none when there is none.
fn only<'a>(request: &'a Map<String, Value>, role: &str) -> Result<Option<Given<'a>>, ApiError> {
    let mut given = Kind::ALL.iter().filter_map(|kind| {
        let block = request.get(&kind.member(role))?.as_object()?;
        Some((*kind, block))
    });
    match (given.next(), given.next()) {
        (only, None) => Ok(only),
        _ => Err(ApiError::invalid(EXACTLY_ONE)),
    }
}

#[cfg(test)]
pub(crate) mod tests;
