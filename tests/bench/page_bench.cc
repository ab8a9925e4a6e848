// The native side of the page benchmark (README.md). Driven by bench.mjs over stdin:
//   <step> <times>   answers one line with the milliseconds of every time
//   records          answers what the page commits: checkpoint line, number of lines, record lines
//   facts            answers the compiler and the OpenSSL version
// usage: page FOLDER   with the inputs bench.mjs has written there
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "codec/json.h"
#include "crypto/rsa.h"
#include "engine/config.h"
#include "engine/engine.h"
#include "engine/store_text.h"
#include "jobs/records.h"
#include "lead/lead.h"

namespace {

using namespace leadbridge;
using Clock = std::chrono::steady_clock;

const std::string kRandom(32, '\x07');
volatile std::size_t sink = 0;  // results are used, so no step may be optimised away

[[noreturn]] void die(const std::string& what) {
    std::cerr << "page: " << what << "\n";
    std::exit(1);
}

std::string slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) die("cannot read " + path);
    return {std::istreambuf_iterator<char>(in), {}};
}

template <typename Work>
double milliseconds(Work work) {
    const auto begin = Clock::now();
    work();
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

struct Inputs {
    std::string folder;
    std::string page = slurp(folder + "/page.json");
    std::string plain_page = slurp(folder + "/plain_page.json");
    std::string config = slurp(folder + "/config.json");
    std::string config_passthrough = slurp(folder + "/config_passthrough.json");
    std::string config_plaintext = slurp(folder + "/config_plaintext.json");
    std::string config_private = slurp(folder + "/config_private.json");
    std::string key = slurp(folder + "/key.pem");
    std::string phones = slurp(folder + "/phones.json");
    base::Millis now = std::strtoll(slurp(folder + "/now.txt").c_str(), nullptr, 10);
};

effect::HttpResult answer_of(const std::string& body, effect::Id id = 0) {
    effect::HttpResult result;
    result.id = id;
    result.status = 200;
    result.headers = {{"content-type", "text/javascript;charset=UTF-8"}};
    result.body = body;
    return result;
}

// One invocation of the pull job with one page, performed by hand.
class Invocation {
  public:
    Invocation(const Inputs& inputs, const std::string& config, const std::string& body,
               const std::string& checkpoint = "")
        : now_(inputs.now), engine_(config) {
        engine_.feed(effect::Start{R"({"kind":"pull"})", "", kRandom}, now_);
        const auto load = expect<effect::StoreLoad>("store.load");
        effect::StoreResult loaded;
        loaded.id = load.id;
        loaded.outcome = effect::Outcome::ok;
        if (!checkpoint.empty())
            loaded.records.push_back({std::get<effect::StoreLoad>(load.what).keys.front(), 1, checkpoint});
        engine_.feed(loaded, now_);
        answer_ = answer_of(body, expect<effect::Http>("http").id);
    }

    // The part that is "the page": the answer comes in, the commit goes out.
    effect::StoreCommit page() {
        engine_.feed(answer_, now_);
        auto effect = expect<effect::StoreCommit>("store.commit");
        commit_ = effect.id;
        return std::get<effect::StoreCommit>(std::move(effect.what));
    }

    void end() {
        stored(commit_);
        stored(expect<effect::StoreCommit>("store.commit").id);  // the closing one: the budget is one request
        stored(expect<effect::StorePurge>("store.purge").id);
        expect<effect::Done>("done");
    }

  private:
    void stored(effect::Id id) {
        effect::StoreResult result;
        result.id = id;
        result.outcome = effect::Outcome::ok;
        result.inserted = 100;
        engine_.feed(result, now_);
    }

    template <typename What>
    effect::Effect expect(const char* name) {
        while (auto effect = engine_.next()) {
            if (std::holds_alternative<What>(effect->what)) return std::move(*effect);
            if (const auto* done = std::get_if<effect::Done>(&effect->what))
                die("expected " + std::string(name) + ", got done: " + done->summary);
        }
        die("expected " + std::string(name) + ", got nothing");
    }

    base::Millis now_;
    engine::Engine engine_;
    effect::HttpResult answer_;
    effect::Id commit_ = 0;
};

// What the pull job makes of a page's leads, as text: what a JavaScript host gets.
std::string records_of(const std::vector<lead::Lead>& leads, base::Millis now, const lead::Vault& vault) {
    effect::Records records;
    records.commit = "bench";
    records.now = now;
    for (const auto& lead : leads) records.leads.push_back(jobs::lead_record(lead, {"ads", 730}, now, vault));
    return engine::record_lines(records);
}

// The yardstick: the same blocks through EVP.
class OpenSsl {
  public:
    explicit OpenSsl(const std::string& pem) {
        BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
        key_.reset(PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr));
        BIO_free(bio);
        context_.reset(key_ ? EVP_PKEY_CTX_new(key_.get(), nullptr) : nullptr);
        if (!context_ || EVP_PKEY_decrypt_init(context_.get()) != 1 ||
            EVP_PKEY_CTX_set_rsa_padding(context_.get(), RSA_PKCS1_PADDING) != 1)
            die("OpenSSL does not take the key");
    }

    std::string decrypt(const std::string& block) {
        std::string out(512, '\0');
        std::size_t size = out.size();
        if (EVP_PKEY_decrypt(context_.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                             reinterpret_cast<const unsigned char*>(block.data()), block.size()) != 1)
            die("OpenSSL does not decrypt");
        out.resize(size);
        return out;
    }

  private:
    struct Free {
        void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
        void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
    };
    std::unique_ptr<EVP_PKEY, Free> key_;
    std::unique_ptr<EVP_PKEY_CTX, Free> context_;
};

using IdSource = std::shared_ptr<const platforms::IdPagedSource>;

class Steps {
  public:
    explicit Steps(const Inputs& inputs) : in_(inputs) {
        const auto read = source_->read(answer_);
        if (!std::holds_alternative<platforms::Page>(read)) die("the page is not a page");
        page_ = std::get<platforms::Page>(read);
        for (const auto& row : page_.rows) {
            ciphers_.push_back(codec::member_text(row.fields, "mobile").value_or(""));
            leads_.push_back(source_->to_lead(row, in_.now, opening_, drift_));
        }
        const auto phones = codec::parse_json(in_.phones);
        if (!phones) die("phones.json is not JSON");
        phones_ = phones.value().get<std::vector<std::string>>();

        steps_["parse"] = [this] {
            return milliseconds(
                [&] { sink = sink + std::get<platforms::Page>(source_->read(answer_)).rows.size(); });
        };
        steps_["normalise"] = [this] {
            return milliseconds([&] {
                for (const auto& row : page_.rows)
                    sink = sink + closed_->to_lead(row, in_.now, opening_, drift_).phones.size();
            });
        };
        steps_["decrypt"] = [this] {
            return milliseconds([&] {
                for (const auto& cipher : ciphers_)
                    sink =
                        sink + key_.decrypt(crypto::RsaPadding::pkcs1, *base::base64_decode(cipher), random_)
                                   .value()
                                   .size();
            });
        };
        steps_["phones"] = [this] {
            return milliseconds([&] {
                for (const auto& text : phones_) {
                    for (const auto& phone : lead::parse_phones(text))
                        sink = sink + lead::mask_phone(phone).size();
                }
            });
        };
        steps_["encode"] = [this] {
            return milliseconds([&] { sink = sink + records_of(leads_, in_.now, *config_.vault).size(); });
        };
        steps_["openssl"] = [this] {
            return milliseconds([&] {
                for (const auto& cipher : ciphers_)
                    sink = sink + openssl_.decrypt(*base::base64_decode(cipher)).size();
            });
        };
        const auto page = [this](const std::string& config, const std::string& body,
                                 const std::string& checkpoint = "") {
            return [this, &config, &body, checkpoint] {
                Invocation invocation(in_, config, body, checkpoint);
                return milliseconds([&] { sink = sink + invocation.page().records.leads.size(); });
            };
        };
        steps_["page"] = page(in_.config, in_.page);
        // A checkpoint that knows every lead of the page: what is left is reading it.
        const std::string known =
            Invocation(in_, in_.config_plaintext, in_.plain_page).page().checkpoints.front().value;
        steps_["page_known"] = page(in_.config, in_.page, known);
        steps_["page_known_plaintext"] = page(in_.config_plaintext, in_.plain_page, known);
        steps_["page_passthrough"] = page(in_.config_passthrough, in_.page);
        steps_["page_plaintext"] = page(in_.config_plaintext, in_.plain_page);
        steps_["page_private"] = page(in_.config_private, in_.page);
        steps_["invocation"] = [this] {
            return milliseconds([&] {
                Invocation invocation(in_, in_.config, in_.page);
                sink = sink + invocation.page().records.leads.size();
                invocation.end();
            });
        };
    }

    [[nodiscard]] effect::StoreCommit commit() const { return Invocation(in_, in_.config, in_.page).page(); }

    [[nodiscard]] double once(const std::string& step) const {
        const auto found = steps_.find(step);
        if (found == steps_.end()) die("no step " + step);
        return found->second();
    }

  private:
    const Inputs& in_;
    engine::Config config_ = engine::read_config(in_.config);
    IdSource source_ = std::get<IdSource>(config_.sources.at(0).source);
    IdSource closed_ = std::get<IdSource>(engine::read_config(in_.config_passthrough).sources.at(0).source);
    effect::HttpResult answer_ = answer_of(in_.page);
    crypto::RsaKey key_ = crypto::RsaKey::parse(in_.key).value();
    OpenSsl openssl_{in_.key};
    crypto::RandomStream random_{kRandom};
    platforms::Opening opening_{random_};
    std::map<std::string, std::int64_t> drift_;
    platforms::Page page_;
    std::vector<std::string> ciphers_;
    std::vector<std::string> phones_;
    std::vector<lead::Lead> leads_;
    std::map<std::string, std::function<double()>> steps_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) die("usage: page FOLDER");
    const Inputs inputs{.folder = argv[1]};
    const double first = milliseconds([&] {  // before anything else is warm
        Invocation invocation(inputs, inputs.config, inputs.page);
        sink = sink + invocation.page().records.leads.size();
        invocation.end();
    });
    const Steps steps(inputs);
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string step;
        int times = 1;
        words >> step >> times;
        if (step == "records") {
            const auto commit = steps.commit();
            const std::string lines = engine::record_lines(commit.records);
            std::cout << commit.checkpoints.front().value << "\n"
                      << 1 + std::count(lines.begin(), lines.end(), '\n') << "\n"
                      << lines << std::endl;
        } else if (step == "facts") {
            std::cout << "{\"compiler\":\"g++ " << __VERSION__ << "\",\"openssl\":\""
                      << OpenSSL_version(OPENSSL_VERSION_STRING) << "\"}" << std::endl;
        } else if (step == "first") {
            std::cout << first << std::endl;
        } else {
            for (int i = 0; i < times; ++i) std::cout << (i == 0 ? "" : " ") << steps.once(step);
            std::cout << std::endl;
        }
    }
}
