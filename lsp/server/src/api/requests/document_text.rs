//! `inkstone/documentText`: our text of a document, for comparison with the editor's.

use tower_lsp_server::jsonrpc::Error;

use crate::event::Reply;
use crate::session::Session;
use crate::wire::document_text::{DocumentTextParams, DocumentTextResult};
use crate::wire::from_wire;

pub(crate) fn handle(
    session: &Session,
    params: &DocumentTextParams,
    reply: Reply<DocumentTextResult>,
) {
    let key = from_wire::document_key(&params.uri);
    let result = match session
        .documents
        .get(&key)
        .map(|document| document.snapshot())
    {
        None => Err(Error::invalid_params("no document of this URI is open")),
        Some(Err(why)) => Err(Error::invalid_params(why.to_string())),
        Some(Ok(snapshot)) => Ok(DocumentTextResult {
            text: snapshot.text(),
            version: snapshot.version().get(),
        }),
    };
    // A closed reply is a client that no longer asks.
    let _ = reply.send(result);
}
