import { FAULT_KINDS } from "../faults.mjs";

const { repeat_page, ...SHARED } = FAULT_KINDS;
const nothing = { status: 0, headers: {}, body: Buffer.alloc(0) };

/**
 * Of the shared kinds those that show a true page have accepted the rows, the others have not.
 * The last ones accept and leave the caller without an answer: what became of the rows, he cannot know.
 */
export const OUTINVEST_FAULTS = {
    ...SHARED,
    refuse: (fault, call) => call.failed(fault.code ?? "invalid-row", fault.msg ?? "存在无效数据"),
    result_missing: (_, call) => call.model({}),
    success_boolean: (_, call) =>
        call.model((model) => ({ result: { ...model.result, success: model.result.success === "true" } })),
    accept_silent: (_, call) => {
        call.page();
        return { ...nothing, hang: true };
    },
    accept_reset: (_, call) => {
        call.page();
        return { ...nothing, reset: true };
    },
    accept_html502: (fault, call) => {
        call.page();
        return FAULT_KINDS.html502(fault);
    },
    accept_isp: (fault, call) => {
        call.page();
        return FAULT_KINDS.isp(fault, call);
    },
};
