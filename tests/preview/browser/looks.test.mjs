// Every tab in both languages, both themes, on a phone and on a desk: pictures to look at in build/preview-shots/, and axe's verdict.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import test, { after, before } from "node:test";
import { goTab, launch, open, shot } from "./harness.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let session;
before(async () => {
    session = await launch();
});
after(async () => {
    await session?.close();
});

/** A table with every platform's leads in it, as NDJSON of exported ones; no file of a real person. */
const LEADS = Array.from({ length: 120 }, (_, i) =>
    JSON.stringify({
        v: 1,
        id: `${["alimama", "tmall", "tanma"][i % 3]}:a:${i}`,
        kind: "person",
        is_test: i % 40 === 0,
        source: {
            platform: ["alimama", "tmall", "tanma"][i % 3],
            name: ["ads", "spi", "scrm"][i % 3],
            account: "a",
            lead_id: String(9000000000000000 + i),
            received_at: new Date(Date.UTC(2026, 0, 5, i % 24, i % 60)).toISOString(),
        },
        person: { name: ["张三", "李四", "王小明", "欧阳娜娜", "Ana"][i % 5] },
        phones: [
            {
                class: ["mobile", "landline", "privacy_ext"][i % 3],
                masked: `138****${String(i).padStart(4, "0")}`,
                valid: true,
            },
        ],
        region: {
            province: ["浙江省", "上海市", "广东省", "四川省"][i % 4],
            city: ["杭州市", "上海市", "深圳市", "成都市"][i % 4],
        },
        campaign: { name: ["新春看房季", "品牌推广"][i % 2] },
        form: { name: ["预约看房", "领取户型图", "咨询价格"][i % 3] },
        times: {
            submitted: { utc: new Date(Date.UTC(2026, 0, 1 + (i % 4), i % 24)).toISOString(), raw: "" },
        },
        status: {},
        extra: {},
    }),
).join("\n");

async function fill(page, name) {
    if (name === "debugger") {
        await page.locator(".example select").selectOption("spi");
        await page.locator(".verdict").waitFor();
    } else if (name === "leads") {
        if ((await page.locator("#panel-leads input[type=file]").count()) > 0) {
            await page
                .locator("#panel-leads input[type=file]")
                .first()
                .setInputFiles({
                    name: "leads.ndjson",
                    mimeType: "application/x-ndjson",
                    buffer: Buffer.from(LEADS),
                });
            await page.locator("#panel-leads").getByText("欧阳娜娜").first().waitFor();
        }
    }
    await page.waitForTimeout(150);
}

const judge = async (page, what) => {
    await page.evaluate(axe);
    const { violations, passes } = await page.evaluate(() =>
        globalThis.axe.run(document, { resultTypes: ["violations"] }),
    );
    assert.ok(passes.length > 5, `${what}: axe looked at nothing`);
    return violations.map(
        ({ id, nodes }) =>
            `${what}: ${id}: ${nodes
                .slice(0, 3)
                .map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ""}`)
                .join(" | ")}`,
    );
};

const TABS = ["leads", "pictures", "exports", "debugger", "live"];
const LOOKS = [
    { lang: "zh-CN", theme: "light", width: 1280 },
    { lang: "zh-CN", theme: "dark", width: 360, touch: true },
    { lang: "en-US", theme: "dark", width: 1280 },
    { lang: "en-US", theme: "light", width: 360, touch: true },
    { lang: "zh-CN", theme: "light", width: 1920 },
];

for (const look of LOOKS) {
    const name = `${look.lang.slice(0, 2)}-${look.theme}-${look.width}`;
    test(`${name}: every tab, filled`, async () => {
        const opened = await open(session.browser, { ...look, height: look.width === 360 ? 740 : 900 });
        const { page } = opened;
        const wrong = [];
        for (const tab of TABS) {
            await goTab(page, tab);
            await fill(page, tab);
            await shot(page, `${tab}-${name}`);
            const wide = await page.evaluate(
                () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
            );
            if (wide > 0) wrong.push(`${tab}: ${wide} px wider than the window`);
            if (look.width !== 1920) wrong.push(...(await judge(page, `${tab}-${name}`)));
        }
        assert.deepEqual(wrong, []);
        await opened.done();
    });
}

test("the rest: empty tabs, the other direction, help, an error", async () => {
    const opened = await open(session.browser, { lang: "zh-CN", theme: "light" });
    const { page } = opened;
    const wrong = [];
    for (const tab of TABS) {
        await goTab(page, tab);
        await shot(page, `${tab}-zh-light-empty`);
        wrong.push(...(await judge(page, `${tab} empty`)));
    }
    await goTab(page, "debugger");
    await page.getByRole("button", { name: "生成签名" }).click();
    await page.locator(".command").waitFor();
    await shot(page, "debugger-zh-light-build");
    wrong.push(...(await judge(page, "build")));
    await page.keyboard.press("Escape");
    await page.locator(".brand").click();
    await page.keyboard.press("?");
    await page.locator("dialog[open]").waitFor();
    await shot(page, "help-zh-light", { fullPage: false });
    wrong.push(...(await judge(page, "help")));
    await page.keyboard.press("Escape");
    await page.locator("button.icon").first().click(); // the theme, by hand
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
    await shot(page, "debugger-zh-dark-build");
    wrong.push(...(await judge(page, "build dark")));
    assert.deepEqual(wrong, []);
    await opened.done();
});
