//! A web server of one file on this machine, with the faults that real ones have.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the server does with the next request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// The file, or the part of it that was asked for.
    File,
    /// The whole file, whatever was asked for.
    Whole,
    /// Other bytes.
    Other(Vec<u8>),
    /// So many bytes of the body, then the connection breaks.
    CutAfter(usize),
    /// A status without a body.
    Status(u16),
    /// A redirect with these headers.
    Redirect(Vec<(String, String)>),
}

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) range: Option<String>,
    pub(crate) authorization: Option<String>,
}

/// The server; its thread ends with the process.
pub(crate) struct Server {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Serves a file: the answers in order, then [`Answer::File`] for ever.
    pub(crate) fn start(file: Vec<u8>, answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        thread::spawn(move || {
            let mut answers = answers.into_iter();
            for connection in listener.incoming().flatten() {
                let Some(request) = read_request(&connection) else {
                    continue;
                };
                let answer = answers.next().unwrap_or(Answer::File);
                log.lock().unwrap().push(request.clone());
                // A client that hangs up early is part of the tests.
                let _ = reply(&connection, &request, &file, answer);
            }
        });
        Self { address, asked }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/tiny.gguf", self.address)
    }

    /// The requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn read_request(connection: &TcpStream) -> Option<Asked> {
    let mut lines = BufReader::new(connection).lines().map_while(Result::ok);
    let first = lines.next()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut asked = Asked {
        method,
        path,
        range: None,
        authorization: None,
    };
    for line in lines.take_while(|line| !line.is_empty()) {
        let Some((name, value)) = line.split_once(": ") else {
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "range" => asked.range = Some(value.to_owned()),
            "authorization" => asked.authorization = Some(value.to_owned()),
            _ => {}
        }
    }
    Some(asked)
}

fn reply(
    mut connection: &TcpStream,
    request: &Asked,
    file: &[u8],
    answer: Answer,
) -> std::io::Result<()> {
    let from = request.range.as_deref().and_then(|range| {
        range
            .strip_prefix("bytes=")?
            .strip_suffix('-')?
            .parse::<usize>()
            .ok()
    });
    let (status, headers, body, cut) = match (answer, from) {
        (Answer::Status(status), _) => (status, Vec::new(), &[][..], None),
        (Answer::Redirect(headers), _) => (302, headers, &[][..], None),
        (Answer::Other(ref bytes), _) => {
            return send(connection, request, 200, &[], bytes, None);
        }
        (Answer::File | Answer::CutAfter(_), Some(from)) if from >= file.len() => (
            416,
            vec![(
                "Content-Range".to_owned(),
                format!("bytes */{}", file.len()),
            )],
            &[][..],
            None,
        ),
        (Answer::File, Some(from)) => (206, vec![content_range(from, file)], &file[from..], None),
        (Answer::CutAfter(cut), Some(from)) => (
            206,
            vec![content_range(from, file)],
            &file[from..],
            Some(cut),
        ),
        (Answer::CutAfter(cut), None) => (200, Vec::new(), file, Some(cut)),
        (Answer::File, None) | (Answer::Whole, _) => (200, Vec::new(), file, None),
    };
    send(connection, request, status, &headers, body, cut)?;
    connection.flush()
}

fn content_range(from: usize, file: &[u8]) -> (String, String) {
    (
        "Content-Range".to_owned(),
        format!("bytes {from}-{}/{}", file.len() - 1, file.len()),
    )
}

fn send(
    mut connection: &TcpStream,
    request: &Asked,
    status: u16,
    headers: &[(String, String)],
    body: &[u8],
    cut: Option<usize>,
) -> std::io::Result<()> {
    write!(
        connection,
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n",
        body.len()
    )?;
    for (name, value) in headers {
        write!(connection, "{name}: {value}\r\n")?;
    }
    connection.write_all(b"\r\n")?;
    if request.method != "HEAD" {
        connection.write_all(&body[..cut.unwrap_or(body.len()).min(body.len())])?;
    }
    Ok(())
}
