// The frame: language and theme, tabs by keyboard, files and text from outside, help, what the address says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { after, before } from "node:test";
import { launch, open, PAGE_FILE } from "./harness.mjs";

let session;
before(async () => {
    session = await launch();
});
after(async () => {
    await session?.close();
});

const tabNow = (page) => page.locator("[role=tab][aria-selected=true]").getAttribute("data-name");
const LEAD = JSON.stringify({
    v: 1,
    id: "alimama:a:1",
    kind: "person",
    source: { platform: "alimama", name: "ads", account: "a", lead_id: "1" },
    person: { name: "欧阳测试" },
    phones: [{ class: "mobile", masked: "138****0001", valid: true }],
    times: {},
});

test("the file is one: nothing is referred to outside it", () => {
    const html = readFileSync(PAGE_FILE, "utf8");
    const head = html.replace(/<script>[\s\S]*?<\/script>|<style>[\s\S]*?<\/style>/g, "");
    assert.deepEqual(
        [...head.matchAll(/\s(?:src|href)="([^"]*)"/g)].map(([, url]) => url.slice(0, 19)),
        ["data:image/svg+xml,"],
    );
    assert.equal((html.match(/<script/g) ?? []).length, 2);
    assert.doesNotMatch(html, /sourceMappingURL|\/node_modules\//);
});

test("language by the browser, by the address, by the switch; theme likewise", async () => {
    for (const [options, lang, theme] of [
        [{ lang: "zh-CN" }, "zh-CN", "light"],
        [{ lang: "de-DE", theme: "dark" }, "zh-CN", "dark"],
        [{ lang: "en-GB" }, "en", "light"],
        [{ lang: "zh-CN", hash: "#lang=en&theme=dark" }, "en", "dark"],
        [{ lang: "zh-CN", hash: "#lang=xx&theme=none&tab=nothing" }, "zh-CN", "light"],
    ]) {
        const opened = await open(session.browser, options);
        assert.deepEqual(
            await opened.page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme]),
            [lang, theme],
        );
        await opened.done();
    }
    const opened = await open(session.browser, { lang: "en-US", hash: "#tab=exports" });
    const { page } = opened;
    assert.equal(await tabNow(page), "exports");
    await page.emulateMedia({ colorScheme: "dark" });
    await page.waitForFunction(() => document.documentElement.dataset.theme === "dark"); // follows, as long as nobody chose
    await page.getByRole("button", { name: "Switch to light" }).click();
    await page.emulateMedia({ colorScheme: "light" });
    await page.emulateMedia({ colorScheme: "dark" });
    await page.waitForFunction(() => matchMedia("(prefers-color-scheme: dark)").matches);
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "light");
    assert.match(page.url(), /#tab=exports&theme=light$/);
    await opened.done();
});

test("tabs: arrows, Home, End, digits; skip link; help and its way back", async () => {
    const opened = await open(session.browser, { lang: "en-US" });
    const { page } = opened;
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    await page.locator("#tab-leads").focus();
    for (const [key, name] of [
        ["ArrowRight", "pictures"],
        ["End", "live"],
        ["ArrowRight", "leads"],
        ["ArrowLeft", "live"],
        ["Home", "leads"],
        ["4", "debugger"],
        ["2", "pictures"],
    ]) {
        await page.keyboard.press(key);
        assert.equal(await tabNow(page), name, key);
        assert.equal(await page.evaluate(() => document.activeElement.id), `tab-${name}`);
        assert.equal(await page.locator('[role=tab][tabindex="0"]').count(), 1);
        assert.equal(await page.locator("[role=tabpanel]:not([hidden])").count(), 1);
    }
    await page.keyboard.press("?");
    assert.equal(await page.locator("dialog").evaluate((dialog) => dialog.open), true);
    await page.keyboard.press("3"); // a key for the page is none for the dialog
    assert.equal(await tabNow(page), "pictures");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("dialog[open]").count(), 0);
    await page.keyboard.press("4");
    await page.getByLabel("Paste a request").focus();
    await page.keyboard.type("a?/4=1");
    assert.equal(await page.getByLabel("Paste a request").inputValue(), "a?/4=1");
    assert.equal(await page.locator("dialog[open]").count(), 0);
    await opened.done();
});

test("a file dropped anywhere and text pasted outside a field become leads; a request dropped on its tab is read there", async () => {
    const opened = await open(session.browser, { lang: "zh-CN", hash: "#tab=live" });
    const { page } = opened;
    const drop = (name, text) =>
        page.evaluate(
            ([fileName, content]) => {
                const data = new DataTransfer();
                data.items.add(new File([content], fileName));
                for (const type of ["dragenter", "dragover"])
                    document.body.dispatchEvent(
                        new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }),
                    );
                const covered = !document.getElementById("drop").hidden;
                const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
                document.body.dispatchEvent(event);
                return [covered, event.defaultPrevented, document.getElementById("drop").hidden];
            },
            [name, text],
        );
    assert.deepEqual(await drop("leads.ndjson", `${LEAD}\n`), [true, true, true]);
    assert.equal(await tabNow(page), "leads");
    await page.locator("#panel-leads").getByText("欧阳测试").first().waitFor();
    await page.locator("#tab-debugger").click();
    await drop("request.txt", "POST /spi?sign=A&x=1 HTTP/1.1\nHost: h\nContent-Type: application/json\n\n{}");
    assert.match(await page.getByLabel("粘贴请求").inputValue(), /^POST \/spi/);
    await page.locator("#tab-live").click();
    await page.evaluate(
        (text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.body.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
            );
        },
        LEAD.replace("欧阳测试", "欧阳粘贴").replaceAll("a:1", "a:2").replace('"lead_id":"1"', '"lead_id":"2"'),
    );
    assert.equal(await tabNow(page), "leads");
    await page.locator("#panel-leads").getByText("欧阳粘贴").first().waitFor();
    // Nothing of what was opened is in the address, also after a change of language.
    await page.locator("#language").click();
    await page.locator("#panel-leads").getByText("欧阳粘贴").first().waitFor();
    assert.equal(new URL(page.url()).hash, "#tab=leads&lang=en");
    await opened.done();
});
