#pragma once
#include "platforms/preview.h"

namespace leadbridge::platforms::tanma {

PreviewEntry preview();

}  // namespace leadbridge::platforms::tanma
