//! A stand-in for Firehose on a real socket: it takes records, keeps them in their order, and fails as it is told to.
//!
//! It answers `PutRecordBatch` and nothing else. It is plain threads and a few lines of HTTP, so that a connection can be
//! dropped at any point.

#![expect(clippy::unwrap_used, reason = "a test ends where a step fails")]

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use aws_sdk_firehose::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region},
};

/// What becomes of a call.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// All records are taken.
    Take,
    /// All but these are taken, which fail with this code.
    Fail { places: Vec<usize>, code: &'static str },
    /// None is taken.
    Refuse { status: u16, code: &'static str, message: &'static str },
    /// The connection is dropped, and none is taken.
    HangUpBefore,
    /// The connection is dropped after all have been taken.
    HangUpAfter,
}

/// One call.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// From 0.
    pub(crate) number: usize,
    pub(crate) records: &'a [Vec<u8>],
}

type Decide = dyn Fn(&Call<'_>) -> Answer + Send + Sync;

struct State {
    decide: Box<Decide>,
    calls: AtomicUsize,
    taken: Mutex<Vec<Vec<u8>>>,
    stops: AtomicBool,
}

/// The server. It stops when it is dropped.
pub(crate) struct FakeFirehose {
    address: SocketAddr,
    state: Arc<State>,
}

impl FakeFirehose {
    pub(crate) fn start(decide: impl Fn(&Call<'_>) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let state = State {
            decide: Box::new(decide),
            calls: AtomicUsize::new(0),
            taken: Mutex::default(),
            stops: AtomicBool::new(false),
        };
        let fake = Self { address: listener.local_addr().unwrap(), state: Arc::new(state) };
        let state = Arc::clone(&fake.state);
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                if state.stops.load(Ordering::SeqCst) {
                    return;
                }
                let state = Arc::clone(&state);
                thread::spawn(move || serve(&state, &connection));
            }
        });
        fake
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client that speaks to this server.
    pub(crate) fn client(&self) -> Client {
        Client::from_conf(config().endpoint_url(self.url()).build())
    }

    /// How many calls there were.
    pub(crate) fn calls(&self) -> usize {
        self.state.calls.load(Ordering::SeqCst)
    }

    /// All records that were taken, in their order.
    pub(crate) fn taken(&self) -> Vec<Vec<u8>> {
        self.state.taken.lock().unwrap().clone()
    }

    /// The numbers that were taken, from records `{"n":17}` or with more fields behind.
    pub(crate) fn numbers(&self) -> Vec<usize> {
        self.taken().iter().map(|record| number(record)).collect()
    }
}

impl Drop for FakeFirehose {
    fn drop(&mut self) {
        self.state.stops.store(true, Ordering::SeqCst);
        // It wakes the thread that accepts.
        TcpStream::connect(self.address).ok();
    }
}

/// A client's configuration, all but the endpoint.
pub(crate) fn config() -> aws_sdk_firehose::config::Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
}

/// The number behind the first colon.
pub(crate) fn number(record: &[u8]) -> usize {
    let digits = record.iter().skip_while(|byte| **byte != b':').skip(1).take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))
}

fn serve(state: &State, connection: &TcpStream) {
    let mut reader = BufReader::with_capacity(1 << 16, connection);
    while let Some(body) = read_request(&mut reader) {
        let records = records(&body);
        let number = state.calls.fetch_add(1, Ordering::SeqCst);
        let answer = (state.decide)(&Call { number, records: &records });
        let count = records.len();
        match &answer {
            Answer::Take | Answer::HangUpAfter => state.taken.lock().unwrap().extend(records),
            Answer::Fail { places, .. } => {
                let taken = records.into_iter().enumerate().filter(|(place, _)| !places.contains(place));
                state.taken.lock().unwrap().extend(taken.map(|(_, record)| record));
            }
            Answer::Refuse { .. } | Answer::HangUpBefore => {}
        }
        let Some((status, body)) = written(&answer, count) else { return };
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut writer = connection;
        if writer.write_all(&[head.as_bytes(), body.as_bytes()].concat()).is_err() {
            return;
        }
    }
}

/// The body of the next request; none when the client has gone.
fn read_request(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut length = None;
    let mut is_put = false;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse::<usize>().ok();
        }
        is_put |= line == "x-amz-target: firehose_20150804.putrecordbatch";
    }
    assert!(is_put, "only PutRecordBatch is called");
    let mut body = vec![0; length?];
    reader.read_exact(&mut body).ok()?;
    Some(body)
}

/// The records of a request, found by the name of their member: faster than to parse all of it.
fn records(body: &[u8]) -> Vec<Vec<u8>> {
    const MEMBER: &[u8] = b"\"Data\":\"";
    let mut records = Vec::with_capacity(500);
    let mut rest = body;
    while let Some(at) = memchr_find(rest, MEMBER) {
        rest = &rest[at + MEMBER.len()..];
        let end = rest.iter().position(|byte| *byte == b'"').unwrap();
        records.push(base64_simd::STANDARD.decode_to_vec(&rest[..end]).unwrap());
        rest = &rest[end..];
    }
    assert!(!records.is_empty() && records.len() <= 500, "{} records", records.len());
    assert!(records.iter().map(Vec::len).sum::<usize>() <= 4 * 1024 * 1024, "a call is over its limit");
    assert!(records.iter().all(|record| record.len() <= 1_024_000), "a record is over its limit");
    records
}

fn memchr_find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// Status and body; none when there is no answer.
fn written(answer: &Answer, records: usize) -> Option<(u16, String)> {
    let entries = |is_failed: &dyn Fn(usize) -> bool, code: &str| {
        let entries: Vec<String> = (0..records)
            .map(|place| {
                if is_failed(place) {
                    format!(r#"{{"ErrorCode":"{code}","ErrorMessage":"Slow down."}}"#)
                } else {
                    format!(r#"{{"RecordId":"{place}"}}"#)
                }
            })
            .collect();
        let failed = (0..records).filter(|place| is_failed(*place)).count();
        format!(r#"{{"Encrypted":false,"FailedPutCount":{failed},"RequestResponses":[{}]}}"#, entries.join(","))
    };
    Some(match answer {
        Answer::Take => (200, entries(&|_| false, "")),
        Answer::Fail { places, code } => (200, entries(&|place| places.contains(&place), code)),
        Answer::Refuse { status, code, message } => {
            (*status, format!(r#"{{"__type":"{code}","message":"{message}"}}"#))
        }
        Answer::HangUpBefore | Answer::HangUpAfter => return None,
    })
}
