//! The subcommands, one file each; files whose name begins with a command's belong to it.

pub(crate) mod adapter;
mod adapter_export;
mod adapter_import;
mod adapter_list;
mod adapter_plot;
mod adapter_rm;
mod adapter_rollback;
mod adapter_show;
mod adapter_table;
mod adapter_use;
pub(crate) mod bench;
mod bench_corpus;
mod bench_idle;
mod bench_load;
mod bench_session;
mod bench_soak;
mod bench_train;
mod bench_yield;
mod calendar;
pub(crate) mod complete;
pub(crate) mod dataset;
mod dataset_build;
mod dataset_export;
mod dataset_profile;
mod dataset_progress;
mod dataset_stats;
mod dataset_table;
pub(crate) mod doctor;
pub(crate) mod feedback;
pub(crate) mod forget;
mod forget_table;
mod learned;
mod log_line;
pub(crate) mod logs;
pub(crate) mod model;
mod model_failure;
mod model_import;
mod model_list;
mod model_progress;
mod model_pull;
mod model_rm;
mod model_table;
mod model_use;
mod reload;
mod review;
pub(crate) mod score;
pub(crate) mod setup;
mod setup_measure;
mod setup_plan;
mod setup_snippets;
pub(crate) mod start;
pub(crate) mod status;
mod status_table;
pub(crate) mod stop;
pub(crate) mod train;
mod train_progress;
mod train_table;
pub(crate) mod workspace;
mod workspace_add;
mod workspace_consent;
mod workspace_folder;
mod workspace_list;
mod workspace_mark;
mod workspace_rm;
mod workspace_survey;

use crate::command_line::Command;
use crate::{CommandError, Environment, ExitStatus};

/// Runs one.
pub(crate) fn run(command: &Command, env: &Environment) -> Result<ExitStatus, CommandError> {
    match command {
        Command::Setup(args) => {
            let ended = setup::run(args, env);
            reload::if_running(env);
            ended
        }
        Command::Model(args) => {
            let ended = model::run(args, env);
            reload::if_running(env);
            ended
        }
        Command::Complete(args) => complete::run(args, env),
        Command::Score(args) => score::run(args, env),
        Command::Status(args) => status::run(args, env),
        Command::Doctor(args) => doctor::run(args, env),
        Command::Feedback(args) => feedback::run(args, env),
        Command::Logs(args) => logs::run(args, env),
        Command::Start(args) => start::run(args, env),
        Command::Stop(args) => stop::run(args, env),
        Command::Workspace(args) => workspace::run(args, env),
        Command::Dataset(args) => dataset::run(args, env),
        Command::Adapter(args) => adapter::run(args, env),
        Command::Train(args) => train::run(args, env),
        Command::Forget(args) => forget::run(args, env),
        Command::Bench(args) => bench::run(args, env),
    }
}
