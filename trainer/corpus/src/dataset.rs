//! Records, versions, statistics and exports.
