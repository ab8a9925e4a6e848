// oracle WHAT: what the core makes of each line of stdin (base64 of the input's bytes), one JSON value a line. The
// oracles of this folder ask it and compare. A reading is one function below.
#include <functional>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "base/gbk.h"
#include "base/text.h"
#include "base/time.h"
#include "codec/json.h"
#include "codec/table.h"
#include "codec/xml.h"
#include "lead/phone.h"
#include "lead/region.h"

namespace {

using namespace leadbridge;
using Answer = nlohmann::ordered_json;
using Reading = std::function<Answer(const std::string&)>;

Answer refused(const base::Error& error) { return {{"error", error.code}, {"reason", error.reason}}; }

// `text` is what the core writes, not what nlohmann would.
Answer read_json(const std::string& input) {
    const auto value = codec::parse_json(input);
    if (!value) return refused(value.error());
    return {{"text", codec::dump_json(value.value())}};
}

Answer nlohmann_reads(const std::string& input) { return {{"accepts", nlohmann::json::accept(input)}}; }

Answer read_xml(const std::string& input) {
    const auto xml = codec::parse_xml(input);
    if (!xml) return refused(xml.error());
    return {{"root", xml.value().root}, {"text", codec::dump_json(xml.value().value)}};
}

Answer read_time(const std::string& input) {
    const auto at = base::parse_platform_time(input);
    return at ? Answer({{"ms", *at}, {"iso", base::iso_text(*at)}, {"china", base::china_text(*at)}})
              : Answer();
}

Answer read_csv(const std::string& input) {
    auto table = codec::TableReader::open(input, codec::TableFormat::csv);
    if (!table) return refused(table.error());
    Answer rows = Answer::array();
    while (const auto row = table.value().next()) {
        rows.push_back(row->problem.empty() ? Answer(row->fields) : Answer(row->problem));
    }
    return {{"header", table.value().header()}, {"rows", rows}};
}

Answer read_gbk(const std::string& input) { return base::gbk_to_utf8(input); }

Answer read_phones(const std::string& input) {
    Answer out = Answer::array();
    for (const auto& phone : lead::parse_phones(input)) {
        out.push_back({{"raw", phone.raw},
                       {"class", lead::to_string(phone.cls)},
                       {"e164", phone.e164},
                       {"ext", phone.ext},
                       {"dial", phone.dial},
                       {"range", lead::to_string(phone.range)},
                       {"valid", phone.valid}});
    }
    return out;
}

Answer read_region(const std::string& input) {
    const auto region = lead::parse_region(input);
    return {{"province", region.province}, {"city", region.city},       {"district", region.district},
            {"street", region.street},     {"address", region.address}, {"source_text", region.source_text}};
}

const std::map<std::string, Reading> kReadings = {{"json", read_json},     {"nlohmann", nlohmann_reads},
                                                  {"xml", read_xml},       {"time", read_time},
                                                  {"csv", read_csv},       {"gbk", read_gbk},
                                                  {"phones", read_phones}, {"region", read_region}};

}  // namespace

int main(int count, char** words) {
    const auto reading = kReadings.find(count == 2 ? words[1] : "");
    if (reading == kReadings.end()) {
        std::cerr << "usage: oracle WHAT < LINES; WHAT is one of:";
        for (const auto& [name, ignored] : kReadings) std::cerr << " " << name;
        std::cerr << "\n";
        return 1;
    }
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) {
        const auto input = base::base64_decode(line);
        if (!input) return 1;
        std::cout << reading->second(*input).dump(-1, ' ', false, Answer::error_handler_t::replace) << "\n";
    }
    return 0;
}
