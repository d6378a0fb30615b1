//! `cargo xtask images`: packs ekk into an image, and carries all images of the container stack in one archive.
//!
//! Which images there are, and their versions, stands in `compose/.env`; what runs them is the subject of `compose/`.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{Outcome, command, workspace};

pub(crate) const HELP: &str = "\
Usage: cargo xtask images            pack ekk into the image that compose/.env names
       cargo xtask images save FILE  write all images of the container stack into one archive
       cargo xtask images load FILE  take them from it, on a machine without network

The program is built here and copied into an image on BASE_IMAGE (debian:bookworm-slim unless the variable says
otherwise), whose C library must not be older than this machine's. `docker build --file compose/Dockerfile .` builds
it inside the image instead. Every name in compose/.env can be overridden by a variable of the same name.
";

/// Carries out the task.
pub(crate) fn run(arguments: &[OsString]) -> Outcome {
    let words: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    match words.iter().map(AsRef::as_ref).collect::<Vec<&str>>().as_slice() {
        [] => pack(),
        ["save", file] => save(Path::new(file)),
        ["load", file] => load(Path::new(file)),
        _ => Err(format!("these arguments are not understood: {}\n\n{HELP}", words.join(" "))),
    }
}

/// Builds the program and the image around it.
fn pack() -> Outcome {
    find_docker()?;
    let image = named(&pins()?, "EKK_IMAGE")?;
    command::run(&mut command::cargo(&["build", "--release", "--locked", "--package", "ekk"]))?;
    let context = context()?;
    let mut build = docker(&["build", "--tag", &image]);
    if let Some(base) = variable("BASE_IMAGE") {
        build.args(["--build-arg", &format!("BASE_IMAGE={base}")]);
    }
    command::run(build.arg(&context))?;
    println!("packed {image}; try: docker run --rm --publish 127.0.0.1:4566:4566 {image}");
    Ok(())
}

/// A folder with the program and its Dockerfile and nothing else, so that little is sent to the engine.
fn context() -> Result<PathBuf, String> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace::root().join("target"), PathBuf::from);
    let context = target.join("images/ekk");
    let cannot = |what: &str, error: std::io::Error| format!("cannot {what} for the image: {error}");
    fs::create_dir_all(&context).map_err(|error| cannot("make a folder", error))?;
    let files =
        [(target.join("release/ekk"), "ekk"), (workspace::root().join("compose/Dockerfile.packed"), "Dockerfile")];
    for (from, to) in files {
        fs::copy(&from, context.join(to)).map_err(|error| cannot(&format!("copy {}", from.display()), error))?;
    }
    Ok(context)
}

fn save(file: &Path) -> Outcome {
    find_docker()?;
    let pins = pins()?;
    let images: Vec<&str> =
        pins.iter().filter(|(name, _)| name.ends_with("_IMAGE")).map(|(_, image)| &**image).collect();
    for image in &images {
        let found = docker(&["image", "inspect", image]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            return Err(format!(
                "the image {image} is not on this machine: pull it (`docker pull {image}`), pack it (`cargo xtask images`), or \
                 name another by its variable of compose/.env"
            ));
        }
    }
    command::run(docker(&["save", "--output"]).arg(file).args(&images))?;
    println!("{} images are in {}; `cargo xtask images load` takes them from it", images.len(), file.display());
    Ok(())
}

fn load(file: &Path) -> Outcome {
    find_docker()?;
    command::run(docker(&["load", "--input"]).arg(file))
}

fn docker(arguments: &[&str]) -> Command {
    let mut command = Command::new("docker");
    command.args(arguments);
    command
}

/// # Errors
/// There is no Docker, or its engine does not answer, and what to do then.
fn find_docker() -> Outcome {
    let version = docker(&["version", "--format", "{{.Server.Version}}"]).output();
    let output = version.map_err(|error| {
        format!("cannot run `docker` ({error}): install Docker, on Debian `sudo apt-get install docker.io`")
    })?;
    if output.status.success() {
        return Ok(());
    }
    let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(format!(
        "Docker's engine does not answer; start it (`sudo systemctl start docker`) and be in its group: {reason}"
    ))
}

/// Every name and value of `compose/.env`, with the variables that override them.
fn pins() -> Result<Vec<(String, String)>, String> {
    let file = workspace::root().join("compose/.env");
    let text = fs::read_to_string(&file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    Ok(read_pins(&text, variable))
}

fn variable(name: &str) -> Option<String> {
    env::var_os(name)?.into_string().ok()
}

fn read_pins(text: &str, overriding: impl Fn(&str) -> Option<String>) -> Vec<(String, String)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let pins = lines.filter_map(|line| line.split_once('='));
    pins.map(|(name, value)| (name.to_owned(), overriding(name).unwrap_or_else(|| value.to_owned()))).collect()
}

fn named(pins: &[(String, String)], name: &str) -> Result<String, String> {
    let pin = pins.iter().find(|(of, _)| of == name);
    pin.map(|(_, value)| value.clone()).ok_or_else(|| format!("compose/.env names no {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_overrides_what_is_pinned() {
        let pins = read_pins("# why\nEKK_IMAGE=ekk:local\nMINIO_IMAGE=minio:1\n", |name| {
            (name == "MINIO_IMAGE").then(|| "my/minio:2".to_owned())
        });
        assert_eq!(named(&pins, "EKK_IMAGE").unwrap(), "ekk:local");
        assert_eq!(named(&pins, "MINIO_IMAGE").unwrap(), "my/minio:2");
        assert_eq!(named(&pins, "NO_IMAGE").unwrap_err(), "compose/.env names no NO_IMAGE");
    }

    #[test]
    fn every_image_of_the_compose_file_is_pinned() {
        let compose = fs::read_to_string(workspace::root().join("compose/compose.yaml")).unwrap();
        let pins = read_pins(&fs::read_to_string(workspace::root().join("compose/.env")).unwrap(), |_| None);
        let images = compose.lines().filter_map(|line| line.trim().strip_prefix("image: "));
        let mut found = 0;
        for image in images {
            let name = image.trim_start_matches("${").trim_end_matches('}');
            assert!(name.ends_with("_IMAGE"), "{image} is no variable that the archive's images are known by");
            assert!(!named(&pins, name).unwrap().is_empty());
            found += 1;
        }
        assert!(found >= 5, "{found} images");
    }

    #[test]
    fn dashboards_and_opensearch_are_of_one_version() {
        let pins = read_pins(&fs::read_to_string(workspace::root().join("compose/.env")).unwrap(), |_| None);
        let tag = |name: &str| named(&pins, name).unwrap().rsplit_once(':').map(|(_, tag)| tag.to_owned());
        assert_eq!(tag("OPENSEARCH_IMAGE"), tag("DASHBOARDS_IMAGE"));
    }

    #[test]
    fn the_two_ways_to_make_the_image_end_in_the_same() {
        let lines = |name: &str| {
            let text = fs::read_to_string(workspace::root().join("compose").join(name)).unwrap();
            let (_, last_stage) = text.rsplit_once("\nFROM ").unwrap();
            let lines = last_stage.lines().skip(1).filter(|line| !line.starts_with("COPY "));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(lines("Dockerfile"), lines("Dockerfile.packed"));
        assert!(lines("Dockerfile").contains(&"USER ekk".to_owned()));
    }

    #[test]
    fn arguments_that_are_not_understood_are_answered_by_the_usage() {
        let message = run(&["push".into()]).unwrap_err();
        assert!(
            message.starts_with("these arguments are not understood: push\n\nUsage: cargo xtask images"),
            "{message}"
        );
    }
}
