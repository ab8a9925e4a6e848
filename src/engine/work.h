#pragma once
// What an event is to the engine: a job that waits for effects, or what came of one that needs none.
#include <memory>
#include <variant>

#include "base/result.h"
#include "jobs/task.h"

namespace leadbridge::engine {

using Work = std::variant<std::unique_ptr<jobs::Job>, jobs::Outcome>;
using WorkResult = base::Result<Work>;

template <typename J, typename... Arguments>
Work job(Arguments&&... arguments) {
    return std::unique_ptr<jobs::Job>(std::make_unique<J>(std::forward<Arguments>(arguments)...));
}

}  // namespace leadbridge::engine
