#pragma once
// A stable sort for short lists (parameters of a call, intervals): a tenth of the code of std::stable_sort,
// which the module holds once for every type. Quadratic: not for lists whose length somebody else decides.
#include <cstddef>
#include <utility>

namespace leadbridge::base {

template <typename List, typename Less>
void insertion_sort(List& list, const Less& less) {
    for (std::size_t i = 1; i < list.size(); ++i) {
        for (std::size_t at = i; at > 0 && less(list[at], list[at - 1]); --at)
            std::swap(list[at], list[at - 1]);
    }
}

}  // namespace leadbridge::base
