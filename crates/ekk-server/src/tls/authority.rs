//! The authority that certifies the services of a stack: made once, kept in a folder, trusted by those who are told to.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PublicKeyData as _,
};
use rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};
use sha2::{Digest as _, Sha256};

use super::TlsError;
use crate::aws::signature::hex;

/// The authority's certificate, for clients.
pub(super) const CA_FILE: &str = "ca.pem";

/// Its key.
const KEY_FILE: &str = "ca.key";

const CA_DAYS: i64 = 3_650;
const CERTIFICATE_DAYS: i64 = 397;

/// Certificates begin a day ago, for clients whose clock is behind.
const DAYS_AGO: i64 = 1;

pub(super) struct Authority {
    key: KeyPair,
    /// Its certificate.
    pem: String,
    /// Its folder, for errors.
    place: PathBuf,
}

impl Authority {
    /// An authority that is kept nowhere.
    pub(super) fn new(now: Timestamp) -> Result<Self, TlsError> {
        let key = KeyPair::generate().map_err(unmade)?;
        let pem = self_signed(&key, now)?;
        Ok(Self { key, pem, place: PathBuf::new() })
    }

    /// The authority of a folder, or a new one in it. Two processes that open a new folder get the same one.
    pub(super) fn open(folder: &Path, now: Timestamp) -> Result<Self, TlsError> {
        let (key_file, ca_file) = (folder.join(KEY_FILE), folder.join(CA_FILE));
        let unusable = |path: &Path| {
            let path = path.to_owned();
            move |source| TlsError::Folder { path, source }
        };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable(folder))?;
        let key = if let Some(key) = read(&key_file).map_err(unusable(&key_file))? {
            key
        } else {
            let key = KeyPair::generate().map_err(unmade)?.serialize_pem();
            keep_first(&key_file, &key).map_err(unusable(&key_file))?
        };
        let wrong = |reason: String| TlsError::Authority { folder: folder.to_owned(), reason };
        let key = KeyPair::from_pem(&key).map_err(|error| wrong(format!("{KEY_FILE}: {error}")))?;
        let pem = match read(&ca_file).map_err(unusable(&ca_file))? {
            Some(pem) => pem,
            None => keep_first(&ca_file, &self_signed(&key, now)?).map_err(unusable(&ca_file))?,
        };
        Ok(Self { key, pem, place: folder.to_owned() })
    }

    /// Its certificate.
    pub(super) fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for a service with this key, by these names.
    pub(super) fn certify(
        &self,
        key: &KeyPair,
        names: Vec<String>,
        now: Timestamp,
    ) -> Result<CertificateDer<'static>, TlsError> {
        let mut params = CertificateParams::new(names).map_err(unmade)?;
        params.distinguished_name.push(DnType::CommonName, "localhost");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        set_validity(&mut params, now, CERTIFICATE_DAYS);
        let ca_params = ca_params(&self.key, now);
        let issuer = Issuer::from_params(&ca_params, &self.key);
        Ok(params.signed_by(key, &issuer).map_err(unmade)?.der().clone())
    }

    /// Checks a certificate as a client does that has the authority's own from its file.
    pub(super) fn check(&self, certificate: &CertificateDer<'_>, now: Timestamp) -> Result<(), TlsError> {
        let wrong = |reason: String| TlsError::Authority { folder: self.place.clone(), reason };
        self.trusts(certificate, now).map_err(wrong)
    }

    fn trusts(&self, certificate: &CertificateDer<'_>, now: Timestamp) -> Result<(), String> {
        let ca = CertificateDer::from_pem_slice(self.pem.as_bytes()).map_err(|error| format!("{CA_FILE}: {error}"))?;
        let mut roots = RootCertStore::empty();
        roots.add(ca).map_err(|error| format!("{CA_FILE}: {error}"))?;
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        let verifier = verifier.map_err(|error| error.to_string())?;
        let name = ServerName::try_from("localhost").expect("localhost is a name");
        let now = UnixTime::since_unix_epoch(Duration::from_secs(now.as_second().unsigned_abs()));
        let checked = verifier.verify_server_cert(certificate, &[], &name, &[], now);
        checked.map(drop).map_err(|error| format!("{KEY_FILE} and {CA_FILE} do not go together: {error}"))
    }
}

fn self_signed(key: &KeyPair, now: Timestamp) -> Result<String, TlsError> {
    Ok(ca_params(key, now).self_signed(key).map_err(unmade)?.pem())
}

/// The authority's certificate before it is signed; its name tells it from those of other machines.
fn ca_params(key: &KeyPair, now: Timestamp) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut print = hex(&Sha256::digest(key.der_bytes()));
    print.truncate(8);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, format!("ekk local authority {print}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    set_validity(&mut params, now, CA_DAYS);
    params
}

fn set_validity(params: &mut CertificateParams, now: Timestamp, days: i64) {
    let day = |days: i64| {
        let at = now.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(now);
        let date = TimeZone::UTC.to_datetime(at).date();
        let part = |part: i8| part.unsigned_abs();
        rcgen::date_time_ymd(date.year().into(), part(date.month()), part(date.day()))
    };
    (params.not_before, params.not_after) = (day(-DAYS_AGO), day(days));
}

/// Writes a file that its owner alone may read, unless it is there by now; answers what is in it.
fn keep_first(path: &Path, text: &str) -> io::Result<String> {
    let part = path.with_extension(format!("part{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| fs::hard_link(&part, path));
    fs::remove_file(&part)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => fs::read_to_string(path),
    }
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
pub(super) fn unmade(error: rcgen::Error) -> TlsError {
    TlsError::Certificate(error.to_string())
}
