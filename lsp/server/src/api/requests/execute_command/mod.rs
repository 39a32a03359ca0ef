//! `workspace/executeCommand`: one file per command; `session/commands.rs` has their names.

mod feedback;
mod status;
mod toggle;

use serde_json::Value;
use tower_lsp_server::jsonrpc::{Error, Result};
use tower_lsp_server::ls_types as lsp;

use crate::event::Reply;
use crate::session::Session;
use crate::session::commands::EditorCommand;

pub(crate) fn handle(
    session: &mut Session,
    params: &lsp::ExecuteCommandParams,
    reply: Reply<Option<Value>>,
) {
    // A closed reply is an editor that no longer waits; the command was carried out all the same.
    let _ = reply.send(execute(session, params));
}

fn execute(session: &mut Session, params: &lsp::ExecuteCommandParams) -> Result<Option<Value>> {
    let Some(command) = EditorCommand::from_name(&params.command) else {
        let known = EditorCommand::ALL.map(EditorCommand::name).join(", ");
        let message = format!(
            "there is no command `{}`; there are {known}",
            params.command
        );
        return Err(Error::invalid_params(message));
    };
    let argument = params.arguments.first();
    match command {
        EditorCommand::Status => status::execute(session, argument).map(Some),
        EditorCommand::Toggle => Ok(Some(toggle::execute(session))),
        EditorCommand::Accepted => feedback::accepted(session, argument).map(|()| None),
        EditorCommand::Rejected => feedback::rejected(session, argument).map(|()| None),
    }
}
