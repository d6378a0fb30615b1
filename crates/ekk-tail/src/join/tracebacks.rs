//! The tracebacks of languages, line by line. Pure.
//!
//! What is indented belongs to what is above it, in every language. Beyond that, each of them has lines at the left margin
//! that are a part of a traceback only in their place, and that is what the states are for.

/// Where in a traceback the last line was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// In none: a line of a log.
    #[default]
    Plain,
    /// The record is complete, and nothing can follow.
    Closed,
    /// Python: frames, until the line with the error, which is the first that is not indented.
    Python,
    /// Python: frames of a group of exceptions, which are all indented.
    PythonGroup,
    /// Python: the error was there; another may follow that came while it was handled.
    PythonEnd,
    /// Python: another traceback is announced.
    PythonBetween,
    /// Java: the error was there; frames are indented, causes are not.
    Java,
    /// Go: `panic: …`; then come signals and goroutines.
    GoPanic,
    /// Go: calls of a goroutine, each with its place indented below.
    GoStack,
    /// Rust: the place of a panic; the message is in the next line.
    RustHead,
    /// Rust: the message was there.
    RustMessage,
    /// Rust: frames and notes.
    RustFrames,
}

/// The state after a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tracebacks {
    state: State,
    /// The last lines were empty.
    gap: bool,
}

impl From<State> for Tracebacks {
    fn from(state: State) -> Self {
        Self { state, gap: false }
    }
}

const PYTHON: &[u8] = b"Traceback (most recent call last):";
const PYTHON_GROUP: &[u8] = b"+ Exception Group Traceback (most recent call last):";
const PYTHON_BETWEEN: [&[u8]; 2] =
    [b"During handling of the above exception", b"The above exception was the direct cause"];

impl Tracebacks {
    /// The state after the first line of a record.
    pub(super) fn first(line: &[u8]) -> Self {
        let text = line.trim_ascii_start();
        let state = if text.starts_with(b"{") {
            State::Closed
        } else if text.starts_with(PYTHON) {
            State::Python
        } else if text.starts_with(PYTHON_GROUP) {
            State::PythonGroup
        } else if line.starts_with(b"Exception in thread ") || is_java_error(line) {
            State::Java
        } else if line.starts_with(b"panic: ")
            || line.starts_with(b"fatal error: ")
            || contains(line, b"http: panic serving ")
        {
            State::GoPanic
        } else if line.starts_with(b"thread '") && contains(line, b" panicked at ") {
            // Before Rust 1.73, place and message were in one line.
            if line.ends_with(b":") { State::RustHead } else { State::RustMessage }
        } else {
            State::Plain
        };
        state.into()
    }

    /// The state after another line, if that belongs to the record.
    pub(super) fn after(self, line: &[u8]) -> Option<Self> {
        let text = line.trim_ascii_start();
        if self.is_closed() || text.starts_with(b"{") {
            return None;
        }
        if text.is_empty() {
            return Some(Self { gap: true, ..self });
        }
        let begins_python = text.starts_with(PYTHON) || text.starts_with(PYTHON_GROUP);
        let next = if begins_python && matches!(self.state, State::Plain | State::PythonBetween) {
            let is_apart = self.gap && self.state == State::Plain;
            let state = if text.starts_with(PYTHON) { State::Python } else { State::PythonGroup };
            (!is_apart).then_some(state)
        } else if text.len() < line.len() {
            self.after_indented()
        } else {
            self.after_margin(line)
        };
        next.map(Self::from)
    }

    pub(super) fn is_closed(self) -> bool {
        self.state == State::Closed
    }

    fn after_indented(self) -> Option<State> {
        match self.state {
            State::Plain if self.gap => None,
            State::PythonBetween => None,
            State::RustHead => Some(State::RustMessage),
            state => Some(state),
        }
    }

    /// After a line that begins at the left margin.
    fn after_margin(self, line: &[u8]) -> Option<State> {
        let begins = |start: &[u8]| line.starts_with(start);
        let is_goroutine = begins(b"goroutine ") && line.ends_with(b":");
        let belongs = match self.state {
            State::Plain if !self.gap && is_java_error(line) => return Some(State::Java),
            State::Plain if !self.gap && is_goroutine => return Some(State::GoStack),
            State::Plain => begins(b"Caused by:"),
            State::Python if !self.gap => return Some(State::PythonEnd),
            State::PythonEnd | State::PythonGroup if self.gap && PYTHON_BETWEEN.iter().any(|text| begins(text)) => {
                return Some(State::PythonBetween);
            }
            State::Java => !self.gap && (begins(b"Caused by: ") || begins(b"Suppressed: ") || begins(b"... ")),
            State::GoPanic if is_goroutine => return Some(State::GoStack),
            State::GoPanic => begins(b"[signal ") || begins(b"panic: "),
            State::GoStack if self.gap => is_goroutine || begins(b"exit status "),
            State::GoStack => {
                line.ends_with(b")") || begins(b"created by ") || begins(b"exit status ") || begins(b"...")
            }
            State::RustHead => return Some(State::RustMessage),
            State::RustMessage | State::RustFrames if begins(b"stack backtrace:") || begins(b"note: ") => {
                return Some(State::RustFrames);
            }
            _ => false,
        };
        belongs.then_some(self.state)
    }
}

/// Whether a line begins with the full name of a Java class that is an error: `java.io.IOException: disk full`.
fn is_java_error(line: &[u8]) -> bool {
    let name_end = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
    let name = line.get(..name_end).unwrap_or_default().trim_ascii_end();
    let is_name = name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._$".contains(byte));
    let is_error = [&b"Exception"[..], b"Error", b"Throwable"].iter().any(|end| name.ends_with(end));
    is_name && is_error && name.contains(&b'.') && name.first().is_some_and(u8::is_ascii_lowercase)
}

fn contains(line: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(line, part).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Splits a text into records: a line that begins one is marked by `>` in the expectation, and here by its place.
    #[track_caller]
    fn check(name: &str, marked: &str) {
        let mut state: Option<Tracebacks> = None;
        for line in marked.lines() {
            let (mark, line) = line.split_at(1);
            let joined = state.and_then(|state| state.after(line.as_bytes()));
            assert_eq!(joined.is_none(), mark == ">", "{name}: {line:?} after {state:?}");
            state = Some(joined.unwrap_or_else(|| Tracebacks::first(line.as_bytes())));
        }
    }

    #[test]
    fn python_tracebacks_stay_with_the_line_that_logged_them() {
        check(
            "chained",
            "\
>2026-11-23 ERROR order 17 failed
 Traceback (most recent call last):
   File \"/app/shop.py\", line 3, in pay
     charge()
     ~~~~~~^^
 ValueError: declined
 
 During handling of the above exception, another exception occurred:
 
 Traceback (most recent call last):
   File \"/app/shop.py\", line 9, in main
 RuntimeError: order 17
>2026-11-23 INFO next
 Traceback (most recent call last):
   File \"x.py\", line 1, in <module>
 KeyError: 'a'
>Traceback (most recent call last):
   File \"x.py\", line 1, in <module>
 KeyError: 'b'
>done",
        );
        check(
            "a group",
            "\
>2026-11-23 ERROR two failed
   + Exception Group Traceback (most recent call last):
   |   File \"/app/shop.py\", line 3, in main
   | ExceptionGroup: two (2 sub-exceptions)
   +-+---------------- 1 ----------------
     | ValueError: a
     +---------------- 2 ----------------
     | TypeError: b
     +------------------------------------
>2026-11-23 INFO next",
        );
    }

    #[test]
    fn java_errors_stay_with_their_causes() {
        check(
            "causes",
            "\
>2026-11-23 ERROR c.e.Shop - order 17 failed
 java.lang.IllegalStateException: declined
 \tat com.example.Shop.pay(Shop.java:17)
 \tat com.example.Shop.main(Shop.java:3)
 \tSuppressed: java.io.IOException: closed
 \t\tat com.example.Shop.close(Shop.java:8)
 Caused by: java.io.IOException: disk full
 \tat com.example.Disk.write(Disk.java:5)
 \t... 2 more
>2026-11-23 INFO c.e.Shop - next
>Exception in thread \"main\" java.lang.NullPointerException
 \tat com.example.Shop.main(Shop.java:3)
>java.lang.OutOfMemoryError: Java heap space
>java.lang.OutOfMemoryError: Java heap space",
        );
    }

    #[test]
    fn go_panics_have_all_their_goroutines() {
        check(
            "nil",
            "\
>2026/11/23 14:00:00 starting
>panic: runtime error: invalid memory address or nil pointer dereference
 [signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x47]
 
 goroutine 1 [running]:
 main.pay(...)
 \t/app/main.go:7
 main.main()
 \t/app/main.go:3 +0x1d
 
 goroutine 18 [chan receive]:
 main.worker(0xc000)
 \t/app/main.go:20 +0x25
 created by main.main in goroutine 1
 \t/app/main.go:4 +0x2f
 exit status 2
>2026/11/23 14:00:01 starting
>2026/11/23 14:00:02 http: panic serving 127.0.0.1:5: no
 goroutine 34 [running]:
 net/http.(*conn).serve.func1()
 \t/go/server.go:1850 +0xbf
 panic({0x61, 0x62})
 \t/go/panic.go:890 +0x262
>2026/11/23 14:00:03 next",
        );
    }

    #[test]
    fn rust_panics_have_their_message_and_their_frames() {
        check(
            "a backtrace",
            "\
>INFO starting
>thread 'main' panicked at src/main.rs:4:5:
 assertion `left == right` failed
   left: 1
  right: 2
 stack backtrace:
    0: rust_begin_unwind
              at /rustc/1/library/std/src/panicking.rs:665:5
    1: shop::main
              at ./src/main.rs:4:5
 note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
>INFO next
>thread 'worker' (4711) panicked at src/main.rs:9:1:
 order 17 is not there
 note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
>Error: cannot start
 
 Caused by:
     0: cannot read shop.toml
     1: No such file or directory (os error 2)
>INFO next",
        );
    }

    #[test]
    fn what_is_indented_belongs_to_what_is_above_and_json_stands_alone() {
        check(
            "Node.js",
            "\
>TypeError: x is not a function
     at main (/app/shop.js:3:5)
     at node:internal/main:1:1
>next
 
>  indented, but after a gap
>{\"message\": \"json\"}
>  indented, but after JSON
>{\"message\": \"json\"}
>Traceback (most recent call last):
   File \"x.py\", line 1, in <module>
 KeyError: 'b'",
        );
    }
}
