#pragma once
#include "platforms/preview.h"

namespace leadbridge::platforms::alimama {

PreviewEntry preview();

}  // namespace leadbridge::platforms::alimama
