//! Programs with their outputs, as jq 1.6 gives them, and programs that must not be let run on.

use super::*;

fn outputs(program: &str, input: &str) -> Result<Vec<String>, String> {
    let program = Program::parse(program)?;
    let outputs = program.run(&serde_json::from_str(input).unwrap())?;
    Ok(outputs.iter().map(text::to_json).collect())
}

#[track_caller]
fn check(rows: &[(&str, &str, &str)]) {
    for (program, input, expected) in rows {
        let found = outputs(program, input).unwrap_or_else(|error| vec![format!("error: {error}")]);
        assert_eq!(found.join(" "), *expected, "{program} of {input}");
    }
}

#[test]
fn paths_are_those_of_the_manual() {
    check(&[
        (".", "1.5", "1.5"),
        (".foo", r#"{"foo":42}"#, "42"),
        (".foo.bar?", r#"{"foo":[]}"#, ""),
        (r#"."a b"."c""#, r#"{"a b":{"c":1}}"#, "1"),
        (r#".["foo"]"#, r#"{"foo":1}"#, "1"),
        (".a[0].b", r#"{"a":[{"b":7}]}"#, "7"),
        (".[-1]", "[1,2,3]", "3"),
        (".[2:4]", r#"["a","b","c","d","e"]"#, r#"["c","d"]"#),
        (".[:-1]", r#""abc""#, r#""ab""#),
        (".[]", r#"{"a":1,"b":2}"#, "1 2"),
        (".. | numbers", "[[1],2]", "1 2"),
        (".a.b", "null", "null"),
        (".a", "[]", r#"error: Cannot index array with "a""#),
        (".[]", "1", "error: Cannot iterate over number (1)"),
    ]);
}

#[test]
fn values_are_constructed() {
    check(&[
        (
            "{customer_id: .customer_id, device: .type.device}",
            r#"{"customer_id":"c","type":{"device":"d"}}"#,
            r#"{"customer_id":"c","device":"d"}"#,
        ),
        ("{a, b: (.a, 2)}", r#"{"a":1}"#, r#"{"a":1,"b":1} {"a":1,"b":2}"#),
        (r#"{(.k): 1, "x y": 2, "\(.k)z": 3}"#, r#"{"k":"q"}"#, r#"{"q":1,"qz":3,"x y":2}"#),
        ("{a: 1 | . + 1}", "null", r#"{"a":2}"#),
        ("[.[] | . * 2]", "[1,2]", "[2,4]"),
        ("[]", "null", "[]"),
        (r#""a\(1 + 2)b\u00e9\n""#, "null", r#""a3bé\n""#),
        (r#"@base64 "x\(.)""#, r#""hi""#, r#""xaGk=""#),
        ("1, 2 # comment", "null", "1 2"),
        ("{\"a\":1} as {a: $x} | $x", "null", "1"),
        (". as [$a, {b: $c}] | $a + $c", r#"[1,{"b":2}]"#, "3"),
        (". as {$a, b: [$c]} | [$a, $c]", r#"{"a":1,"b":[2]}"#, "[1,2]"),
    ]);
}

#[test]
fn operators_bind_as_in_jq() {
    check(&[
        ("1 + 2 * 3 - 4 / 2 % 3", "null", "5"),
        ("10 - 3 - 2", "null", "5"),
        ("1, 2 | . + 10", "null", "11 12"),
        (".a // .b // 3", r#"{"b":false}"#, "3"),
        ("(1, null, 2) // 3", "null", "1 2"),
        ("empty // 4", "null", "4"),
        (".a == 1 and .b != 2 or false", r#"{"a":1,"b":3}"#, "true"),
        ("[1 < 2, \"a\" < 1, null <= null]", "null", "[true,false,true]"),
        ("1 + . as $x | $x * 2", "3", "7"),
        ("-1 - -2", "null", "1"),
        ("-(.a)", r#"{"a":3}"#, "-3"),
        ("{a:{b:1}} * {a:{c:2}}", "null", r#"{"a":{"b":1,"c":2}}"#),
        (r#""ab" * 3, "x" * 0"#, "null", r#""ababab" null"#),
        (r#""a,b" / ",""#, "null", r#"["a","b"]"#),
        ("[1,2,1] - [1]", "null", "[2]"),
        ("1 / 0", "null", "error: number (1) and number (0) cannot be divided because the divisor is zero"),
        ("{} + 1", "null", "error: object ({}) and number (1) cannot be added"),
    ]);
}

#[test]
fn control_flow_is_that_of_jq() {
    check(&[
        ("if . > 2 then \"big\" elif . == 2 then \"two\" else \"small\" end", "2", r#""two""#),
        ("if . then 1 end", "false", "false"),
        ("try error(\"x\") catch .", "null", r#""x""#),
        ("[.[] | tonumber?]", r#"["1","x"]"#, "[1]"),
        ("try (1, error) catch 2", "null", "1 2"),
        ("reduce .[] as $x (0; . + $x)", "[1,2,3]", "6"),
        ("foreach .[] as $x (0; . + $x)", "[1,2]", "1 3"),
        ("foreach .[] as $x (0; . + $x; [$x, .])", "[1,2]", "[1,1] [2,3]"),
        ("label $out | 1, break $out, 2", "null", "1"),
        ("def f(g; $n): g + $n; f(. * 2; 1, 2)", "5", "11 12"),
        ("def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; fac", "5", "120"),
        ("def f: def g: 3; g; f", "null", "3"),
        ("first(.[]), last(.[]), nth(1; .[]), [limit(2; .[])]", "[1,2,3]", "1 3 2 [1,2]"),
        ("[range(3)], [range(0; 10; 4)], [range(3; 0; -2)]", "null", "[0,1,2] [0,4,8] [3,1]"),
        ("[.[] | select(. > 1)]", "[1,2,3]", "[2,3]"),
        ("[1 | until(. > 100; . * 2)], [1 | while(. < 8; . * 2)]", "null", "[128] [1,2,4]"),
        ("[2 | recurse(if . < 20 then . * . else empty end)]", "null", "[2,4,16,256]"),
        ("any(.[]; . > 2), all(. > 0), any, all", "[1,3]", "true true true true"),
        ("isempty(empty), isempty(1)", "null", "true false"),
    ]);
}

#[test]
fn functions_are_those_of_jq() {
    check(&[
        (
            "length, keys, to_entries",
            r#"{"b":1,"a":2}"#,
            r#"2 ["a","b"] [{"key":"a","value":2},{"key":"b","value":1}]"#,
        ),
        ("with_entries(.value += 1)", r#"{"a":1}"#, "error: assignments are not supported"),
        ("with_entries({key, value: (.value + 1)})", r#"{"a":1}"#, r#"{"a":2}"#),
        ("from_entries", r#"[{"name":"a","value":1},{"k":"b","v":2}]"#, r#"{"a":1,"b":2}"#),
        ("sort, unique, min, max, reverse, add", "[3,1,3]", "[1,3,3] [1,3] 1 3 [3,1,3] 7"),
        (
            "sort_by(.a), group_by(.a), max_by(.a)",
            r#"[{"a":2},{"a":1}]"#,
            r#"[{"a":1},{"a":2}] [[{"a":1}],[{"a":2}]] {"a":2}"#,
        ),
        ("flatten, flatten(1)", "[1,[2,[3]]]", "[1,2,3] [1,2,[3]]"),
        (
            r#"contains("bar"), startswith("foo"), ltrimstr("foo"), rtrimstr("x")"#,
            r#""foobar""#,
            r#"true true "bar" "foobar""#,
        ),
        (r#"split(","), join("-")?"#, r#""a,b""#, r#"["a","b"]"#),
        (r#"join("-")"#, r#"["a",1,null,true]"#, r#""a-1--true""#),
        ("ascii_downcase, explode, (explode | implode)", r#""aB""#, r#""ab" [97,66] "aB""#),
        ("tostring, tojson, ([1] | tostring)", r#""a""#, r#""a" "\"a\"" "[1]""#),
        ("fromjson", r#""{\"a\":1}""#, r#"{"a":1}"#),
        ("has(\"a\"), ([1] | has(0, 1))", r#"{"a":1}"#, "true true false"),
        ("map(floor), map(ceil), (.[0] | sqrt)", "[2.25,1.5]", "[2,1] [3,2] 1.5"),
        ("index(\",\"), rindex(\",\"), indices(\",\")", r#""a,b,c""#, "1 3 [1,3]"),
        ("walk(if type == \"number\" then . + 1 else . end)", r#"[1,{"a":2}]"#, r#"[2,{"a":3}]"#),
        ("map_values(. + 1), map(. + 1)", r#"{"a":1}"#, r#"{"a":2} [2]"#),
        ("transpose", "[[1,2],[3]]", "[[1,3],[2,null]]"),
        (
            "@csv, @tsv, @html, @uri, @sh",
            r#"["a\"<", 1]"#,
            r#""\"a\"\"<\",1" "a\"<\t1" "[&quot;a\\&quot;&lt;&quot;,1]" "%5B%22a%5C%22%3C%22%2C1%5D" "'a\"<' 1""#,
        ),
        ("@base64, (@base64 | @base64d)", r#""hi""#, r#""aGk=" "hi""#),
    ]);
}

#[test]
fn regular_expressions_match_capture_and_replace() {
    check(&[
        (r#"test("^a"), test("B"; "i")"#, r#""abc""#, "true true"),
        (r#"capture("(?P<y>[0-9]{4})-(?P<m>[0-9]{2})")"#, r#""at 2026-11-23""#, r#"{"m":"11","y":"2026"}"#),
        (r#"[scan("[a-z]")], [scan("([a-z])([0-9])")]"#, r#""a1b2""#, r#"["a","b"] [["a","1"],["b","2"]]"#),
        (r#"sub("a"; "x"), gsub("(?P<l>[a-z])"; "<\(.l)>")"#, r#""aba""#, r#""xba" "<a><b><a>""#),
        (r#"match("b").offset, split("[0-9]"; null)"#, r#""ab1c""#, r#"1 ["ab","c"]"#),
    ]);
}

#[test]
fn dates_are_in_utc() {
    check(&[
        ("todate, (strftime(\"%Y/%m/%d/%H\"))", "1425599621", r#""2015-03-05T23:53:41Z" "2015/03/05/23""#),
        ("fromdate", r#""2015-03-05T23:51:47Z""#, "1425599507"),
        (
            r#"strptime("%Y-%m-%dT%H:%M:%SZ"), (strptime("%Y-%m-%dT%H:%M:%SZ") | mktime)"#,
            r#""2015-03-05T23:51:47Z""#,
            "[2015,2,5,23,51,47,4,63] 1425599507",
        ),
        ("gmtime | mktime", "1425599621", "1425599621"),
        (".ts | strptime(\"%Y-%m-%d\") | strftime(\"%d.%m.\")", r#"{"ts":"2026-11-23"}"#, r#""23.11.""#),
        (".event_timestamp | strftime(\"%Y\")", r#"{"event_timestamp":1565382027}"#, r#""2019""#),
    ]);
}

#[test]
fn numbers_are_written_as_jq_writes_them() {
    check(&[
        (
            "[1.0, 1e3, 0.1, 1e17, 1e-7, 3.14159, 100000000000000000000]",
            "null",
            "[1,1000,0.1,1e+17,1e-07,3.14159,1e+20]",
        ),
        ("[infinite, -infinite, nan]", "null", "[1.7976931348623157e+308,-1.7976931348623157e+308,null]"),
    ]);
}

#[test]
fn what_is_not_supported_is_refused_by_name_before_it_runs() {
    for (program, expected) in [
        (".a = 1", "assignments are not supported"),
        (".a |= 1", "assignments are not supported"),
        (".a += 1", "assignments are not supported"),
        ("now", "now/0 is not defined or not supported"),
        ("input", "input/0 is not defined or not supported"),
        ("path(.a)", "path/1 is not defined or not supported"),
        ("map", "map/0 is not defined or not supported"),
        ("$x", "$x is not defined"),
        ("break $x", "$*label-x is not defined"),
        ("@xml", "xml is not a valid format"),
        ("{a", "unexpected end where } is expected"),
        ("\"abc", "a text is not closed"),
        (".a |", "unexpected end"),
        ("", "unexpected end"),
        (")", "unexpected )"),
    ] {
        assert_eq!(Program::parse(program).map(|_| ()).unwrap_err(), expected, "{program}");
    }
}

#[test]
fn a_program_that_never_ends_is_ended() {
    for program in [
        "def f: f; f",
        "def f: f, f; f",
        "repeat(.)",
        "[repeat(1)]",
        "until(false; .)",
        "[range(infinite)]",
        "range(0; 1; 0)",
        "recurse",
        "recurse(.)",
        "def f: try f catch f; f",
        "def f: f?; f, f",
        "[limit(1000000000; repeat(1))]",
        "reduce range(100000000) as $i (0; .)",
        "[range(1000)] | [.[] as $a | .[] as $b | .[] as $c | 1]",
    ] {
        let document = serde_json::from_str("[1]").unwrap();
        let error = Program::parse(program).unwrap().run(&document);
        let ended = matches!(&error, Err(reason) if reason.starts_with("the query ")) || program == "recurse";
        assert!(ended, "{program}: {error:?}");
    }
}

#[test]
fn a_program_that_grows_without_end_is_ended() {
    let doubling = |part: &str| format!("\"aaaaaaaa\"{}", part.repeat(60));
    for program in [
        doubling(" | . + ."),
        doubling(" | \"\\(.)\\(.)\""),
        doubling(" | [., .] | tojson"),
        doubling(" | (., .)"),
        "\"x\" * 1000000000000".to_owned(),
        "reduce range(100000) as $i (0; [.])".to_owned(),
        "[range(40)] | map([range(40)]) | tojson | gsub(\"\"; \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\") | gsub(\"\"; \"xxxxxxxxxxxxxxxxxxxxxxxx\")"
            .to_owned(),
    ] {
        let error = Program::parse(&program).unwrap().run(&serde_json::Value::Null).unwrap_err();
        assert!(error.starts_with("the query ") || error.starts_with("a value is nested"), "{program}: {error}");
    }
}

#[test]
fn a_program_that_is_nested_too_deep_is_refused() {
    for program in ["[".repeat(5000), "(".repeat(5000), "-".repeat(5000), "try ".repeat(1200), "if ".repeat(1700)] {
        let error = Program::parse(&program).unwrap_err();
        assert_eq!(error, "it is nested deeper than 200 levels");
    }
    for program in [".a".repeat(2500), ".|".repeat(2500) + ".", "1+".repeat(2500) + "1", ".[0]".repeat(1200)] {
        // Long is not deep, but what it makes is: whatever comes of it, it ends.
        let _ended = Program::parse(&program).map(|program| program.run(&serde_json::Value::Null).is_ok());
    }
}

#[test]
fn keys_are_the_members_of_the_first_object() {
    let keys =
        |program: &str, input: &str| Program::parse(program).unwrap().keys_of(&serde_json::from_str(input).unwrap());
    let found = keys("{a: .a, b: .b, c: .c, d: .d}", r#"{"a":"x","b":2,"c":null,"d":{"e":true}}"#).unwrap();
    let found: Vec<(&str, &str)> = found.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(found, [("a", "x"), ("b", "2"), ("c", ""), ("d", "{\"e\":true}")]);
    assert_eq!(keys(".a", "{\"a\":1}").unwrap_err(), "the query must give an object");
    assert_eq!(keys("{a: error(\"no\")}", "{}").unwrap_err(), "no");
}
