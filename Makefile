# The commands of this repository; each is a script of tests/setup that says what it does.
# Everything that is missing is installed first, or named with the command that installs it.

.PHONY: try test bench race lint fuzz release

# Set up, fetch the default model, start the daemon, complete a paragraph. Quick the second time.
try:
	@tests/setup/try.sh

# Everything that must hold, on the real models and in real editors.
test:
	@tests/setup/test.sh

# Measurements, into target/bench/*.json.
bench:
	@tests/setup/bench.sh

# A training beside Hugging Face PEFT, into target/bench/race.json. Needs torch; see the script.
race:
	@tests/setup/race.sh

# Formatting, lints, licences, spelling.
lint:
	@tests/setup/lint.sh

# Long fuzz runs: FUZZ_SECONDS for each target, FUZZ_TARGETS for some of them only.
fuzz:
	@tests/setup/fuzz.sh

# Optimised binaries and packaged extensions, into target/dist/. GPU=vulkan, cuda or metal adds one.
release:
	@tests/setup/release.sh
