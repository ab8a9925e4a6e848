// What to do about an error of the core, by its code, in languages other than its own (English needs none). For every page that shows
// a `status` summary.
const ADVICE = {
    zh: {
        session_expired: "授权已失效：请商家重新授权，再把新的 session 存入对应的密文。",
        clock_off: "运行环境的时间不准：请校时。",
        invalid_signature: "签名不被接受：请核对 app_secret（注意多余的空格或换行）后重新设置密文。",
        invalid_app_key: "app_key 不正确：请核对开放平台上的应用。",
        no_permission: "应用没有调用此接口的权限：请在开放平台申请。",
        throttled: "平台限流：到时间会自动继续，无需处理。",
        platform_error: "平台拒绝了请求：请按下面的原文处理。",
        platform_trouble: "平台暂时出错：会自动重试，一般无需处理。",
        transport_dns: "找不到 endpoint 的主机：请核对地址。",
        transport_tls: "证书不被信任：请核对 endpoint 的地址。",
        transport_html: "收到的是网页而不是数据：请核对 endpoint 的地址；若地址正确，会自动重试。",
        transport_timeout: "平台没有及时应答：会自动重试，一般无需处理。",
        transport_connect: "连不上 endpoint：请核对地址；若地址正确，会自动重试。",
        transport: "与平台的通信出错：会自动重试；若反复出现，请核对 endpoint。",
        store_failed: "数据库无法读写：请检查数据库绑定与容量。",
        state_unreadable: "保存的进度读不出来：请恢复备份，或更换来源名称重新拉取。",
        no_configuration: "还没有配置：请设置变量 LEADBRIDGE_CONFIG，或用 --config 打包配置，再重新部署。",
        no_database: "没有名为 DB 的 D1 绑定：请在 wrangler.jsonc 的 d1_databases 中加入后重新部署。",
        trap: "程序内部错误：已提交的数据不受影响，下次运行会重新开始；若反复出现，请查看日志。",
    },
};

/** @returns {string} empty when the core's own sentence must do */
export function adviceFor(lang, code) {
    const advice = ADVICE[lang] ?? {};
    const known = String(code ?? "");
    if (Object.hasOwn(advice, known)) return advice[known];
    return (known.startsWith("transport_") && advice.transport) || "";
}
