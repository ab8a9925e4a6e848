#pragma once
#include "platforms/preview.h"

namespace leadbridge::platforms::tmall {

PreviewEntry preview();

}  // namespace leadbridge::platforms::tmall
