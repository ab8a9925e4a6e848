// A request as a command to paste into a shell. Whatever a value holds, it stays one word and nothing in it is run.

/** sh, bash, zsh: single quotes; $'...' only where a control character stands. NUL cannot be in an argument at all. */
export function bashWord(text) {
    if (text.includes("\0")) throw new RangeError("nul");
    if (text === "") return "''";
    if (/^[A-Za-z0-9_./:@%+,=-]+$/.test(text)) return text;
    if (!/[\u0001-\u0008\u000b-\u001f\u007f]/.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
    const escaped = text.replace(/[\\'\u0001-\u001f\u007f]/g, (char) =>
        char === "\\" || char === "'" ? `\\${char}` : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
    );
    // A hex digit behind \xNN would be read as text either way: bash takes two digits at most.
    return `$'${escaped}'`;
}

/** cmd.exe: the C rules for quotes and backslashes, then a caret before everything cmd would take for its own. */
export function cmdWord(text) {
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text)) throw new RangeError("control");
    const argument = `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
    return argument.replace(/[^A-Za-z0-9\s_\-:=+~'/.',?;*`\u0080-\uffff]/g, "^$&");
}

/** PowerShell: single quotes are literal; it takes typographic ones for quotes too. */
export const powershellWord = (text) => `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, "$&$&")}'`;

const isForm = (request) =>
    request.headers.some(([name, value]) => /^content-type$/i.test(name) && /x-www-form-urlencoded/i.test(value));

export function bashCommand(request) {
    const lines = [
        `curl ${request.method === "POST" ? "" : `-X ${bashWord(request.method)} `}${bashWord(request.url)}`,
    ];
    for (const [name, value] of request.headers) lines.push(`-H ${bashWord(headerLine(name, value))}`);
    if (request.body !== "") lines.push(`--data-raw ${bashWord(request.body)}`);
    else if (request.method === "POST") lines.push(`--data-raw ''`);
    return lines.join(" \\\n  ");
}

export function cmdCommand(request) {
    const lines = [`curl ${request.method === "POST" ? "" : `-X ${cmdWord(request.method)} `}${cmdWord(request.url)}`];
    for (const [name, value] of request.headers) lines.push(`-H ${cmdWord(headerLine(name, value))}`);
    if (request.body !== "") lines.push(`--data-raw ${cmdWord(request.body)}`);
    else if (request.method === "POST") lines.push(`--data-raw ${cmdWord("")}`);
    return lines.join(" ^\n  ");
}

/** Invoke-WebRequest: what PowerShell 5 and 7 do to the quotes of a program's arguments differs, this does not. */
export function powershellCommand(request) {
    const type = request.headers.find(([name]) => /^content-type$/i.test(name))?.[1];
    const others = request.headers.filter(([name]) => !/^content-type$/i.test(name));
    const lines = [
        `Invoke-WebRequest -UseBasicParsing -Method ${powershellWord(request.method)} -Uri ${powershellWord(request.url)}`,
    ];
    if (type) lines.push(`-ContentType ${powershellWord(type)}`);
    if (others.length > 0)
        lines.push(
            `-Headers @{${others.map(([name, value]) => `${powershellWord(name)}=${powershellWord(value)}`).join("; ")}}`,
        );
    if (request.body !== "") {
        const plain = isForm(request) || /^[\u0020-\u007e]*$/.test(request.body);
        lines.push(
            plain
                ? `-Body ${powershellWord(request.body)}`
                : `-Body ([System.Convert]::FromBase64String('${base64(request.body)}'))`,
        );
    }
    return lines.join(" `\n  ");
}

// An empty header is written with a semicolon, or curl would leave it out.
const headerLine = (name, value) => (value === "" ? `${name};` : `${name}: ${value}`);

function base64(text) {
    const bytes = new TextEncoder().encode(text);
    let binary = "";
    for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    return btoa(binary);
}
