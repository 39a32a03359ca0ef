//! The socket: its name on each system, listening, connecting, and who is at the other end.

use std::io;
use std::path::Path;

use interprocess::local_socket::tokio::prelude::*;
pub use interprocess::local_socket::tokio::{Listener, Stream};
use interprocess::local_socket::{ListenerOptions, Name};

/// Owner reads and writes, others nothing. The directory around the socket is the owner's alone
/// too; where the system cannot set a socket's mode, that is what protects it.
#[cfg(unix)]
const SOCKET_MODE: u16 = 0o600;

/// Connects to a listening daemon.
pub async fn connect(socket: &Path) -> io::Result<Stream> {
    let stream = Stream::connect(name_of(socket)?).await?;
    check_peer(&stream)?;
    Ok(stream)
}

/// Listens. The caller holds the daemon's lock, so a socket that is there already is a leftover of
/// a daemon that was killed, and is replaced. Must be called inside a tokio runtime.
pub fn listen(socket: &Path) -> io::Result<Listener> {
    remove(socket)?;
    let options = || -> io::Result<ListenerOptions<'_>> {
        // The caller removes the socket, under its lock: at the end of the listener it may be ours
        // no longer.
        Ok(ListenerOptions::new()
            .name(name_of(socket)?)
            .reclaim_name(false))
    };
    #[cfg(unix)]
    {
        use interprocess::os::unix::local_socket::ListenerOptionsExt as _;
        match options()?.mode(SOCKET_MODE.into()).create_tokio() {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            result => return result,
        }
    }
    options()?.create_tokio()
}

/// The next client. Whoever takes it asks [`check_peer`] first.
pub async fn accept(listener: &Listener) -> io::Result<Stream> {
    listener.accept().await
}

/// Removes the socket's file, if there is one. Only the holder of the daemon's lock may.
pub fn remove(socket: &Path) -> io::Result<()> {
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Refuses a peer that acts for another user. On Windows the pipe's access list does.
pub fn check_peer(stream: &Stream) -> io::Result<()> {
    #[cfg(unix)]
    {
        let peer = stream.peer_creds()?.euid();
        let own = inkstone_platform::user_id();
        if peer.is_none() || peer != own {
            let message = format!("the other end belongs to user {peer:?}, not to user {own:?}");
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
        }
    }
    #[cfg(not(unix))]
    let _ = stream;
    Ok(())
}

#[cfg(unix)]
fn name_of(socket: &Path) -> io::Result<Name<'_>> {
    use interprocess::local_socket::{GenericFilePath, ToFsName as _};
    socket.to_fs_name::<GenericFilePath>()
}

/// Pipes have a name space of their own: the path is spelled in it.
#[cfg(not(unix))]
fn name_of(socket: &Path) -> io::Result<Name<'static>> {
    use interprocess::local_socket::{GenericNamespaced, ToNsName as _};
    let spelled: String = socket
        .to_string_lossy()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    format!("inkstone-{spelled}").to_ns_name::<GenericNamespaced>()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[tokio::test]
    async fn the_socket_is_its_owners_alone_and_replaces_a_leftover() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s");
        drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
        assert_eq!(
            connect(&socket).await.unwrap_err().kind(),
            io::ErrorKind::ConnectionRefused
        );
        let listener = listen(&socket).unwrap();
        let mode = std::fs::metadata(&socket).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, u32::from(SOCKET_MODE));
        let (connected, accepted) = tokio::join!(connect(&socket), accept(&listener));
        check_peer(&accepted.unwrap()).unwrap();
        connected.unwrap();
        drop(listener);
        assert!(socket.exists(), "only the holder of the lock removes it");
        remove(&socket).unwrap();
        remove(&socket).unwrap();
        assert_eq!(
            connect(&socket).await.unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }
}
