//! `shutdown`: nothing new begins; `exit` follows.

use crate::event::Reply;
use crate::session::Session;

pub(crate) fn handle(session: &mut Session, reply: Reply<()>) {
    session.stop_asking();
    // A closed reply is an editor that does not wait for it.
    let _ = reply.send(Ok(()));
}
