//! The services as their clients see them: over the router, by hand and by the AWS SDK.
