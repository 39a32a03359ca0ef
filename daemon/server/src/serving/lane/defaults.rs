//! What the settings say for requests that leave it to them.

use inkstone_protocol::StopRule;
use inkstone_settings::Settings;

/// What a request gets that does not say otherwise.
#[derive(Debug, Clone, Copy)]
pub(in crate::serving) struct Defaults {
    pub(super) max_tokens: u32,
    pub(super) prompt_tokens: u32,
    pub(super) stop: StopRule,
}

impl Defaults {
    pub(in crate::serving) fn of(settings: &Settings) -> Self {
        let completion = &settings.completion;
        Self {
            max_tokens: completion.max_tokens,
            prompt_tokens: completion.prompt_tokens,
            stop: StopRule::of_setting(completion.stop),
        }
    }
}
