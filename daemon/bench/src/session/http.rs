//! One request to a completion server on this machine, and its stream of events.
//!
//! Not an HTTP client: HTTP/1.1 to a loopback address, one request a connection, because dropping
//! the connection is how such a client cancels. Only `server.rs` uses it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

/// How long a part of an answer may take: reading a whole document on a busy machine, many times.
const READ_WAIT: Duration = Duration::from_secs(60);
/// The longest line taken: an event with a completion is a hundredth of it.
const LINE_BYTES_MAX: u64 = 1 << 20;
/// The most header lines taken.
const HEADERS_MAX: usize = 64;

/// The address behind `http://HOST:PORT`, which must be of this machine.
pub(super) fn local_address(url: &str) -> io::Result<SocketAddr> {
    let wrong = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why.to_owned());
    let host = url.strip_prefix("http://");
    let host = host.ok_or_else(|| wrong("only http:// is spoken"))?;
    let host = host.split('/').next().unwrap_or_default();
    let mut addresses = host.to_socket_addrs()?;
    // Nothing that a person writes may leave this machine, not even a corpus.
    addresses
        .find(|address| address.ip().is_loopback())
        .ok_or_else(|| wrong("only a server on this machine is played against"))
}

/// Posts JSON and reads nothing; dropping the connection gives the request up.
pub(super) fn send(address: SocketAddr, path: &str, json: &str) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&address, READ_WAIT)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(READ_WAIT))?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{json}",
        json.len()
    );
    stream.write_all(request.as_bytes())?;
    Ok(stream)
}

/// A response whose body is being read.
pub(super) struct Response {
    lines: BufReader<Body>,
}

impl Response {
    /// Posts JSON; an error when the server does not answer with 200.
    pub(super) fn post(address: SocketAddr, path: &str, json: &str) -> io::Result<Self> {
        let stream = send(address, path, json)?;
        let mut reader = BufReader::new(stream);
        let status = read_line(&mut reader)?;
        let mut is_chunked = false;
        for _ in 0..HEADERS_MAX {
            let header = read_line(&mut reader)?.to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            is_chunked |= header.starts_with("transfer-encoding:") && header.contains("chunked");
        }
        if status.split(' ').nth(1) != Some("200") {
            let problem = format!("the server answered {status:?} to {path}");
            return Err(io::Error::other(problem));
        }
        let lines = BufReader::new(Body {
            reader,
            is_chunked,
            chunk_left: 0,
            has_ended: false,
        });
        Ok(Self { lines })
    }

    /// The data of the next event; none when the stream has ended.
    pub(super) fn next_event(&mut self) -> io::Result<Option<String>> {
        loop {
            let mut line = String::new();
            if self
                .lines
                .by_ref()
                .take(LINE_BYTES_MAX)
                .read_line(&mut line)?
                == 0
            {
                return Ok(None);
            }
            if let Some(data) = line.strip_prefix("data:") {
                return Ok(Some(data.trim().to_owned()));
            }
        }
    }

    /// The whole body.
    pub(super) fn body(self) -> io::Result<String> {
        let mut body = String::new();
        self.lines.take(LINE_BYTES_MAX).read_to_string(&mut body)?;
        Ok(body)
    }
}

/// What follows the headers, without the marks of its chunks.
struct Body {
    reader: BufReader<TcpStream>,
    is_chunked: bool,
    chunk_left: usize,
    has_ended: bool,
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.is_chunked {
            return self.reader.read(buffer);
        }
        if self.has_ended || buffer.is_empty() {
            return Ok(0);
        }
        if self.chunk_left == 0 {
            let size = read_line(&mut self.reader)?;
            let digits = size.split(';').next().unwrap_or_default().trim();
            self.chunk_left = usize::from_str_radix(digits, 16)
                .map_err(|_no_number| io::Error::other(format!("no chunk size: {size:?}")))?;
            self.has_ended = self.chunk_left == 0;
            if self.has_ended {
                return Ok(0);
            }
        }
        let wanted = buffer.len().min(self.chunk_left);
        let read = self.reader.read(&mut buffer[..wanted])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.chunk_left -= read;
        if self.chunk_left == 0 {
            read_line(&mut self.reader)?;
        }
        Ok(read)
    }
}

/// A line without its end.
fn read_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if reader.by_ref().take(LINE_BYTES_MAX).read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// What a client makes of these bytes.
    fn answered(bytes: &'static str) -> io::Result<Response> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 1_024];
            let _request = stream.read(&mut asked).unwrap();
            stream.write_all(bytes.as_bytes()).unwrap();
        });
        Response::post(address, "/v1/completions", "{}")
    }

    #[test]
    fn events_are_read_across_the_borders_of_chunks() {
        let mut response = answered(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
             9\r\ndata: {\"a\r\n8\r\n\":1}\r\n\r\n\r\nE\r\ndata: [DONE]\r\n\r\n0\r\n\r\n",
        )
        .unwrap();
        assert_eq!(response.next_event().unwrap().unwrap(), "{\"a\":1}");
        assert_eq!(response.next_event().unwrap().unwrap(), "[DONE]");
        assert_eq!(response.next_event().unwrap(), None);
    }

    #[test]
    fn a_body_without_chunks_is_read_to_its_end_and_a_refusal_is_an_error() {
        let response = answered("HTTP/1.1 200 OK\r\n\r\n{\"雨\":1}").unwrap();
        assert_eq!(response.body().unwrap(), "{\"雨\":1}");
        assert!(answered("HTTP/1.1 500 Oops\r\n\r\n").is_err());
    }

    #[test]
    fn only_this_machine_is_asked() {
        assert!(local_address("http://127.0.0.1:8000/v1").is_ok());
        assert!(local_address("http://192.0.2.1:8000").is_err());
        assert!(local_address("https://127.0.0.1:8000").is_err());
    }
}
