import { spiCall } from "./spi.mjs";

/** Not on the page, so any will do: a provider goes by its own path. */
export const TMALL_METHOD = "qimen.tmall.customer.lead.push";

/** The platform pushes one lead (seed 002). Options as spiCall; `path` is the provider's endpoint. */
export const tmallPush = (lead, options) => spiCall(lead, { path: "/spi/tmall", method: TMALL_METHOD, ...options });

/** Answers of the page. The first is printed there with blanks; a provider writes it with or without them. */
export const TMALL_OK = [
    '{"result":{"errCode":"0","success":true,"errMsg":"成功"}}',
    '{ "result":{ "errCode":"0", "success":true, "errMsg":"成功" } }',
];
export const TMALL_BAD_SIGN = ['{"success":"false","errCode":"sign-check-failure","errMsg":"Illegal request"}'];
