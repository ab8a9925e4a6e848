// Runs before anything else on the page: narrows where the page may connect to, from "anywhere" (a static policy cannot know the
// host) to nowhere, or to the one host of `#live=https://host`. Two policies hold together, so this can only take away; a page
// whose guard did not run has no `data-connect` and refuses to start (main.mjs).
(() => {
    var asked = null;
    var host = "";
    try {
        asked = new URLSearchParams(location.hash.slice(1)).get("live");
    } catch {
        asked = null;
    }
    // A name, no wildcard, nothing that could end the directive; without TLS only this machine.
    var https = /^https:\/\/[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?$/;
    var loopback = /^http:\/\/(127\.0\.0\.1|localhost)(:[0-9]{1,5})?$/;
    if (asked && asked.length <= 300 && (https.test(asked) || loopback.test(asked))) host = asked;
    var policy = document.createElement("meta");
    policy.httpEquiv = "Content-Security-Policy";
    // The whole policy again, not connect-src alone: what has no directive of its own (prefetch) is allowed by the widest one of a policy.
    var wide = document.querySelector("meta[http-equiv]").content;
    policy.content = wide.replace(/connect-src [^;]*/, `connect-src ${host || "'none'"}`);
    document.head.append(policy);
    var root = document.documentElement;
    root.dataset.connect = host || "none";
    var wanted = /(?:^#|&)theme=(light|dark)(?:&|$)/.exec(location.hash);
    root.dataset.theme = wanted ? wanted[1] : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
})();
