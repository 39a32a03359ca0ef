// Calls into llama.cpp that may throw, with the exception caught and put into words.
//
// llama.cpp catches what loading throws, but not what computing throws: a graphics card that is lost
// or out of memory says so by an exception, and one that reaches Rust ends the process.

#include <cstdint>
#include <cstdio>
#include <exception>

#include "llama.h"

namespace {

// No return value of llama_decode. As `ffi/context.rs` has it.
constexpr int32_t THROWN = -1000;

} // namespace

// llama_decode, and the wait for its end: what is computed beside this thread fails there. `problem`
// gets what was thrown, cut to `problem_len` bytes with the NUL at its end.
extern "C" int32_t inkstone_guarded_decode(
        llama_context * context, llama_batch batch, char * problem, size_t problem_len) noexcept {
    try {
        const int32_t code = llama_decode(context, batch);
        if (code == 0) {
            llama_synchronize(context);
        }
        return code;
    } catch (const std::exception & exception) {
        std::snprintf(problem, problem_len, "%s", exception.what());
    } catch (...) {
        std::snprintf(problem, problem_len, "an exception without a text");
    }
    return THROWN;
}
