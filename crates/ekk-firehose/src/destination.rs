//! Where a stream delivers to: from what the caller configured or changed, over what is described, to what delivery is
//! told.
//!
//! A destination is kept as AWS describes it, with every default filled in, and with the secrets that a description
//! has no member for. Here the one destination of a request is found, completed and merged; the defaults and checks
//! of each kind are in its own module.

mod http_endpoint;
mod iceberg;
mod redshift;
mod s3;
mod search;
mod serverless;
mod settings;
mod snowflake;
mod splunk;

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
    const ALL: [Self; 10] = [
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
    fn member(self, role: &str) -> String {
        format!("{}Destination{role}", self.name())
    }

    /// The shape in which it is described.
    fn description(self) -> &'static Structure {
        let member = self.member("Description");
        let members = shapes::DESTINATION_DESCRIPTION_MEMBERS.members;
        match members.iter().find(|known| known.name == member).map(|known| known.shape) {
            Some(Shape::Structure(structure)) => structure,
            _ => unreachable!("the model describes {member}"),
        }
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
    /// The destination of a `CreateDeliveryStream` request, checked and completed.
    ///
    /// # Errors
    /// `InvalidArgumentException`: there is none or more than one, or its members contradict.
    pub(crate) fn configured(request: &Map<String, Value>) -> Result<Self, ApiError> {
        let (kind, given) = only(request, "Configuration")?;
        Self::completed(kind, Settings::of_request(given), None)
    }

    /// This destination after an `UpdateDestination` request, checked and completed.
    ///
    /// What the request leaves out stays, unless it changes the kind of the destination.
    ///
    /// # Errors
    /// `InvalidArgumentException`: as for [`Destination::configured`], or a change that AWS does not make.
    pub(crate) fn updated(&self, request: &Map<String, Value>) -> Result<Self, ApiError> {
        let (kind, given) = only(request, "Update")?;
        let change = Settings::of_request(given);
        if kind == self.kind {
            return Self::completed(kind, self.settings.merged(change), Some(self));
        }
        self.check_change_to(kind)?;
        let kept = if self.is_bucket() && matches!(kind, Kind::S3 | Kind::ExtendedS3) {
            self.settings.merged(change)
        } else {
            change
        };
        // A kind that is extended by another stays what it extends.
        let kind = if self.kind == Kind::ExtendedS3 && kind == Kind::S3 { self.kind } else { kind };
        Self::completed(kind, kept, None)
    }

    fn completed(kind: Kind, settings: Settings, before: Option<&Self>) -> Result<Self, ApiError> {
        let before = before.map(|destination| &destination.settings);
        let settings = match kind {
            Kind::S3 => s3::complete(settings)?,
            Kind::ExtendedS3 => s3::complete_extended(settings, before)?,
            Kind::Redshift => redshift::complete(settings, before)?,
            Kind::Elasticsearch | Kind::Amazonopensearchservice => search::complete(settings, before)?,
            Kind::Splunk => splunk::complete(settings, before)?,
            Kind::HttpEndpoint => http_endpoint::complete(settings, before)?,
            Kind::AmazonOpenSearchServerless => serverless::complete(settings, before)?,
            Kind::Snowflake => snowflake::complete(settings, before)?,
            Kind::Iceberg => iceberg::complete(settings, before)?,
        };
        Ok(Self { kind, settings })
    }

    fn is_bucket(&self) -> bool {
        matches!(self.kind, Kind::S3 | Kind::ExtendedS3)
    }

    /// Elasticsearch and OpenSearch go over into one another and nothing else, an HTTP endpoint into nothing.
    fn check_change_to(&self, kind: Kind) -> Result<(), ApiError> {
        let is_search = |kind| matches!(kind, Kind::Elasticsearch | Kind::Amazonopensearchservice);
        let fixed = |kind| is_search(kind) || kind == Kind::HttpEndpoint;
        if is_search(self.kind) && is_search(kind) {
            return Ok(());
        }
        match [kind, self.kind].into_iter().find(|&kind| fixed(kind)) {
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
        if self.kind == Kind::ExtendedS3 {
            // AWS describes an Extended S3 destination a second time, as the plain one that it extends.
            members.insert(Kind::S3.member("Description"), self.settings.described(Kind::S3.description()));
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
            Kind::ExtendedS3 => s3::delivered_extended(&self.settings),
            Kind::Elasticsearch => search::delivered(&self.settings, Flavour::Elasticsearch),
            Kind::Amazonopensearchservice => search::delivered(&self.settings, Flavour::OpenSearch),
            Kind::Redshift
            | Kind::Splunk
            | Kind::HttpEndpoint
            | Kind::AmazonOpenSearchServerless
            | Kind::Snowflake
            | Kind::Iceberg => Ok(Err(Undelivered(format!("{}Destination", self.kind.name())))),
        }
    }
}

/// The one destination of a request, by the kind of member that holds it.
fn only<'a>(request: &'a Map<String, Value>, role: &str) -> Result<(Kind, &'a Map<String, Value>), ApiError> {
    let mut given = Kind::ALL.iter().filter_map(|kind| {
        let block = request.get(&kind.member(role))?.as_object()?;
        Some((*kind, block))
    });
    match (given.next(), given.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(ApiError::invalid("Exactly one destination configuration is supported for a Firehose")),
    }
}
