// A curl command line (bash, cmd, PowerShell) and PowerShell's own Invoke-WebRequest into the request that would be sent.
import { bashWords, cmdWords, powershellWords } from "./shells.mjs";
import { header, joinBytes, makeRequest, ParseProblem, utf8 } from "./request.mjs";

const SHORT_WITH_VALUE = "AbcCdDeEFHKmoPQrtTuUwxXyYz";
const LONG_WITH_VALUE = new Set(
    `abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config connect-timeout connect-to cookie cookie-jar create-file-mode
crlfile curves data data-ascii data-binary data-raw data-urlencode delegation dns-interface dns-servers doh-url dump-header ech egd-file engine etag-compare etag-save
expect100-timeout form form-string haproxy-clientip happy-eyeballs-timeout-ms header hostpubmd5 hsts interface ip-tos json keepalive-time key key-type limit-rate local-port
login-options mail-from max-filesize max-redirs max-time netrc-file noproxy oauth2-bearer output output-dir parallel-max pass pinnedpubkey preproxy proto proto-default proxy
proxy-header proxy-user proxy1.0 pubkey quote random-file range rate referer request request-target resolve retry retry-delay retry-max-time sasl-authzid service-name socks4
socks4a socks5 socks5-hostname speed-limit speed-time stderr telnet-option time-cond tls-max tls13-ciphers trace trace-ascii trace-config unix-socket upload-file url url-query
user user-agent variable vlan-priority write-out`.split(/\s+/),
);
const SHORT_NAMES = {
    A: "user-agent",
    b: "cookie",
    d: "data",
    e: "referer",
    F: "form",
    G: "get",
    H: "header",
    I: "head",
    T: "upload-file",
    u: "user",
    X: "request",
};

export function shellOf(text) {
    if (/\^\s*(\r?\n|$)|\^"/.test(text)) return "cmd";
    if (/\b(invoke-webrequest|invoke-restmethod|iwr|irm)\b/i.test(text) || /`\s*\r?\n/.test(text) || /@\{/.test(text))
        return "powershell";
    return "bash";
}

/** @param {'auto'|'bash'|'cmd'|'powershell'} shell */
export function parseCurl(text, shell = "auto") {
    const kind = shell === "auto" ? shellOf(text) : shell;
    const trimmed = text.replace(/^\s*(?:[$#%>]|PS [^\n>]{0,200}>|[A-Za-z]:\\[^\n>]{0,200}>)\s+(?=\S)/, "");
    const { words, notes } = { bash: bashWords, cmd: cmdWords, powershell: powershellWords }[kind](trimmed);
    const call = words.findIndex(
        ({ text: word }) =>
            typeof word === "string" &&
            /^(?:.*[\\/])?(curl|invoke-webrequest|invoke-restmethod|iwr|irm)(\.exe)?$/i.test(word),
    );
    if (call < 0) throw new ParseProblem("no_curl");
    const rest = words.slice(call + 1);
    const isCurl = /curl(\.exe)?$/i.test(words[call].text);
    // PowerShell 5 calls Invoke-WebRequest when it reads `curl`: told apart by how the options are written.
    const web =
        !isCurl ||
        (kind === "powershell" &&
            rest.some((word) => word.table || /^-(uri|method|headers|body|contenttype)$/i.test(word.text)));
    return web ? webRequest(rest, notes) : curlRequest(rest, notes);
}

function curlRequest(words, notes) {
    const note = (code, detail = "") => notes.push({ code, detail: String(detail).slice(0, 120) });
    const settings = {
        headers: [],
        removed: new Set(),
        urls: [],
        data: [],
        form: [],
        queries: [],
        method: "",
        get: false,
        head: false,
        json: false,
    };
    const literal = (word) => word.bytes ?? utf8(word.text ?? "");
    const startsWith = (word, char) => literal(word)[0] === char.charCodeAt(0);
    const file = (option, name) => note("file_body", `${option} @${name}`);

    const take = {
        url: (word) => settings.urls.push(word.text),
        request: (word) => {
            settings.method = word.text;
        },
        header: (word) => {
            if (startsWith(word, "@")) return note("file_header", word.text);
            const line = word.text;
            const at = line.indexOf(":");
            if (at > 0 && line.slice(at + 1).trim() === "")
                settings.removed.add(line.slice(0, at).trim().toLowerCase());
            else if (at > 0) settings.headers.push([line.slice(0, at).trim(), line.slice(at + 1).trim()]);
            else if (line.endsWith(";")) settings.headers.push([line.slice(0, -1).trim(), ""]);
            return undefined;
        },
        data: (word) =>
            startsWith(word, "@") ? file("--data", word.text.slice(1)) : settings.data.push(literal(word)),
        "data-raw": (word) => settings.data.push(literal(word)),
        "data-binary": (word) =>
            startsWith(word, "@") ? file("--data-binary", word.text.slice(1)) : settings.data.push(literal(word)),
        "data-urlencode": (word) => {
            const encoded = urlencoded(literal(word), file);
            if (encoded) settings.data.push(encoded);
        },
        json: (word) => {
            if (startsWith(word, "@")) return file("--json", word.text.slice(1));
            if (settings.json && settings.data.length > 0)
                settings.data.push(joinBytes([settings.data.pop(), literal(word)]));
            else settings.data.push(literal(word));
            settings.json = true;
            return undefined;
        },
        form: (word) => {
            const at = word.text.indexOf("=");
            const value = word.text.slice(at + 1);
            if (at < 0) return note("unknown_option", `-F ${word.text}`);
            if (/^[@<]/.test(value)) return note("file_part", word.text.slice(0, at));
            settings.form.push([
                word.text.slice(0, at),
                value.replace(/^"([^"]*)".*$/s, "$1").replace(/;type=[^;]*$/, ""),
            ]);
            return undefined;
        },
        "form-string": (word) => {
            const at = word.text.indexOf("=");
            if (at >= 0) settings.form.push([word.text.slice(0, at), word.text.slice(at + 1)]);
        },
        "url-query": (word) => {
            const text = word.text;
            if (text.startsWith("+")) settings.queries.push(text.slice(1));
            else {
                const encoded = urlencoded(literal(word), file);
                if (encoded) settings.queries.push(new TextDecoder().decode(encoded));
            }
        },
        "user-agent": (word) => settings.headers.push(["User-Agent", word.text]),
        referer: (word) => settings.headers.push(["Referer", word.text]),
        cookie: (word) => settings.headers.push(["Cookie", word.text]),
        user: () => note("ignored_user"),
        "upload-file": (word) => file("-T", word.text),
    };
    take["data-ascii"] = take.data;

    let options = true;
    for (let i = 0; i < words.length; ++i) {
        const { text } = words[i];
        const value = () => {
            if (i + 1 >= words.length) throw new ParseProblem("option_without_value", text);
            return words[++i];
        };
        if (typeof text !== "string") throw new ParseProblem("not_readable", "@{");
        if (!options || text === "-" || !text.startsWith("-")) settings.urls.push(text);
        else if (text === "--") options = false;
        else if (text.startsWith("--")) {
            const name = text.slice(2);
            if (name === "next") {
                note("more_requests");
                break;
            }
            if (name === "get") settings.get = true;
            else if (name === "head") settings.head = true;
            else if (LONG_WITH_VALUE.has(name)) {
                const word = value();
                take[name]?.(word);
            }
            // Every other long option is a switch that changes nothing that is signed.
        } else {
            for (let at = 1; at < text.length; ++at) {
                const letter = text[at];
                if (letter === "G") settings.get = true;
                if (letter === "I") settings.head = true;
                if (letter === ":") {
                    note("more_requests");
                    i = words.length;
                    break;
                }
                if (!SHORT_WITH_VALUE.includes(letter)) continue;
                const attached = text.slice(at + 1);
                // The value of a word that is no text is kept as bytes only when it stands alone, as copied commands have it.
                const word = attached === "" ? value() : { text: attached, bytes: utf8(attached) };
                take[SHORT_NAMES[letter] ?? ""]?.(word);
                break;
            }
        }
    }

    let [url] = settings.urls;
    if (url === undefined) throw new ParseProblem("no_url");
    if (settings.urls.length > 1) note("more_urls", settings.urls[1]);
    if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) url = `http://${url}`;
    const data =
        settings.data.length > 0
            ? joinBytes(settings.data.flatMap((piece, i) => (i === 0 ? [piece] : [utf8("&"), piece])))
            : null;
    const queries = [...settings.queries];
    if (settings.get && data) queries.push(new TextDecoder().decode(data));
    if (queries.length > 0) url = withQuery(url, queries.join("&"));
    const headers = settings.headers.filter(([name]) => !settings.removed.has(name.toLowerCase()));
    const body = settings.get ? null : data;
    const type = (name, text) => {
        if (header(headers, name) === undefined && !settings.removed.has(name.toLowerCase()))
            headers.push([name, text]);
    };
    if (settings.json) {
        type("Content-Type", "application/json");
        type("Accept", "application/json");
    } else if (body) type("Content-Type", "application/x-www-form-urlencoded");
    if (settings.form.length > 0) type("Content-Type", "multipart/form-data");
    const method =
        settings.method ||
        (settings.head ? "HEAD" : settings.get ? "GET" : body || settings.form.length > 0 ? "POST" : "GET");
    return makeRequest({
        method,
        url,
        headers,
        body,
        form: settings.form.length > 0 ? settings.form : null,
        notes,
    });
}

function withQuery(url, query) {
    const [, place, fragment] = /^([^#]*)(#.*)?$/s.exec(url);
    return `${place}${place.includes("?") ? (/[?&]$/.test(place) ? "" : "&") : "?"}${query}${fragment ?? ""}`;
}

/** curl's --data-urlencode: "content", "=content", "name=content"; files cannot be read here. */
function urlencoded(bytes, file) {
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    const equals = bytes.indexOf(0x3d);
    const at = bytes.indexOf(0x40);
    if (equals < 0 && at >= 0) {
        file("--data-urlencode", text.slice(text.indexOf("@") + 1));
        return null;
    }
    const name = equals > 0 ? `${text.slice(0, text.indexOf("="))}=` : "";
    const escaped = Array.from(bytes.subarray(equals + 1), (byte) =>
        /[A-Za-z0-9\-._~]/.test(String.fromCharCode(byte))
            ? String.fromCharCode(byte)
            : byte === 32
              ? "+"
              : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
    ).join("");
    return utf8(name + escaped);
}

function webRequest(words, notes) {
    const headers = [];
    let url;
    let method = "";
    let body = null;
    let form = null;
    let contentType;
    for (let i = 0; i < words.length; ++i) {
        const option = words[i].text?.toLowerCase() ?? "";
        const next = () => {
            if (i + 1 >= words.length) throw new ParseProblem("option_without_value", words[i].text);
            return words[++i];
        };
        if (option === "-uri") url = next().text;
        else if (option === "-method") method = next().text;
        else if (option === "-contenttype") contentType = next().text;
        else if (option === "-headers") headers.push(...(next().table ?? []));
        else if (option === "-body") {
            const value = next();
            if (value.table) form = value.table;
            else body = value.bytes ?? utf8(value.text ?? "");
        } else if (option === "-form") form = next().table ?? null;
        else if (
            /^-(useragent|websession|outfile|timeoutsec|infile|proxy|maximumredirection|credential|sessionvariable|maximumretrycount|erroraction)$/.test(
                option,
            )
        ) {
            if (option === "-infile") notes.push({ code: "file_body", detail: next().text ?? "" });
            else next();
        } else if (option.startsWith("-")) continue;
        else if (url === undefined && typeof words[i].text === "string") url = words[i].text;
    }
    if (typeof url !== "string" || url === "") throw new ParseProblem("no_url");
    if (contentType) headers.push(["Content-Type", contentType]);
    if (typeof method !== "string") method = "";
    if (form && !contentType) headers.push(["Content-Type", "application/x-www-form-urlencoded"]);
    else if (body && !header(headers, "content-type"))
        headers.push(["Content-Type", "application/x-www-form-urlencoded"]);
    return makeRequest({
        method: method || (body || form ? "POST" : "GET"),
        url,
        headers,
        body,
        form,
        notes,
    });
}
