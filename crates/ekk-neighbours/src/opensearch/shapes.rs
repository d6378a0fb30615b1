//! The requests of the API as AWS's model has them: members, types, constraints.
//!
//! The older dialect shares all but what it calls otherwise. Of the rarely used options (SAML, JWT, identity center,
//! AI) the types are here, and of their texts the lengths.

use super::{
    instance_type,
    shape::{Member, Shape},
};
use crate::constraint::{Pattern, Text};

const fn optional(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, shape, required: false }
}

const fn required(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, shape, required: true }
}

static BOOLEAN: Shape = Shape::Boolean;
static INTEGER: Shape = Shape::Integer { min: i32::MIN as i64, max: i32::MAX as i64 };
static STRING: Shape = Shape::Text(Text::ANY);
static STRINGS: Shape = Shape::List { of: &STRING, max: usize::MAX };
static TIMESTAMP: Shape = Shape::Timestamp;
static ARN: Shape = Shape::Text(Text::length(20, 2048));
static STRING_MAP: Shape = Shape::Map { of: &STRING, keys: None };

static DOMAIN_NAME: Shape = Shape::Text(Text::like(3, 28, &DOMAIN_NAMES));
static DOMAIN_NAMES: Pattern = Pattern::new(r"[a-z][a-z0-9\-]+");
static ENGINE_VERSION: Shape = Shape::Text(Text::like(14, 18, &ENGINE_VERSIONS));
static ENGINE_VERSIONS: Pattern =
    Pattern::new(r"^Elasticsearch_[0-9]{1}\.[0-9]{1,2}$|^OpenSearch_[0-9]{1,2}\.[0-9]{1,2}$");
static OLD_VERSION: Shape = Shape::Text(Text::like(0, usize::MAX, &OLD_VERSIONS));
static OLD_VERSIONS: Pattern =
    Pattern::new(r"^[0-9]{1}\.[0-9]{1,2}$|^OpenSearch_[0-9]{1,2}\.[0-9]{1,2}$|^OS_[0-9]{1,2}\.[0-9]{1,2}$");

static INSTANCE_TYPE: Shape =
    Shape::Text(Text { also: Some(instance_type::is_documented), ..Text::one_of(instance_type::SEARCH) });
static OLD_INSTANCE_TYPE: Shape = Shape::Text(Text {
    also: Some(instance_type::is_documented_in_elasticsearch),
    ..Text::one_of(instance_type::ELASTICSEARCH)
});
static WARM_TYPE: Shape =
    Shape::Text(Text::one_of(&["ultrawarm1.medium.search", "ultrawarm1.large.search", "ultrawarm1.xlarge.search"]));
static OLD_WARM_TYPE: Shape =
    Shape::Text(Text::one_of(&["ultrawarm1.medium.elasticsearch", "ultrawarm1.large.elasticsearch"]));
static ZONE_AWARENESS: Shape = Shape::Structure(&[optional("AvailabilityZoneCount", &INTEGER)]);
static COLD_STORAGE: Shape = Shape::Structure(&[required("Enabled", &BOOLEAN)]);
static NODE_TYPE: Shape = Shape::Text(Text::one_of(&["coordinator"]));
static NODE_CONFIG: Shape =
    Shape::Structure(&[optional("Enabled", &BOOLEAN), optional("Type", &INSTANCE_TYPE), optional("Count", &INTEGER)]);
static NODE_OPTION: Shape = Shape::Structure(&[optional("NodeType", &NODE_TYPE), optional("NodeConfig", &NODE_CONFIG)]);
static NODE_OPTIONS: Shape = Shape::List { of: &NODE_OPTION, max: usize::MAX };
static CLUSTER_CONFIG: Shape = Shape::Structure(&[
    optional("InstanceType", &INSTANCE_TYPE),
    optional("InstanceCount", &INTEGER),
    optional("DedicatedMasterEnabled", &BOOLEAN),
    optional("ZoneAwarenessEnabled", &BOOLEAN),
    optional("ZoneAwarenessConfig", &ZONE_AWARENESS),
    optional("DedicatedMasterType", &INSTANCE_TYPE),
    optional("DedicatedMasterCount", &INTEGER),
    optional("WarmEnabled", &BOOLEAN),
    optional("WarmType", &WARM_TYPE),
    optional("WarmCount", &INTEGER),
    optional("ColdStorageOptions", &COLD_STORAGE),
    optional("MultiAZWithStandbyEnabled", &BOOLEAN),
    optional("NodeOptions", &NODE_OPTIONS),
]);
static OLD_CLUSTER_CONFIG: Shape = Shape::Structure(&[
    optional("InstanceType", &OLD_INSTANCE_TYPE),
    optional("InstanceCount", &INTEGER),
    optional("DedicatedMasterEnabled", &BOOLEAN),
    optional("ZoneAwarenessEnabled", &BOOLEAN),
    optional("ZoneAwarenessConfig", &ZONE_AWARENESS),
    optional("DedicatedMasterType", &OLD_INSTANCE_TYPE),
    optional("DedicatedMasterCount", &INTEGER),
    optional("WarmEnabled", &BOOLEAN),
    optional("WarmType", &OLD_WARM_TYPE),
    optional("WarmCount", &INTEGER),
    optional("ColdStorageOptions", &COLD_STORAGE),
]);

static VOLUME_TYPE: Shape = Shape::Text(Text::one_of(&["standard", "gp2", "io1", "gp3"]));
static EBS: Shape = Shape::Structure(&[
    optional("EBSEnabled", &BOOLEAN),
    optional("VolumeType", &VOLUME_TYPE),
    optional("VolumeSize", &INTEGER),
    optional("Iops", &INTEGER),
    optional("Throughput", &INTEGER),
]);
static ACCESS_POLICIES: Shape = Shape::Text(Text::length(0, 102_400));
static IP_ADDRESS_TYPE: Shape = Shape::Text(Text::one_of(&["ipv4", "dualstack"]));
static SNAPSHOT: Shape = Shape::Structure(&[optional("AutomatedSnapshotStartHour", &INTEGER)]);
static VPC: Shape = Shape::Structure(&[
    optional("SubnetIds", &STRINGS),
    optional("SecurityGroupIds", &STRINGS),
    optional("EgressEnabled", &BOOLEAN),
]);
static USER_POOL: Shape = Shape::Text(Text::like(1, 55, &USER_POOLS));
static USER_POOLS: Pattern = Pattern::new(r"[\w-]+_[0-9a-zA-Z]+");
static IDENTITY_POOL: Shape = Shape::Text(Text::like(1, 55, &IDENTITY_POOLS));
static IDENTITY_POOLS: Pattern = Pattern::new(r"[\w-]+:[0-9a-f-]+");
static ROLE_ARN: Shape = Shape::Text(Text::like(20, 2048, &ROLE_ARNS));
static ROLE_ARNS: Pattern = Pattern::new(r"arn:(aws|aws\-cn|aws\-us\-gov|aws\-iso|aws\-iso\-b):iam::[0-9]+:role\/.*");
static COGNITO: Shape = Shape::Structure(&[
    optional("Enabled", &BOOLEAN),
    optional("UserPoolId", &USER_POOL),
    optional("IdentityPoolId", &IDENTITY_POOL),
    optional("RoleArn", &ROLE_ARN),
]);
static KMS_KEY: Shape = Shape::Text(Text::length(1, 500));
static ENCRYPTION_MODE: Shape = Shape::Text(Text::one_of(&["DISK", "NATIVE"]));
static ENCRYPTION: Shape = Shape::Structure(&[
    optional("Enabled", &BOOLEAN),
    optional("KmsKeyId", &KMS_KEY),
    optional("EncryptionMode", &ENCRYPTION_MODE),
]);
static ENABLED: Shape = Shape::Structure(&[optional("Enabled", &BOOLEAN)]);
static LOG_TYPE: Text = Text::one_of(&["INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS", "ES_APPLICATION_LOGS", "AUDIT_LOGS"]);
static LOG_OPTION: Shape =
    Shape::Structure(&[optional("CloudWatchLogsLogGroupArn", &ARN), optional("Enabled", &BOOLEAN)]);
static LOGS: Shape = Shape::Map { of: &LOG_OPTION, keys: Some(&LOG_TYPE) };
static TLS_POLICY: Shape = Shape::Text(Text::one_of(&[
    "Policy-Min-TLS-1-0-2019-07",
    "Policy-Min-TLS-1-2-2019-07",
    "Policy-Min-TLS-1-2-PFS-2023-10",
    "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08",
    "Policy-Min-TLS-1-2-FIPS-PQ-2026-10",
]));
static FULL_NAME: Shape = Shape::Text(Text::like(1, 255, &FULL_NAMES));
static FULL_NAMES: Pattern = Pattern::rewritten(
    r"^(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])$",
    r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]",
);
static ENDPOINT: Shape = Shape::Structure(&[
    optional("EnforceHTTPS", &BOOLEAN),
    optional("TLSSecurityPolicy", &TLS_POLICY),
    optional("CustomEndpointEnabled", &BOOLEAN),
    optional("CustomEndpoint", &FULL_NAME),
    optional("CustomEndpointCertificateArn", &ARN),
]);

static USER_NAME: Shape = Shape::Text(Text::length(1, 64));
static PASSWORD: Shape = Shape::Text(Text::length(8, 128));
static MASTER_USER: Shape = Shape::Structure(&[
    optional("MasterUserARN", &ARN),
    optional("MasterUserName", &USER_NAME),
    optional("MasterUserPassword", &PASSWORD),
]);
static METADATA: Shape = Shape::Text(Text::length(1, 1_048_576));
static ENTITY: Shape = Shape::Text(Text::length(8, 512));
static IDENTITY_PROVIDER: Shape =
    Shape::Structure(&[required("MetadataContent", &METADATA), required("EntityId", &ENTITY)]);
static BACKEND_ROLE: Shape = Shape::Text(Text::length(1, 256));
static SAML: Shape = Shape::Structure(&[
    optional("Enabled", &BOOLEAN),
    optional("Idp", &IDENTITY_PROVIDER),
    optional("MasterUserName", &USER_NAME),
    optional("MasterBackendRole", &BACKEND_ROLE),
    optional("SubjectKey", &STRING),
    optional("RolesKey", &STRING),
    optional("SessionTimeoutMinutes", &INTEGER),
]);
static CLAIM: Shape = Shape::Text(Text::length(1, 64));
static KEY_URL: Shape = Shape::Text(Text::length(0, 2048));
static JWT: Shape = Shape::Structure(&[
    optional("Enabled", &BOOLEAN),
    optional("SubjectKey", &CLAIM),
    optional("RolesKey", &CLAIM),
    optional("JwksUrl", &KEY_URL),
    optional("PublicKey", &STRING),
]);
static FEDERATION: Shape =
    Shape::Structure(&[optional("Enabled", &BOOLEAN), optional("SubjectKey", &CLAIM), optional("RolesKey", &CLAIM)]);
static SECURITY: Shape = Shape::Structure(&[
    optional("Enabled", &BOOLEAN),
    optional("InternalUserDatabaseEnabled", &BOOLEAN),
    optional("MasterUserOptions", &MASTER_USER),
    optional("SAMLOptions", &SAML),
    optional("JWTOptions", &JWT),
    optional("IAMFederationOptions", &FEDERATION),
    optional("AnonymousAuthEnabled", &BOOLEAN),
]);
static SUBJECT: Shape = Shape::Text(Text::one_of(&["UserName", "UserId", "Email"]));
static ROLES: Shape = Shape::Text(Text::one_of(&["GroupName", "GroupId"]));
static IDENTITY_CENTER: Shape = Shape::Structure(&[
    optional("EnabledAPIAccess", &BOOLEAN),
    optional("IdentityCenterInstanceARN", &ARN),
    optional("IdentityCenterInstanceRegion", &STRING),
    optional("SubjectKey", &SUBJECT),
    optional("RolesKey", &ROLES),
]);

static TAG_KEY: Shape = Shape::Text(Text::length(1, 128));
static TAG_VALUE: Shape = Shape::Text(Text::length(0, 256));
static TAG: Shape = Shape::Structure(&[required("Key", &TAG_KEY), required("Value", &TAG_VALUE)]);
static TAGS: Shape = Shape::List { of: &TAG, max: usize::MAX };

static DESIRED_STATE: Shape = Shape::Text(Text::one_of(&["ENABLED", "DISABLED"]));
static ROLLBACK: Shape = Shape::Text(Text::one_of(&["NO_ROLLBACK", "DEFAULT_ROLLBACK"]));
static HOURS: Shape = Shape::Integer { min: 1, max: 24 };
static TIME_UNIT: Shape = Shape::Text(Text::one_of(&["HOURS"]));
static DURATION: Shape = Shape::Structure(&[optional("Value", &HOURS), optional("Unit", &TIME_UNIT)]);
static MAINTENANCE: Shape = Shape::Structure(&[
    optional("StartAt", &TIMESTAMP),
    optional("Duration", &DURATION),
    optional("CronExpressionForRecurrence", &STRING),
]);
static MAINTENANCES: Shape = Shape::List { of: &MAINTENANCE, max: 100 };
static AUTO_TUNE: Shape = Shape::Structure(&[
    optional("DesiredState", &DESIRED_STATE),
    optional("RollbackOnDisable", &ROLLBACK),
    optional("MaintenanceSchedules", &MAINTENANCES),
    optional("UseOffPeakWindow", &BOOLEAN),
]);
static START_HOUR: Shape = Shape::Integer { min: 0, max: 23 };
static START_MINUTE: Shape = Shape::Integer { min: 0, max: 59 };
static START_TIME: Shape = Shape::Structure(&[required("Hours", &START_HOUR), required("Minutes", &START_MINUTE)]);
static WINDOW: Shape = Shape::Structure(&[optional("WindowStartTime", &START_TIME)]);
static OFF_PEAK: Shape = Shape::Structure(&[optional("Enabled", &BOOLEAN), optional("OffPeakWindow", &WINDOW)]);
static SOFTWARE_UPDATE: Shape = Shape::Structure(&[
    optional("AutoSoftwareUpdateEnabled", &BOOLEAN),
    optional("UseLatestServiceSoftwareForBlueGreen", &BOOLEAN),
]);
static NATURAL_LANGUAGE: Shape = Shape::Structure(&[optional("DesiredState", &DESIRED_STATE)]);
static AI: Shape = Shape::Structure(&[
    optional("NaturalLanguageQueryGenerationOptions", &NATURAL_LANGUAGE),
    optional("S3VectorsEngine", &ENABLED),
    optional("ServerlessVectorAcceleration", &ENABLED),
]);
static STRATEGY: Shape = Shape::Text(Text::one_of(&["Default", "CapacityOptimized"]));
static DEPLOYMENT: Shape = Shape::Structure(&[required("DeploymentStrategy", &STRATEGY)]);
static SNAPSHOT_PAUSE: Shape = Shape::Structure(&[
    required("Enabled", &BOOLEAN),
    optional("StartTime", &TIMESTAMP),
    optional("EndTime", &TIMESTAMP),
]);
static USE_CASE: Shape = Shape::Text(Text::one_of(&["SEARCH", "VECTOR", "OBSERVABILITY", "MIXED"]));
static ENGINE_MODE: Shape = Shape::Text(Text::one_of(&["GENERAL", "OPTIMIZED"]));
static DRY_RUN_MODE: Shape = Shape::Text(Text::one_of(&["Basic", "Verbose"]));

pub(super) static CREATE: Shape = Shape::Structure(&[
    required("DomainName", &DOMAIN_NAME),
    optional("EngineVersion", &ENGINE_VERSION),
    optional("ClusterConfig", &CLUSTER_CONFIG),
    optional("EBSOptions", &EBS),
    optional("AccessPolicies", &ACCESS_POLICIES),
    optional("IPAddressType", &IP_ADDRESS_TYPE),
    optional("SnapshotOptions", &SNAPSHOT),
    optional("VPCOptions", &VPC),
    optional("CognitoOptions", &COGNITO),
    optional("EncryptionAtRestOptions", &ENCRYPTION),
    optional("NodeToNodeEncryptionOptions", &ENABLED),
    optional("AdvancedOptions", &STRING_MAP),
    optional("LogPublishingOptions", &LOGS),
    optional("DomainEndpointOptions", &ENDPOINT),
    optional("AdvancedSecurityOptions", &SECURITY),
    optional("IdentityCenterOptions", &IDENTITY_CENTER),
    optional("TagList", &TAGS),
    optional("AutoTuneOptions", &AUTO_TUNE),
    optional("OffPeakWindowOptions", &OFF_PEAK),
    optional("SoftwareUpdateOptions", &SOFTWARE_UPDATE),
    optional("AIMLOptions", &AI),
    optional("DeploymentStrategyOptions", &DEPLOYMENT),
    optional("AutomatedSnapshotPauseOptions", &SNAPSHOT_PAUSE),
    optional("UseCase", &USE_CASE),
    optional("EngineMode", &ENGINE_MODE),
]);
pub(super) static OLD_CREATE: Shape = Shape::Structure(&[
    required("DomainName", &DOMAIN_NAME),
    optional("ElasticsearchVersion", &OLD_VERSION),
    optional("ElasticsearchClusterConfig", &OLD_CLUSTER_CONFIG),
    optional("EBSOptions", &EBS),
    optional("AccessPolicies", &STRING),
    optional("SnapshotOptions", &SNAPSHOT),
    optional("VPCOptions", &VPC),
    optional("CognitoOptions", &COGNITO),
    optional("EncryptionAtRestOptions", &ENCRYPTION),
    optional("NodeToNodeEncryptionOptions", &ENABLED),
    optional("AdvancedOptions", &STRING_MAP),
    optional("LogPublishingOptions", &LOGS),
    optional("DomainEndpointOptions", &ENDPOINT),
    optional("AdvancedSecurityOptions", &SECURITY),
    optional("AutoTuneOptions", &AUTO_TUNE),
    optional("TagList", &TAGS),
    optional("DeploymentStrategyOptions", &DEPLOYMENT),
    optional("AutomatedSnapshotPauseOptions", &SNAPSHOT_PAUSE),
    optional("UseCase", &USE_CASE),
    optional("EngineMode", &ENGINE_MODE),
]);
pub(super) static UPDATE: Shape = Shape::Structure(&[
    optional("ClusterConfig", &CLUSTER_CONFIG),
    optional("EBSOptions", &EBS),
    optional("SnapshotOptions", &SNAPSHOT),
    optional("VPCOptions", &VPC),
    optional("CognitoOptions", &COGNITO),
    optional("AdvancedOptions", &STRING_MAP),
    optional("AccessPolicies", &ACCESS_POLICIES),
    optional("IPAddressType", &IP_ADDRESS_TYPE),
    optional("LogPublishingOptions", &LOGS),
    optional("EncryptionAtRestOptions", &ENCRYPTION),
    optional("DomainEndpointOptions", &ENDPOINT),
    optional("NodeToNodeEncryptionOptions", &ENABLED),
    optional("AdvancedSecurityOptions", &SECURITY),
    optional("IdentityCenterOptions", &IDENTITY_CENTER),
    optional("AutoTuneOptions", &AUTO_TUNE),
    optional("DryRun", &BOOLEAN),
    optional("DryRunMode", &DRY_RUN_MODE),
    optional("OffPeakWindowOptions", &OFF_PEAK),
    optional("SoftwareUpdateOptions", &SOFTWARE_UPDATE),
    optional("AIMLOptions", &AI),
    optional("DeploymentStrategyOptions", &DEPLOYMENT),
    optional("AutomatedSnapshotPauseOptions", &SNAPSHOT_PAUSE),
    optional("UseCase", &USE_CASE),
    optional("EngineMode", &ENGINE_MODE),
]);
pub(super) static OLD_UPDATE: Shape = Shape::Structure(&[
    optional("ElasticsearchClusterConfig", &OLD_CLUSTER_CONFIG),
    optional("EBSOptions", &EBS),
    optional("SnapshotOptions", &SNAPSHOT),
    optional("VPCOptions", &VPC),
    optional("CognitoOptions", &COGNITO),
    optional("AdvancedOptions", &STRING_MAP),
    optional("AccessPolicies", &STRING),
    optional("LogPublishingOptions", &LOGS),
    optional("DomainEndpointOptions", &ENDPOINT),
    optional("AdvancedSecurityOptions", &SECURITY),
    optional("NodeToNodeEncryptionOptions", &ENABLED),
    optional("EncryptionAtRestOptions", &ENCRYPTION),
    optional("AutoTuneOptions", &AUTO_TUNE),
    optional("DryRun", &BOOLEAN),
    optional("DeploymentStrategyOptions", &DEPLOYMENT),
    optional("AutomatedSnapshotPauseOptions", &SNAPSHOT_PAUSE),
    optional("UseCase", &USE_CASE),
    optional("EngineMode", &ENGINE_MODE),
]);
static DOMAIN_NAME_LIST: Shape = Shape::List { of: &DOMAIN_NAME, max: usize::MAX };
pub(super) static DESCRIBE_DOMAINS: Shape = Shape::Structure(&[required("DomainNames", &DOMAIN_NAME_LIST)]);
pub(super) static ADD_TAGS: Shape = Shape::Structure(&[required("ARN", &ARN), required("TagList", &TAGS)]);
pub(super) static REMOVE_TAGS: Shape = Shape::Structure(&[required("ARN", &ARN), required("TagKeys", &STRINGS)]);
pub(super) static UPGRADE: Shape = Shape::Structure(&[
    required("DomainName", &DOMAIN_NAME),
    required("TargetVersion", &ENGINE_VERSION),
    optional("PerformCheckOnly", &BOOLEAN),
    optional("AdvancedOptions", &STRING_MAP),
]);
pub(super) static OLD_UPGRADE: Shape = Shape::Structure(&[
    required("DomainName", &DOMAIN_NAME),
    required("TargetVersion", &OLD_VERSION),
    optional("PerformCheckOnly", &BOOLEAN),
]);

/// The constraint on a domain's name in a path.
pub(super) static NAME: Text = Text::like(3, 28, &DOMAIN_NAMES);
