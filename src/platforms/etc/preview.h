#pragma once
#include "platforms/preview.h"

namespace leadbridge::platforms::etc {

PreviewEntry preview();

}  // namespace leadbridge::platforms::etc
