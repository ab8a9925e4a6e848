#pragma once
#include "platforms/preview.h"

namespace leadbridge::platforms::leadbridge {

PreviewEntry preview();

}  // namespace leadbridge::platforms::leadbridge
