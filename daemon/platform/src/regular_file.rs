//! Opening a file in a folder that anybody may have prepared: what is no regular file is refused, and
//! no open waits.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a regular file for reading, with what the system says of the very file that is open. A pipe,
/// a socket, a device, a folder and a symbolic link are refused with `InvalidInput`: opening a pipe
/// would wait for a writer for ever, and reading a device can do things.
pub fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY;
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or(0));
    }
    // Asked first as well: opening a device can have an effect. Between the two somebody may put
    // one there, and then the open, which does not wait, is followed by the check of what is open.
    refuse_special(&std::fs::symlink_metadata(path)?)?;
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    refuse_special(&metadata)?;
    Ok((file, metadata))
}

fn refuse_special(metadata: &Metadata) -> io::Result<()> {
    if metadata.file_type().is_file() {
        return Ok(());
    }
    let message = "not a regular file";
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn a_file_is_read_and_everything_else_is_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a"), "text 文字").unwrap();
        std::os::unix::fs::symlink(at("a"), at("link")).unwrap();
        let fifo = at("fifo");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &fifo,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        let mut text = String::new();
        let (mut file, metadata) = open(&at("a")).unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "text 文字");
        assert_eq!(metadata.len(), 11);
        for name in ["link", "fifo", "socket", "."] {
            let kind = open(&at(name)).unwrap_err().kind();
            assert_eq!(kind, io::ErrorKind::InvalidInput, "{name}");
        }
        let kind = open(Path::new("/dev/null")).unwrap_err().kind();
        assert_eq!(kind, io::ErrorKind::InvalidInput);
        assert_eq!(
            open(&at("none")).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }
}
