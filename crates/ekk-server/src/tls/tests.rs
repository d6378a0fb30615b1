//! https and http on one socket, by rustls as a client.

use std::{fs, os::unix::fs::PermissionsExt as _};

use std::net::SocketAddr;

use axum::Router;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use super::*;
use crate::listen;

/// Certificates are compared with the system's time by clients, so they are made for it.
#[expect(clippy::disallowed_methods, reason = "certificates live by real time, in tests too")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// A service that answers `hello` by http and https; it stops when it is dropped.
struct Served {
    address: SocketAddr,
    ca_pem: String,
    _stop: DropGuard,
}

impl Served {
    async fn with(tls: Tls) -> Self {
        let socket = listen::bind("AWS", ([127, 0, 0, 1], 0).into()).await.unwrap();
        let (address, ca_pem) = (socket.local_addr().unwrap(), tls.ca_pem().to_owned());
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let router = Router::new().fallback(|| async { "hello" });
        tasks.spawn(listen::serve_with_tls(socket, tls, router, stop.clone()));
        Self { address, ca_pem, _stop: stop.drop_guard() }
    }

    async fn new() -> Self {
        Self::with(Tls::new(None, &["ekk.test".to_owned()], now()).unwrap()).await
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

async fn handshake(stream: TcpStream, ca_pem: &str, name: &str) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// Sends one request and reads the answer to its end.
async fn get(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> String {
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[track_caller]
fn check_hello(answer: &str) {
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nhello"), "{answer}");
}

#[tokio::test]
async fn one_socket_answers_https_and_http() {
    let served = Served::new().await;
    check_hello(&get(served.connect().await).await);
    for name in ["localhost", "s3.localhost", "logs.s3.localhost", "127.0.0.1", "::1", "ekk.test"] {
        check_hello(&get(handshake(served.connect().await, &served.ca_pem, name).await.unwrap()).await);
    }
}

#[tokio::test]
async fn a_client_refuses_another_authority_and_another_name() {
    let (served, other) = (Served::new().await, Tls::new(None, &[], now()).unwrap());
    let error = handshake(served.connect().await, other.ca_pem(), "localhost").await.unwrap_err().to_string();
    assert!(error.contains("UnknownIssuer") || error.contains("BadSignature"), "{error}");
    let error = handshake(served.connect().await, &served.ca_pem, "evil.example").await.unwrap_err().to_string();
    assert!(error.contains("not valid for name"), "{error}");
    check_hello(&get(handshake(served.connect().await, &served.ca_pem, "localhost").await.unwrap()).await);
}

#[tokio::test]
async fn silent_and_broken_clients_hold_up_nobody() {
    let served = Served::new().await;
    let mut waiting = Vec::new();
    for begun in [&b""[..], b"\x16", b"\x16\x03\x01", b"GET / HT"] {
        for _ in 0..limits::HANDSHAKES / 8 {
            let mut stream = served.connect().await;
            stream.write_all(begun).await.unwrap();
            waiting.push(stream);
        }
    }
    check_hello(&get(served.connect().await).await);
    check_hello(&get(handshake(served.connect().await, &served.ca_pem, "localhost").await.unwrap()).await);
    let mut garbage = served.connect().await;
    garbage.write_all(b"\x16\x03\x01\x00\x05hello and no handshake").await.unwrap();
    let mut answer = Vec::new();
    garbage.read_to_end(&mut answer).await.ok();
    assert_ne!(answer.first(), Some(&b'H'), "a broken handshake is not answered as http");
}

#[test]
fn an_authority_is_kept_in_its_folder_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("tls");
    let first = Tls::new(Some(&folder), &[], now()).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join("ca.key")), mode(&folder.join("ca.pem"))), (0o700, 0o600, 0o600));
    assert_eq!(first.ca_file(), Some(folder.join("ca.pem").as_path()));
    let again = Tls::new(Some(&folder), &["ekk.test".to_owned()], now()).unwrap();
    assert_eq!(again.ca_pem(), first.ca_pem());
    assert_eq!(fs::read_to_string(folder.join("ca.pem")).unwrap(), first.ca_pem());
    fs::remove_file(folder.join("ca.pem")).unwrap();
    Tls::new(Some(&folder), &[], now()).unwrap();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "nothing else is left there");
}

#[test]
fn a_folder_that_holds_no_authority_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    Tls::new(Some(folder.path()), &[], now()).unwrap();
    Tls::new(Some(other.path()), &[], now()).unwrap();
    let error = || Tls::new(Some(folder.path()), &[], now()).unwrap_err().to_string();
    fs::copy(other.path().join("ca.pem"), folder.path().join("ca.pem")).unwrap();
    let text = error();
    assert!(text.contains("ca.key and ca.pem do not go together") && text.contains("move it away"), "{text}");
    fs::write(folder.path().join("ca.pem"), "nothing").unwrap();
    assert!(error().contains("ca.pem: "), "{}", error());
    fs::write(folder.path().join("ca.key"), "nothing").unwrap();
    assert!(error().contains("ca.key: "), "{}", error());
}

#[test]
fn what_is_no_name_is_refused() {
    for name in ["", "a b", "http://ekk", "ekk:4566"] {
        let error = Tls::new(None, &[name.to_owned()], now()).unwrap_err();
        assert!(matches!(error, TlsError::Name { .. }), "{name}");
    }
    Tls::new(None, &["*.ekk.test".to_owned(), "192.168.1.2".to_owned()], now()).unwrap();
}
