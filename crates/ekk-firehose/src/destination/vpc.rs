//! `VpcConfiguration`: taken and described, while nothing here has a network of its own.

use serde_json::{Value, json};

use super::settings::Settings;
use crate::error::ApiError;

/// What a description calls it.
pub(super) const VPC: &str = "VpcConfigurationDescription";

/// Fills in the id of the network, which AWS finds out from the subnets; here it is made from their ids.
pub(super) fn complete(settings: &mut Settings) -> Result<(), ApiError> {
    settings.complete_given(VPC, |mut vpc| {
        let id = vpc_id(vpc.value("SubnetIds").and_then(Value::as_array).map_or(&[][..], Vec::as_slice));
        vpc.default("VpcId", json!(id));
        Ok(vpc)
    })
}

/// 17 hexadecimal digits, the same for the same subnets in any order: an FNV-1a hash of them.
fn vpc_id(subnet_ids: &[Value]) -> String {
    let mut ids: Vec<_> = subnet_ids.iter().filter_map(Value::as_str).collect();
    ids.sort_unstable();
    let hash = ids
        .join(" ")
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("vpc-0{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_subnets_are_in_the_same_network() {
        let one = vpc_id(&[json!("subnet-1"), json!("subnet-2")]);
        assert_eq!(one, vpc_id(&[json!("subnet-2"), json!("subnet-1")]));
        assert_ne!(one, vpc_id(&[json!("subnet-1")]));
        assert_eq!(one, "vpc-0b4230d2fe5a61774");
    }
}
