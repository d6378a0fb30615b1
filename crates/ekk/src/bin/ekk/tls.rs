//! `ekk up --tls`: what it is told, and what it tells clients to trust.

use std::path::{Path, PathBuf};

use clap::Args;
use ekk::{Addresses, TlsAccess};

#[derive(Args, Debug)]
pub(crate) struct TlsOptions {
    /// Answers https beside http on every port, by a certificate of an authority of this machine; what clients must trust
    /// is printed at the start.
    #[arg(long, env = "EKK_TLS")]
    tls: bool,
    /// Keeps the authority in this folder, so that clients must trust it once; default: tls in the folder of --data.
    #[arg(long, env = "EKK_TLS_FOLDER", requires = "tls", value_name = "DIR")]
    tls_folder: Option<PathBuf>,
    /// What the certificate is for besides localhost and its addresses, once for each; a host name, too.
    #[arg(long = "tls-name", env = "EKK_TLS_NAME", requires = "tls", value_delimiter = ',', value_name = "NAME")]
    tls_names: Vec<String>,
}

impl TlsOptions {
    /// What the stack is told.
    pub(crate) fn access(self) -> Option<TlsAccess> {
        self.tls.then_some(TlsAccess { folder: self.tls_folder, names: self.tls_names })
    }
}

/// The authority must be kept somewhere, or no client could be told to trust it.
pub(crate) fn check_folder(tls: Option<&TlsAccess>, data: Option<&Path>) -> anyhow::Result<()> {
    if tls.is_some_and(|tls| tls.folder.is_none()) && data.is_none() {
        anyhow::bail!(
            "--tls keeps an authority that clients must trust; say where with --tls-folder DIR or --data DIR"
        );
    }
    Ok(())
}

/// What to paste, so that clients trust the certificates.
pub(crate) fn trust_text(ca_file: &Path, addresses: &Addresses) -> String {
    let ca_file = std::path::absolute(ca_file).unwrap_or_else(|_| ca_file.to_owned());
    let file = ca_file.display();
    let https = addresses.aws.as_str().trim_end_matches('/').replacen("http:", "https:", 1);
    format!(
        "\nhttps on the same ports, for clients that insist on it:\n\
         \n  export AWS_ENDPOINT_URL={https}\
         \n  export AWS_CA_BUNDLE={file}   # AWS CLI, boto3, Go\
         \n  export NODE_EXTRA_CA_CERTS={file}   # Node.js\
         \n  export SSL_CERT_FILE={file}   # Rust, Ruby, curl: instead of the system's\
         \n  keytool -importcert -noprompt -alias ekk -file {file} -keystore ekk.jks -storepass changeit   # Java,\
         \n    # then -Djavax.net.ssl.trustStore=ekk.jks -Djavax.net.ssl.trustStorePassword=changeit"
    )
}
