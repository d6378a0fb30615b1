"""Creates, reads and destroys what infrastructure tools do around a delivery stream: STS, IAM, OpenSearch Service.

    AWS_ENDPOINT_URL=http://localhost:4566 AWS_REGION=us-east-1 check_neighbours.py

Works on things of its own and deletes them. boto3 parses by AWS's own model; on top of that every answer is held to
the model member by member, so that one that boto3 would pass over is found. Prints one line a check; fails at the first
that does not hold.
"""

import datetime
import json
import sys
import uuid

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "firehose.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["es:*", "s3:PutObject"], "Resource": "*"}],
}
KINDS = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "timestamp": datetime.datetime,
    "list": list,
    "map": dict,
    "structure": dict,
}


def hold_to_model(shape, value, path):
    """Every required member is there, every value has its type, its pattern's length and its enum's values."""
    kind = KINDS[shape.type_name]
    if "Document" in path and isinstance(value, dict):
        return  # boto3 has decoded a policy
    assert isinstance(value, kind), f"{path} is {value!r}, not {shape.type_name}"
    if shape.type_name == "structure":
        for name in shape.required_members:
            assert name in value, f"{path}.{name} is missing"
        for name, member in shape.members.items():
            if name in value:
                hold_to_model(member, value[name], f"{path}.{name}")
    elif shape.type_name == "list":
        for item in value:
            hold_to_model(shape.member, item, f"{path}[]")
    elif shape.type_name == "map":
        for item in value.values():
            hold_to_model(shape.value, item, f"{path}[]")
    elif shape.type_name == "string":
        # A nested list of the model is not the whole truth: AWS has newer instance types and versions.
        assert not shape.enum or "Type" in path or value in shape.enum, f"{path}: {value!r} is none of {shape.enum}"
        assert shape.metadata.get("min", 0) <= len(value), f"{path}: {value!r} is too short"


def hold_to_names(shape, value, path):
    """No structure has a member that the model does not have; boto3 would drop it without a word."""
    if shape.type_name == "structure":
        for name, member in value.items():
            assert name in shape.members, f"{path}.{name} is not in the model"
            hold_to_names(shape.members[name], member, f"{path}.{name}")
    elif shape.type_name == "list":
        for item in value:
            hold_to_names(shape.member, item, f"{path}[]")


checked = set()


def client(service, **credentials):
    made = boto3.client(service, config=Config(retries={"max_attempts": 1}), **credentials)

    def check(parsed, model, http_response, **_):
        if model.output_shape and "Error" not in parsed:
            hold_to_model(model.output_shape, parsed, model.name)
            if model.service_model.metadata["protocol"] == "rest-json" and http_response.content:
                hold_to_names(model.output_shape, json.loads(http_response.content), model.name)
            checked.add(model.name)

    made.meta.events.register("after-call", check)
    return made


def refused(code, status, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        response = error.response
        found = (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"])
        assert found == (code, status), response
        return response["Error"]["Message"]
    raise AssertionError(f"{arguments} was not refused with {code}")


def check_identity(name):
    sts = client("sts")
    own = sts.get_caller_identity()
    assert own["Arn"] == f"arn:aws:iam::{own['Account']}:root", own
    assumed = sts.assume_role(RoleArn=f"arn:aws:iam::123456789012:role/{name}", RoleSessionName="check")
    given = assumed["Credentials"]
    keys = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
    identity = client("sts", **keys).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::123456789012:assumed-role/{name}/check", identity
    assert identity["UserId"] == assumed["AssumedRoleUser"]["AssumedRoleId"], identity
    assert client("iam", **keys).list_roles()["Roles"] == []


def check_role(name):
    iam = client("iam")
    tags = [{"Key": "team", "Value": "logs"}]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), Path="/check/", Tags=tags)
    role = iam.get_role(RoleName=name)["Role"]
    assert role["AssumeRolePolicyDocument"] == TRUST and role["Tags"] == tags, role
    message = refused(
        "EntityAlreadyExists", 409, iam.create_role, RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST)
    )
    assert message == f"Role with name {name} already exists.", message
    iam.put_role_policy(RoleName=name, PolicyName="deliver", PolicyDocument=json.dumps(POLICY))
    assert iam.get_role_policy(RoleName=name, PolicyName="deliver")["PolicyDocument"] == POLICY
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["deliver"]
    pages = iam.get_paginator("list_roles").paginate(PathPrefix="/check/", PaginationConfig={"PageSize": 1})
    assert name in [role["RoleName"] for page in pages for role in page["Roles"]]
    iam.untag_role(RoleName=name, TagKeys=["team"])
    assert iam.list_role_tags(RoleName=name)["Tags"] == []
    refused("DeleteConflict", 409, iam.delete_role, RoleName=name)
    iam.delete_role_policy(RoleName=name, PolicyName="deliver")
    assert iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"] == []
    iam.delete_role(RoleName=name)
    message = refused("NoSuchEntity", 404, iam.get_role, RoleName=name)
    assert message == f"The role with name {name} cannot be found.", message
    try:
        iam.get_role(RoleName=name)
    except iam.exceptions.NoSuchEntityException:
        pass
    refused("MalformedPolicyDocument", 400, iam.create_role, RoleName=name, AssumeRolePolicyDocument="{")


def check_managed_policy(name):
    iam = client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    arn = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(POLICY))["Policy"]["Arn"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    assert iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"] == POLICY
    iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert attached == [{"PolicyName": name, "PolicyArn": arn}], attached
    assert [role["RoleName"] for role in iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]] == [name]
    refused("DeleteConflict", 409, iam.delete_policy, PolicyArn=arn)
    iam.detach_role_policy(RoleName=name, PolicyArn=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(POLICY), SetAsDefault=True)
    assert [it["VersionId"] for it in iam.list_policy_versions(PolicyArn=arn)["Versions"]] == ["v2", "v1"]
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy(PolicyArn=arn)
    iam.delete_role(RoleName=name)
    refused("NoSuchEntity", 404, iam.get_policy, PolicyArn=arn)


def check_opensearch_domain(name):
    service = client("opensearch")
    message = refused("ResourceNotFoundException", 409, service.describe_domain, DomainName=name)
    assert message == f"Domain not found: {name}", message
    tags = [{"Key": "team", "Value": "logs"}]
    created = service.create_domain(
        DomainName=name,
        EngineVersion="OpenSearch_2.19",
        ClusterConfig={"InstanceType": "r6g.large.search", "InstanceCount": 2},
        EBSOptions={"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 20},
        LogPublishingOptions={
            "INDEX_SLOW_LOGS": {"CloudWatchLogsLogGroupArn": "arn:aws:logs:us-east-1:1:log-group:logs", "Enabled": True}
        },
        TagList=tags,
    )["DomainStatus"]
    status = service.describe_domain(DomainName=name)["DomainStatus"]
    assert status == created and not status["Processing"] and status["Endpoint"], status
    assert service.describe_domains(DomainNames=[name])["DomainStatusList"] == [status]
    assert {"DomainName": name, "EngineType": "OpenSearch"} in service.list_domain_names()["DomainNames"]
    refused("ResourceAlreadyExistsException", 409, service.create_domain, DomainName=name)
    service.update_domain_config(DomainName=name, ClusterConfig={"InstanceCount": 3})
    config = service.describe_domain_config(DomainName=name)["DomainConfig"]
    assert config["ClusterConfig"]["Options"]["InstanceCount"] == 3, config["ClusterConfig"]
    assert config["ClusterConfig"]["Status"]["State"] == "Active", config["ClusterConfig"]
    arn = status["ARN"]
    service.add_tags(ARN=arn, TagList=[{"Key": "stage", "Value": "test"}])
    service.remove_tags(ARN=arn, TagKeys=["team"])
    assert service.list_tags(ARN=arn)["TagList"] == [{"Key": "stage", "Value": "test"}]
    target = service.get_compatible_versions(DomainName=name)["CompatibleVersions"][0]["TargetVersions"][0]
    service.upgrade_domain(DomainName=name, TargetVersion=target)
    assert service.get_upgrade_status(DomainName=name)["StepStatus"] == "SUCCEEDED"
    assert service.describe_domain_change_progress(DomainName=name)["ChangeProgressStatus"]["Status"] == "COMPLETED"
    versions = service.get_paginator("list_versions") if service.can_paginate("list_versions") else None
    listed = versions.paginate().build_full_result() if versions else service.list_versions()
    assert target in listed["Versions"], listed
    assert service.delete_domain(DomainName=name)["DomainStatus"]["Deleted"]
    refused("ResourceNotFoundException", 409, service.describe_domain_config, DomainName=name)


def check_elasticsearch_domain(name):
    service = client("es")
    service.create_elasticsearch_domain(
        DomainName=name,
        ElasticsearchVersion="7.10",
        ElasticsearchClusterConfig={"InstanceType": "t3.small.elasticsearch"},
        EBSOptions={"EBSEnabled": True, "VolumeSize": 10},
    )
    status = service.describe_elasticsearch_domain(DomainName=name)["DomainStatus"]
    assert status["ElasticsearchVersion"] == "7.10" and not status["Processing"], status
    service.update_elasticsearch_domain_config(DomainName=name, ElasticsearchClusterConfig={"InstanceCount": 2})
    config = service.describe_elasticsearch_domain_config(DomainName=name)["DomainConfig"]
    assert config["ElasticsearchClusterConfig"]["Options"]["InstanceCount"] == 2, config
    assert len(service.describe_elasticsearch_domains(DomainNames=[name])["DomainStatusList"]) == 1
    assert service.list_tags(ARN=status["ARN"])["TagList"] == []
    named = service.list_domain_names(EngineType="Elasticsearch")["DomainNames"]
    assert {"DomainName": name, "EngineType": "Elasticsearch"} in named, named
    assert "7.10" in service.list_elasticsearch_versions()["ElasticsearchVersions"]
    service.get_compatible_elasticsearch_versions(DomainName=name)
    service.delete_elasticsearch_domain(DomainName=name)
    refused("ResourceNotFoundException", 409, service.describe_elasticsearch_domain, DomainName=name)


def main():
    name = f"check-{uuid.uuid4().hex[:12]}"
    for check in [
        check_identity,
        check_role,
        check_managed_policy,
        check_opensearch_domain,
        check_elasticsearch_domain,
    ]:
        check(name)
        assert checked, "no answer was held to the model"
        print(f"ok {check.__name__.removeprefix('check_').replace('_', ' ')}")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as error:
        sys.exit(f"does not hold: {error}")
