//! Events as they go out, responses as they come in.

use super::*;

const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:transform";

fn piece(index: u64, place: u32, data: &'static [u8]) -> Piece {
    let data = Bytes::from_static(data);
    let arrival = "2022-12-31T23:55:12.040Z".parse().unwrap();
    let record = Record { epoch: 1_672_000_000, index, piece: place, arrival, data: data.clone() };
    Piece { record, raw: data, lambda_keys: BTreeMap::new() }
}

fn id(index: u64, place: u32) -> String {
    record_id(&piece(index, place, b"").record, 7)
}

/// Reads the response to pieces 0, 1 and 2.
fn read(response: &str) -> Answered {
    let pieces = vec![piece(0, 0, b"a"), piece(1, 0, b"b"), piece(1, 1, b"c")];
    read_response(ARN, response.as_bytes(), pieces, 7, 1)
}

fn entry(index: u64, place: u32, rest: &str) -> String {
    format!("{{\"recordId\":\"{}\",{rest}}}", id(index, place))
}

#[test]
fn an_event_is_as_aws_sends_it() {
    let pieces = [piece(0, 0, b"{\"a\":1}"), piece(1, 3, b"")];
    let arn = "arn:aws:firehose:eu-west-1:000000000000:deliverystream/s";
    let event = event(arn, "085d3401-c076-4054-b657-2a1c01dd107c", &pieces, 7);
    insta::assert_snapshot!(String::from_utf8(event.to_vec()).unwrap(), @r#"{"invocationId":"085d3401-c076-4054-b657-2a1c01dd107c","deliveryStreamArn":"arn:aws:firehose:eu-west-1:000000000000:deliverystream/s","region":"eu-west-1","records":[{"recordId":"49636446843415639914139182766030532985651627626673995890000000","approximateArrivalTimestamp":1672530912040,"data":"eyJhIjoxfQ=="},{"recordId":"49636446843415639914139182766031741911471242255848702066000003","approximateArrivalTimestamp":1672530912040,"data":""}]}"#);
}

#[test]
fn ids_have_56_digits_and_the_place_of_the_piece() {
    assert_eq!(id(1, 499).len(), 62);
    assert!(id(1, 499).ends_with("000499") && id(1, 0).ends_with("000000"));
}

#[test]
fn an_event_takes_as_many_records_as_fit_into_6_mib() {
    let large: &'static [u8] = vec![b'x'; 1_000_000].leak();
    let pieces: Vec<Piece> = (0..8).map(|index| piece(index, 0, large)).collect();
    let length = event_length(&pieces);
    assert_eq!(length, 4);
    assert!(event(ARN, "id", pieces.get(..length).unwrap(), 7).len() <= LAMBDA_PAYLOAD_BYTES);
    let small: Vec<Piece> = (0..50_000).map(|index| piece(index, 0, b"x")).collect();
    let length = event_length(&small);
    let bytes = event(ARN, "id", small.get(..length).unwrap(), 7).len();
    assert!(bytes <= LAMBDA_PAYLOAD_BYTES && length > 30_000, "{length} records in {bytes} bytes");
    let huge: &'static [u8] = vec![b'x'; 7_000_000].leak();
    assert_eq!(event_length(&[piece(0, 0, huge)]), 1, "at least one");
}

#[test]
fn ok_dropped_and_failed_are_told_apart_and_the_order_is_that_of_the_records() {
    let response = format!(
        "{{\"records\":[{},{},{}]}}",
        entry(
            1,
            1,
            "\"result\":\"Ok\",\"data\":\"Wg==\",\"metadata\":{\"partitionKeys\":{\"k\":\"v\",\"n\":7,\"e\":null}}"
        ),
        entry(0, 0, "\"result\":\"Dropped\",\"data\":\"\""),
        entry(1, 0, "\"result\":\"ProcessingFailed\",\"data\":\"eA==\"")
    );
    let answered = read(&response);
    let ok = answered.ok.first().unwrap();
    assert_eq!((&*ok.record.data, &*ok.raw), (b"Z".as_slice(), b"c".as_slice()));
    let keys: Vec<(&str, &str)> = ok.lambda_keys.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(keys, [("e", ""), ("k", "v"), ("n", "7")]);
    assert_eq!(answered.dropped.iter().map(|record| record.index).collect::<Vec<_>>(), [0]);
    let failed = answered.failed.first().unwrap();
    assert_eq!(failed.failure.code, "Lambda.ProcessingFailedStatus");
    assert_eq!((&*failed.raw, failed.failure.attempts_made), (b"b".as_slice(), 1));
    assert_eq!(failed.failure.lambda_arn.as_deref(), Some(ARN));
}

#[test]
fn a_record_that_is_missing_or_twice_fails_and_an_unknown_id_is_passed_over() {
    let ok = "\"result\":\"Ok\",\"data\":\"Wg==\"";
    let response = format!(
        "{{\"records\":[{},{},{},{{\"recordId\":\"other\",{ok}}}]}}",
        entry(0, 0, ok),
        entry(1, 1, ok),
        entry(1, 1, ok)
    );
    let answered = read(&response);
    assert_eq!(answered.ok.len(), 1);
    let codes: Vec<(&str, u64)> =
        answered.failed.iter().map(|piece| (&*piece.failure.code, piece.record.index)).collect();
    assert_eq!(codes, [("Lambda.MissingRecordId", 1), ("Lambda.DuplicatedRecordId", 1)]);
}

#[test]
fn a_response_that_is_rubbish_fails_every_record_with_the_documented_code() {
    for (response, code) in [
        ("", "Lambda.JsonProcessingException"),
        ("not JSON", "Lambda.JsonProcessingException"),
        ("\"text\"", "Lambda.MissingRecordId"),
        ("{\"records\":{}}", "Lambda.MissingRecordId"),
        ("{\"records\":[1,null,{\"recordId\":7}]}", "Lambda.MissingRecordId"),
        ("null", "Lambda.MissingRecordId"),
    ] {
        let answered = read(response);
        assert_eq!(answered.failed.len(), 3, "{response}");
        assert!(answered.failed.iter().all(|piece| piece.failure.code == code), "{response}: {answered:?}");
    }
}

#[test]
fn an_entry_that_is_not_of_the_model_fails_its_record() {
    for rest in [
        "\"result\":\"Ok\"",
        "\"result\":\"Ok\",\"data\":null",
        "\"result\":\"Ok\",\"data\":\"not base64!\"",
        "\"result\":\"ok\",\"data\":\"Wg==\"",
        "\"data\":\"Wg==\"",
        "\"result\":1,\"data\":\"Wg==\"",
    ] {
        let answered = read(&format!("{{\"records\":[{}]}}", entry(0, 0, rest)));
        let failed = answered.failed.first().unwrap();
        assert_eq!((&*failed.failure.code, failed.record.index), ("Lambda.InvalidReturnFormat", 0), "{rest}");
    }
}

#[test]
fn every_error_of_an_invocation_has_its_code() {
    for (error, code) in [
        (InvokeError::TimedOut, "Lambda.FunctionTimedOut"),
        (InvokeError::Function, "Lambda.FunctionError"),
        (InvokeError::Throttled, "Lambda.InvokeLimitExceeded"),
        (InvokeError::NotFound, "Lambda.ResourceNotFound"),
        (InvokeError::AccessDenied, "Lambda.InvokeAccessDenied"),
        (InvokeError::Unreachable("it is gone".to_owned()), "Lambda.InternalServerError"),
    ] {
        let failure = error.failure(ARN, 4);
        assert_eq!((&*failure.code, failure.attempts_made), (code, 4));
        assert!(!failure.message.is_empty(), "{failure:?}");
    }
}
