//! What holds for every shape of the model, and the walk over them.

use super::*;

/// Calls `see` for `structure`'s shapes, all the way down.
pub(super) fn each_shape(structure: &'static Structure, see: &mut dyn FnMut(&'static Shape)) {
    for member in structure.members {
        see_shape(member.shape, see);
    }
}

fn see_shape(shape: &'static Shape, see: &mut dyn FnMut(&'static Shape)) {
    see(shape);
    match shape {
        Shape::Structure(structure) => each_shape(structure, see),
        Shape::List { of, .. } => see_shape(of, see),
        Shape::Map { key, value } => {
            see_shape(key, see);
            see_shape(value, see);
        }
        _ => {}
    }
}

#[test]
fn what_a_description_has_no_member_for_is_cut() {
    let members = serde_json::json!({
        "EndpointConfiguration": {"Url": "https://a", "AccessKey": "secret"},
        "S3BackupMode": "AllData",
        "Password": "secret",
    });
    let Some(Member { shape: Shape::Structure(structure), .. }) = shapes::DESTINATION_DESCRIPTION_MEMBERS
        .members
        .iter()
        .find(|member| member.name == "HttpEndpointDestinationDescription")
    else {
        panic!("the model describes an HTTP endpoint");
    };
    assert_eq!(
        Value::Object(cut(structure, members.as_object().unwrap())),
        serde_json::json!({"EndpointConfiguration": {"Url": "https://a"}, "S3BackupMode": "AllData"})
    );
}
