#pragma once
#include "platforms/preview.h"

namespace leadbridge::platforms::outinvest {

PreviewEntry preview();

}  // namespace leadbridge::platforms::outinvest
