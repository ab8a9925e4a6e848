#include "codec/decimal.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace leadbridge::codec {
namespace {

constexpr std::size_t kMostDigits = 17;   // what tells all doubles apart
constexpr std::size_t kSureDigits = 15;   // what every double of normal size holds
constexpr std::size_t kExactPowers = 23;  // powers of ten that a double is

constexpr std::array<double, kExactPowers> kPowers = [] {
    std::array<double, kExactPowers> powers{};
    double power = 1;
    for (double& entry : powers) entry = power, power *= 10;
    return powers;
}();

// std::bit_cast, which the module's library has not.
std::uint64_t bits_of(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}
double double_of(std::uint64_t bits) {
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

// 0.DIGITS times ten to the `point`; the first and the last digit are not 0. No digits: zero.
struct Decimal {
    std::array<char, kMostDigits> digits{};
    std::size_t count = 0;
    int point = 0;

    [[nodiscard]] std::string_view text() const { return {digits.data(), count}; }
    bool operator==(const Decimal& other) const { return point == other.point && text() == other.text(); }
    // At the front, without zeros at the end.
    void set(std::uint64_t whole) {
        while (whole % 10 == 0) whole /= 10;
        count = static_cast<std::size_t>(
            std::to_chars(digits.data(), digits.data() + digits.size(), whole).ptr - digits.data());
    }
};

// ---- double to decimal ------------------------------------------------------------------------------------

// A natural number as large as a double and one digit more.
class Natural {
  public:
    explicit Natural(std::uint64_t value) {
        words_[0] = static_cast<std::uint32_t>(value);
        words_[1] = static_cast<std::uint32_t>(value >> 32U);
        size_ = words_[1] != 0 ? 2 : 1;
    }
    void times(std::uint32_t factor) {
        std::uint64_t carry = 0;
        for (std::size_t i = 0; i < size_; ++i) {
            carry += std::uint64_t{words_[i]} * factor;
            words_[i] = static_cast<std::uint32_t>(carry);
            carry >>= 32U;
        }
        if (carry != 0) words_[size_++] = static_cast<std::uint32_t>(carry);
    }
    void times_power_of_ten(int power) {
        for (; power >= 9; power -= 9) times(1'000'000'000);
        for (; power > 0; --power) times(10);
    }
    void times_power_of_two(int power) {
        for (; power >= 31; power -= 31) times(std::uint32_t{1} << 31U);
        times(std::uint32_t{1} << static_cast<unsigned>(power));
    }
    Natural& operator+=(const Natural& other) {
        std::uint64_t carry = 0;
        size_ = std::max(size_, other.size_);
        for (std::size_t i = 0; i < size_; ++i) {
            carry += std::uint64_t{words_[i]} + other.words_[i];
            words_[i] = static_cast<std::uint32_t>(carry);
            carry >>= 32U;
        }
        if (carry != 0) words_[size_++] = static_cast<std::uint32_t>(carry);
        return *this;
    }
    // `other` is not larger.
    Natural& operator-=(const Natural& other) {
        std::int64_t borrow = 0;
        for (std::size_t i = 0; i < size_; ++i) {
            borrow += std::int64_t{words_[i]} - other.words_[i];
            words_[i] = static_cast<std::uint32_t>(borrow);
            borrow >>= 32U;
        }
        while (size_ > 1 && words_[size_ - 1] == 0) --size_;
        return *this;
    }
    // Below, equal to, above `other`: negative, 0, positive.
    [[nodiscard]] int compare(const Natural& other) const {
        if (size_ != other.size_) return size_ < other.size_ ? -1 : 1;
        for (std::size_t i = size_; i-- > 0;) {
            if (words_[i] != other.words_[i]) return words_[i] < other.words_[i] ? -1 : 1;
        }
        return 0;
    }

  private:
    std::array<std::uint32_t, 40> words_{};
    std::size_t size_ = 1;
};

// Burger and Dybvig, "Printing floating-point numbers quickly and accurately" (1996): the value is
// rest / scale; what lies less than `below` or `above` from it reads back as the same double.
Decimal shortest_of_any(double value) {
    constexpr int kMantissaBits = 52;
    constexpr std::uint64_t kHidden = std::uint64_t{1} << kMantissaBits;
    const auto bits = bits_of(value);
    const auto field = static_cast<int>(bits >> kMantissaBits);
    const std::uint64_t mantissa = (bits & (kHidden - 1)) + (field == 0 ? 0 : kHidden);
    const int exponent = std::max(field, 1) - 1075;
    // Below a power of two doubles lie twice as close.
    const bool uneven = mantissa == kHidden && field > 1;
    const bool inclusive = mantissa % 2 == 0;

    Natural rest(mantissa), scale(1), below(1), above(1);
    rest.times(uneven ? 4 : 2);
    scale.times(uneven ? 4 : 2);
    if (uneven) above.times(2);
    if (exponent >= 0) {
        for (Natural* number : {&rest, &below, &above}) number->times_power_of_two(exponent);
    } else {
        scale.times_power_of_two(-exponent);
    }
    Decimal out;
    // Too small by one at most, never too large.
    out.point = static_cast<int>(std::ceil(std::log10(value) - 1e-10));
    scale.times_power_of_ten(out.point);
    for (Natural* number : {&rest, &below, &above}) number->times_power_of_ten(-out.point);
    const auto reaches = [&](Natural sum) {
        sum += above;
        return sum.compare(scale) >= (inclusive ? 0 : 1);
    };
    if (reaches(rest)) {
        ++out.point;
    } else {
        for (Natural* number : {&rest, &below, &above}) number->times(10);
    }
    for (;;) {
        char digit = '0';
        for (; rest.compare(scale) >= 0; ++digit) rest -= scale;
        const bool low = rest.compare(below) < (inclusive ? 1 : 0);
        const bool high = reaches(rest);
        if (low || high) {
            rest.times(2);
            const int half = rest.compare(scale);  // of two that lie as near, the even one
            if (high && (!low || half > 0 || (half == 0 && digit % 2 != 0))) ++digit;
            out.digits[out.count++] = digit;
            return out;
        }
        out.digits[out.count++] = digit;
        for (Natural* number : {&rest, &below, &above}) number->times(10);
    }
}

// `value` is positive.
Decimal shortest(double value) {
    constexpr double kSure = 1e15;
    // A decimal of 15 digits over a power of ten that divides to this very double is the shortest: no other
    // of 15 digits does.
    for (std::size_t places = 0; places < kExactPowers; ++places) {
        const double scaled = value * kPowers[places];
        if (scaled >= kSure) break;
        const auto whole = static_cast<std::uint64_t>(scaled + 0.5);
        if (whole == 0 || static_cast<double>(whole) / kPowers[places] != value) continue;
        Decimal out;
        std::size_t width = 1;
        for (std::uint64_t rest = whole; rest >= 10; rest /= 10) ++width;
        out.point = static_cast<int>(width) - static_cast<int>(places);
        out.set(whole);
        return out;
    }
    return shortest_of_any(value);
}

// ---- decimal to double ------------------------------------------------------------------------------------

// The upper half of a product.
std::uint64_t times_high(std::uint64_t a, std::uint64_t b) {
    constexpr std::uint64_t kLow = 0xFFFF'FFFF;
    const std::uint64_t low = (a & kLow) * (b & kLow);
    const std::uint64_t first = (a >> 32U) * (b & kLow) + (low >> 32U);
    const std::uint64_t second = (a & kLow) * (b >> 32U) + (first & kLow);
    return (a >> 32U) * (b >> 32U) + (first >> 32U) + (second >> 32U);
}

// whole * 10^power, at most one double beside the nearest: 64 bits of which a step loses less than one.
double about(std::uint64_t whole, int power) {
    constexpr std::uint64_t kTen = 0xA000'0000'0000'0000;    // * 2^-60
    constexpr std::uint64_t kTenth = 0xCCCC'CCCC'CCCC'CCCD;  // * 2^-67
    int exponent = -std::countl_zero(whole);
    std::uint64_t mantissa = whole << static_cast<unsigned>(-exponent);
    for (; power != 0; power += power < 0 ? 1 : -1) {
        mantissa = times_high(mantissa, power < 0 ? kTenth : kTen);
        exponent += power < 0 ? -3 : 4;
        const int shift = std::countl_zero(mantissa);
        mantissa <<= static_cast<unsigned>(shift);
        exponent -= shift;
    }
    return std::ldexp(static_cast<double>(mantissa), exponent);
}

// The digits of a JSON number; nothing when there are too many.
std::optional<Decimal> decimal_of(std::string_view literal) {
    Decimal out;
    std::size_t at = literal[0] == '-' ? 1 : 0;
    bool fraction = false;
    int zeros = 0;  // behind the last digit that is none
    for (; at < literal.size() && literal[at] != 'e' && literal[at] != 'E'; ++at) {
        if (literal[at] == '.') {
            fraction = true;
            continue;
        }
        if (literal[at] == '0') {
            if (out.count == 0) {
                out.point -= fraction ? 1 : 0;
                continue;
            }
            ++zeros;
        } else {
            if (out.count + static_cast<std::size_t>(zeros) >= kMostDigits) return std::nullopt;
            for (; zeros > 0; --zeros) out.digits[out.count++] = '0';
            out.digits[out.count++] = literal[at];
        }
        out.point += fraction ? 0 : 1;
    }
    if (at == literal.size()) return out;
    const bool down = literal[++at] == '-';
    if (down || literal[at] == '+') ++at;
    int exponent = 0;
    for (; at < literal.size() && exponent < 100'000'000; ++at)
        exponent = exponent * 10 + (literal[at] - '0');
    out.point += down ? -exponent : exponent;
    return out;
}

std::optional<double> magnitude(const Decimal& decimal) {
    // No double lies beyond.
    if (decimal.point > 309 || decimal.point < -323) return std::nullopt;
    std::uint64_t whole = 0;
    for (const char digit : decimal.text()) whole = whole * 10 + static_cast<std::uint64_t>(digit - '0');
    const int power = decimal.point - static_cast<int>(decimal.count);
    if (decimal.count <= kSureDigits && std::abs(power) < static_cast<int>(kExactPowers)) {
        const double scale = kPowers[static_cast<std::size_t>(std::abs(power))];
        return power < 0 ? static_cast<double>(whole) / scale : static_cast<double>(whole) * scale;
    }
    const auto bits = bits_of(std::min(about(whole, power), std::numeric_limits<double>::max()));
    for (const std::uint64_t near : {bits, bits + 1, bits - 1}) {
        const auto value = double_of(near);
        if (value > 0 && std::isfinite(value) && shortest(value) == decimal) return value;
    }
    return std::nullopt;
}

}  // namespace

std::optional<double> read_decimal(std::string_view literal) {
    const auto decimal = decimal_of(literal);
    const auto value = !decimal              ? std::nullopt
                       : decimal->count == 0 ? std::optional(0.0)
                                             : magnitude(*decimal);
    return value && literal[0] == '-' ? std::optional(-*value) : value;
}

void append_decimal(std::string& out, double value) {
    constexpr int kMostWhole = 21;  // JavaScript's bounds for writing without an exponent
    constexpr int kLeastPoint = -5;
    constexpr double kTwo64 = 18446744073709551616.0;
    if (std::signbit(value)) out += '-';
    if (value == 0) {
        out += "0.0";
        return;
    }
    const Decimal decimal = shortest(std::abs(value));
    const auto digits = decimal.text();
    const int point = decimal.point;
    const auto width = static_cast<int>(decimal.count);
    if (point >= width && point <= kMostWhole) {
        out.append(digits).append(static_cast<std::size_t>(point - width), '0');
        if (std::abs(value) < kTwo64) out += ".0";
    } else if (point > 0 && point < width) {
        const auto whole = static_cast<std::size_t>(point);
        out.append(digits.substr(0, whole)).append(1, '.').append(digits.substr(whole));
    } else if (point <= 0 && point >= kLeastPoint) {
        out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
    } else {
        out += digits[0];
        if (width > 1) out.append(1, '.').append(digits.substr(1));
        out.append(point > 0 ? "e+" : "e-").append(std::to_string(std::abs(point - 1)));
    }
}

}  // namespace leadbridge::codec
