// Leads, Pictures and Exports in a real browser, from disk: what people do, and what files do to the page.
import assert from "node:assert/strict";
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { after, before, describe, test } from "node:test";
import { SAMPLES } from "../../../functions/preview/leads/samples.mjs";
import { goTab, launch, open, ROOT } from "./harness.mjs";
import { alimamaLines, hostileLines, longRecords, tmallLines } from "./leads_data.mjs";

const folder = mkdtempSync(join(tmpdir(), "preview-leads-"));
const temp = (name) => join(folder, name);
const key = (name) => join(ROOT, "tests/data/keys", name);

let chrome;
before(async () => (chrome = await launch()));
after(async () => {
    await chrome.close();
    rmSync(folder, { recursive: true, force: true });
});

const PICKER = ".leads input[type=file][multiple]";
const settled = (page, timeout = 90_000) =>
    page.waitForFunction(
        () => {
            const status = document.querySelector(".status");
            return !status.hidden && status.querySelector("progress").hidden;
        },
        null,
        { timeout, polling: 100 },
    );
async function load(page, files, timeout) {
    await page.locator(PICKER).setInputFiles(files);
    await page.locator(".leads .full:not([hidden])").waitFor({ timeout: 30_000 });
    await settled(page, timeout);
}
const text = (name, content) => ({ name, mimeType: "text/plain", buffer: Buffer.from(content) });
const rowTexts = (page) =>
    page
        .locator(".grid-row")
        .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
const totals = (page) => page.locator(".totals").first().textContent();
const matches = (page, pattern) =>
    page.waitForFunction(
        (source) => new RegExp(source).test(document.querySelector(".leads .totals").textContent),
        pattern.source,
    );

/** Highest memory of the renderers so far, in MB. */
async function rendererPeak() {
    const session = await chrome.browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    await session.detach();
    const peaks = processInfo
        .filter(({ type }) => type === "renderer")
        .map(({ id }) =>
            Number(
                /VmHWM:\s+(\d+)/.exec(
                    existsSync(`/proc/${id}/status`) ? readFileSync(`/proc/${id}/status`, "utf8") : "",
                )?.[1] ?? 0,
            ),
        );
    return Math.round(Math.max(0, ...peaks) / 1024);
}
const heap = (page) => page.evaluate(() => Math.round(performance.memory.usedJSHeapSize / 1048576));

/** Watches the main thread: the longest task and the longest gap between two frames. */
const watch = (page) =>
    page.evaluate(() => {
        const seen = { task: 0, gap: 0 };
        const observer = new PerformanceObserver((list) => {
            for (const { duration } of list.getEntries()) seen.task = Math.max(seen.task, duration);
        });
        observer.observe({ entryTypes: ["longtask"] });
        let last = performance.now();
        let on = true;
        const frame = (now) => {
            seen.gap = Math.max(seen.gap, now - last);
            last = now;
            if (on) requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
        window.stopWatching = () => {
            on = false;
            for (const { duration } of observer.takeRecords()) seen.task = Math.max(seen.task, duration);
            observer.disconnect();
            return { task: Math.round(seen.task), gap: Math.round(seen.gap) };
        };
    });

describe("samples", () => {
    test("each documented sample, dropped on the page, is the right lead on screen", async () => {
        const at = await open(chrome.browser);
        const drop = (name, content) =>
            at.page.evaluate(
                ([fileName, fileContent]) => {
                    const data = new DataTransfer();
                    data.items.add(new File([fileContent], fileName));
                    for (const type of ["dragenter", "dragover", "drop"])
                        document
                            .getElementById("main")
                            .dispatchEvent(
                                new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }),
                            );
                },
                [name, content],
            );
        const expected = {
            tmall: /张三.*135\*\*\*\*8911.*浙江省 杭州 余杭区/,
            alimama: /\*\*三.*未解密.*新半价2/,
            tanma: /打马赛克就/,
            etc: /2021-12-23 14:47/,
        };
        for (const [platform, name, content] of SAMPLES) {
            await drop(name, content());
            await at.page.locator(".leads .full:not([hidden])").waitFor();
            await settled(at.page);
            if (platform === "outinvest") {
                await at.page.locator(".notices button", { hasText: "查看" }).last().click();
                await at.page.locator("dialog[open]", { hasText: "222333444555666777" }).waitFor();
                await at.page.keyboard.press("Escape");
            } else {
                await at.page.locator(".grid-row").first().waitFor();
                assert.match((await rowTexts(at.page)).map((row) => row.join(" ")).join("\n"), expected[platform]);
            }
            await at.page.locator("button", { hasText: "全部清空" }).click();
            await at.page.locator(".empty:not([hidden])").waitFor();
        }
        assert.deepEqual(
            at.requests.filter((url) => !/^(file|blob|data):/.test(url)),
            [],
        );
        await at.done();
    });
});

describe("a hundred thousand leads", () => {
    test("load, sort, filter, search, group and scroll without a long task on the main thread", {
        timeout: 240_000,
    }, async () => {
        const file = temp("many.ndjson");
        writeFileSync(file, `${alimamaLines(60_000, { mobileCipher: "plaintext" }).text}\n${tmallLines(40_000)}`);
        const at = await open(chrome.browser);
        const { page } = at;
        await watch(page);
        const began = Date.now();
        await load(page, [file], 180_000);
        const took = (Date.now() - began) / 1000;
        const loading = await page.evaluate(() => window.stopWatching());
        await matches(page, /100,000/);
        const use = async () => {
            await watch(page);
            for (const column of ["姓名", "手机号", "提交时间"]) {
                await page.locator(".grid-head button", { hasText: column }).click();
                await page.waitForTimeout(250);
            }
            await page.locator(".search input").fill("张");
            await matches(page, /筛选出 [\d,]+ 条/);
            await page.locator(".search input").fill("");
            await matches(page, /^共 100,000/);
            await page.locator("button", { hasText: /^筛选$/ }).click();
            await page.locator(".filters .check").first().click();
            await matches(page, /筛选出/);
            await page.locator(".leads .chip").first().click();
            await page.locator("button", { hasText: /^筛选$/ }).click();
            await page.locator("button", { hasText: "按人合并" }).click();
            await matches(page, /人/);
            await page.locator("button", { hasText: "按人合并" }).click();
            const grid = page.locator(".grid");
            await grid.focus();
            for (let i = 0; i < 12; i++) {
                await grid.evaluate(
                    (element, share) => (element.scrollTop = element.scrollHeight * share),
                    ((i * 7) % 12) / 12,
                );
                await page.waitForTimeout(60);
            }
            await page.keyboard.press("Control+End");
            await page.locator('.grid-row[aria-rowindex="100001"]').waitFor();
            await page.keyboard.press("Control+Home");
            await page.locator('.grid-row[aria-rowindex="2"]').waitFor();
            return page.evaluate(() => window.stopWatching());
        };
        // The machine may be busy with other things: the best of three is the page's own.
        let best = await use();
        for (let i = 0; i < 2 && best.task > 100; i++) {
            const again = await use();
            if (again.task < best.task) best = again;
        }
        console.log(
            `# 100,000 leads: read in ${took.toFixed(1)} s (longest task ${loading.task} ms); afterwards longest task ${best.task} ms, longest gap between frames ${best.gap} ms; main heap ${await heap(page)} MB, renderer peak ${await rendererPeak()} MB`,
        );
        assert.ok(best.task <= 100, `a task of ${best.task} ms`);
        await at.done();
    });

    test("200 MB with cells of 10,000 characters: flat on the main thread; cancel keeps what is there; detail shows the whole cell", {
        timeout: 180_000,
    }, async () => {
        const file = temp("large.ndjson");
        await pipeline(Readable.from(longRecords(200)), createWriteStream(file));
        const at = await open(chrome.browser);
        const { page } = at;
        const before_ = await heap(page);
        await page.locator(PICKER).setInputFiles([file]);
        await page.locator(".grid-row").first().waitFor({ timeout: 60_000 });
        await page.locator(".status button", { hasText: "取消" }).click();
        await settled(page);
        const kept = Number(/([\d,]+) 条客资/.exec(await totals(page))[1].replaceAll(",", ""));
        assert.ok(kept > 0 && kept < 6900, String(kept));
        await page.locator(".grid-row").first().click();
        const value = page.locator(".value.long").first();
        await value.waitFor();
        assert.equal((await value.textContent()).length, 10_000);
        await page.keyboard.press("Escape");
        await page.locator("button", { hasText: "全部清空" }).click();
        await page.locator(".empty:not([hidden])").waitFor();
        const began = Date.now();
        let most = 0;
        const sampling = setInterval(async () => (most = Math.max(most, await heap(page).catch(() => 0))), 400);
        await load(page, [file], 150_000);
        clearInterval(sampling);
        console.log(
            `# 200 MB: read in ${((Date.now() - began) / 1000).toFixed(1)} s, main heap ${before_} MB before, at most ${most} MB while reading; renderer peak ${await rendererPeak()} MB`,
        );
        assert.ok(most - before_ < 60, `${before_} -> ${most} MB`);
        assert.match(await totals(page), /共 6,\d\d\d 条/);
        await at.done();
    });

    test("the tab is closed in the middle", async () => {
        const at = await open(chrome.browser);
        await at.page.locator(PICKER).setInputFiles([temp("large.ndjson")]);
        await at.page.locator(".status progress:not([hidden])").waitFor();
        await at.done();
        const again = await open(chrome.browser);
        await again.page.locator(".empty:not([hidden])").waitFor();
        await again.done();
    });
});

describe("bad input", () => {
    test("junk, half a JSON, mixed platforms, an XML bomb: each is named, the rest is read", async () => {
        const at = await open(chrome.browser);
        const { page } = at;
        const bomb = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lol">${Array.from({ length: 9 }, (_, i) => `<!ENTITY a${i} "${`&a${i || ""};`.repeat(10)}">`).join("")}]><l>&a8;</l>`;
        await load(page, [
            {
                name: "leads.xlsx",
                mimeType: "application/x",
                buffer: Buffer.from("PK\x03\x04\0\0\0\0xl/workbook.xml\0", "latin1"),
            },
            {
                name: "picture.png",
                mimeType: "image/png",
                buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]),
            },
            text("half.json", SAMPLES[1][2]().slice(0, 500)),
            text("bomb.xml", bomb),
            text("mixed.ndjson", [SAMPLES[0][2](), "nonsense", SAMPLES[2][2](), SAMPLES[3][2]()].join("\n")),
        ]);
        await matches(page, /共 5 条/);
        await page.locator(".banner.bad button", { hasText: "查看" }).click();
        const shown = await page.locator("dialog[open] tbody").textContent();
        assert.match(shown, /另存为 CSV/);
        assert.match(shown, /图片/);
        assert.match(shown, /half\.json/);
        assert.match(shown, /bomb\.xml/);
        assert.match(shown, /mixed\.ndjson2/); // file, line
        await page.keyboard.press("Escape");
        await at.done();
    });

    test("markup and marks in every field stay text; nothing runs, nothing is hidden", async () => {
        const at = await open(chrome.browser);
        const { page } = at;
        await load(page, [text("<img src=x onerror=window.hacked=1>.ndjson", hostileLines())]);
        await page.locator(".grid-row").nth(1).waitFor();
        const rows = (await rowTexts(page)).map((row) => row.join("|")).join("\n");
        assert.match(rows, /<img src=x/);
        assert.match(rows, /\[U\+202E\]张三/);
        assert.doesNotMatch(rows, /[\u202a-\u202e\u2066-\u2069\u200b\u0007]/);
        for (const row of [0, 1]) {
            await page.locator(".grid-row").nth(row).click();
            await page.locator(".fields").waitFor();
            assert.ok((await page.locator(".detail").textContent()).includes("onerror"));
        }
        await goTab(page, "pictures");
        await page.locator(".chart svg").first().waitFor();
        await goTab(page, "exports");
        await page.locator(".fieldmap li").first().waitFor();
        assert.equal(await page.evaluate(() => window.hacked), undefined);
        assert.equal(await page.evaluate(() => document.querySelectorAll("main img, main script").length), 0);
        await at.done();
    });
});

describe("keys and numbers", () => {
    test("Alimama phones: a wrong key, one with a pass phrase, then the right one; numbers only after the question, masked again when left", {
        timeout: 120_000,
    }, async () => {
        const { text: lines, keys } = alimamaLines(700, { dirtyShare: 0 });
        const at = await open(chrome.browser);
        const { page } = at;
        await load(page, [text("ads.ndjson", lines)]);
        const banner = page.locator(".notices .banner.busy");
        assert.match(await banner.textContent(), /700 个手机号尚未解密/);
        const enter = async (file) => {
            await banner.locator("button").click();
            await page.locator("dialog[open] input[type=file]").setInputFiles(file);
            await page.waitForFunction(() => document.querySelector("dialog[open] textarea").value !== "");
            await page.locator("dialog[open] button.primary").click();
        };
        await enter(key("fake_passphrase_pkcs1.pem"));
        assert.match(await page.locator("dialog[open] .note").textContent(), /口令/);
        await page.keyboard.press("Escape");
        await enter(key("fake_passphrase_pkcs8.pem"));
        assert.match(await page.locator("dialog[open] .note").textContent(), /口令/);
        await page.keyboard.press("Escape");
        await enter(key("fake_other1024_pkcs1.pem"));
        await page.locator(".status[data-tone=bad]").waitFor({ timeout: 60_000 });
        assert.match(await page.locator(".status-text").textContent(), /仍有 700 个/);
        await page.waitForFunction(() => /解不开其中任何号码/.test(document.querySelector(".notices").textContent));
        await enter({ name: "right.pem", mimeType: "text/plain", buffer: Buffer.from(keys.privatePem) });
        await page.locator(".status[data-tone=good]").waitFor({ timeout: 60_000 });
        await page.waitForFunction(() =>
            /\d{3}\*{4}\d{4}/.test(document.querySelector(".grid-row .number")?.textContent ?? ""),
        );

        const plain = /\+86\d{11}/;
        const body = () => page.locator(".grid").textContent();
        assert.doesNotMatch(await body(), plain);
        const reveal = page.locator("button[role=switch]", { hasText: "显示号码" });
        await reveal.click();
        await page.locator("dialog[open] button", { hasText: "取消" }).click();
        assert.equal(await reveal.getAttribute("aria-checked"), "false");
        await reveal.click();
        await page.locator("dialog[open] button.primary").click();
        await page.waitForFunction(() => /\+86\d{11}/.test(document.querySelector(".grid").textContent));
        await goTab(page, "pictures");
        await goTab(page, "leads");
        await page.waitForFunction(() => !/\+86\d{11}/.test(document.querySelector(".grid").textContent));
        await page.locator(".peek").first().click();
        await page.waitForFunction(
            () => (document.querySelector(".grid").textContent.match(/\+86\d{11}/g) ?? []).length === 1,
        );
        await page.locator(".peek").first().click();
        // Search works on whole numbers under the mask.
        await page.locator(".grid-row").first().click();
        await page.locator(".detail button", { hasText: "显示号码" }).click();
        const number = await page.waitForFunction(
            () => /\+86(\d{11})/.exec(document.querySelector(".phones").textContent)?.[1],
        );
        await page.keyboard.press("Escape");
        await page.locator(".search input").fill(await number.jsonValue());
        await matches(page, /筛选出 [1-9] 条/);
        await at.done();
    });
});

describe("keyboard", () => {
    test("everything by keyboard: sample, search, sort, move, open, close, group, columns", async () => {
        const at = await open(chrome.browser);
        const { page } = at;
        const focusOn = async (test_) => {
            for (let i = 0; i < 60; i++) {
                if (await page.evaluate(test_)) return;
                await page.keyboard.press("Tab");
            }
            assert.fail(`never reached: ${test_}`);
        };
        await focusOn(() => document.activeElement.dataset.sample === "many");
        await page.keyboard.press("Enter");
        await page.locator(".grid-row").first().waitFor();
        await settled(page);
        await focusOn(() => document.activeElement.getAttribute("role") === "grid");
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("PageDown");
        await page.keyboard.press("Home");
        const active = await page.locator(".grid").getAttribute("aria-activedescendant");
        assert.equal(active, "grid-active");
        await page.keyboard.press("Enter");
        await page.locator(".detail:not([hidden]) .fields").waitFor();
        assert.equal(await page.evaluate(() => document.activeElement.id), "detail-title");
        await page.keyboard.press("Escape");
        assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "grid");
        await page.keyboard.press("End");
        await page.keyboard.press("Control+End");
        await page.locator('.grid-row[aria-rowindex="2001"]').waitFor();
        await page.keyboard.press("/");
        assert.equal(await page.evaluate(() => document.activeElement.type), "search");
        await page.keyboard.type("伟");
        await matches(page, /筛选出/);
        await page.keyboard.press("Shift+Tab");
        await focusOn(
            () =>
                document.activeElement.classList.contains("sort") &&
                document.activeElement.textContent.startsWith("姓名"),
        );
        await page.keyboard.press("Enter");
        await page.locator("[role=columnheader][aria-sort=ascending]", { hasText: "姓名" }).waitFor();
        await at.done();
    });
});

describe("pictures", () => {
    test("a click filters table and pictures, the tag undoes it; tables beside; PNG and SVG are files", async () => {
        const at = await open(chrome.browser);
        const { page } = at;
        await page.locator("[data-sample=many]").click();
        await page.locator(".grid-row").first().waitFor();
        await settled(page);
        await goTab(page, "pictures");
        const source = page.locator("[data-chart=source]");
        await source.locator("[role=button]").first().click();
        await page.locator(".pictures .chip").waitFor();
        const said = await page.locator(".pictures .totals").textContent();
        await goTab(page, "leads");
        const filtered = /筛选出 ([\d,]+) 条/.exec(await totals(page))[1];
        assert.ok(said.includes(` ${filtered} 条`), `${said} / ${filtered}`);
        await goTab(page, "pictures");
        await page.locator(".pictures .chip").click();
        await page.waitForFunction(() => /2,000/.test(document.querySelector(".pictures .totals").textContent));
        const week = page.locator("[data-chart=week]");
        await week.locator("[role=button]").first().focus();
        await page.keyboard.press("Enter");
        await page.locator(".pictures .chip", { hasText: "时段" }).waitFor();
        await page.locator(".pictures .chip").click();
        await source.locator("button", { hasText: "看数据表" }).click();
        assert.match(await source.locator("table").textContent(), /天猫客资/);
        await source.locator("button", { hasText: "看图" }).click();
        for (const [kind, signature] of [
            ["PNG", "\x89PNG"],
            ["SVG", "<svg"],
        ]) {
            const [file] = await Promise.all([
                page.waitForEvent("download"),
                page.locator("[data-chart=days] button", { hasText: kind }).click(),
            ]);
            const bytes = readFileSync(await file.path());
            assert.ok(bytes.subarray(0, 4).toString("latin1") === signature && bytes.length > 2000, kind);
        }
        await at.done();
    });
});

describe("exports", () => {
    test("CSV for Excel comes back as the same leads; full numbers only after the question; a map by keyboard, drag and text", {
        timeout: 120_000,
    }, async () => {
        const at = await open(chrome.browser);
        const { page } = at;
        await page.locator("[data-sample=many]").click();
        await page.locator(".grid-row").first().waitFor();
        await settled(page);
        await goTab(page, "exports");
        const save = async () => {
            const [file] = await Promise.all([
                page.waitForEvent("download"),
                page.locator(".exports button.primary:visible", { hasText: "导出" }).click(),
            ]);
            return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
        };
        const masked = await save();
        assert.match(masked.name, /-masked\.csv$/);
        assert.equal(masked.bytes.subarray(0, 3).toString("hex"), "efbbbf");
        const table = masked.bytes.toString();
        assert.equal(table.split("\r\n").length, 2002);
        assert.doesNotMatch(table, /(^|,)'?\+?(86)?1[3-9]\d{9}(,|$)/m);
        await page.locator("input[value=full]").check();
        await page.locator(".exports button.primary:visible", { hasText: "导出" }).click();
        const [download] = await Promise.all([
            page.waitForEvent("download"),
            page.locator("dialog[open] button.primary").click(),
        ]);
        const full = readFileSync(await download.path());
        assert.match(full.toString(), /'\+861[3-9]\d{9}/);
        await settled(page);

        await goTab(page, "leads");
        const before_ = await rowTexts(page);
        await page.locator("button", { hasText: "全部清空" }).click();
        await page.locator(".empty:not([hidden])").waitFor();
        await load(page, [{ name: "back.csv", mimeType: "text/csv", buffer: full }]);
        await matches(page, /共 2,000/);
        assert.deepEqual((await rowTexts(page)).slice(0, 10), before_.slice(0, 10));
        assert.equal(await page.locator(".notices .banner").count(), 0);

        await goTab(page, "exports");
        const names = () =>
            page.locator(".fieldmap li input").evaluateAll((inputs) => inputs.map(({ value }) => value));
        await page.locator(".fieldmap .grip").first().focus();
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("ArrowDown");
        assert.deepEqual((await names()).slice(0, 3), ["platform", "source", "id"]);
        await page.keyboard.press("Delete");
        assert.ok(!(await names()).includes("id"));
        await page
            .locator(".fieldmap li")
            .nth(2)
            .dragTo(page.locator(".fieldmap li").nth(0), { targetPosition: { x: 5, y: 2 } });
        assert.deepEqual((await names()).slice(0, 3), ["account", "platform", "source"]);
        await page.locator(".snippet summary").click();
        await page
            .locator(".snippet textarea")
            .fill('{"fields":[{"name":"手机","from":"phones.0.masked"},{"name":"渠道","value":"天猫"}]}');
        await page.locator("button", { hasText: "应用文本" }).click();
        await page.locator("input[value=masked]").check();
        const mapped = await save();
        assert.match(mapped.bytes.toString(), /^\ufeff手机,渠道\r\n1\d\d\*{4}\d{4},天猫\r\n/);
        await page.locator(".snippet textarea").fill('{"fields":[{"name":"a"}]}');
        await page.locator("button", { hasText: "应用文本" }).click();
        assert.match(await page.locator(".exports .note").textContent(), /第 1 项/);
        await at.done();
    });
});
