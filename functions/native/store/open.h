#pragma once
#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "functions/native/config_file.h"
#include "functions/native/store/store.h"

namespace leadbridge::native {

// Opens the store a configuration names, once, when it is first asked for.
class StoreHolder {
  public:
    explicit StoreHolder(StoreChoice choice) : choice_(std::move(choice)) {}
    base::Result<Store*> open();
    [[nodiscard]] Store* opened() const { return store_.get(); }

  private:
    StoreChoice choice_;
    std::unique_ptr<Store> store_;
};

// True for a store error that a change of the configuration repairs.
bool store_error_is_configuration(const std::string& code);
std::string sqlite_library();  // its version

}  // namespace leadbridge::native
